"""Deciding products, orders and carts: write what is new or different, by the run's mode and selection."""

from passerelle.memory import Entry, EntryState
from passerelle.model import Object, Order
from passerelle.port import Action, Change, Verb
from passerelle.rules.content import content_hash
from passerelle.rules.selection import mode_skip, order_skip
from passerelle.sync.decision import Decision, Load, as_before
from passerelle.sync.flow import Flow
from passerelle.sync.selecting import order_choice


def decide(flow: Flow, load: Load) -> list[Decision]:
    """See decision.Decide. What a lost answer may have created is looked for first, and adopted."""
    found = adopted(flow, load)
    return [_one(flow, load, thing, found) for thing in load.objects]


def _one(flow: Flow, load: Load, thing: Object, adopted: dict[str, str]) -> Decision:
    digest = content_hash(thing, flow.salt)
    entry = load.entries.get(thing.id)
    mapped = entry is not None and entry.state is EntryState.MAPPED
    skip = mode_skip(load.mode, mapped=mapped) or _left(flow, load, thing, mapped)
    if skip:
        return Decision(thing.id, digest, skip=skip)
    if entry and entry.hash == digest and not load.force:
        if mapped:
            return Decision(thing.id, digest)
        if before := as_before(entry, digest):
            return before
    return Decision(thing.id, digest, change=_change(flow, thing, entry, adopted.get(thing.id, "")))


def _left(flow: Flow, load: Load, order: Object, mapped: bool) -> str | None:
    """Why an order is no longer among the chosen ones (B-6); one that was written goes on being kept up to date."""
    if not isinstance(order, Order) or mapped:
        return None
    return order_skip(order.status, order.placed_at, order_choice(flow.feed, load.run))


def _change(flow: Flow, thing: Object, entry: Entry | None, adopted: str) -> Change:
    destination = adopted or (entry.destination_id if entry else "")
    action = Action.UPDATE if destination else Action.CREATE
    return Change(thing.id, action, thing, destination, reference=reference(flow, thing.id))


def reference(flow: Flow, source_id: str) -> str:
    """Our name for a created object, stored in it where the platform has room: by it a lost answer is found again."""
    return f"passerelle:{flow.link}:{flow.kind}:{source_id}"


def adopted(flow: Flow, load: Load) -> dict[str, str]:
    """Those of a doubtful load that are at the destination: source id → destination id."""
    if not load.doubtful or not flow.destination.can(flow.kind, Verb.FIND):
        return {}
    names = {reference(flow, thing.id): thing.id for thing in load.objects if thing.id in load.doubtful}
    found = flow.destination.connector.find(flow.kind, sorted(names)) if names else []
    return {names[match.key]: match.destination_id for match in found if match.key in names}
