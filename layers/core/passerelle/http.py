"""The one HTTP client: timeouts, retries, pace, SSRF guard, redaction, test-mode block."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

import httpx


class Pace(Protocol):
    """The shared limiter of one account at a platform, summed over all workers."""

    def slot(self, cost: float = 1.0) -> AbstractContextManager[None]:
        """Wait for a place (a connection, and `cost` points of rate), hold it for the call, give it back."""

    def told(
        self, *, available: float | None = None, rate: float | None = None, retry_after: float | None = None
    ) -> None:
        """What the platform said of its bucket, or how many seconds it wants us to stay away."""


class Client:
    """Speaks HTTP for one connector and one account.

    `request` raises the errors of `port`: Unavailable (timeout, network, 5xx, answer cut short), Throttled (429 after
    our patience), TooLarge (413), AddressRefused. Every other answer is returned for the connector to read.
    """

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        cost: float = 1.0,
        repeatable: bool | None = None,
        timeout: float = 30.0,
    ) -> httpx.Response:
        """Send one request and read the whole answer. `repeatable`: may be sent again after 5xx or a timeout
        (default: GET and HEAD only); a 429 may always be."""
        raise NotImplementedError
