"""Objects that no longer exist at the source: what was made of them is taken away where that is ours to do."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import batched

from passerelle.memory import Entry, EntryState
from passerelle.model import Kind
from passerelle.port import Action, Change
from passerelle.sync.flow import Flow
from passerelle.sync.retiring import retire

TAKEN_AWAY = frozenset({Kind.PRODUCTS, Kind.CARTS, Kind.PROMO_CODES})
"""Kinds that are deleted at the destination too. People and orders stay: a person's contact is not ours to remove,
and a purchase happened."""


CUSTOMER_GONE = "customer_gone"


def take_away(flow: Flow, ids: Sequence[str]) -> None:
    """Delete what these ids were mapped to, and remember that they are gone. Twice ends where once does."""
    for some in batched(ids, 100, strict=False):
        known = flow.memory.ledger.read(flow.link, flow.kind, some)
        mapped = [entry for entry in known.values() if entry.state is EntryState.MAPPED]
        if not mapped:
            continue
        if flow.is_catalogue and flow.kind is Kind.PRODUCTS:
            retire(flow, mapped, flow.preferences.gone)
            continue
        if flow.kind in TAKEN_AWAY:
            changes = [Change(entry.source_id, Action.DELETE, None, entry.destination_id) for entry in mapped]
            flow.destination.connector.push(flow.kind, changes)
        gone = [replace(entry, state=EntryState.GONE, hash="", at=flow.now()) for entry in mapped]
        flow.memory.ledger.record(flow.link, flow.kind, gone)
        if flow.kind is Kind.CUSTOMERS:
            # Their contacts stay, and are nobody's newcomers.
            left = [
                Entry(entry.destination_id, EntryState.GONE, entry.source_id, reason=CUSTOMER_GONE)
                for entry in mapped
                if entry.destination_id
            ]
            flow.memory.ledger.record(flow.link, Kind.CONTACTS, left)
