"""Redacted persons are passed over by every run and every event, whatever kind of object brings them (F-7)."""

from collections.abc import Sequence

from passerelle.model import Cart, Contact, Customer, Engagement, Object, Order
from passerelle.rules.redaction import Redacted
from passerelle.sync.flow import Flow

REDACTED = "redacted"


def without_redacted(flow: Flow, things: Sequence[Object]) -> tuple[list[Object], list[str]]:
    """The objects that may be carried, and the ids of those that belong to a redacted person.

    Asked anew for each batch: somebody may be redacted while a long run goes on.
    """
    known = flow.memory.redactions.of(flow.shop.store)
    if not known.digests:
        return list(things), []
    barred = [thing.id for thing in things if _is_of(flow, thing, known)]
    return [thing for thing in things if thing.id not in set(barred)], barred


def _is_of(flow: Flow, thing: Object, known: Redacted) -> bool:
    if isinstance(thing, Contact):
        return known.holds(contact=thing.id)
    if isinstance(thing, Engagement):
        return known.holds(customer=thing.id, contact=thing.contact)
    if isinstance(thing, Customer):
        return known.holds(customer=thing.id, contact=_contact_id(flow, thing.email))
    if isinstance(thing, Order | Cart):
        return known.holds(customer=thing.customer_id, contact=_contact_id(flow, thing.email))
    return False


def _contact_id(flow: Flow, email: str) -> str:
    return flow.audience.connector.contact_id(email) if email else ""
