"""Something a person did in a store's pages."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CustomerEvent:
    """One event of a known person; the name is one of those that A-19 lists. `id` is the web pixel's own.

    `past`: it happened too long ago to start anything automatic.
    """

    id: str
    name: str
    occurred_at: datetime
    properties: tuple[tuple[str, str], ...] = ()
    past: bool = False
