"""A fulfilment: goods of one order that left together, with their tracking."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Tracking:
    """A parcel's number with its carrier, in words (`UPS`); `url` where the store knows one."""

    number: str
    carrier: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """`order_id` and the line ids are those of the store that holds it. No lines: everything that was still owed."""

    id: str
    order_id: str
    lines: tuple[tuple[str, int], ...] = ()
    """(line id, quantity) pairs."""
    trackings: tuple[Tracking, ...] = ()
    shipped_at: datetime | None = None
    notify: bool = False
    """Whether the store tells the buyer."""
