"""One tenant's part of the state table: repositories make keys only here, so none can name another tenant."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from passerelle.store import ids
from passerelle.store.table import Table

RUNNING = "RUNNING"
"""The partition that lists every tenant's unfinished runs; sorted by `tenant#run`."""
HOOKED = "HOOKED"
"""The partition that lists every tenant's stores that have a webhook address; sorted by `tenant#store`."""
AWAITED = "AWAITED"
"""The partition that lists every tenant's links that keep events of people not known yet; by `tenant#link`."""

_count = count()


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
        """A sort key that grows with time, keeps the order of one process, and is never the same twice."""
        milliseconds = int(self.clock().timestamp() * 1000)
        return f"{milliseconds:012x}{next(_count) % 0x1000000:06x}{secrets.token_hex(4)}"


def instant_of(moment: str) -> datetime:
    """The instant of a `moment`, to the millisecond."""
    return datetime.fromtimestamp(int(moment[:12], 16) / 1000, UTC)
