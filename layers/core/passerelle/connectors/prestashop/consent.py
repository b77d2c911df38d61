"""Writes consent: several customers in one XML document, told apart again when the shop stops half way.

Source: https://devdocs.prestashop-project.org/8/webservice/tutorials/advanced-use/ (PATCH, since PrestaShop 8.0). The
shop saves the entities of a document in order and stops at the first that it refuses; the answer shows only one, so
after a refusal the customers are read back.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from passerelle.connectors.prestashop.customers import touched_at
from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.reading import flag, text
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.model import ConsentState
from passerelle.port import ConsentChange, Outcome, Rejected, Result

BATCH = 50
WISHES = {
    ConsentState.SUBSCRIBED: True,
    ConsentState.UNSUBSCRIBED: False,
    ConsentState.NOT_SUBSCRIBED: False,
}
FIELDS = "id,newsletter,newsletter_date_add,deleted,date_upd"


class ConsentWriter:
    """Writes consents of customers."""

    def __init__(
        self, service: Webservice, facts: Facts, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._service, self._facts, self._clock = service, facts, clock

    def push(self, changes: Sequence[ConsentChange]) -> list[Outcome]:
        """One outcome per change, in their order. Raises Unavailable where it is not known what was written."""
        last = {change.id: change for change in changes}
        outcomes: dict[str, Outcome] = {}
        for start in range(0, len(last), BATCH):
            outcomes |= self._batch(list(last.values())[start : start + BATCH])
        return [outcomes[change.id] for change in changes]

    def _batch(self, changes: Sequence[ConsentChange]) -> dict[str, Outcome]:
        before = self._read(changes)
        outcomes = {change.id: judged for change in changes if (judged := _judged(change, before))}
        waiting = [change for change in changes if change.id not in outcomes]
        while waiting:
            refusal = self._write(waiting, before)
            if refusal is None:
                outcomes |= self._written(waiting)
                break
            waiting = list(self._after(refusal, waiting, outcomes))
        return outcomes

    def _written(self, changes: Sequence[ConsentChange]) -> dict[str, Outcome]:
        """Outcomes of what was taken. A withdrawal bears no date: its customer is read back for what moves at an act."""
        outs = [change for change in changes if not WISHES[change.consent.state]]
        rows = self._read(outs) if outs else {}
        shown = {id: touched_at(row, self._facts.zone) for id, row in rows.items()}
        return {c.id: Outcome(c.id, Result.UPDATED, c.id, consent_at=shown.get(c.id)) for c in changes}

    def _after(
        self, refusal: Rejected, sent: Sequence[ConsentChange], outcomes: dict[str, Outcome]
    ) -> Iterator[ConsentChange]:
        """Settle what was written and the one that was refused; the rest is to be sent again."""
        now = self._read(sent)
        refused = False
        for change in sent:
            if change.id in now and flag(now[change.id], "newsletter") is WISHES[change.consent.state]:
                shown = None if WISHES[change.consent.state] else touched_at(now[change.id], self._facts.zone)
                outcomes[change.id] = Outcome(change.id, Result.UPDATED, change.id, consent_at=shown)
            elif not refused:
                refused = True
                outcomes[change.id] = _refused(change, refusal.code, refusal.why, refusal.remedy)
            else:
                yield change

    def _read(self, changes: Sequence[ConsentChange]) -> dict[str, Row]:
        ids = (change.id for change in changes if change.id.isdigit())
        return {str(row["id"]): row for row in self._service.among("customers", "id", ids, FIELDS)}

    def _write(self, changes: Sequence[ConsentChange], before: dict[str, Row]) -> Rejected | None:
        entities = "".join(self._entity(change, before[change.id]) for change in changes)
        try:
            self._service.patch("customers", f"<prestashop>{entities}</prestashop>".encode())
        except Rejected as refusal:
            return refusal
        return None

    def _entity(self, change: ConsentChange, row: Row) -> str:
        wish = WISHES[change.consent.state]
        dated = ""
        if wish and (text(row.get("newsletter_date_add")) or "0000").startswith("0000"):
            # A PATCH writes only the fields it names: without this date a later opt-out could not be told from
            # someone who never opted in.
            opted = change.consent.changed_at or self._clock()
            local = opted.astimezone(self._facts.zone).strftime("%Y-%m-%d %H:%M:%S")
            dated = f"<newsletter_date_add>{local}</newsletter_date_add>"
        return f"<customer><id>{change.id}</id>{dated}<newsletter>{int(wish)}</newsletter></customer>"


def _judged(change: ConsentChange, before: dict[str, Row]) -> Outcome | None:
    """The outcome of a change that needs no write, or cannot have one."""
    wish = WISHES.get(change.consent.state)
    if wish is None:
        why = f"A PrestaShop shop cannot hold the consent {change.consent.state}."
        return _refused(change, "consent_state_unwritable", why, "Nothing to do.")
    row = before.get(change.id)
    if row is None or flag(row, "deleted"):
        return _refused(change, "missing", "The customer is no longer in the shop.", "Nothing to do.")
    if flag(row, "newsletter") is wish:
        return Outcome(change.id, Result.UNCHANGED, change.id)
    return None


def _refused(change: ConsentChange, code: str, why: str, remedy: str) -> Outcome:
    return Outcome(change.id, Result.REFUSED, change.id, code, why, remedy)
