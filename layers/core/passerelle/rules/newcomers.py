"""Which contacts without a customer become customers of the store: those who opted in since it was asked for (A-20)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from passerelle.model import AudienceStatus, Contact

NO_CUSTOMER = "no_customer"
ASKED, SINCE = "new_contacts_to_store", "new_contacts_since"


def newcomer_skip(contact: Contact, since: datetime | None, *, was_ours: bool) -> str | None:
    """Why a contact does not become a customer, or None if they do.

    `since`: the instant it was turned on; None while it is off. `was_ours`: the contact had a customer once, who has
    moved or is gone, and nobody is brought back.
    """
    fresh = since is not None and contact.status_changed_at is not None and contact.status_changed_at > since
    if was_ours or not fresh or contact.status is not AudienceStatus.SUBSCRIBED:
        return NO_CUSTOMER
    return None


def dated(policy: Mapping[str, Any], before: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A link's policy with the instant at which this was turned on; it stays while it is not turned off."""
    kept = {name: value for name, value in policy.items() if name != SINCE}
    if not kept.get(ASKED):
        return kept
    return {**kept, SINCE: (before.get(ASKED) and before.get(SINCE)) or now.isoformat()}


def turned_on_at(policy: Mapping[str, Any]) -> datetime | None:
    """Since when new contacts become customers; None where they do not."""
    since = policy.get(SINCE)
    return datetime.fromisoformat(str(since)) if policy.get(ASKED) and since else None
