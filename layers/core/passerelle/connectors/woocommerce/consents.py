"""Consent to e-mail marketing, which WooCommerce itself does not know: read from and written to customers' meta data.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#customer-meta-data-properties. The shop keeps a yes or
no under a key of its own; beside it we note what we wrote and when, so that a withdrawal can be told from somebody who
never opted in. A wish that differs from the note was changed in the shop since.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from passerelle.connectors.woocommerce.reading import rows, text
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row, refused
from passerelle.connectors.woocommerce.settings import MAILCHIMP_PLUGIN, Settings
from passerelle.model import Consent, ConsentState
from passerelle.port import ConsentChange, Outcome, Result

NOTE = "passerelle_consent"
"""Key of our note: `state@instant`."""
PAIRS = (("yes", "no"), ("1", "0"), ("true", "false"), ("on", "off"))
YES = frozenset(yes for yes, _ in PAIRS) | {"subscribed"}
NO = frozenset(no for _, no in PAIRS) | {"", "not_subscribed", "transactional", "archived", "cleaned"}
WORDS = {"unsubscribed": ConsentState.UNSUBSCRIBED, "pending": ConsentState.PENDING}
WISHES = {
    ConsentState.SUBSCRIBED: True,
    ConsentState.UNSUBSCRIBED: False,
    ConsentState.NOT_SUBSCRIBED: False,
}


def read(row: Row, key: str) -> Consent:
    """What the shop can prove of a customer's wish. Without a value it knows nothing."""
    kept = {text(one, "key"): one.get("value") for one in rows(row, "meta_data")}
    if key not in kept:
        return Consent(ConsentState.NONE)
    value = _plain(kept[key])
    if value in WORDS:
        return Consent(WORDS[value])
    if value not in YES | NO:
        return Consent(ConsentState.NONE)
    noted = _noted(kept.get(NOTE))
    wants = value in YES
    if noted is None:
        return Consent(ConsentState.SUBSCRIBED if wants else ConsentState.NOT_SUBSCRIBED)
    if (noted.state is ConsentState.SUBSCRIBED) is wants:
        return noted
    return Consent(ConsentState.SUBSCRIBED if wants else ConsentState.UNSUBSCRIBED)


def meta(key: str, consent: Consent, row: Row, at: datetime) -> list[Row]:
    """The meta data that say this consent, in the words that the shop uses."""
    before = {text(one, "key"): _plain(one.get("value")) for one in rows(row, "meta_data")}.get(key)
    fallback = PAIRS[1] if key == MAILCHIMP_PLUGIN else PAIRS[0]
    yes, no = next((pair for pair in PAIRS if before in pair), fallback)
    note = f"{consent.state}@{(consent.changed_at or at).astimezone(UTC).isoformat()}"
    return [
        {"key": key, "value": yes if WISHES[consent.state] else no},
        {"key": NOTE, "value": note},
    ]


class ConsentWriter:
    """Writes consents of customers."""

    def __init__(
        self, rest: Rest, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._rest, self._key, self._clock = rest, settings.consent_key, clock

    def push(self, changes: Sequence[ConsentChange]) -> list[Outcome]:
        """One outcome per change, in their order. Raises Unavailable where it is not known what was written."""
        last = {change.id: change for change in changes}
        before = self._read(last)
        outcomes = {id: judged for id, change in last.items() if (judged := self._judged(change, before))}
        waiting = [change for id, change in last.items() if id not in outcomes]
        for start in range(0, len(waiting), PAGE):
            outcomes |= self._write(waiting[start : start + PAGE], before)
        return [outcomes[change.id] for change in changes]

    def _read(self, ids: Iterable[str]) -> dict[str, Row]:
        found = self._rest.among("customers", ids, role="all", fields="id,meta_data")
        return {text(row, "id"): row for row in found}

    def _judged(self, change: ConsentChange, before: Mapping[str, Row]) -> Outcome | None:
        """The outcome of a change that needs no write, or cannot have one."""
        if change.consent.state not in WISHES:
            why = f"A WooCommerce shop cannot hold the consent {change.consent.state}."
            return _refused(change, "consent_state_unwritable", why)
        row = before.get(change.id)
        if row is None:
            return _refused(change, "missing", "The customer is no longer in the shop.")
        held = read(row, self._key).state
        never = change.consent.state is ConsentState.NOT_SUBSCRIBED and held is ConsentState.NONE
        if held is change.consent.state or never:
            return Outcome(change.id, Result.UNCHANGED, change.id)
        return None

    def _write(self, changes: Sequence[ConsentChange], before: Mapping[str, Row]) -> dict[str, Outcome]:
        now = self._clock()
        items = [
            {"id": int(change.id), "meta_data": meta(self._key, change.consent, before[change.id], now)}
            for change in changes
        ]
        answered = self._rest.batch("customers", "update", items)
        return {change.id: _ended(change, row) for change, row in zip(changes, answered, strict=True)}


def _ended(change: ConsentChange, row: Row) -> Outcome:
    refusal = refused(row)
    if refusal is None:
        return Outcome(change.id, Result.UPDATED, change.id)
    code, message = refusal
    gone = code == "wc_user_invalid_id"
    return _refused(change, "missing" if gone else "consent_refused", message)


def _refused(change: ConsentChange, code: str, why: str) -> Outcome:
    return Outcome(change.id, Result.REFUSED, change.id, code, why, "Nothing to do.")


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip().lower() if isinstance(value, str | int) else ""


def _noted(value: object) -> Consent | None:
    state, _, at = str(value or "").partition("@")
    try:
        return Consent(ConsentState(state), datetime.fromisoformat(at))
    except ValueError:
        return None
