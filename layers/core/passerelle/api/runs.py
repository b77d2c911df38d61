"""Runs: listed, shown with live progress, cancelled, resumed; the differences a dry run found."""

from datetime import datetime
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from passerelle.api.access import READ, SYNC, Now, found
from passerelle.api.fields import Cursor, IdempotencyKey, Limit, RunId
from passerelle.api.once import once
from passerelle.api.pages import Page, cut_at, shown
from passerelle.api.problems import conflict
from passerelle.api.routing import new_router
from passerelle.api.starting import resume
from passerelle.memory import Counts, Run, RunOutcome, RunStatus, SliceProgress
from passerelle.store.ids import now

router = new_router()
TAGS = ["Runs"]

FeedFilter = Annotated[str, Query(alias="feed", max_length=120, description="Only runs of this feed.")]
ParentFilter = Annotated[str, Query(alias="parent", max_length=80, description="Only runs of this sync-all.")]
StatusFilter = Annotated[
    Literal["planning", "carrying", "settling", "awaiting_approval", "finished", ""], Query(alias="status")
]
OutcomeFilter = Annotated[
    Literal["completed", "completed_with_errors", "truncated", "cancelled", "failed", "skipped", ""],
    Query(alias="outcome"),
]


class CountsShown(BaseModel):
    """How many objects ended how."""

    created: int
    updated: int
    unchanged: int
    skipped: int
    failed: int


class ProgressShown(BaseModel):
    """How far a run is. `rate` is objects a second; the times are null while there is nothing to reckon from."""

    batches_done: int
    batches_running: int
    batches_failed: int
    batches_total: int
    objects_done: int
    objects_total: int
    rate: float
    eta_seconds: int | None
    idle_seconds: int | None


class RunShown(BaseModel):
    """One execution of a feed. `outcome` is null until it has finished.

    `raises`: people set aside because the run would subscribe them; over the link's guard it awaits approval.
    """

    id: str
    link: str
    feed: str
    kind: str
    mode: str
    scope: str
    trigger: str
    dry_run: bool
    status: str
    outcome: str | None
    parent: str
    expected: int
    counts: CountsShown
    raises: int
    cancelled: bool
    why: str
    settings: dict[str, Any]
    started_at: datetime | None
    finished_at: datetime | None


class RunProgress(RunShown):
    """A run with its live progress, and how many objects were skipped for which reason."""

    progress: ProgressShown
    skipped_why: dict[str, int]


class Difference(BaseModel):
    """What a dry run would have done with one object; of a customer, also the contact's status and the rule.

    `consent_before` and `consent_after` are the store's, where a consent would be written back to it.
    """

    id: str
    action: str
    status_before: str = ""
    status_after: str = ""
    rule: str = ""
    consent_before: str = ""
    consent_after: str = ""


def show(run: Run, counts: Counts | None = None) -> RunShown:
    """A run as the API tells it; `counts` are the live ones while it is under way."""
    return RunShown(
        id=run.id,
        link=run.link,
        feed=run.feed,
        kind=run.kind,
        mode=run.mode,
        scope=run.scope,
        trigger=run.trigger,
        dry_run=run.dry_run,
        status=run.status,
        outcome=run.outcome,
        parent=run.parent,
        expected=run.expected,
        counts=_counts(counts or run.counts),
        raises=run.raises,
        cancelled=run.cancelled,
        why=run.why,
        settings=dict(run.settings),
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


def show_progress(run: Run, slices: list[SliceProgress], at: datetime) -> RunProgress:
    """A run with what its slices say at the instant `at`."""
    counts = run.counts if run.status is RunStatus.FINISHED else run.counted(slices)
    return RunProgress(
        **show(run, counts).model_dump(),
        progress=_progress(run, slices, counts, at),
        skipped_why=run.reasons(slices),
    )


def _counts(counts: Counts) -> CountsShown:
    created, updated, unchanged, skipped, failed = counts.tuple
    return CountsShown(created=created, updated=updated, unchanged=unchanged, skipped=skipped, failed=failed)


def _progress(run: Run, slices: list[SliceProgress], counts: Counts, at: datetime) -> ProgressShown:
    """B-17. The rate is over the whole run, so that it does not jump; the time left is at that rate."""
    done = counts.settled + counts.failed
    until = run.finished_at or at
    elapsed = (until - run.started_at).total_seconds() if run.started_at else 0.0
    rate = done / elapsed if elapsed > 0 else 0.0
    left = max(0, run.expected - done)
    moving = run.status in (RunStatus.CARRYING, RunStatus.SETTLING)
    return ProgressShown(
        batches_done=sum(each.batches_done for each in slices),
        batches_running=sum(each.batches_running for each in slices),
        batches_failed=sum(each.batches_failed for each in slices),
        batches_total=max(run.batches, sum(each.batches_total for each in slices)),
        objects_done=done,
        objects_total=run.expected,
        rate=round(rate, 2),
        eta_seconds=round(left / rate) if moving and rate > 0 else None,
        idle_seconds=max(0, round((at - run.progress_at).total_seconds()))
        if run.progress_at and run.status not in (RunStatus.FINISHED, RunStatus.AWAITING_APPROVAL)
        else None,
    )


@router.get("/v1/runs", summary="List runs", tags=TAGS, security=READ)
def list_runs(
    here: Now,
    feed: FeedFilter = "",
    parent: ParentFilter = "",
    status: StatusFilter = "",
    outcome: OutcomeFilter = "",
    limit: Limit = 25,
    cursor: Cursor = "",
) -> Page[RunShown]:
    """Runs, newest first: all, of a feed, or of a sync-all. A filtered page may be short and still have a next."""
    runs = here.memory.runs
    return shown(
        lambda: runs.list(
            feed=feed,
            parent=parent,
            status=RunStatus(status) if status else None,
            outcome=RunOutcome(outcome) if outcome else None,
            limit=limit,
            cursor=cursor or None,
        ),
        show,
    )


@router.get("/v1/runs/<run_id>", summary="Show a run", tags=TAGS, security=READ)
def show_run(run_id: RunId, here: Now) -> RunProgress:
    """One run with its live progress."""
    run = found(here.memory.runs.get, run_id, "run")
    return show_progress(run, here.memory.runs.slices(run.id), now())


@router.post("/v1/runs/<run_id>/cancel", summary="Cancel a run", tags=TAGS, security=SYNC, status_code=202)
def cancel_run(run_id: RunId, here: Now, idempotency_key: IdempotencyKey = "") -> RunShown:
    """Begin no more batches; those in flight finish. A run that has finished is left as it is."""
    run = found(here.memory.runs.get, run_id, "run")
    return once(
        here, idempotency_key, f"cancel {run.id}", None, RunShown, lambda: show(here.river.cancel(run.id))
    )


@router.post("/v1/runs/<run_id>/resume", summary="Resume a run", tags=TAGS, security=SYNC, status_code=202)
def resume_run(run_id: RunId, here: Now, idempotency_key: IdempotencyKey = "") -> RunShown:
    """Go on where a cancelled, truncated or failed run stopped; answers the new run."""
    run = found(here.memory.runs.get, run_id, "run")
    if run.status is not RunStatus.FINISHED:
        raise conflict("still_running", "The run has not finished", "Wait until it has, or cancel it.")
    if run.outcome in (RunOutcome.COMPLETED, RunOutcome.COMPLETED_WITH_ERRORS, RunOutcome.SKIPPED):
        raise conflict("nothing_to_resume", "The run ended by itself", "Run the feed again instead.")
    return once(here, idempotency_key, f"resume {run.id}", None, RunShown, lambda: show(resume(here, run)))


@router.get("/v1/runs/<run_id>/differences", summary="List a dry run's differences", tags=TAGS, security=READ)
def list_differences(run_id: RunId, here: Now, limit: Limit = 100, cursor: Cursor = "") -> Page[Difference]:
    """What a dry run would have written, object by object (B-18)."""
    run = found(here.memory.runs.get, run_id, "run")
    if not run.dry_run:
        raise conflict("not_a_dry_run", "The run was no dry run", "Run the feed with dry_run true.")
    return cut_at(here.river.differences(run.id), limit, cursor, run.id, Difference.model_validate)
