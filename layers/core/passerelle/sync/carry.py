"""Carry: one slice of a run, in batches that tune their own size, several at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from passerelle.memory import Run, RunStatus
from passerelle.port import CredentialsRefused, PermissionMissing
from passerelle.rules.batching import LARGEST
from passerelle.sync.flow import End, Flow
from passerelle.sync.slice import Down, Fenced, Slice

ENOUGH_SECONDS = 60.0
"""No batch is begun with less time than this before the worker ends."""
HEARTBEAT_SECONDS = 30.0


def carry(flow: Flow, run_id: str, number: int) -> str:
    """Carry slice `number` of the run; "again" if the worker's time is nearly up, "done" otherwise.

    Raises Throttled or Unavailable where the slice must be tried again later, and Fenced where another run has taken
    over. What is recorded as done is not done again.
    """
    run = flow.memory.runs.get(run_id)
    if run.status in (RunStatus.FINISHED, RunStatus.AWAITING_APPROVAL):
        return "done"
    piece = Slice.taken_up(flow, run, number)
    with _heartbeat(flow, run):
        try:
            finished = _work(flow, piece)
        except (CredentialsRefused, PermissionMissing) as refusal:
            refuse(flow, refusal)
            flow.memory.runs.halt(run.id, refusal.why)
            return "done"
        finally:
            flow.ends_with(piece.progress.counts)
    return "done" if finished else "again"


def refuse(flow: Flow, refusal: CredentialsRefused | PermissionMissing) -> None:
    """Find out which end no longer lets us in, and say so (G-5)."""
    for end in (flow.source, flow.destination):
        if isinstance(refusal, PermissionMissing) or not _lets_in(end):
            flow.refused(end, refusal)
            return
    flow.refused(flow.source, refusal)


def _lets_in(end: End) -> bool:
    try:
        end.connector.check()
    except (CredentialsRefused, PermissionMissing):
        return False
    return True


def _work(flow: Flow, piece: Slice) -> bool:
    """Work through what is left; False if time ran out first."""
    # What a shop makes in bulk it works on by itself: another beside it would only wait, and be held in memory.
    at_once = 1 if piece.tuner.wanted > LARGEST else flow.in_flight
    with ThreadPoolExecutor(at_once, thread_name_prefix="batch") as pool:
        running: set[Future[None]] = set()
        try:
            while piece.pending or running:
                while piece.pending and len(running) < at_once and _may_begin(flow, piece):
                    running.add(pool.submit(piece.work, *piece.take()))
                if not running:
                    break
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
        except Down:
            piece.abandon()
            raise
    if piece.pending and not piece.stopped:
        return False
    piece.finish()
    return True


def _may_begin(flow: Flow, piece: Slice) -> bool:
    return not piece.stopped and flow.seconds_left() > ENOUGH_SECONDS


@contextmanager
def _heartbeat(flow: Flow, run: Run) -> Iterator[None]:
    """Hold the lease while batches take their time."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(HEARTBEAT_SECONDS):
            if not flow.memory.lease.beat(run.feed, run.id, run.fence):
                return

    beating = threading.Thread(target=beat, daemon=True)
    beating.start()
    try:
        yield
    finally:
        stop.set()


__all__ = ["Down", "Fenced", "carry", "refuse"]
