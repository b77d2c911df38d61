"""Engagement on its way to a store: what people did with an audience's mails, for those who are its customers (A-19)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import batched

from passerelle.memory import EntryState
from passerelle.model import Engagement, Kind, Object
from passerelle.port import Action, Change, Unreadable
from passerelle.rules.engagement import Marks
from passerelle.rules.selection import mode_skip
from passerelle.sync.decision import Decision, Load, as_before
from passerelle.sync.flow import Flow

TOGETHER = 50_000
"""Contacts held at once while their customers are looked for: each such lot reads the ledger of customers once."""


def of_customers(flow: Flow, told: Iterable[Object | Unreadable]) -> Iterator[Object | Unreadable]:
    """What is told of contacts, as told of the customers they are; whoever is no customer of the store is left out.

    Two customers with one address are both told of it.
    """
    known = (each for each in told if isinstance(each, Engagement))
    for some in batched(known, TOGETHER, strict=False):
        by_contact = {each.contact: each for each in some}
        for entry in flow.memory.ledger.scan(flow.link, Kind.CUSTOMERS):
            if entry.state is EntryState.MAPPED and entry.destination_id in by_contact:
                yield replace(by_contact[entry.destination_id], id=entry.source_id)


def decide(flow: Flow, load: Load) -> list[Decision]:
    """See decision.Decide. The ledger's hash is the instants last written: only later ones are written."""
    del flow  # everything that counts is in the load
    return [_one(load, told) for told in load.objects if isinstance(told, Engagement)]


def _one(load: Load, told: Engagement) -> Decision:
    entry = load.entries.get(told.id)
    mapped = entry is not None and entry.state is EntryState.MAPPED
    held = Marks.parse(entry.hash if entry else "")
    now = held.later(Marks.of(told))
    skip = mode_skip(load.mode, mapped=mapped)
    if skip:
        return Decision(told.id, str(held) if entry else "", skip=skip)
    if entry and now == held and not load.force:
        if mapped:
            return Decision(told.id, str(now), destination_id=told.id)
        if before := as_before(entry, str(now)):
            return before
    news = now.beyond(held) if mapped and not load.force else now
    change = Change(told.id, Action.UPDATE, news.told(told.id, told.contact), destination_id=told.id)
    return Decision(told.id, str(now), change=change)
