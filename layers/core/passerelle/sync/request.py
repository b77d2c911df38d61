"""Asking for a run: what is wanted, and what stands in the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from passerelle.memory import Feed, Mode, Run, RunOutcome, RunStatus, Scope
from passerelle.sync.ending import PLANNED_FROM_LEDGER
from passerelle.sync.feeds import spec_of
from passerelle.sync.flow import Flow
from passerelle.sync.settle import AT_REST, settle

ABANDONED = "its worker stopped answering"


class Busy(Exception):
    """The feed is running already, in another way than the one asked for."""

    def __init__(self, run: Run) -> None:
        super().__init__(
            f"{run.feed} is being synced in mode {run.mode} by run {run.id}; wait for it or cancel it"
        )
        self.run = run


class NotYet(Exception):
    """The feed goes on where the customers' first full sync began, and that has yet to complete."""

    def __init__(self) -> None:
        super().__init__("the first full sync of customers has yet to complete")


class SwitchedOff(Exception):
    """What people do is not followed here: nothing of it is read, by hand neither (A-19)."""

    def __init__(self) -> None:
        super().__init__("the feed is switched off")


class LinkEnded(Exception):
    """The link is disconnected: nothing flows over it any more."""

    def __init__(self) -> None:
        super().__init__("the link is disconnected")


@dataclass(frozen=True, slots=True)
class Request:
    """A run that somebody wants."""

    mode: Mode = Mode.ALL
    scope: Scope = Scope.FULL
    dry_run: bool = False
    trigger: str = "manual"
    parent: str = ""
    batch_size: int = 0
    """0: the feed's own."""
    cursor: str = ""
    watermark: datetime | None = None
    """Of the run that this one goes on with: what it read before the cursor may have changed since."""
    settings: Mapping[str, object] = field(default_factory=dict)


def run_for(feed: Feed, run_id: str, wanted: Request, now: datetime, *, whole: bool = False) -> Run:
    """The run as it starts: a full one where there is no watermark to go on from, or (`whole`) nothing tells changes."""
    onward = (feed.watermark is not None and not whole) or wanted.trigger in PLANNED_FROM_LEDGER
    scope = wanted.scope if onward else Scope.FULL
    settings = dict(wanted.settings)
    if scope is Scope.INCREMENTAL and feed.watermark and "since" not in settings:
        settings["since"] = feed.watermark.isoformat()
    return Run(
        id=run_id,
        tenant=feed.tenant,
        link=feed.link,
        feed=feed.id,
        kind=feed.kind,
        mode=wanted.mode,
        scope=scope,
        trigger=wanted.trigger,
        dry_run=wanted.dry_run,
        parent=wanted.parent,
        batch_size=wanted.batch_size or feed.batch_size,
        cursor=wanted.cursor,
        watermark=wanted.watermark,
        settings=settings,
        started_at=now,
    )


def begin(flow: Flow, run_id: str, wanted: Request) -> Run:
    """Start the run, or answer the one that holds the feed; what a dead worker left is settled first."""
    _bury(flow)
    return flow.memory.runs.start(_run_for(flow, run_id, wanted))


def skip(flow: Flow, run_id: str, wanted: Request, why: str) -> None:
    """Remember that a tick was passed over, and why (E-9)."""
    run = _run_for(flow, run_id, wanted)
    done = run.but(
        status=RunStatus.FINISHED, outcome=RunOutcome.SKIPPED, why=why, finished_at=flow.now(), batch_size=0
    )
    flow.memory.runs.save(done)


def _run_for(flow: Flow, run_id: str, wanted: Request) -> Run:
    return run_for(flow.feed, run_id, wanted, flow.now(), whole=spec_of(flow).whole)


def _bury(flow: Flow) -> None:
    last = flow.memory.runs.latest(flow.feed.id)
    if last and last.status not in AT_REST and flow.memory.lease.holder(flow.feed.id) is None:
        settle(flow, last.id, error=ABANDONED)
