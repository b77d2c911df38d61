"""One batch on its way: pull, decide, push, record. Doing it twice ends where doing it once does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from passerelle.memory import ConsentEntry, Entry, EntryState, Run
from passerelle.memory.run import SET_ASIDE
from passerelle.model import Kind, Object
from passerelle.port import Change, Indexed, Outcome, Pulled, Result, Throttled, Unreadable, Verb
from passerelle.sync.aside import set_aside
from passerelle.sync.backfill import begin_backfill
from passerelle.sync.carried import Carried
from passerelle.sync.contacts import made_here
from passerelle.sync.decision import Decision, Load
from passerelle.sync.excluded import without_excluded
from passerelle.sync.feeds import spec_of
from passerelle.sync.flow import Flow
from passerelle.sync.record import Recorder
from passerelle.sync.redacted import REDACTED, without_redacted
from passerelle.sync.written import NOTHING, Intents, Written, creates

ROUNDS = 4
"""How often a part of a batch may be asked for again (an object that already existed, a platform out of breath)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Ids to carry with their versions."""

    entries: Sequence[Indexed]
    run: Run | None = None
    doubtful: bool = False
    """Some of it may have been sent before without our knowing how it ended."""
    force: bool = False
    given: Mapping[str, Object | Unreadable] = field(default_factory=dict)
    """Objects that an export brought already; the others are pulled."""
    left: Intents = field(default_factory=lambda: NOTHING)
    """Consents that an earlier try of the same objects may have written."""
    intend: Callable[[Sequence[ConsentEntry]], None] = lambda _entries: None
    """Told of consents just before they are sent."""

    @property
    def ids(self) -> list[str]:
        """The ids in order."""
        return [entry.id for entry in self.entries]


def carry_batch(flow: Flow, batch: Batch) -> Carried:
    """Carry the batch. Raises the port's errors where the whole batch has to be tried again, smaller or later."""
    pulled = _pull(flow, batch)
    known = flow.memory.ledger.read(flow.link, flow.kind, batch.ids)
    versions = {entry.id: entry.version for entry in batch.entries}
    recorder = Recorder(flow, batch.run, known, versions, Written(flow, batch.run, batch.left))
    for unreadable in pulled.unreadable:
        recorder.unreadable(unreadable)
    for missing in pulled.missing:
        recorder.missing(missing)
    objects, barred = without_redacted(flow, pulled.objects)
    recorder.passed_over(barred, REDACTED)
    objects, excluded = without_excluded(flow, objects)
    recorder.decided(excluded, {}, {})
    _carry_objects(flow, batch, objects, known, recorder)
    if batch.run is None or not batch.run.dry_run:
        recorder.write()
    return recorder.carried


def _pull(flow: Flow, batch: Batch) -> Pulled:
    """What an export has not brought is asked of the shop."""
    wanted = [id for id in batch.ids if id not in batch.given]
    brought = [batch.given[id] for id in batch.ids if id in batch.given]
    pulled = flow.source.connector.pull(flow.kind, wanted) if wanted else Pulled(())
    return Pulled(
        (*(thing for thing in brought if not isinstance(thing, Unreadable)), *pulled.objects),
        pulled.missing,
        (*(thing for thing in brought if isinstance(thing, Unreadable)), *pulled.unreadable),
    )


def _carry_objects(
    flow: Flow, batch: Batch, objects: list[Object], known: Mapping[str, Entry], recorder: Recorder
) -> None:
    """Decide and push, again for those whose create met an object that was there already."""
    existing: frozenset[str] = frozenset()
    for _ in range(ROUNDS):
        if not objects:
            return
        load = Load(
            batch.run,
            objects,
            known,
            doubtful=_doubtful(batch, known),
            made=_made(batch, known, recorder.written),
            force=batch.force,
            existing=existing,
        )
        decisions, aside = set_aside(flow, batch.run, spec_of(flow).decide(flow, load))
        recorder.carried.aside += aside
        outcomes = {} if _dry(batch) else _push(flow, batch, decisions, recorder)
        outcomes |= {} if _dry(batch) else _push_stock(flow, decisions, outcomes)
        consents = {} if _dry(batch) else _push_consents(flow, decisions, outcomes)
        recorder.decided(decisions, outcomes, consents)
        if flow.back:
            recorder.others.setdefault(Kind.CUSTOMERS, []).extend(made_here(flow, decisions, outcomes))
        existing = frozenset(id for id, outcome in outcomes.items() if outcome.result is Result.EXISTS)
        objects = [thing for thing in objects if thing.id in existing]
    for thing in objects:
        recorder.restless(thing.id)


def _dry(batch: Batch) -> bool:
    return batch.run is not None and batch.run.dry_run


def _doubtful(batch: Batch, known: Mapping[str, Entry]) -> frozenset[str]:
    claimed = {id for id, entry in known.items() if entry.state is EntryState.CLAIMED}
    unknown = {id for id in batch.ids if never_sent(known.get(id))} if batch.doubtful else set()
    return frozenset(claimed | unknown)


def _made(batch: Batch, known: Mapping[str, Entry], written: Written) -> frozenset[str]:
    claimed = {id for id, entry in known.items() if entry.state is EntryState.CLAIMED}
    return creates([*batch.left.values(), *written.sent.values()]) | claimed


def never_sent(entry: Entry | None) -> bool:
    """Whether the ledger knows nothing of it at the destination."""
    return entry is None or (entry.state is EntryState.SKIPPED and entry.reason == SET_ASIDE)


def _push(flow: Flow, batch: Batch, decisions: Sequence[Decision], recorder: Recorder) -> dict[str, Outcome]:
    """Send the changes; answers one outcome per changed id."""
    changes = [decision.change for decision in decisions if decision.change]
    if batch.run is None:
        recorder.claim(changes)
    if intended := recorder.written.intents(decisions):
        batch.intend(intended)
    if changes:
        begin_backfill(flow, batch.run)
    return _push_patiently(flow, changes) if changes else {}


def _push_stock(
    flow: Flow, decisions: Sequence[Decision], outcomes: Mapping[str, Outcome]
) -> dict[str, Outcome]:
    """Units that go with products which went well; answers the outcomes of products that they change."""
    ready = [each for each in decisions if each.stock and _went_well(outcomes.get(each.id))]
    levels = [level for each in ready for level in each.stock]
    if not levels:
        return {}
    answers = {each.id: each for each in flow.destination.connector.push(Kind.STOCK, levels)}
    found: dict[str, Outcome] = {}
    for decision in ready:
        mine = [answers[level.id] for level in decision.stock]
        refused = next((each for each in mine if each.result is Result.REFUSED), None)
        if refused:
            found[decision.id] = replace(refused, id=decision.id, destination_id=decision.destination_id)
        elif decision.id not in outcomes:
            found[decision.id] = Outcome(decision.id, Result.UPDATED, decision.destination_id)
    return found


def _push_consents(
    flow: Flow, decisions: Sequence[Decision], outcomes: Mapping[str, Outcome]
) -> dict[str, Outcome]:
    """Send the consents of what went well to the end that keeps them; answers one outcome per customer."""
    consents = [
        consent
        for decision in decisions
        if _went_well(outcomes.get(decision.id))
        for consent in decision.consents
    ]
    if not consents or not flow.shop.can(Kind.CUSTOMERS, Verb.CONSENT):
        return {}
    return {outcome.id: outcome for outcome in flow.shop.connector.push_consent(consents)}


def _went_well(outcome: Outcome | None) -> bool:
    return outcome is None or outcome.result not in (Result.EXISTS, Result.REFUSED)


def _push_patiently(flow: Flow, changes: Sequence[Change]) -> dict[str, Outcome]:
    """Push; what the platform had no breath for is pushed again. Raises Throttled if it never finds it."""
    outcomes: dict[str, Outcome] = {}
    waiting = list(changes)
    for attempt in range(ROUNDS):
        answers = flow.destination.connector.push(spec_of(flow).written, waiting)
        outcomes.update({outcome.id: outcome for outcome in answers})
        unanswered = {change.id for change in waiting} - outcomes.keys()
        waiting = [
            change
            for change in waiting
            if change.id in unanswered or outcomes[change.id].result is Result.THROTTLED
        ]
        if not waiting:
            return outcomes
        waiting = [replace(change, fresh=False) for change in waiting]
        flow.sleep(2.0**attempt)
    raise Throttled(f"{len(waiting)} of {len(changes)} changes were put off again and again", 30)
