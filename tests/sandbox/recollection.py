"""A memory of plain dictionaries: what the river asks of its memory, without AWS, for plays of thousands of acts."""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from passerelle.memory import Act, ConsentEntry, Dirty, Entry, Feed, Incident, Run, RunStatus, SliceProgress
from passerelle.model import Kind
from passerelle.port import Indexed
from passerelle.rules.redaction import Redacted
from passerelle.rules.selection import moved
from passerelle.sync.flow import Memory


class Ledger:
    """Entries by link, kind and id."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, Kind], dict[str, Entry]] = defaultdict(dict)

    def read(self, link: str, kind: Kind, ids: Sequence[str]) -> dict[str, Entry]:
        """See memory.Ledger."""
        held = self._entries[link, kind]
        return {id: held[id] for id in ids if id in held}

    def record(self, link: str, kind: Kind, entries: Sequence[Entry]) -> None:
        """See memory.Ledger."""
        self._entries[link, kind].update({entry.source_id: entry for entry in entries})

    def scan(self, link: str, kind: Kind, after: str = "") -> Iterator[Entry]:
        """See memory.Ledger."""
        held = self._entries[link, kind]
        yield from [held[id] for id in sorted(held) if id > after]


@dataclass(slots=True)
class Leases:
    """Who holds a feed, and its last fence; no lease ends by itself here."""

    held: dict[str, str] = field(default_factory=dict)
    fences: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def holder(self, feed: str) -> str | None:
        """See memory.Lease."""
        return self.held.get(feed)

    def acquire(self, feed: str, run: str) -> int | None:
        """See memory.Lease."""
        if self.held.setdefault(feed, run) != run:
            return None
        self.fences[feed] += 1
        return self.fences[feed]

    def beat(self, feed: str, run: str, fence: int) -> bool:
        """See memory.Lease."""
        return self.held.get(feed) == run and self.fences[feed] == fence

    def release(self, feed: str, run: str, fence: int) -> None:
        """See memory.Lease."""
        if self.beat(feed, run, fence):
            del self.held[feed]


class Runs:
    """Runs and their slices."""

    def __init__(self, leases: Leases, clock: Callable[[], datetime]) -> None:
        self._leases, self._clock = leases, clock
        self._runs: dict[str, Run] = {}
        self._slices: dict[str, dict[int, SliceProgress]] = defaultdict(dict)

    def get(self, run: str) -> Run:
        """See memory.Runs."""
        return self._runs[run]

    def save(self, run: Run) -> None:
        """See memory.Runs."""
        told = self._runs.get(run.id, run)
        self._runs[run.id] = replace(
            run, cancelled=told.cancelled, halted=told.halted, progress_at=self._clock()
        )

    def start(self, run: Run) -> Run:
        """See memory.Runs."""
        fence = self._leases.acquire(run.feed, run.id)
        if fence is None:
            return self.get(self._leases.held[run.feed])
        self._runs[run.id] = replace(run, fence=fence)
        return self._runs[run.id]

    def take_up(self, run: Run) -> Run:
        """See memory.Runs."""
        if self.get(run.id).status is not RunStatus.AWAITING_APPROVAL:
            raise KeyError(run.id)
        return self.start(run)

    def latest(self, feed: str) -> Run | None:
        """See memory.Runs."""
        return next((run for run in reversed(self._runs.values()) if run.feed == feed), None)

    def cancel(self, run: str) -> None:
        """See memory.Runs."""
        self._runs[run] = replace(self._runs[run], cancelled=True)

    def halt(self, run: str, why: str) -> None:
        """See memory.Runs."""
        self._runs[run] = replace(self._runs[run], halted=why, why=why)

    def stopped(self, run: str) -> bool:
        """See memory.Runs."""
        return self._runs[run].cancelled or bool(self._runs[run].halted)

    def put_slice(self, run: str, progress: SliceProgress) -> None:
        """See memory.Runs."""
        self._slices[run][progress.number] = progress

    def get_slice(self, run: str, number: int) -> SliceProgress | None:
        """See memory.Runs."""
        return self._slices[run].get(number)

    def slices(self, run: str) -> list[SliceProgress]:
        """See memory.Runs."""
        return [self._slices[run][number] for number in sorted(self._slices[run])]


class Manifests:
    """Slices and documents of runs."""

    def __init__(self) -> None:
        self._slices: dict[tuple[str, int], list[Indexed]] = {}
        self._documents: dict[tuple[str, str], bytes] = {}
        self.lines: dict[str, list[int]] = {}
        """What the Map reads, by the key of the manifest."""

    def put_slice(self, run: str, number: int, entries: Sequence[Indexed]) -> None:
        """See memory.Manifests."""
        self._slices[run, number] = list(entries)

    def get_slice(self, run: str, number: int) -> list[Indexed]:
        """See memory.Manifests."""
        return self._slices[run, number]

    def finish(self, run: str, numbers: Iterable[int]) -> str:
        """See memory.Manifests."""
        self.lines[run] = list(numbers)
        return run

    def put_document(self, run: str, name: str, body: bytes) -> None:
        """See memory.Manifests."""
        self._documents[run, name] = body

    def get_document(self, run: str, name: str) -> bytes | None:
        """See memory.Manifests."""
        return self._documents.get((run, name))

    def put_brought(self, run: str, number: int, body: bytes) -> None:
        """See memory.Manifests."""
        self.put_document(run, f"brought/{number}", body)

    def get_brought(self, run: str, number: int) -> bytes | None:
        """See memory.Manifests."""
        return self.get_document(run, f"brought/{number}")


class Feeds:
    """Feeds by id."""

    def __init__(self) -> None:
        self.held: dict[str, Feed] = {}

    def get(self, feed: str) -> Feed:
        """See memory.Feeds."""
        return self.held[feed]

    def lower_ceiling(self, feed: str, ceiling: int) -> None:
        """See memory.Feeds."""
        self.held[feed] = replace(self.held[feed], ceiling=ceiling, clean_batches=0)

    def raise_ceiling(self, feed: str, ceiling: int, clean_batches: int) -> None:
        """See memory.Feeds."""
        self.held[feed] = replace(self.held[feed], ceiling=ceiling, clean_batches=clean_batches)

    def settle(self, feed: str, *, watermark: datetime | None, full_at: datetime | None) -> None:
        """See memory.Feeds."""
        held = self.held[feed]
        self.held[feed] = replace(
            held,
            watermark=moved(held.watermark, watermark),
            full_at=moved(held.full_at, full_at),
            first_full_at=held.first_full_at or full_at,
        )


class Marks:
    """Dirty flags, and the ids held."""

    def __init__(self) -> None:
        self._marks: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
        self._held: dict[str, dict[str, None]] = defaultdict(dict)

    def mark(self, feed: str, object_id: str) -> int:
        """See memory.Marks."""
        latest, covered = self._marks[feed, object_id]
        self._marks[feed, object_id] = (latest + 1, covered)
        return latest + 1

    def current(self, feed: str, object_id: str) -> tuple[int, int]:
        """See memory.Marks."""
        return self._marks[feed, object_id]

    def covered(self, feed: str, object_id: str, mark: int) -> None:
        """See memory.Marks."""
        latest, covered = self._marks[feed, object_id]
        self._marks[feed, object_id] = (latest, max(covered, mark))

    def hold(self, feed: str, object_id: str) -> None:
        """See memory.Marks."""
        self._held[feed][object_id] = None

    def held(self, feed: str) -> Iterator[str]:
        """See memory.Marks."""
        return iter(list(self._held[feed]))

    def release(self, feed: str, ids: Sequence[str]) -> None:
        """See memory.Marks."""
        for id in ids:
            self._held[feed].pop(id, None)


@dataclass(slots=True)
class Told:
    """What is written down and read by nobody here but a test: incidents, activity, consents, messages."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    consents: list[ConsentEntry] = field(default_factory=list)
    messages: deque[Dirty] = field(default_factory=deque)
    backfills: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def open(self, incidents: Sequence[Incident]) -> None:
        """See memory.Incidents."""
        self.incidents.update({incident.cause: incident for incident in incidents})

    def resolve(self, causes: Sequence[str]) -> None:
        """See memory.Incidents."""
        for cause in causes:
            self.incidents.pop(cause, None)

    def send(self, messages: Sequence[Dirty]) -> None:
        """See memory.FollowQueue; a message crosses as text."""
        self.messages += [Dirty(**json.loads(json.dumps(_plain(message)))) for message in messages]

    def begin(self, link: str, run: str) -> bool:
        """See memory.Backfills."""
        self.backfills[link].add(run)
        return len(self.backfills[link]) == 1

    def end(self, link: str, run: str) -> bool:
        """See memory.Backfills."""
        self.backfills[link].discard(run)
        return not self.backfills[link]

    def of(self, store: str) -> Redacted:
        """See memory.privacy.Redactions: nobody is."""
        del store
        return Redacted()


def _plain(message: Dirty) -> dict[str, object]:
    return {name: getattr(message, name) for name in Dirty.__dataclass_fields__}


class _Appended[T]:
    """A list that is only appended to."""

    def __init__(self, into: list[T]) -> None:
        self._into = into

    def record(self, lines: Sequence[T]) -> None:
        """Append them."""
        self._into += lines


class _Consents(_Appended[ConsentEntry]):
    """The consents written, and those that live events are about to write."""

    def __init__(self, into: list[ConsentEntry]) -> None:
        super().__init__(into)
        self._open: dict[tuple[str, str], list[ConsentEntry]] = {}

    def intend(self, feed: str, object_id: str, entries: Sequence[ConsentEntry]) -> None:
        """See memory.Consents."""
        self._open[feed, object_id] = list(entries)

    def intended(self, feed: str, object_id: str) -> list[ConsentEntry]:
        """See memory.Consents."""
        return self._open.get((feed, object_id), [])

    def close(self, feed: str, object_id: str) -> None:
        """See memory.Consents."""
        self._open.pop((feed, object_id), None)

    def of_run(self, run: str) -> list[ConsentEntry]:
        """See memory.Consents."""
        return [entry for entry in self._into if entry.run == run]

    def of_customers(self, run: str, customers: Sequence[str]) -> list[ConsentEntry]:
        """See memory.Consents."""
        return [entry for entry in self.of_run(run) if entry.customer in customers]


class Seats:
    """See memory.Seats."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = defaultdict(int)

    def take(self, store: str, wanted: int, limit: int) -> int:
        """See memory.Seats."""
        granted = max(0, min(wanted, limit - self._taken[store]))
        self._taken[store] += granted
        return granted

    def recount(self, store: str, taken: int) -> None:
        """See memory.Seats."""
        self._taken[store] = taken


def recollection(clock: Callable[[], datetime], told: Told) -> Memory:
    """A memory that holds nothing yet; `told` keeps what only a test reads."""
    leases = Leases()
    return Memory(
        ledger=Ledger(),
        runs=Runs(leases, clock),
        manifests=Manifests(),
        feeds=Feeds(),
        lease=leases,
        incidents=told,
        activities=_Appended(told.acts),
        marks=Marks(),
        queue=told,
        backfills=told,
        consents=_Consents(told.consents),
        redactions=told,
        seats=Seats(),
    )
