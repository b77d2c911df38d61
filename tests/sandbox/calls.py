"""The log of what a simulator was asked, so that a test can count calls and writes."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it reached the simulator; `query` is the raw query string."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def line(self) -> str:
        """What the `match` of a mood is searched in: `GET /api/products`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the log. `status` 0: the caller got no answer; `happened`: the shop saw it."""

    method: str
    path: str
    query: str
    status: int
    is_write: bool
    happened: bool = True
    mood: str = ""
    """The mood that spoilt it, if any."""
    note: str = ""
    """What the simulator says of it, such as the name of a GraphQL operation."""


class Calls:
    """The log itself; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._log: list[Call] = []

    def add(self, call: Call) -> None:
        """Write one line."""
        with self._lock:
            self._log.append(call)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._log.clear()

    @property
    def all(self) -> list[Call]:
        """Every line in the order in which the answers were ready."""
        with self._lock:
            return list(self._log)

    @property
    def writes(self) -> list[Call]:
        """The writes that reached the shop and that it accepted, whether or not the answer arrived."""
        return [call for call in self.all if call.is_write and call.happened and call.status < 400]

    def matching(self, line: str) -> list[Call]:
        """The calls whose `METHOD /path` begins with `line`."""
        return [call for call in self.all if f"{call.method} {call.path}".startswith(line)]

    def counts(self) -> dict[str, Any]:
        """Figures for a report: calls, writes, and how many of each status."""
        log = self.all
        statuses = Counter(call.status for call in log)
        return {
            "calls": len(log),
            "writes": len(self.writes),
            "statuses": {str(status): number for status, number in sorted(statuses.items())},
        }

    def as_json(self) -> list[dict[str, Any]]:
        """The log for the control door."""
        return [asdict(call) for call in self.all]

    def __len__(self) -> int:
        with self._lock:
            return len(self._log)

    def __iter__(self) -> Iterator[Call]:
        return iter(self.all)
