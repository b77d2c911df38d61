"""A try that failed, and how long to wait before the next one."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from passerelle.port import PlatformError, Throttled

FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0


class TryError(Exception):
    """One try that brought no answer for the connector.

    `error` is what the caller sees if nobody tries again; `retry_after` is the platform's wish in seconds.
    """

    def __init__(
        self, error: PlatformError, *, again: bool, throttled: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.again = again
        self.throttled = throttled
        self.retry_after = retry_after
        self.took = 0.0

    def final(self, wait: float) -> PlatformError:
        """The error for the caller; a throttle says after how many seconds to come back."""
        if isinstance(self.error, Throttled):
            self.error.retry_after = wait if self.retry_after is None else self.retry_after
        return self.error


class Patience:
    """How long one request is tried: tries and seconds; waiting for the pace spends none."""

    def __init__(self, tries: int, seconds: float, jitter: Callable[[], float]) -> None:
        self._tries = tries
        self._seconds = seconds
        self._jitter = jitter
        self._tried = 0
        self._spent = 0.0

    def spend(self, seconds: float) -> None:
        """Count the seconds that a try took."""
        self._spent += seconds

    def wait(self, failure: TryError) -> float:
        """The seconds to wait after this failure, with jitter so that workers do not come back together."""
        if failure.retry_after is not None:
            return failure.retry_after * (1 + 0.1 * self._jitter())
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0**self._tried)
        return longest * (0.5 + 0.5 * self._jitter())

    def allows(self, failure: TryError, wait: float) -> bool:
        """Whether to wait that long and try again: throttled tries are bounded by the seconds alone."""
        self._tried += 1
        if not failure.again or (self._tried >= self._tries and not failure.throttled):
            return False
        return self._spent + wait <= self._seconds


def retry_after(response: httpx.Response) -> float | None:
    """The header in seconds (RFC 9110, 10.2.3; some platforms write decimals), None where there is none.

    A date is counted from the answer's own Date, so that a wrong clock on either side does no harm.
    """
    text = response.headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, response.headers.get("date", ""))
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _until(text: str, date: str) -> float:
    then = _instant(text)
    now = _instant(date) or datetime.now(UTC)
    return (then - now).total_seconds() if then else math.nan


def _instant(text: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
