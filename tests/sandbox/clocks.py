"""What a sandbox asks of a clock: a world's, a chain's, or this machine's own."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """A clock that a test turns, or this machine's own."""

    def __call__(self) -> datetime:
        """The instant."""

    def epoch(self) -> float:
        """Seconds since 1970."""
