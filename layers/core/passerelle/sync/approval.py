"""What a person may answer to a run: go on, leave it, take back what it wrote."""

from passerelle.memory import Run, RunStatus
from passerelle.sync.aside import all_kept, second_round
from passerelle.sync.flow import Memory
from passerelle.sync.request import Busy
from passerelle.sync.undoing import UNDO

APPROVED = "approved"
DISCARDED = "discarded"


class NotWaiting(Exception):
    """The run does not wait for an answer."""


class NothingToUndo(Exception):
    """The run wrote no consent that could be taken back, or has not ended."""


def approve(memory: Memory, run_id: str) -> Run:
    """The run goes on with exactly those whom it set aside. Raises NotWaiting, Busy, KeyError."""
    run = _waiting(memory, run_id)
    aside = all_kept(memory, run, memory.runs.slices(run.id))
    return _taken_up(memory, second_round(memory, run, aside))


def discard(memory: Memory, run_id: str) -> Run:
    """The run ends, and whom it set aside stays as they are. Raises NotWaiting, Busy, KeyError."""
    run = _waiting(memory, run_id)
    why = f"{run.raises} people were not raised: discarded."
    return _taken_up(memory, run.but(status=RunStatus.SETTLING, discarded=True, why=why))


def undoable(memory: Memory, run_id: str) -> Run:
    """The run, if it can be undone. Raises NothingToUndo, KeyError."""
    run = memory.runs.get(run_id)
    if run.status is not RunStatus.FINISHED or run.dry_run or run.trigger == UNDO:
        raise NothingToUndo(run_id)
    return run


def _waiting(memory: Memory, run_id: str) -> Run:
    run = memory.runs.get(run_id)
    if run.status is not RunStatus.AWAITING_APPROVAL:
        raise NotWaiting(run_id)
    return run


def _taken_up(memory: Memory, run: Run) -> Run:
    try:
        holder = memory.runs.take_up(run)
    except KeyError:
        raise NotWaiting(run.id) from None
    if holder.id != run.id:
        raise Busy(holder)
    return holder
