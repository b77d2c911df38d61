"""Starts a run, and says in words why it cannot be started."""

from collections.abc import Mapping

from passerelle.api.access import Here, found
from passerelle.api.ends import ready
from passerelle.api.problems import Problem, conflict
from passerelle.memory import Feed, Mode, Run, Scope
from passerelle.sync.ending import RETIRE
from passerelle.sync.request import Busy, NotYet, SwitchedOff


def begin(
    here: Here, feed: Feed, mode: Mode, scope: Scope, *, dry_run: bool, settings: Mapping[str, object]
) -> Run:
    """The new run, or the one that runs already with the same mode. Another mode → 409."""
    stores_ready(here, feed.link)
    try:
        return here.river.start(feed.id, mode, scope, dry_run, "manual", settings)
    except Busy as busy:
        raise busy_problem(busy.run) from None
    except NotYet:
        raise conflict(
            "customers_first",
            "The feed begins where the first full sync of customers ends",
            f"Sync the customers first: POST /v1/feeds/{feed.link}.customers/runs.",
        ) from None
    except SwitchedOff:
        raise conflict(
            "switched_off",
            "The feed is switched off: nothing of it is read or sent",
            f"Switch it on: PATCH /v1/feeds/{feed.id} with enabled true.",
        ) from None


def resume(here: Here, run: Run) -> Run:
    """A new run that goes on where this one stopped."""
    if run.trigger != RETIRE:
        stores_ready(here, run.link)
    try:
        return here.river.resume(run.id)
    except Busy as busy:
        raise busy_problem(busy.run) from None


def busy_problem(run: Run) -> Problem:
    """409: the feed runs in another mode."""
    return conflict(
        "busy",
        f"The feed already runs, with mode {run.mode}",
        f"Wait for the run {run.id}, or cancel it first.",
    )


def stores_ready(here: Here, link_id: str) -> None:
    """409 where nothing can flow over the link: it is disconnected, or an end no longer lets us in (G-5)."""
    ready(here, here.memory, found(here.memory.links.get, link_id, "link any more"))
