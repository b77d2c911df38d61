"""Runs of one tenant and their slices: started together with the lease, listed newest first, kept 90 days."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from passerelle.memory import Run, RunOutcome, RunStatus, SliceProgress
from passerelle.store.leases import Leases
from passerelle.store.table import Action, ConditionFailed, Key, Page
from passerelle.store.tenancy import RUNNING, Tenancy
from passerelle.store.wire import decode_item, instant, plain, record

DAYS = 90
"""How long a run is remembered (G-8)."""
type Slices = list[SliceProgress]
_AT_REST = frozenset({RunStatus.FINISHED, RunStatus.AWAITING_APPROVAL})
"""Nobody works on it: it is not among the runs that are watched."""
_TOLD = frozenset({"cancelled", "halted"})
"""Fields that only `cancel` and `halt` write."""
MOVED = timedelta(seconds=5)
"""A run is told that it moved no more often than this: whoever watches it counts in minutes."""
_STARTS = 5
_PAGES = 10
"""How many pages a filtered list reads before it answers what it has."""


class Runs:
    """A run is the item `RUN` of its own partition, its slices `S#00001`…; lists hold only ids."""

    def __init__(self, tenancy: Tenancy, leases: Leases) -> None:
        self._at = tenancy
        self._leases = leases
        self._moved: dict[str, datetime] = {}

    def start(self, run: Run) -> Run:
        """Take the feed's lease and keep the run, both or neither; answers the run that holds the lease.

        That is the run given (with its fence), or another, or this one as it is if it was started already.
        """
        if run.tenant != self._at.tenant:
            raise KeyError(run.tenant)
        for _ in range(_STARTS):
            known = self._at.table.get(*self._key(run.id))
            if known:
                return record(Run, known)
            lease = self._leases.held(run.feed)
            if lease.run and lease.run != run.id:
                return self.get(lease.run)
            now = self._at.clock()
            started = replace(run, fence=lease.fence + 1, started_at=run.started_at or now, progress_at=now)
            try:
                lock = self._leases.acquiring(run.feed, run.id, lease.fence)
                self._at.table.transact([lock, *self._keeping(started)])
            except ConditionFailed:
                continue
            return started
        raise ConditionFailed(f"the feed {run.feed} is being started and let go again and again")

    def get(self, run: str) -> Run:
        """The run, read consistently. Raises KeyError."""
        item = self._at.table.get(*self._key(run))
        if item is None:
            raise KeyError(run)
        return record(Run, item)

    def save(self, run: Run) -> None:
        """Write the run whole, except `cancelled` and `halted`, and that it moved; keep it if it is new.

        Raises ConditionFailed where a newer holder of the lease wrote it (G-6).
        """
        run = replace(run, progress_at=self._at.clock(), started_at=run.started_at or self._at.clock())
        key, condition = self._key(run.id), "attribute_exists(#pk) AND #fence <= :fence"
        expression, values = _whole(run)
        table = self._at.table
        try:
            if run.status in _AT_REST:
                update = table.updating(key, expression, values, condition)
                table.transact([update, table.deleting(self._running(run.id))])
            else:
                table.update(key, expression, values, condition)
        except ConditionFailed:
            if table.get(*key):
                raise
            table.transact(self._keeping(run))

    def cancel(self, run: str) -> None:
        """Ask for no more batches; twice changes nothing. Raises KeyError."""
        self._tell(run, cancelled=True)

    def halt(self, run: str, why: str) -> None:
        """Ask for no more batches because going on is pointless; `why` becomes the run's. Raises KeyError."""
        self._tell(run, halted=why, why=why)

    def stopped(self, run: str) -> bool:
        """Whether someone cancelled or halted it, read consistently. Raises KeyError."""
        found = self.get(run)
        return found.cancelled or bool(found.halted)

    def take_up(self, run: Run) -> Run:
        """Take the feed's lease for a run that awaits approval and keep it as given, both or neither.

        Answers the run that holds the feed: this one with its new fence, or another. Raises KeyError where the run
        does not wait any more.
        """
        for _ in range(_STARTS):
            if self.get(run.id).status is not RunStatus.AWAITING_APPROVAL:
                raise KeyError(run.id)
            lease = self._leases.held(run.feed)
            if lease.run and lease.run != run.id:
                return self.get(lease.run)
            taken = replace(run, fence=lease.fence + 1, progress_at=self._at.clock())
            try:
                self._at.table.transact(self._taking_up(taken, lease.fence))
            except ConditionFailed:
                continue
            return taken
        raise ConditionFailed(f"the feed {run.feed} is being started and let go again and again")

    def _taking_up(self, run: Run, last: int) -> Sequence[Action]:
        expression, values = _whole(run)
        waiting = values | {"waiting": RunStatus.AWAITING_APPROVAL}
        pk, sk = self._running(run.id)
        return [
            self._leases.acquiring(run.feed, run.id, last),
            self._at.table.updating(self._key(run.id), expression, waiting, "#status = :waiting"),
            self._at.table.putting({"pk": pk, "sk": sk, "tenant": self._at.tenant, "run": run.id}),
        ]

    def latest(self, feed: str) -> Run | None:
        """The newest run of a feed."""
        return next(iter(self.list(feed=feed, limit=1).items), None)

    def list(
        self,
        *,
        feed: str = "",
        parent: str = "",
        status: RunStatus | None = None,
        outcome: RunOutcome | None = None,
        limit: int = 25,
        cursor: str | None = None,
    ) -> Page[Run]:
        """Runs newest first: all, a feed's, a sync-all's. A filtered page may be short and have a cursor."""
        pk = self._listed(feed=feed, parent=parent)

        def wanted(run: Run) -> bool:
            return (status is None or run.status is status) and (outcome is None or run.outcome is outcome)

        found: list[Run] = []
        for _ in range(_PAGES):
            page = self._at.table.query(pk, limit=limit - len(found), cursor=cursor, newest_first=True)
            found += filter(wanted, self._read([item["run"] for item in page.items]))
            cursor = page.cursor
            if cursor is None or len(found) >= limit:
                break
        return Page(tuple(found), cursor)

    def put_slice(self, run: str, progress: SliceProgress) -> None:
        """Write how far a slice is, and now and then that the run moved. Raises KeyError for a run never kept."""
        now = self._at.clock()
        if run not in self._moved or not timedelta() <= now - self._moved[run] < MOVED:
            self._tell(run, progress_at=now)
            self._moved[run] = now
        pk, _ = self._key(run)
        item = {"pk": pk, "sk": _slice(progress.number), "ttl": self._at.expiry(DAYS)}
        self._at.table.put(item | plain(progress))

    def get_slice(self, run: str, number: int) -> SliceProgress | None:
        """How far a slice is; None before its first batch."""
        pk, _ = self._key(run)
        item = self._at.table.get(pk, _slice(number))
        return record(SliceProgress, item) if item else None

    def slices(self, run: str) -> Slices:
        """Every slice that was begun, by number."""
        pk, _ = self._key(run)
        return [record(SliceProgress, item) for item in self._at.table.stream(pk, "S#")]

    def _read(self, runs: Sequence[str]) -> Sequence[Run]:
        """These runs in this order; those that have expired are left out."""
        found = {
            item["id"]: item for item in map(decode_item, self._at.table.batch_get(map(self._key, runs)))
        }
        return [record(Run, found[run]) for run in runs if run in found]

    def _tell(self, run: str, **changes: object) -> None:
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in changes)
        try:
            self._at.table.update(self._key(run), expression, changes, "attribute_exists(#pk)")
        except ConditionFailed:
            raise KeyError(run) from None

    def _keeping(self, run: Run) -> Sequence[Action]:
        """Write a new run, with the lists it is in."""
        put = self._at.table.putting
        (pk, sk), (running_pk, running_sk) = self._key(run.id), self._running(run.id)
        expires: dict[str, object] = {"ttl": self._at.expiry(DAYS)}
        line = {"sk": f"{instant(run.started_at or self._at.clock())}#{run.id}", "run": run.id} | expires
        lists = [self._listed(), self._listed(feed=run.feed)]
        if run.parent:
            lists.append(self._listed(parent=run.parent))
        actions = [put({"pk": pk, "sk": sk} | expires | plain(run), "attribute_not_exists(#pk)")]
        actions += [put({"pk": each} | line) for each in lists]
        if run.status is not RunStatus.FINISHED:
            actions.append(
                put({"pk": running_pk, "sk": running_sk, "tenant": self._at.tenant, "run": run.id})
            )
        return actions

    def _listed(self, *, feed: str = "", parent: str = "") -> str:
        if feed:
            return self._at.pk("RUNS", "FEED", feed)
        return self._at.pk("RUNS", "PARENT", parent) if parent else self._at.pk("RUNS")

    def _key(self, run: str) -> Key:
        return (self._at.pk("RUN", run), "RUN")

    def _running(self, run: str) -> Key:
        return (RUNNING, f"{self._at.tenant}#{run}")


def _slice(number: int) -> str:
    return f"S#{number:05d}"


def _whole(run: Run) -> tuple[str, dict[str, object]]:
    """The expression, and its values, that write every field but those told by others."""
    values = {name: value for name, value in plain(run).items() if name not in _TOLD}
    absent = [name for name in Run.__dataclass_fields__ if name not in values and name not in _TOLD]
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
    if absent:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in absent)
    return expression, values
