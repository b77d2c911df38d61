"""The ledger over DynamoDB: per link and kind, one short item a source object, spread over 16 partitions.

An item has three attributes, because the client's cost grows with their number: `pk`, `sk` (the source id) and `e`, the
rest of the entry as one JSON list in the order of `_FIELDS`, cut after its last filled field. Mappings never expire (G-8).
"""

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime

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
_FIELDS = ("state", "destination_id", "hash", "version", "run", "result", "reason", "consent", "at", "missing_since")


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
