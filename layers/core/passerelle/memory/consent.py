"""What the ledger of consent holds: every status and every consent written, with the evidence behind it (A-13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

TO_AUDIENCE = "to_destination"
TO_STORE = "to_source"


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """One write: who, what, why, before, after. It holds ids, states and instants, and never an e-mail."""

    customer: str
    """The store's customer id."""
    contact: str
    """The contact's id in the audience; empty where it is not known."""
    link: str
    direction: str
    """to_destination: a status in the audience; to_source: a consent at the store."""
    rule: str
    """The statement of the consent table that decided, or `undo`."""
    before: str
    after: str
    sent_at: datetime
    """When it was first sent: with run, customer and direction what tells two entries apart."""
    at: datetime
    """When the platform had accepted it."""
    run: str = ""
    """Empty for a live event."""
    reason: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)
    """The states seen on both sides and the instants compared: see rules.evidence."""


class Consents(Protocol):
    """The ledger of consent."""

    def record(self, entries: Sequence[ConsentEntry]) -> None:
        """Keep these; one of the same run, customer and direction is replaced by itself."""

    def intend(self, feed: str, object_id: str, entries: Sequence[ConsentEntry]) -> None:
        """Before these are sent for a live event: what they are. It takes the place of what was said before."""

    def intended(self, feed: str, object_id: str) -> Sequence[ConsentEntry]:
        """What was said of a live event and is not closed: it may have been sent."""

    def close(self, feed: str, object_id: str) -> None:
        """What was said of a live event is answered, and recorded where it was accepted."""

    def of_customers(self, run: str, customers: Sequence[str]) -> Sequence[ConsentEntry]:
        """What a run wrote of these customers."""

    def of_run(self, run: str) -> Sequence[ConsentEntry]:
        """Everything that a run wrote, by customer."""
