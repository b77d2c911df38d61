"""What the river asks of its memory. The store fulfils it over DynamoDB and S3; tests fulfil it in ten lines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from passerelle.memory.consent import TO_AUDIENCE, TO_STORE, ConsentEntry, Consents
from passerelle.memory.run import Counts, Mode, Run, RunOutcome, Runs, RunStatus, Scope, SliceProgress
from passerelle.model import Kind, Severity
from passerelle.port import Indexed

__all__ = [
    "TO_AUDIENCE",
    "TO_STORE",
    "Act",
    "Activities",
    "Backfills",
    "ConsentEntry",
    "Consents",
    "Counts",
    "Dirty",
    "Entry",
    "EntryState",
    "Feed",
    "Feeds",
    "FollowQueue",
    "Incident",
    "Incidents",
    "Lease",
    "Ledger",
    "Manifests",
    "Marks",
    "Mode",
    "Run",
    "RunOutcome",
    "RunStatus",
    "Runs",
    "Scope",
    "Seats",
    "SliceProgress",
]


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
    """Customers only: the consent that both sides last agreed on, as the text of rules.situation.Agreed."""
    missing_since: str = ""
    """The full run that first did not find it."""
    at: datetime | None = None
    parts: tuple[str, ...] = ()
    """Products over a catalogue link only: the variants that have a counterpart, by the source's ids."""


class Ledger(Protocol):
    """Per link and kind: what maps a source object to a destination object."""

    def read(self, link: str, kind: Kind, ids: Sequence[str]) -> dict[str, Entry]:
        """The entries of these source ids; ids never seen are absent."""

    def record(self, link: str, kind: Kind, entries: Sequence[Entry]) -> None:
        """Write these entries whole, replacing what was there."""

    def scan(self, link: str, kind: Kind, after: str = "") -> Iterator[Entry]:
        """Every entry, streamed in an order of its own; those behind the id `after` only, where one is given."""


class Manifests(Protocol):
    """The plan of a run in S3."""

    def put_slice(self, run: str, number: int, entries: Sequence[Indexed]) -> None:
        """Write the ids and versions of a slice."""

    def get_slice(self, run: str, number: int) -> list[Indexed]:
        """Read them."""

    def finish(self, run: str, numbers: Iterable[int]) -> str:
        """Write the JSONL that the Map reads, one line a slice; answer its key."""

    def put_document(self, run: str, name: str, body: bytes) -> None:
        """Keep a large answer of the run (a census of the audience, differences of a dry run)."""

    def put_brought(self, run: str, number: int, body: bytes) -> None:
        """Keep the whole objects of a slice, for a day or two."""

    def get_brought(self, run: str, number: int) -> bytes | None:
        """Read them, None where there are none, or none any more."""

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
    """created, updated, status_written, consent_written, skipped, refused, counterpart_deleted."""
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


class Seats(Protocol):
    """How many products a store's plan holds, and how many are taken (C-13)."""

    def take(self, store: str, wanted: int, limit: int) -> int:
        """Take up to so many; answers how many were to be had."""

    def recount(self, store: str, taken: int) -> None:
        """What a count of the ledgers found: seats that a dead worker took come free."""


class Backfills(Protocol):
    """Which runs of a link are writing past data now."""

    def begin(self, link: str, run: str) -> bool:
        """Add the run; True if it is the first."""

    def end(self, link: str, run: str) -> bool:
        """Take it away; True if none is left (also if it was not there)."""
