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
    """It was about to be sent or kept; whether it arrived is not known."""
    KEPT = "kept"
    """Its person is not known."""
    SENT = "sent"
    REFUSED = "refused"
    EXPIRED = "expired"


OPEN = frozenset({Stage.CLAIMED, Stage.KEPT})
"""Stages after which something more may become of an event."""


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
    """The instant (UTC, ISO) since which it waits."""


@dataclass(frozen=True, slots=True)
class Handful:
    """What one message of the queue brings: events of one link. `id` is the same when the message comes again.

    `group`: messages of one group are worked one after the other, and one that fails comes again before the next.
    """

    tenant: str
    link: str
    id: str
    group: str
    events: tuple[Occurrence, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an event stands: `first` is the message that brought it, `by` the one that put it where it stands.

    `contact`: whom it was claimed for.
    """

    stage: Stage
    first: str
    by: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of a day."""

    day: str
    counts: Mapping[Count, int]


class CustomerEvents(Protocol):
    """The memory of one link's events."""

    def standings(self, ids: Sequence[str]) -> dict[str, Standing]:
        """Where these events stand; those never met are absent."""

    def win(self, by: str, contacts: Mapping[str, str], standings: Mapping[str, Standing]) -> set[str]:
        """Claim kept events, each for a contact; answers those that no other worker has."""

    def stand(self, standings: Mapping[str, Standing]) -> None:
        """Write where events stand now: those of one's own message, and those won."""

    def wait(self, events: Sequence[Occurrence]) -> None:
        """Keep events for whom they say, for 7 days from the first time."""

    def wait_no_longer(self, events: Sequence[Occurrence]) -> None:
        """Keep them no longer."""

    def anything_kept(self, who: Who, keys: Iterable[str]) -> set[str]:
        """Those of these people for whom something may wait."""

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

    def tie(self, owners: Mapping[str, Named]) -> None:
        """These browsers belong to these people."""

    def tied(self, clients: Iterable[str]) -> dict[str, Named]:
        """To whom browsers belong, where it is known."""

    def tally(self, counts: Mapping[str, Mapping[str, int]], group: str, by: str) -> None:
        """Add to the counts of days; a second time by the same message of a group changes nothing."""
