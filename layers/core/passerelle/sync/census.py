"""A census: what an audience held when the plan was made, packed so that a million contacts fit in 25 MB."""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import zip_longest

from passerelle.model import AudienceStatus, Contact
from passerelle.port import Indexed

_RECORD = struct.Struct(">16sBq")
_DIGEST = 16
_STATUSES = tuple(AudienceStatus)
_UNKNOWN = -(2**63)


class Census:
    """Looks a contact up by the audience's own id; the records are sorted by a digest of it."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    def __len__(self) -> int:
        return len(self._packed) // _RECORD.size

    def find(self, contact_id: str, email: str) -> Contact | None:
        """The contact as it was; None if the audience did not hold it."""
        wanted = _digest(contact_id)
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            digest, status, epoch = _RECORD.unpack_from(self._packed, middle * _RECORD.size)
            if digest == wanted:
                changed = None if epoch == _UNKNOWN else datetime.fromtimestamp(epoch, UTC)
                return Contact(contact_id, email, _STATUSES[status], status_changed_at=changed)
            low, high = (middle + 1, high) if digest < wanted else (low, middle)
        return None


def pack(contacts: Iterable[Indexed]) -> bytes:
    """Pack an index of contacts, whose versions read `status|instant of the status|…` (instants may be empty)."""
    records = sorted((_record(contact) for contact in contacts), key=lambda record: record[:_DIGEST])
    # One that changed while it was read comes twice; sorting keeps their order, and the later one is right.
    pairs = zip_longest(records, records[1:])
    return b"".join(one for one, next_one in pairs if next_one is None or one[:_DIGEST] != next_one[:_DIGEST])


def _record(contact: Indexed) -> bytes:
    status, _, rest = contact.version.partition("|")
    instant = rest.partition("|")[0]
    epoch = int(datetime.fromisoformat(instant).timestamp()) if instant else _UNKNOWN
    return _RECORD.pack(_digest(contact.id), _STATUSES.index(AudienceStatus(status)), epoch)


def _digest(contact_id: str) -> bytes:
    return blake2b(contact_id.encode(), digest_size=16).digest()
