"""Counterparts that somebody deleted at the dependent store: forgotten, so that their products are decided afresh."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from passerelle.memory import Entry, EntryState
from passerelle.model import Kind
from passerelle.port import Outcome, Result
from passerelle.sync import counterparts
from passerelle.sync.flow import Flow

MISSING = "missing"


def is_missing(outcome: Outcome) -> bool:
    """Whether what was to be written is no longer at the destination."""
    return outcome.result is Result.REFUSED and outcome.code == MISSING


def lost(flow: Flow, known: Mapping[str, Entry], outcomes: Mapping[str, Outcome]) -> list[str]:
    """Products of the main store, of these outcomes, whose counterpart is gone."""
    if not (flow.is_catalogue and flow.kind is Kind.PRODUCTS):
        return []
    return [id for id, outcome in outcomes.items() if is_missing(outcome) and id in known]


def forget(flow: Flow, entries: Iterable[Entry]) -> None:
    """What stood for these products stands for them no more; their own lines follow with what becomes of them."""
    gone = list(entries)
    held = counterparts.read(flow, [part for entry in gone for part in entry.parts])
    for kind, lines in (
        (Kind.VARIANTS, counterparts.withdrawn(flow, held.values())),
        (Kind.MATCHED, counterparts.disowned(flow, [entry.destination_id for entry in gone])),
    ):
        if lines:
            flow.memory.ledger.record(flow.link, kind, lines)


def to_look_at_again(flow: Flow, there: Collection[str]) -> list[Entry]:
    """The lines of the products that these of the dependent store stand for, so that the next run looks at them."""
    owners = counterparts.owners(flow, sorted(there)) if there else {}
    known = flow.memory.ledger.read(flow.link, Kind.PRODUCTS, list(owners.values())) if owners else {}
    return [
        replace(entry, hash="", at=flow.now())
        for entry in known.values()
        if entry.state is EntryState.MAPPED and entry.hash
    ]
