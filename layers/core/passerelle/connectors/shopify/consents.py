"""Writes consents to e-mail marketing, many customers a request.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/customerEmailMarketingConsentUpdate
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from passerelle.connectors.shopify import documents
from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.ids import gid
from passerelle.model import ConsentState
from passerelle.port import ConsentChange, Outcome, Result

BATCH = 80
"""Each costs 10 points and one request may cost 1,000: room is left for dearer plans of Shopify's."""
WRITABLE = {
    ConsentState.SUBSCRIBED: ("SUBSCRIBED", "SINGLE_OPT_IN"),
    ConsentState.PENDING: ("PENDING", "CONFIRMED_OPT_IN"),
    ConsentState.UNSUBSCRIBED: ("UNSUBSCRIBED", None),
}


def push(admin: Admin, changes: Sequence[ConsentChange]) -> list[Outcome]:
    """One outcome per change, in their order; writing the same consent again changes nothing."""
    outcomes: dict[int, Outcome] = {}
    writable: list[tuple[int, ConsentChange]] = []
    for place, change in enumerate(changes):
        if change.consent.state in WRITABLE:
            writable.append((place, change))
        else:
            outcomes[place] = _unwritable(change)
    for start in range(0, len(writable), BATCH):
        batch = writable[start : start + BATCH]
        variables = {f"i{at}": _input(change) for at, (_, change) in enumerate(batch)}
        data = admin.ask(documents.consent(len(batch)), variables)
        for at, (place, change) in enumerate(batch):
            outcomes[place] = _outcome(change, data.get(f"c{at}"))
    return [outcomes[place] for place in range(len(changes))]


def _input(change: ConsentChange) -> dict[str, Any]:
    state, level = WRITABLE[change.consent.state]
    consent: dict[str, Any] = {"marketingState": state}
    if level:
        consent["marketingOptInLevel"] = level
    if change.consent.changed_at:
        consent["consentUpdatedAt"] = told_at(change.consent.changed_at)
    return {"customerId": gid("Customer", change.id), "emailMarketingConsent": consent}


def told_at(moment: datetime) -> str:
    """An instant as Shopify takes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _unwritable(change: ConsentChange) -> Outcome:
    return Outcome(
        change.id,
        Result.REFUSED,
        code="consent_state_unwritable",
        why=f"Shopify takes no consent {change.consent.state}: only subscribed, unsubscribed and pending.",
        remedy="Nothing to do: the customer keeps the consent they have.",
    )


def _outcome(change: ConsentChange, answer: Data | None) -> Outcome:
    errors = (answer or {"userErrors": [{"code": "NO_ANSWER", "message": ""}]})["userErrors"]
    if not errors:
        told = change.consent.changed_at
        # The shop keeps the instant that it was told, to the second.
        kept = told.astimezone(UTC).replace(microsecond=0) if told else None
        return Outcome(change.id, Result.UPDATED, destination_id=change.id, consent_at=kept)
    code = str(errors[0].get("code") or "INVALID").lower()
    about = ".".join(errors[0].get("field") or ())
    reasons = {
        "input.customerId": (
            "customer_not_found",
            "Shopify has no such customer any more.",
            "Nothing to do.",
        ),
        "input.emailMarketingConsent": (
            "customer_without_email",
            "The customer has no e-mail address at the shop.",
            "Give the customer an e-mail address in the shop's admin, if they have one.",
        ),
    }
    word, why, remedy = reasons.get(
        about,
        (
            f"consent_{code}",
            f"Shopify refuses this consent ({about or code}).",
            "Look at the customer in the shop's admin and set the consent there.",
        ),
    )
    return Outcome(change.id, Result.REFUSED, code=word, why=why, remedy=remedy)
