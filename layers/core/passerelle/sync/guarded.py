"""The guard at the end of a run's first round: on with those set aside, or wait for a person (A-12)."""

from passerelle.memory import Incident, Run, RunOutcome, RunStatus, SliceProgress
from passerelle.rules.severity import describe
from passerelle.sync.aside import Raise, all_kept, let_be, second_round
from passerelle.sync.flow import Flow


def begun_again(run: Run, error: str) -> bool:
    """Whether the second round was opened and nobody has heard of it yet."""
    stopped = run.cancelled or run.halted or error
    return run.status is RunStatus.PLANNING and bool(run.first_slices) and not stopped


def set_aside_by(flow: Flow, run: Run, error: str) -> list[Raise]:
    """Whom the run's first round has set aside, where there is still something to decide about them."""
    decided = run.first_slices or run.discarded or run.dry_run
    if decided or run.cancelled or run.halted or error:
        return []
    return all_kept(flow.memory, run, flow.memory.runs.slices(run.id))


def go_on(flow: Flow, run: Run, aside: list[Raise]) -> bool:
    """Open the second round where the guard lets so many through."""
    if not aside or flow.guard.stops(len(aside), run.audience):
        return False
    flow.memory.runs.save(second_round(flow.memory, run, aside))
    return True


def wait(flow: Flow, run: Run, aside: list[Raise]) -> Run:
    """The run as it waits for a person, who is told; it is yet to be saved."""
    limit = flow.guard.limit(run.audience)
    why = f"{len(aside)} people would become subscribed, and the link's guard lets {limit} through"
    told = describe("raise_guard", kind=flow.kind, why=why)
    incident = Incident(
        _cause(flow), told.severity, told.title, told.remedy, link=flow.link, kind=flow.kind, run=run.id
    )
    flow.memory.incidents.open([incident])
    truncated = run.outcome if run.outcome is RunOutcome.TRUNCATED else None
    return run.but(status=RunStatus.AWAITING_APPROVAL, outcome=truncated, raises=len(aside), why=f"{why}.")


def answered(flow: Flow, run: Run, slices: list[SliceProgress]) -> None:
    """A person has decided about a run that waited: remember a no, and close the question."""
    if run.discarded:
        let_be(flow, all_kept(flow.memory, run, slices))
    flow.memory.incidents.resolve([_cause(flow)])


def _cause(flow: Flow) -> str:
    return f"{flow.link}:{flow.kind}:guard"
