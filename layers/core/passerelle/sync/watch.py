"""Watching runs: one that has not moved is told to a person, one that nobody holds any more is settled (B-17)."""

from datetime import timedelta

from passerelle.memory import Incident, Run
from passerelle.rules.severity import describe
from passerelle.sync.flow import Flow
from passerelle.sync.request import ABANDONED
from passerelle.sync.settle import settle

STALE_AFTER = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(minutes=20)
"""Longer than a worker may live: whoever held the run is gone."""


def watch(flow: Flow, run: Run) -> str:
    """Look at an unfinished run; answers moving, stale or settled."""
    still = flow.now() - (run.progress_at or run.started_at or flow.now())
    if still < STALE_AFTER:
        return "moving"
    if still > GIVEN_UP_AFTER and flow.memory.lease.holder(run.feed) in (None, run.id):
        settle(flow, run.id, error=ABANDONED)
        return "settled"
    minutes = int(still.total_seconds() // 60)
    told = describe("stale_run", kind=run.kind, why=f"run {run.id} has not moved for {minutes} minutes")
    cause = f"{run.link}:{run.kind}:stale"
    incident = Incident(
        cause, told.severity, told.title, told.remedy, link=run.link, kind=run.kind, run=run.id
    )
    flow.memory.incidents.open([incident])
    return "stale"
