"""The shop's bucket of points: admission by what a query may cost, charge by what it did cost."""

import threading
from collections.abc import Callable


class Bucket:
    """Leaks in `rate` points a second up to `size`; `clock` is in seconds. Safe to use from many threads."""

    def __init__(self, rate: float, size: float, clock: Callable[[], float]) -> None:
        self.rate = rate
        self.size = size
        self._clock = clock
        self._points = size
        self._seen = clock()
        self._lock = threading.Lock()
        self.charged = 0.0
        """Points that queries have cost so far."""
        self.refused = 0
        """Queries that found too few points."""

    def admits(self, points: float) -> bool:
        """Take `points` if they are there."""
        with self._lock:
            self._refill()
            if points > self._points:
                self.refused += 1
                return False
            self._points -= points
            self.charged += points
            return True

    def give_back(self, points: float) -> None:
        """Return what a query was charged but did not use."""
        with self._lock:
            self._points = min(self.size, self._points + points)
            self.charged -= points

    def drain(self, left: float = 0) -> None:
        """Another app of nobody's control empties the bucket down to `left`."""
        with self._lock:
            self._refill()
            self._points = min(self._points, left)

    def status(self) -> dict[str, float]:
        """What `extensions.cost.throttleStatus` says."""
        with self._lock:
            self._refill()
            return {
                "maximumAvailable": float(self.size),
                "currentlyAvailable": int(self._points),
                "restoreRate": float(self.rate),
            }

    def _refill(self) -> None:
        now = self._clock()
        self._points = min(self.size, self._points + (now - self._seen) * self.rate)
        self._seen = now
