"""Settle: count what was carried, say how the run ended, find what disappeared, and leave everything tidy."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import batched

from passerelle.memory import (
    Dirty,
    Entry,
    EntryState,
    Incident,
    Mode,
    Run,
    RunOutcome,
    RunStatus,
    Scope,
    SliceProgress,
)
from passerelle.model import Kind
from passerelle.port import CredentialsRefused, PermissionMissing
from passerelle.rules.ranges import complement
from passerelle.rules.reconcile import Ending, Tally, conclude
from passerelle.rules.severity import describe
from passerelle.sync import guarded
from passerelle.sync.aside import Raise
from passerelle.sync.backfill import end_backfill
from passerelle.sync.batch import never_sent
from passerelle.sync.carry import refuse
from passerelle.sync.disappeared import look_for_disappeared
from passerelle.sync.ending import PLANNED_FROM_LEDGER
from passerelle.sync.flow import Flow
from passerelle.sync.seating import tell_waiting
from passerelle.sync.selecting import settings_in_force
from passerelle.sync.written import creates, document_of, unpacked

AT_REST = frozenset({RunStatus.FINISHED, RunStatus.AWAITING_APPROVAL})
DONE = "done"
AGAIN = "raise"
"""There is a second round to plan: of those whom the first set aside."""
_CODES = {"failed": "run_failed", "truncated": "truncated", "completed_with_errors": "lost_slice"}
"""Outcome → what an incident of the run as a whole means."""


def settle(flow: Flow, run_id: str, error: str = "") -> str:
    """Settle the run, or answer "raise" where it has a second round to go; twice ends where once does.

    `error`: what stopped the machine, in words, if something did.
    """
    run = flow.memory.runs.get(run_id)
    if guarded.begun_again(run, error):
        return AGAIN
    aside: list[Raise] = []
    if run.status not in AT_REST:
        aside = guarded.set_aside_by(flow, run, error)
        if guarded.go_on(flow, run, aside):
            return AGAIN
    _settle(flow, run, error, aside)
    return DONE


def _settle(flow: Flow, run: Run, error: str, aside: list[Raise]) -> None:
    try:
        if run.status not in AT_REST:
            run = _conclude(flow, run.but(status=RunStatus.SETTLING), error)
            _replay_held(flow)
            _end_backfill(flow, run)
            ended = guarded.wait(flow, run, aside) if aside else run.but(status=RunStatus.FINISHED)
            # Last of all: a run whose settling broke off is found by the watch, and settled again.
            flow.memory.runs.save(ended)
            flow.ends_with(run.counts, outcome=run.outcome, expected=run.expected)
    finally:
        flow.memory.lease.release(run.feed, run.id, run.fence)


def _end_backfill(flow: Flow, run: Run) -> None:
    try:
        end_backfill(flow, run)
    except (CredentialsRefused, PermissionMissing) as refusal:
        # Trying again changes nothing; the next full run takes the mark away.
        refuse(flow, refusal)


def _conclude(flow: Flow, run: Run, error: str) -> Run:
    flow.memory.runs.save(run)
    slices = flow.memory.runs.slices(run.id)
    _claim_doubtful(flow, run, slices)
    counts = run.counted(slices)
    finished = sum(piece.finished for piece in slices)
    tally = Tally(
        expected=run.expected,
        settled=counts.settled,
        failed=counts.failed,
        lost_slices=run.slices - finished,
        truncated=run.outcome is RunOutcome.TRUNCATED,
        cancelled=run.cancelled,
        broken=run.halted or error,
    )
    ending = conclude(tally)
    # A run that waited for a person has told of its pass before it began to wait.
    waited = run.finished_at is not None
    run = run.but(
        counts=counts, outcome=RunOutcome(ending.outcome), why=ending.why or run.why, finished_at=flow.now()
    )
    durable = _durable(tally, ending)
    if waited:
        guarded.answered(flow, run, slices)
    elif durable and not run.dry_run and run.trigger not in PLANNED_FROM_LEDGER:
        _after_whole_pass(flow, run, ending)
    _tell(flow, run, ending, durable=durable)
    if durable and run.trigger not in PLANNED_FROM_LEDGER:
        tell_waiting(flow, run, slices)
    return run


def _durable(tally: Tally, ending: Ending) -> bool:
    """Whether each expected object is written or has an incident of its own: nothing waits to be looked at again."""
    everyone = tally.settled + tally.failed == tally.expected and not tally.lost_slices
    return everyone and ending.outcome in ("completed", "completed_with_errors")


def _claim_doubtful(flow: Flow, run: Run, slices: Sequence[SliceProgress]) -> None:
    """What was begun and never recorded may be at the destination: the next run has to know."""
    if run.dry_run:
        return
    for piece in slices:
        gaps = complement(piece.done, piece.begun)
        if not gaps:
            continue
        entries = flow.memory.manifests.get_slice(run.id, piece.number)
        ids = [entries[at].id for start, end in gaps for at in range(start, min(end, len(entries)))]
        if flow.kind is Kind.CUSTOMERS:
            # A contact who was there before is nobody's claim: each that was about to be made was said before.
            said = flow.memory.manifests.get_document(run.id, document_of(piece.number))
            made = creates(unpacked(said).values())
            ids = [id for id in ids if id in made]
        known = flow.memory.ledger.read(flow.link, flow.kind, ids)
        claims = [
            Entry(id, EntryState.CLAIMED, run=run.id, at=flow.now())
            for id in ids
            if never_sent(known.get(id))
        ]
        if claims:
            flow.memory.ledger.record(flow.link, flow.kind, claims)


def _after_whole_pass(flow: Flow, run: Run, ending: Ending) -> None:
    """Everything in the run's window is durably handled: the watermark may move (B-13), disappearances count (B-16)."""
    whole = run.scope is Scope.FULL and run.mode is Mode.ALL
    if whole and ending.clean and not settings_in_force(flow.feed, run):
        look_for_disappeared(flow, run)
    if whole and flow.kind is Kind.CUSTOMERS and flow.initial:
        # The way back begins where the first full sync began to read: what it saw itself is decided.
        back = f"{flow.link}.{Kind.CONTACTS}"
        flow.memory.feeds.settle(back, watermark=run.watermark, full_at=flow.now())
        with suppress(KeyError):  # a link that was made before there was this feed has none
            # Without a watermark: its first run tells the whole window.
            flow.memory.feeds.settle(f"{flow.link}.{Kind.ENGAGEMENT}", watermark=None, full_at=flow.now())
    flow.memory.feeds.settle(flow.feed.id, watermark=run.watermark, full_at=flow.now() if whole else None)


def _tell(flow: Flow, run: Run, ending: Ending, *, durable: bool) -> None:
    """One incident for a run that left something undone, closed by the next that does not.

    Where all that failed is single objects, each has an incident of its own already.
    """
    cause = f"{flow.link}:{flow.kind}:run"
    if run.dry_run or ending.outcome == "cancelled":
        return
    if ending.clean or durable:
        flow.memory.incidents.resolve([cause, f"{flow.link}:{flow.kind}:stale"])
        return
    told = describe(_CODES[ending.outcome], kind=flow.kind, object_id="", why=run.why, remedy="")
    incident = Incident(
        cause, told.severity, told.title, told.remedy, link=flow.link, kind=flow.kind, run=run.id
    )
    flow.memory.incidents.open([incident])


def _replay_held(flow: Flow) -> None:
    """Live events that came while the run went on are followed now, whatever the ledger says (B-1)."""
    feed = flow.memory.feeds.get(flow.feed.id)
    if feed.first_full_at is None:
        return
    waiting = [feed.id]
    if feed.kind is Kind.CUSTOMERS:
        waiting.append(f"{feed.link}.{Kind.CONTACTS}")
    for each in waiting:
        for ids in batched(flow.memory.marks.held(each), 100, strict=False):
            _replay(flow, each, ids)


def _replay(flow: Flow, feed: str, ids: Sequence[str]) -> None:
    marks = flow.memory.marks
    flow.memory.queue.send([Dirty(flow.tenant, feed, id, marks.mark(feed, id), force=True) for id in ids])
    marks.release(feed, ids)
