"""What a live event is about to write of consent, said before it is sent: whoever takes up knows of it (A-13)."""

from collections.abc import Sequence
from dataclasses import dataclass

from passerelle.memory import ConsentEntry
from passerelle.model import Kind
from passerelle.sync.flow import Flow
from passerelle.sync.written import Key, key_of

CONSENTING = frozenset({Kind.CUSTOMERS, Kind.CONTACTS})
"""Kinds that carry a consent; of the others there is nothing to say, and nothing is asked."""


@dataclass(slots=True)
class Said:
    """What may be sent for one object. A worker that dies leaves it open; one that has recorded all closes it."""

    flow: Flow
    object_id: str
    left: dict[Key, ConsentEntry]
    """What an earlier worker left open."""
    open: dict[Key, ConsentEntry]

    @classmethod
    def of(cls, flow: Flow, object_id: str) -> "Said":
        """As the last worker left it."""
        asked = flow.kind in CONSENTING
        found = flow.memory.consents.intended(flow.feed.id, object_id) if asked else ()
        left = {key_of(entry): entry for entry in found}
        return cls(flow, object_id, left, dict(left))

    def intend(self, entries: Sequence[ConsentEntry]) -> None:
        """Before consents are sent."""
        self.open |= {key_of(entry): entry for entry in entries}
        self.flow.memory.consents.intend(self.flow.feed.id, self.object_id, list(self.open.values()))

    def close(self) -> None:
        """All that was accepted is recorded."""
        if self.open:
            self.flow.memory.consents.close(self.flow.feed.id, self.object_id)
