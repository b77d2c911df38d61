"""One tenant's part of the state table: the only way repositories make keys, so none can name another tenant."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from passerelle.store import ids
from passerelle.store.table import Table

RUNNING = "RUNNING"
"""The partition that lists every tenant's unfinished runs; sorted by `tenant#run`."""
HOOKED = "HOOKED"
"""The partition that lists every tenant's stores that have a webhook address; sorted by `tenant#store`."""


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A tenant, the table, and the clock."""

    tenant: str
    table: Table
    clock: Callable[[], datetime] = ids.now

    def __post_init__(self) -> None:
        if not self.tenant or "#" in self.tenant:
            raise ValueError("a repository is opened for exactly one tenant")

    def pk(self, *words: str) -> str:
        """A partition key of this tenant."""
        return "#".join(("T", self.tenant, *words))

    def expiry(self, days: int) -> int:
        """The `ttl` of something that is kept for so many days from now (epoch seconds)."""
        return int((self.clock() + timedelta(days=days)).timestamp())

    def moment(self) -> str:
        """A sort key that grows with time and is never the same twice."""
        return ids.new("at", self.clock())
