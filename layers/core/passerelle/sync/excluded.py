"""People whom the link's rules keep out are passed over with all that is theirs, before anything is looked up."""

from collections.abc import Sequence

from passerelle.model import Cart, Contact, Customer, Kind, Object, Order
from passerelle.port import Verb
from passerelle.rules.exclusion import skip_word, why_excluded
from passerelle.sync.decision import Decision
from passerelle.sync.flow import Flow


def without_excluded(flow: Flow, things: Sequence[Object]) -> tuple[list[Object], list[Decision]]:
    """The objects that may be carried, and why each of the others is not. What is at the destination already stays."""
    if flow.exclusion.idle:
        return list(things), []
    tags = _buyers_tags(flow, things)
    kept: list[Object] = []
    out: list[Decision] = []
    for thing in things:
        why = None
        if isinstance(thing, Customer):
            why = why_excluded(flow.exclusion, thing.email, thing.tags)
        elif isinstance(thing, Contact):
            # Their customers' tags are looked at where the customers are.
            why = why_excluded(flow.exclusion, thing.email)
        elif isinstance(thing, Order | Cart):
            why = why_excluded(flow.exclusion, thing.email, tags.get(thing.customer_id, ()))
        if why:
            out.append(Decision(thing.id, "", skip=skip_word(why)))
        else:
            kept.append(thing)
    return kept, out


def _buyers_tags(flow: Flow, things: Sequence[Object]) -> dict[str, tuple[str, ...]]:
    """The tags of those who bought, asked of the store only where a rule names tags."""
    wanted = {thing.customer_id for thing in things if isinstance(thing, Order | Cart)} - {""}
    if not flow.exclusion.tags or not wanted or not flow.shop.can(Kind.CUSTOMERS, Verb.PULL):
        return {}
    people = flow.shop.connector.pull(Kind.CUSTOMERS, sorted(wanted)).objects
    return {person.id: person.tags for person in people if isinstance(person, Customer)}
