"""Products that a dependent store is to have no more: one by one as they go, or all of them when a link ends."""

from collections.abc import Sequence
from dataclasses import replace

from passerelle.memory import Entry, EntryState, Incident
from passerelle.model import Kind
from passerelle.port import Action, Outcome, Result
from passerelle.rules.preferences import Gone
from passerelle.rules.severity import describe
from passerelle.sync import counterparts
from passerelle.sync.flow import Flow
from passerelle.sync.lost import is_missing
from passerelle.sync.terms import terms_of
from passerelle.sync.withdrawal import Withdrawal, ordered, withdrawal, written


def retire(flow: Flow, entries: Sequence[Entry], policy: Gone) -> list[Outcome]:
    """Take these mapped products back and remember it; what is refused stays mapped and has an incident."""
    ids = list(dict.fromkeys(part for entry in entries for part in entry.parts))
    variants = counterparts.read(flow, ids)
    bought = ordered(flow, policy, [entry.destination_id for entry in entries])
    terms = terms_of(flow, flow.destination)
    wanted = {each.source_id: withdrawal(each, policy, bought, variants, terms) for each in entries}
    answers = written(flow, list(wanted.values()))
    # What somebody has deleted there is taken back already.
    away = {each.id for each in answers if is_missing(each)}
    refused = {each.id: each for each in answers if each.result is Result.REFUSED and each.id not in away}
    gone = [each for each in entries if not _touched(each, refused)]
    away |= {id for id, each in wanted.items() if each.change and each.change.action is Action.DELETE}
    _remember(flow, gone, away, [variants[part] for each in gone for part in each.parts if part in variants])
    _tell(flow, list(refused.values()))
    return [
        refused.get(each.source_id) or Outcome(each.source_id, _result(wanted[each.source_id]))
        for each in entries
    ]


def _touched(entry: Entry, refused: dict[str, Outcome]) -> bool:
    return any(id in refused for id in (entry.source_id, *entry.parts))


def _result(wanted: Withdrawal) -> Result:
    return Result.UNCHANGED if wanted.empty else Result.UPDATED


def _remember(flow: Flow, entries: Sequence[Entry], deleted: set[str], variants: Sequence[Entry]) -> None:
    now = flow.now()
    lines = [replace(each, state=EntryState.GONE, hash="", at=now) for each in entries]
    lines = [
        replace(each, destination_id="", parts=()) if each.source_id in deleted else each for each in lines
    ]
    flow.memory.ledger.record(flow.link, Kind.VARIANTS, counterparts.withdrawn(flow, variants))
    free = counterparts.disowned(flow, [each.destination_id for each in entries if each.source_id in deleted])
    if free:
        flow.memory.ledger.record(flow.link, Kind.MATCHED, free)
    flow.memory.ledger.record(flow.link, Kind.PRODUCTS, lines)


def _tell(flow: Flow, refused: Sequence[Outcome]) -> None:
    incidents = []
    for each in refused:
        code = each.code or "rejected"
        told = describe(code, kind=Kind.PRODUCTS, object_id=each.id, why=each.why, remedy=each.remedy)
        cause = f"{flow.link}:{Kind.PRODUCTS}:{each.id}:withdrawal"
        incidents.append(
            Incident(cause, told.severity, told.title, told.remedy, flow.link, Kind.PRODUCTS, each.id)
        )
    if incidents:
        flow.memory.incidents.open(incidents)
