"""How what is told of a person's mails is put together: of each event only the last instant counts.

So telling the same twice, in another order, or with a window that overlaps the last one, ends where once does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from passerelle.model.engagement import Engagement

WINDOW = timedelta(days=30)
"""How long after it was sent a mail's openings and clicks are looked for."""
EVENTS = ("received", "opened", "clicked")


@dataclass(frozen=True, slots=True)
class Marks:
    """The last instant of each event, in seconds since 1970; 0: none."""

    received: int = 0
    opened: int = 0
    clicked: int = 0

    @classmethod
    def of(cls, told: Engagement) -> "Marks":
        """The marks of what is told."""
        return cls(*map(_seconds, (told.received_at, told.opened_at, told.clicked_at)))

    @classmethod
    def parse(cls, text: str) -> "Marks":
        """Read what `str` wrote; of an empty text, none."""
        return cls(*map(int, text.split("."))) if text else cls()

    def __str__(self) -> str:
        return f"{self.received}.{self.opened}.{self.clicked}"

    def __iter__(self) -> Iterator[int]:
        yield from (self.received, self.opened, self.clicked)

    def later(self, other: "Marks") -> "Marks":
        """The later of each."""
        return Marks(*map(max, self, other))

    def beyond(self, held: "Marks") -> "Marks":
        """Those later than what is held already; none of the others."""
        return Marks(*(mine if mine > theirs else 0 for mine, theirs in zip(self, held, strict=True)))

    def told(self, id: str, contact: str) -> Engagement:
        """As it is told of a person."""
        return Engagement(id, contact, *(_instant(each) for each in self))


def _seconds(instant: datetime | None) -> int:
    return int(instant.timestamp()) if instant else 0


def _instant(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
