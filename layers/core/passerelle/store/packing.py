"""Entries of the ledger as rows, rows as one short binary, and the order in which source ids are kept."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import orjson

from passerelle.memory import Entry, EntryState

type Row = list[Any]
"""An entry's fields in their order; the state a letter, the instant in seconds since 1970 or None; then its parts."""
type Change = Row | None
"""What an id shall hold from now on; None: nothing."""

MOST_BYTES = 100_000
"""Bytes beyond which a block or a page of the directory is split; DynamoDB's own limit is 400 KB."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the parts of a ledger become. They can be changed at any time: what is there is read all the same."""

    target: int = 100
    """Entries of a block that is made whole: a live event about one object writes its whole block, some 7 KB."""
    most: int = 150
    """Entries beyond which a block is divided."""
    joined: int = 64
    """New ids join a neighbouring block if it has no more entries than this with them; else they get their own."""
    leaf: int = 128
    """Blocks that one page of the directory lists; beyond, it is divided."""


_LEVEL = 1
"""Of zlib: level 6 saves another tenth of the bytes at three times the processor time."""
_LONGEST_NUMBER = 64
_TEXT = "~"
_LETTERS = {
    EntryState.CLAIMED: "c",
    EntryState.MAPPED: "m",
    EntryState.SKIPPED: "s",
    EntryState.REFUSED: "r",
    EntryState.GONE: "g",
}
_STATES = {letter: state for state, letter in _LETTERS.items()}
_words = attrgetter(
    "destination_id", "hash", "version", "run", "result", "reason", "consent", "missing_since"
)


def place(source_id: str) -> str:
    """Where a source id stands: texts that compare as the ids do, numbers by value, then other ids as texts."""
    length = len(source_id)
    number = source_id.isdigit() and length <= _LONGEST_NUMBER and source_id.isascii()
    if number and (source_id[0] != "0" or length == 1):
        return chr(length) + source_id
    return _TEXT + source_id


def id_of(where: str) -> str:
    """The source id that stands at a place."""
    return where[1:]


def places(ids: Iterable[str]) -> list[str]:
    """The places of these ids, each once, in order."""
    return sorted(set(map(place, ids)))


def pack(entry: Entry) -> Row:
    """An entry as a row."""
    at = entry.at.timestamp() if entry.at else None
    row = [entry.source_id, _LETTERS[entry.state], *_words(entry), at]
    return [*row, *entry.parts] if entry.parts else row


def unpack(row: Row) -> Entry:
    """The entry that `pack` was given."""
    (
        source_id,
        letter,
        destination_id,
        hash_,
        version,
        run,
        result,
        reason,
        consent,
        missing_since,
        at,
        *parts,
    ) = row
    return Entry(
        source_id,
        _STATES[letter],
        destination_id,
        hash_,
        version,
        run,
        result,
        reason,
        consent,
        missing_since,
        None if at is None else datetime.fromtimestamp(at, UTC),
        tuple(parts),
    )


def pressed(values: Sequence[object]) -> bytes:
    """JSON, compressed."""
    return zlib.compress(orjson.dumps(values), _LEVEL)


def opened(blob: bytes) -> list[Any]:
    """What was pressed."""
    values: list[Any] = orjson.loads(zlib.decompress(blob))
    return values


def pieces(values: Sequence[Any], most: int, target: int) -> list[tuple[Sequence[Any], bytes]]:
    """Consecutive parts with their packed form: one if it is no more than `most`, else of about `target` each.

    A part whose packed form has more than MOST_BYTES is halved.
    """
    parts = 1 if len(values) <= most else -(-len(values) // target)
    size = max(1, -(-len(values) // parts))
    found: list[tuple[Sequence[Any], bytes]] = []
    for at in range(0, len(values), size):
        found += _small(values[at : at + size])
    return found or [((), pressed(()))]


def _small(values: Sequence[Any]) -> list[tuple[Sequence[Any], bytes]]:
    blob = pressed(values)
    if len(blob) <= MOST_BYTES or len(values) < 2:
        return [(values, blob)]
    middle = len(values) // 2
    return _small(values[:middle]) + _small(values[middle:])


def merged(rows: Mapping[str, Row], changes: Mapping[str, Change]) -> dict[str, Row] | None:
    """The rows with the changes, in order; None where they make no difference."""
    if all(rows.get(id) == row for id, row in changes.items()):
        return None
    new = changes.keys() - rows.keys()
    whole = {**rows, **changes}
    kept = {id: row for id, row in whole.items() if row is not None}
    return dict(sorted(kept.items(), key=_place_of)) if new else kept


def _place_of(item: tuple[str, object]) -> str:
    return place(item[0])
