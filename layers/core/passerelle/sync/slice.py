"""A slice of a run being worked: which ranges are done, in doubt or pending, and how large the next batch is."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import orjson

from passerelle.memory import ConsentEntry, Run, SliceProgress
from passerelle.port import (
    Incomplete,
    Indexed,
    PlatformError,
    Rejected,
    Throttled,
    TooLarge,
    Unavailable,
    Verb,
)
from passerelle.rules.ranges import complement, merged
from passerelle.sync.aside import Raise, keep, kept
from passerelle.sync.batch import Batch, carry_batch
from passerelle.sync.carried import Carried
from passerelle.sync.ending import RETIRE, retire_batch
from passerelle.sync.exporting import Brought, brought_by_planning
from passerelle.sync.flow import Flow
from passerelle.sync.record import Recorder
from passerelle.sync.tuning import Tuner, batch_of
from passerelle.sync.undoing import UNDO, undo_batch
from passerelle.sync.written import Intents, Key, Written, document_of, key_of, packed, unpacked

SUSPECTS = 3
"""Objects that fail alone, one after another, before we ask whether the shop is there at all."""
BREATHS = 5
"""How often a throttled batch waits inside a worker before the worker gives up."""

CARRIERS = {UNDO: undo_batch, RETIRE: retire_batch}
"""Triggers whose runs do something else than carry."""
STILL_HELD = timedelta(seconds=5)
"""How long after a heartbeat the lease is not asked for again: it lasts two minutes after each."""

type Range = tuple[int, int]


class Fenced(Exception):
    """Another run holds the lease now: this worker's writes are refused."""


class Down(Unavailable):
    """Nothing at all succeeds: the shop is down, and its objects are not to blame."""


@dataclass(slots=True)
class Slice:
    """The work on one slice; its methods are called from several threads."""

    flow: Flow
    run: Run
    entries: Sequence[Indexed]
    progress: SliceProgress
    tuner: Tuner
    pending: list[Range]
    brought: Brought = field(default_factory=Brought)
    """What an export brought of it already."""
    doubtful_below: int = 0
    """What was begun by an earlier try of this slice: it may have been sent."""
    stopped: bool = False
    beaten: datetime | None = None
    suspects: dict[int, PlatformError] = field(default_factory=dict)
    successes: int = 0
    differences: list[dict[str, str]] = field(default_factory=list)
    aside: dict[str, Raise] = field(default_factory=dict)
    """Whom the guard is asked about first."""
    left: Intents = field(default_factory=dict)
    """Consents that an earlier worker may have written."""
    intended: dict[Key, ConsentEntry] = field(default_factory=dict)
    """Consents of batches under way."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def taken_up(cls, flow: Flow, run: Run, number: int) -> "Slice":
        """The slice as the last worker left it."""
        entries = flow.memory.manifests.get_slice(run.id, number)
        progress = flow.memory.runs.get_slice(run.id, number) or SliceProgress(number, len(entries))
        tuner = Tuner(flow, batch_of(flow, run))
        pending = complement(progress.done, len(entries))
        piece = cls(
            flow,
            run,
            entries,
            progress,
            tuner,
            pending,
            brought_by_planning(flow, run, number),
            progress.begun,
        )
        if progress.begun:
            piece.aside = kept(flow.memory, run.id, number)
            left = flow.memory.manifests.get_document(run.id, piece._intentions)
            piece.left, piece.intended = unpacked(left), unpacked(left)
        return piece

    @property
    def _intentions(self) -> str:
        return document_of(self.progress.number)

    def _intend(self, entries: Sequence[ConsentEntry]) -> None:
        """Before consents are sent: a worker that takes up after us has to know of them (A-13)."""
        with self.lock:
            self.intended |= {key_of(entry): entry for entry in entries}
            self.flow.memory.manifests.put_document(self.run.id, self._intentions, packed(self.intended))

    def take(self) -> Range:
        """The next batch, as large as the shop stands; what it covers is from now on in doubt."""
        with self.lock:
            start, end = self.pending[0]
            middle = min(end, start + self.tuner.size)
            self.pending[0:1] = [(middle, end)] if middle < end else []
            running = self.progress.batches_running + 1
            begun = max(self.progress.begun, middle)
            self._save(replace(self.progress, begun=begun, batches_running=running))
            return start, middle

    def work(self, start: int, end: int) -> None:
        """Carry one batch, split as often as the shop makes necessary."""
        sizes = self._carry(start, end, doubtful=start < self.doubtful_below, whole=True)
        with self.lock:
            if sizes == [end - start]:
                self.tuner.succeeded()
            else:
                self._save(replace(self.progress, batches_running=self.progress.batches_running - 1))
                if sizes and not any(start <= at < end for at in self.suspects):
                    self.tuner.failed(end - start, worked=max(sizes))
            self._judge_suspects()

    def _carry(self, start: int, end: int, *, doubtful: bool, whole: bool = False) -> list[int]:
        """Carry a range (`whole`: all of a batch), in halves where it is too much; answers the sizes that worked."""
        if not self._may_go_on():
            return []
        try:
            carried = self._carry_patiently(start, end, doubtful)
        except (TooLarge, Unavailable, Incomplete, Rejected) as trouble:
            return self._split(start, end, trouble)
        self._done(start, end, carried, ended=whole)
        return [end - start]

    def _carry_patiently(self, start: int, end: int, doubtful: bool) -> Carried:
        carry = CARRIERS.get(self.run.trigger, carry_batch)
        for _ in range(BREATHS):
            try:
                return carry(self.flow, self._batch(start, end, doubtful))
            except Throttled as throttled:
                self.flow.sleep(min(throttled.retry_after, 30.0))
                doubtful = True
        return carry(self.flow, self._batch(start, end, doubtful))

    def _batch(self, start: int, end: int, doubtful: bool) -> Batch:
        # Objects and the instant of their look go together: whichever thread leaves its own, the next look makes good.
        brought = self.brought = self.brought.as_of_now(self.flow, self.run)
        return Batch(
            self.entries[start:end],
            self.run,
            doubtful,
            given=brought.objects if not doubtful or self._only_listed else {},
            left=self._sent(),
            intend=self._intend,
        )

    @property
    def _only_listed(self) -> bool:
        """Whether objects cannot be read again; else what may have been written since is looked at as it is now."""
        return not self.flow.source.can(self.flow.kind, Verb.PULL)

    def _sent(self) -> Intents:
        """Consents that may have been written, by an earlier worker or by this one."""
        with self.lock:
            return {**self.left, **self.intended}

    def _split(self, start: int, end: int, trouble: PlatformError) -> list[int]:
        if end - start == 1:
            self._suspect(start, trouble)
            return []
        middle = (start + end) // 2
        return self._carry(start, middle, doubtful=True) + self._carry(middle, end, doubtful=True)

    # --- one object that fails alone -------------------------------------------------------------------

    def _suspect(self, at: int, trouble: PlatformError) -> None:
        with self.lock:
            self.suspects[at] = trouble
            if not self.successes and len(self.suspects) >= SUSPECTS and not self._shop_is_there():
                raise Down(trouble.why, trouble.remedy)

    def _judge_suspects(self) -> None:
        """Quarantine what failed alone while others went through; where nothing did, the shop is down (B-4)."""
        if not self.suspects or not (self.successes or not self.pending):
            return
        if not self.successes and not self._shop_is_there():
            trouble = next(iter(self.suspects.values()))
            raise Down(trouble.why, trouble.remedy)
        for at in list(self.suspects):
            self._last_try(at)
            del self.suspects[at]

    def _last_try(self, at: int) -> None:
        """Once more, now that others go through: what failed may have been the shop's bad minute, not the object."""
        try:
            carried = self._carry_patiently(at, at + 1, doubtful=True)
        except (TooLarge, Unavailable, Incomplete, Rejected) as trouble:
            recorder = self._recorder(at)
            recorder.quarantine(self.entries[at].id, trouble.why)
            if not self.run.dry_run:
                recorder.write()
            self._done(at, at + 1, recorder.carried, failed=True)
        else:
            self._done(at, at + 1, carried)

    def _recorder(self, at: int) -> Recorder:
        entry = self.entries[at]
        known = self.flow.memory.ledger.read(self.flow.link, self.flow.kind, [entry.id])
        written = Written(self.flow, self.run)
        return Recorder(self.flow, self.run, known, {entry.id: entry.version}, written)

    def _shop_is_there(self) -> bool:
        try:
            self.flow.source.connector.check()
            self.flow.destination.connector.check()
        except (Unavailable, Throttled):
            return False
        return True

    # --- how far ---------------------------------------------------------------------------------------

    def _may_go_on(self) -> bool:
        """Whether this worker's run still holds the lease and nobody stopped it. Raises Fenced."""
        memory, now = self.flow.memory, self.flow.now()
        if self.beaten is None or not timedelta() <= now - self.beaten < STILL_HELD:
            if not memory.lease.beat(self.run.feed, self.run.id, self.run.fence):
                raise Fenced(f"another run of {self.run.feed} has taken over from {self.run.id}")
            self.beaten = now
        with self.lock:
            self.stopped = self.stopped or memory.runs.stopped(self.run.id)
            return not self.stopped

    def _done(
        self, start: int, end: int, carried: Carried, *, failed: bool = False, ended: bool = False
    ) -> None:
        """A range is recorded; `ended`: so is its whole batch, which is not running any more."""
        with self.lock:
            self.successes += 0 if failed else 1
            self.differences += carried.differences
            self._settle_aside(start, end, carried.aside)
            why = dict(self.progress.skipped_why)
            for reason, count in carried.skipped_why.items():
                why[reason] = why.get(reason, 0) + count
            self._save(
                replace(
                    self.progress,
                    counts=self.progress.counts + carried.counts,
                    done=merged(self.progress.done, (start, end)),
                    batches_running=self.progress.batches_running - ended,
                    batches_done=self.progress.batches_done + (0 if failed else 1),
                    batches_failed=self.progress.batches_failed + (1 if failed else 0),
                    skipped_why=why,
                )
            )

    def _settle_aside(self, start: int, end: int, found: Sequence[Raise]) -> None:
        """Keep whom the batch set aside, before it counts as done; what it intended is no longer open."""
        ids = {entry.id for entry in self.entries[start:end]}
        before = len(self.aside)
        self.aside = {id: each for id, each in self.aside.items() if id not in ids}
        self.intended = {key: each for key, each in self.intended.items() if not {key[0], each.contact} & ids}
        if found or len(self.aside) != before:
            self.aside |= {each["id"]: each for each in found}
            keep(self.flow.memory, self.run.id, self.progress.number, self.aside)

    def _save(self, progress: SliceProgress) -> None:
        self.progress = progress
        self.flow.memory.runs.put_slice(self.run.id, progress)

    def abandon(self) -> None:
        """Leave the slice to a later try: nothing of it is running any more."""
        with self.lock:
            self._save(replace(self.progress, batches_running=0))

    def finish(self) -> None:
        """All that could be done is done; a dry run's differences are kept."""
        with self.lock:
            if self.run.dry_run and not self.stopped:
                name = f"differences/{self.progress.number:05d}"
                self.flow.memory.manifests.put_document(self.run.id, name, orjson.dumps(self.differences))
            whole = not complement(self.progress.done, len(self.entries))
            self._save(replace(self.progress, batches_running=0, finished=whole))
