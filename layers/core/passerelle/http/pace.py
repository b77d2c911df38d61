"""What the client asks of a limiter: a place for each try, and an ear for what the platform says."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Pace(Protocol):
    """The shared limiter of one account at a platform, summed over all workers."""

    def slot(self, cost: float = 1.0) -> AbstractContextManager[None]:
        """Wait for a place (a connection, and `cost` points of rate), hold it for the call, give it back.

        May raise Throttled where the wait would outlast the caller's patience.
        """

    def told(
        self,
        *,
        available: float | None = None,
        rate: float | None = None,
        retry_after: float | None = None,
        spared: float | None = None,
    ) -> None:
        """What the platform said of its bucket, or how many seconds it wants us to stay away.

        `spared`: how much less than its cost a call was charged in the end.
        """


class Unpaced:
    """The pace of a platform that names no limit: always a place."""

    @contextmanager
    def slot(self, cost: float = 1.0) -> Iterator[None]:  # noqa: ARG002  # the protocol's signature
        """A place, at once."""
        yield

    def told(
        self,
        *,
        available: float | None = None,
        rate: float | None = None,
        retry_after: float | None = None,
        spared: float | None = None,
    ) -> None:
        """Nothing is remembered."""
