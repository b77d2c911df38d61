"""What the river asks of its memory. The store fulfils it over DynamoDB and S3; tests fulfil it in ten lines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from passerelle.model import Kind, Severity
from passerelle.port import Indexed


class EntryState(StrEnum):
    """Where an object stands in the ledger."""

    CLAIMED = "claimed"
    """A create was about to be sent; whether it arrived is not known."""
    MAPPED = "mapped"
    SKIPPED = "skipped"
    REFUSED = "refused"
    GONE = "gone"
    """Disappeared at the source, confirmed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: a source object, where it went, and the hash of what was last written."""

    source_id: str
    state: EntryState
    destination_id: str = ""
    hash: str = ""
    version: str = ""
    run: str = ""
    result: str = ""
    reason: str = ""
    consent: str = ""
    """Customers only: the consent state both sides last agreed on, with its instant: `subscribed@2026-01-01T00:00:00+00:00`."""
    missing_since: str = ""
    """The full run that first did not find it."""
    at: datetime | None = None


class Ledger(Protocol):
    """Per link and kind: what maps a source object to a destination object."""

    def read(self, link: str, kind: Kind, ids: Sequence[str]) -> dict[str, Entry]:
        """The entries of these source ids; ids never seen are absent."""

    def record(self, link: str, kind: Kind, entries: Sequence[Entry]) -> None:
        """Write these entries whole, replacing what was there."""

    def scan(self, link: str, kind: Kind) -> Iterator[Entry]:
        """Every entry, streamed in no particular order."""


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
    """manual, schedule, sync_all, resume."""
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
        """Write the run whole, except `cancelled` and `halted`, which only `cancel` and `halt` write; touches
        `progress_at`.
        """

    def start(self, run: Run) -> Run:
        """Take the feed's lease and write the run, in one step; answers the run with its fence, or the run (another id)
        that holds the lease.
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


class Manifests(Protocol):
    """The plan of a run in S3."""

    def put_slice(self, run: str, number: int, entries: Sequence[Indexed]) -> None:
        """Write the ids and versions of a slice."""

    def get_slice(self, run: str, number: int) -> list[Indexed]:
        """Read them."""

    def finish(self, run: str, sizes: Iterable[int]) -> str:
        """Write the JSONL that the Map reads, one line a slice; answer its key."""

    def put_document(self, run: str, name: str, body: bytes) -> None:
        """Keep a large answer of the run (a census of the audience, differences of a dry run)."""

    def get_document(self, run: str, name: str) -> bytes | None:
        """Read it; None if there is none."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One flow over a link, with its schedule."""

    id: str
    tenant: str
    link: str
    kind: Kind
    enabled: bool = True
    schedule: str = ""
    """rate(…) or cron(…); empty: only by hand."""
    timezone: str = "UTC"
    batch_size: int = 100
    ceiling: int = 0
    """The largest batch the shop stood; 0 while none has failed."""
    clean_batches: int = 0
    settings: Mapping[str, object] = field(default_factory=dict)
    """Orders: period and statuses."""
    watermark: datetime | None = None
    first_full_at: datetime | None = None
    """When the first full sync of this kind completed: live events are carried from then on (B-1)."""
    full_at: datetime | None = None
    """When the last full pass ended: what platforms do not date or tell is found by the next one."""


class Feeds(Protocol):
    """Feeds as the river sees them."""

    def get(self, feed: str) -> Feed:
        """Raises KeyError."""

    def lower_ceiling(self, feed: str, ceiling: int) -> None:
        """Remember a size that worked; never raises the remembered one."""

    def raise_ceiling(self, feed: str, ceiling: int, clean_batches: int) -> None:
        """Remember that batches were clean, and a larger size (0: no ceiling any more)."""

    def settle(self, feed: str, *, watermark: datetime | None, full_at: datetime | None) -> None:
        """Move the watermark (never back); remember the end of a full pass, and of the first (once)."""


class Lease(Protocol):
    """One run at a time per (link, feed), with a fencing token; it ends without heartbeat (G-6)."""

    def holder(self, feed: str) -> str | None:
        """The id of the run that holds it, or None."""

    def acquire(self, feed: str, run: str) -> int | None:
        """The fencing token, larger than every earlier one; None if another run holds it."""

    def beat(self, feed: str, run: str, fence: int) -> bool:
        """Go on holding it; False if the token is no longer the newest."""

    def release(self, feed: str, run: str, fence: int) -> None:
        """Let go; nothing happens if it is held by another."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something a person may need to know. One cause is one incident with a count: `cause` is its key."""

    cause: str
    """Stable words, such as `lnk_1:products:unreadable:42`."""
    severity: Severity
    title: str
    remedy: str
    link: str = ""
    kind: Kind | None = None
    object_id: str = ""
    run: str = ""


class Incidents(Protocol):
    """Where incidents go."""

    def open(self, incidents: Sequence[Incident]) -> None:
        """Open them, or count them again where their cause is already open."""

    def resolve(self, causes: Sequence[str]) -> None:
        """Close those whose cause is gone."""


@dataclass(frozen=True, slots=True)
class Act:
    """One line of an object's activity (A-25)."""

    kind: Kind
    object_id: str
    link: str
    direction: str
    """to_destination, to_source."""
    action: str
    """created, updated, status_written, consent_written, skipped, refused."""
    field: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""
    run: str = ""


class Activities(Protocol):
    """Where activity goes."""

    def record(self, acts: Sequence[Act]) -> None:
        """Append them."""


class Marks(Protocol):
    """The dirty flag of a live object, and the ids held while a feed cannot carry them."""

    def mark(self, feed: str, object_id: str) -> int:
        """Mark it dirty; answers the mark, larger than every earlier one of this object."""

    def current(self, feed: str, object_id: str) -> tuple[int, int]:
        """(latest mark, highest mark that a finished read covered), read consistently."""

    def covered(self, feed: str, object_id: str, mark: int) -> None:
        """A read begun after `mark` has been carried."""

    def hold(self, feed: str, object_id: str) -> None:
        """Keep the id until the feed can carry it."""

    def held(self, feed: str) -> Iterator[str]:
        """The ids kept."""

    def release(self, feed: str, ids: Sequence[str]) -> None:
        """Forget them."""


@dataclass(frozen=True, slots=True)
class Dirty:
    """A message to Follow: this object changed. `force` writes it even if the ledger knows the same content."""

    tenant: str
    feed: str
    object_id: str
    mark: int
    force: bool = False
    deleted: bool = False


class FollowQueue(Protocol):
    """The queue before Follow, in order per object."""

    def send(self, messages: Sequence[Dirty]) -> None:
        """Enqueue durably. Raises if any could not be."""


class Backfills(Protocol):
    """Which runs of a link are writing past data now."""

    def begin(self, link: str, run: str) -> bool:
        """Add the run; True if it is the first."""

    def end(self, link: str, run: str) -> bool:
        """Take it away; True if none is left (also if it was not there)."""
