"""Cursors of lists: opaque text that holds a key, good only for the partition it came from."""

import base64
import binascii

import orjson

LONGEST = 1024
"""Bytes of the longest sort key."""


class CursorRefused(ValueError):
    """The cursor is not one that this list gave."""


def encode(key: tuple[str, str]) -> str:
    """The cursor that goes on after this key."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode(cursor: str, pk: str) -> tuple[str, str]:
    """The key in a cursor. Raises CursorRefused unless this partition gave it."""
    try:
        found = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError):
        found = None
    match found:
        case [str(partition), str(sort)] if partition == pk and 0 < len(sort.encode()) <= LONGEST:
            return partition, sort
    raise CursorRefused("This cursor does not belong to this list; start again without one.")
