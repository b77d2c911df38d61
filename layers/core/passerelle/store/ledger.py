"""The ledger over DynamoDB: per link and kind, one short item a source object, spread over 16 partitions.

An item has three attributes, because the client's cost grows with their number: `pk`, `sk` (the source id)
and `e`, the rest of the entry as one JSON list in the order of `_FIELDS`, cut after its last filled field.
Mappings never expire (G-8).
"""

import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime

import orjson

from passerelle.memory import Entry, EntryState
from passerelle.model import Kind
from passerelle.store.table import Table
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import WireItem

BUCKETS = 16
"""Partitions of one link and kind; a constant, since a change would lose what is written."""
AHEAD = 4
"""Partitions read at the same time by a scan."""
_STATES = {
    EntryState.CLAIMED: "c",
    EntryState.MAPPED: "m",
    EntryState.SKIPPED: "s",
    EntryState.REFUSED: "r",
    EntryState.GONE: "g",
}
_WORDS = {letter: state for state, letter in _STATES.items()}
_FIELDS = (
    "state",
    "destination_id",
    "hash",
    "version",
    "run",
    "result",
    "reason",
    "consent",
    "at",
    "missing_since",
)


def bucket(source_id: str) -> int:
    """The partition of a source id: CRC-32 of its UTF-8 bytes, modulo 16."""
    return zlib.crc32(source_id.encode()) % BUCKETS


def pack(entry: Entry) -> str:
    """An entry without its source id, as text."""
    at = entry.at.timestamp() if entry.at else ""
    values: list[object] = [
        _STATES[entry.state],
        entry.destination_id,
        entry.hash,
        entry.version,
        entry.run,
        entry.result,
        entry.reason,
        entry.consent,
        at,
        entry.missing_since,
    ]
    while values[-1] == "":
        values.pop()
    return orjson.dumps(values).decode()


def unpack(source_id: str, text: str) -> Entry:
    """The entry that `pack` wrote."""
    values = orjson.loads(text)
    values += [""] * (len(_FIELDS) - len(values))
    letter, destination_id, hash_, version, run, result, reason, consent, at, missing_since = values
    return Entry(
        source_id=source_id,
        state=_WORDS[letter],
        destination_id=destination_id,
        hash=hash_,
        version=version,
        run=run,
        result=result,
        reason=reason,
        consent=consent,
        missing_since=missing_since,
        at=_instant(at),
    )


def _instant(seconds: float | str) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, float | int) else None


class DynamoLedger:
    """The ledger of one tenant."""

    def __init__(self, tenancy: Tenancy, table: Table) -> None:
        self._tenancy = tenancy
        self._table = table

    def read(self, link: str, kind: Kind, ids: Sequence[str]) -> dict[str, Entry]:
        """The entries of these source ids, read consistently; ids never seen are absent."""
        partitions = self._partitions(link, kind)
        keys = [(partitions[bucket(each)], each) for each in ids]
        return {entry.source_id: entry for entry in map(_entry, self._table.batch_get(keys, "#sk, #e"))}

    def record(self, link: str, kind: Kind, entries: Sequence[Entry]) -> None:
        """Write these entries whole, replacing what was there; nothing to record makes no call (B-8)."""
        if not entries:
            return
        partitions = self._partitions(link, kind)
        self._table.batch_write(
            {
                "pk": {"S": partitions[bucket(entry.source_id)]},
                "sk": {"S": entry.source_id},
                "e": {"S": pack(entry)},
            }
            for entry in entries
        )

    def scan(self, link: str, kind: Kind) -> Iterator[Entry]:
        """Every entry, streamed in no particular order; a few partitions are read ahead, a page each."""
        waiting = deque[tuple[str, WireItem | None]]((pk, None) for pk in self._partitions(link, kind))
        coming: deque[tuple[str, Future[tuple[list[WireItem], WireItem | None]]]] = deque()
        while waiting or coming:
            while waiting and len(coming) < AHEAD:
                pk, start = waiting.popleft()
                coming.append(
                    (pk, self._table.pool.submit(self._table.page, pk, start=start, only="#sk, #e"))
                )
            pk, future = coming.popleft()
            items, after = future.result()
            if after:
                waiting.appendleft((pk, after))
            yield from map(_entry, items)

    def forget(self, link: str, kind: Kind, ids: Sequence[str]) -> None:
        """Delete the entries of these source ids; those that are not there are passed over."""
        partitions = self._partitions(link, kind)
        self._table.batch_write(deletes=[(partitions[bucket(each)], each) for each in ids])

    def _partitions(self, link: str, kind: Kind) -> list[str]:
        return [self._tenancy.pk("L", link, kind, f"{number:x}") for number in range(BUCKETS)]


def _entry(item: WireItem) -> Entry:
    return unpack(item["sk"]["S"], item["e"]["S"])
