"""What the memory keeps of customer events: how far each one got, who waits, which browser is whose, the counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from passerelle.rules.customer_events import Named, Who


class Stage(StrEnum):
    """How far an event got."""

    CLAIMED = "claimed"
    """It was about to be sent; whether it arrived is not known."""
    KEPT = "kept"
    """Its person is not known."""
    ENDED = "ended"
    """Sent, refused or expired: nothing more becomes of it."""


class Count(StrEnum):
    """What is counted, per link and day (UTC)."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    DENIED = "denied"
    KEPT = "kept"
    SENT = "sent"
    EXPIRED = "expired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event on its way: without an e-mail address, its person is named by ids. `at` is aware UTC."""

    id: str
    name: str
    at: datetime
    named: Named
    properties: tuple[tuple[str, str], ...] = ()
    kept_as: str = ""
    """Under whom it waits (`client:…`), empty if it does not."""
    kept_on: str = ""
    """The day (UTC, ISO) on which it began to wait."""


@dataclass(frozen=True, slots=True)
class Handful:
    """What one message of the queue brings: events of one link. `id` is the same when the message comes again."""

    tenant: str
    link: str
    id: str
    events: tuple[Occurrence, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an event stands, which message brought it first, and for which contact it was claimed."""

    stage: Stage
    first: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of a day."""

    day: str
    counts: Mapping[Count, int]


class Contested(Exception):
    """Another worker is at the same events now; trying again later is right."""


class CustomerEvents(Protocol):
    """The memory of one link's events. Each change of stage is counted in the same write, so counts are exact."""

    def standings(self, ids: Sequence[str]) -> dict[str, Standing]:
        """Where these events stand; those never met are absent."""

    def claim(self, by: str, events: Sequence[tuple[Occurrence, str]], fresh: Iterable[str]) -> None:
        """Say for whom each is about to be sent; `fresh` are those never met. Raises Contested."""

    def keep(self, by: str, events: Sequence[tuple[Occurrence, Who, str]], fresh: Iterable[str]) -> None:
        """Let events wait for a person. Raises Contested."""

    def end(self, by: str, events: Sequence[Occurrence], count: Count, fresh: Iterable[str] = ()) -> None:
        """Nothing more becomes of these; `count` says why. Raises Contested."""

    def kept(self, who: Who, key: str) -> list[Occurrence]:
        """What waits for a person, the oldest first; without what has expired."""

    def awaited(self) -> list[tuple[Who, str]]:
        """The customers and contacts for whom something waits."""

    def no_longer_awaited(self, who: Who, key: str) -> None:
        """Nothing waits for them any more."""

    def looked_at(self) -> datetime | None:
        """Since when the audience was not looked at for those awaited."""

    def looked(self, at: datetime) -> None:
        """Remember it."""

    def tie(self, client: str, owner: Named) -> None:
        """A browser belongs to a person."""

    def tied(self, clients: Iterable[str]) -> dict[str, Named]:
        """To whom browsers belong, where it is known."""

    def tally(self, counts: Mapping[Count, int]) -> None:
        """Add to today's counts."""
