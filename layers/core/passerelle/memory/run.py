"""A run and its slices: how they are told, and what keeps them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from passerelle.model import Kind

SET_ASIDE = "raise_set_aside"
"""Why somebody was skipped whom the run would raise: the guard is asked first (A-12)."""


class Mode(StrEnum):
    """Which objects a run may write (B-5)."""

    ALL = "all"
    NEW = "new"
    UPDATE = "update"


class Scope(StrEnum):
    """Whether a run looks at everything selected or only at what changed since the watermark."""

    FULL = "full"
    INCREMENTAL = "incremental"


class RunStatus(StrEnum):
    """Where a run is; how it ended is its outcome."""

    PLANNING = "planning"
    CARRYING = "carrying"
    SETTLING = "settling"
    AWAITING_APPROVAL = "awaiting_approval"
    """It would raise more people than the link's guard lets through; a person decides (A-12)."""
    FINISHED = "finished"


class RunOutcome(StrEnum):
    """How a run ended."""

    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    TRUNCATED = "truncated"
    CANCELLED = "cancelled"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Nothing was tried: another run of the feed was under way, or its first full sync has yet to be asked for."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many objects ended how. `failed` holds quarantined and refused ones; each has an incident."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.skipped + other.skipped,
            self.failed + other.failed,
        )

    @property
    def tuple(self) -> tuple[int, int, int, int, int]:
        """The five figures in order."""
        return (self.created, self.updated, self.unchanged, self.skipped, self.failed)

    @property
    def settled(self) -> int:
        """Objects that ended well: the sum that must equal what was expected (B-12)."""
        return self.created + self.updated + self.unchanged + self.skipped


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a feed."""

    id: str
    tenant: str
    link: str
    feed: str
    kind: Kind
    mode: Mode = Mode.ALL
    scope: Scope = Scope.FULL
    trigger: str = "manual"
    """manual, schedule, sync_all, resume, undo."""
    dry_run: bool = False
    status: RunStatus = RunStatus.PLANNING
    outcome: RunOutcome | None = None
    parent: str = ""
    """The sync-all this run belongs to."""
    batch_size: int = 100
    fence: int = 0
    expected: int = 0
    slices: int = 0
    batches: int = 0
    audience: int = 0
    """Customers: how many contacts the audience held when the run was planned; what the guard is measured by."""
    raises: int = 0
    """People set aside because the run would raise them to subscribed."""
    first_slices: int = 0
    """Slices of the first round, once the second has begun: the one that carries whom the first set aside."""
    discarded: bool = False
    """Somebody decided that whom it set aside stays as they are."""
    counts: Counts = field(default_factory=Counts)
    cancelled: bool = False
    halted: str = ""
    """Why no more batches are begun, where something (refused credentials) makes them pointless."""
    cursor: str = ""
    """Where the plan (or, for a truncated run, the next run) goes on."""
    why: str = ""
    """What went wrong, for a person."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """The selection in force: period, statuses, since (ISO instants)."""
    watermark: datetime | None = None
    """Captured before the first read; becomes the feed's when the run is durably handled."""
    started_at: datetime | None = None
    progress_at: datetime | None = None
    finished_at: datetime | None = None

    def counted(self, slices: Iterable["SliceProgress"]) -> Counts:
        """What its slices say: whom the first round set aside counts as what the second makes of them."""
        total = sum((each.counts for each in slices), Counts())
        return replace(total, skipped=total.skipped - (self.raises if self.first_slices else 0))

    def reasons(self, slices: Iterable["SliceProgress"]) -> dict[str, int]:
        """Why objects were skipped, and how many: whom the first round set aside is no longer, once carried."""
        why: dict[str, int] = {}
        for each in slices:
            for reason, times in each.skipped_why.items():
                why[reason] = why.get(reason, 0) + times
        if self.first_slices:
            why.pop(SET_ASIDE, None)
        if self.discarded and SET_ASIDE in why:
            why["discarded"] = why.pop(SET_ASIDE)
        return why

    def but(self, **changes: object) -> "Run":
        """The same run with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # dataclasses.replace is not typed by field


@dataclass(frozen=True, slots=True)
class SliceProgress:
    """How far one slice is: rewritten after each batch, so a repeated batch counts once."""

    number: int
    size: int
    counts: Counts = field(default_factory=Counts)
    batches_done: int = 0
    batches_failed: int = 0
    batches_running: int = 0
    batches_total: int = 0
    done: tuple[tuple[int, int], ...] = ()
    """Ranges [start, end) of the slice whose batches are recorded."""
    begun: int = 0
    """Objects from the slice's start that may have been sent: those below it and not done are in doubt."""
    finished: bool = False
    skipped_why: Mapping[str, int] = field(default_factory=dict)
    """Reason → how many objects were skipped for it."""


class Runs(Protocol):
    """Runs and their slices."""

    def get(self, run: str) -> Run:
        """The run, read consistently. Raises KeyError."""

    def save(self, run: Run) -> None:
        """Write the run whole, and that it moved; `cancelled` and `halted` are written by `cancel` and `halt` only."""

    def start(self, run: Run) -> Run:
        """Take the feed's lease and write the run, in one step.

        Answers the run with its fence, or the run (another id) that holds the lease.
        """

    def take_up(self, run: Run) -> Run:
        """Take the feed's lease for a run that awaits approval, and keep it as given.

        Answers the run that holds the feed: this one with its fence, or another. Raises KeyError where it does not
        wait any more.
        """

    def latest(self, feed: str) -> Run | None:
        """The newest run of a feed."""

    def cancel(self, run: str) -> None:
        """Ask for no more batches."""

    def halt(self, run: str, why: str) -> None:
        """Ask for no more batches because going on is pointless; `why` becomes the run's."""

    def stopped(self, run: str) -> bool:
        """Whether someone cancelled or halted it, read consistently."""

    def put_slice(self, run: str, progress: SliceProgress) -> None:
        """Write how far a slice is, and that the run moved."""

    def get_slice(self, run: str, number: int) -> SliceProgress | None:
        """How far a slice is; None before its first batch."""

    def slices(self, run: str) -> list[SliceProgress]:
        """Every slice that was begun, by number."""
