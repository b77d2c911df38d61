"""Whom a run would raise is set aside in its first round, and carried in a second one if the guard allows (A-12)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import batched
from math import ceil

import orjson

from passerelle.memory import Entry, EntryState, Run, RunStatus, SliceProgress
from passerelle.memory.run import SET_ASIDE
from passerelle.model import ConsentState, Customer, Kind
from passerelle.port import Action, Indexed
from passerelle.rules.consent import Agreed
from passerelle.rules.guard import raises
from passerelle.sync.decision import Decision
from passerelle.sync.flow import Flow, Memory

DISCARDED = "raise_discarded"
PIECE = 5_000
"""The most people in a slice of the second round."""

type Raise = dict[str, str]
"""One person set aside: id, contact, rule, states before and after, and what the ledger is to hold if they stay so."""


def asked_first(flow: Flow, run: Run | None) -> bool:
    """Whether this run sets aside whom it would raise: they are looked at anew before they are raised."""
    return run is not None and not (run.dry_run or run.first_slices or flow.guard.off)


def set_aside(
    flow: Flow, run: Run | None, decisions: Sequence[Decision]
) -> tuple[list[Decision], list[Raise]]:
    """Hold back those that raise somebody. A live event is one person's act, and a dry run writes nothing anyway."""
    if not asked_first(flow, run):
        return list(decisions), []
    counted = flow.guard.first or not flow.initial
    kept: list[Decision] = []
    aside: list[Raise] = []
    for decision in decisions:
        held = _raises(decision, creates_count=counted)
        if held:
            aside.append(_told(decision))
        kept.append(Decision(decision.id, decision.hash, skip=SET_ASIDE) if held else decision)
    return kept, aside


def _raises(decision: Decision, *, creates_count: bool) -> bool:
    change = decision.change
    return any(
        raises(
            creates=change is not None and change.action is Action.CREATE,
            status=change.status if change else None,
            consent=consent,
            creates_count=creates_count,
        )
        for consent in (None, *_at_store(decision))
    )


def _at_store(decision: Decision) -> list[ConsentState]:
    """The consents that this writes at the store, also by making a customer there (A-20)."""
    change, written = decision.change, [each.consent.state for each in decision.consents]
    if change and change.action is Action.CREATE and change.status is None:
        written += [change.object.consent.state] if isinstance(change.object, Customer) else []
    return written


def _told(decision: Decision) -> Raise:
    situation, change = decision.situation, decision.change
    after = next((state.value for state in _at_store(decision)), "")
    return {
        "id": decision.id,
        "contact": decision.contact,
        "rule": decision.rule,
        "status_before": situation.audience.value if situation else "",
        "status_after": change.status.value if change and change.status else "",
        "consent_before": situation.store.state.value if situation else "",
        "consent_after": after,
        "hash": decision.hash,
        "agreed": decision.agreed,
        "customers": ",".join(each.id for each in decision.consents),
    }


# --- kept a slice at a time ---------------------------------------------------------------------------------


def _name(number: int) -> str:
    return f"raises/{number:05d}"


def keep(memory: Memory, run: str, number: int, aside: Mapping[str, Raise]) -> None:
    """Write whom a slice has set aside so far."""
    memory.manifests.put_document(run, _name(number), orjson.dumps(list(aside.values())))


def kept(memory: Memory, run: str, number: int) -> dict[str, Raise]:
    """Read them, by id."""
    document = memory.manifests.get_document(run, _name(number))
    return {each["id"]: each for each in orjson.loads(document)} if document else {}


def all_kept(memory: Memory, run: Run, slices: Sequence[SliceProgress]) -> list[Raise]:
    """Everyone whom the first round of a run has set aside."""
    first = [each for each in slices if not run.first_slices or each.number <= run.first_slices]
    with_some = [each.number for each in first if each.skipped_why.get(SET_ASIDE)]
    return [one for number in with_some for one in kept(memory, run.id, number).values()]


# --- the second round ---------------------------------------------------------------------------------------


def second_round(memory: Memory, run: Run, aside: Sequence[Raise]) -> Run:
    """The run with slices of just these people, to be planned and carried; it is yet to be saved. Twice ends as once."""
    number, batches = run.slices, run.batches
    for piece in batched(aside, min(PIECE, run.batch_size * 10), strict=False):
        number += 1
        memory.manifests.put_slice(run.id, number, [Indexed(each["id"]) for each in piece])
        batches += ceil(len(piece) / run.batch_size)
    return run.but(
        status=RunStatus.PLANNING,
        raises=len(aside),
        first_slices=run.slices,
        slices=number,
        batches=batches,
    )


def let_be(flow: Flow, aside: Iterable[Raise]) -> None:
    """Remember that these people are not raised on what was seen: only a newer act asks again."""
    for some in batched(aside, 500, strict=False):
        told = {each["id"]: each for each in some}
        known = flow.memory.ledger.read(flow.link, flow.kind, list(told))
        entries = [_left(flow, known.get(id), each) for id, each in told.items()]
        flow.memory.ledger.record(flow.link, flow.kind, entries)
        if flow.back:
            _agree(flow, told.values())


def _agree(flow: Flow, aside: Iterable[Raise]) -> None:
    """The customers of contacts remember too that the contact's opt-in was looked at."""
    of = {customer: each for each in aside for customer in each["customers"].split(",") if customer}
    known = flow.memory.ledger.read(flow.link, Kind.CUSTOMERS, list(of))
    entries = [replace(entry, consent=_seen(of[id])) for id, entry in known.items()]
    flow.memory.ledger.record(flow.link, Kind.CUSTOMERS, entries)


def _seen(told: Raise) -> str:
    agreed = Agreed.parse(told["agreed"])
    return str(replace(agreed, state=ConsentState.SUBSCRIBED)) if agreed else ""


def _left(flow: Flow, known: Entry | None, told: Raise) -> Entry:
    seen = _seen(told)
    if known is None or known.state is not EntryState.MAPPED:
        entry = known or Entry(told["id"], EntryState.SKIPPED, at=flow.now())
        return replace(
            entry, state=EntryState.SKIPPED, hash=told["hash"], reason=DISCARDED, result="", consent=seen
        )
    # The profile was not written with the status: its old hash lets the next run write it.
    digest = told["hash"]
    if not flow.back:
        digest = known.hash.partition(".")[0] + "." + digest.partition(".")[2]
    return replace(known, hash=digest, consent=seen, reason=DISCARDED)
