"""One run at a time per feed: a lease with a fence that only grows, which ends without heartbeat."""

from dataclasses import dataclass
from datetime import timedelta

from passerelle.store.table import Action, ConditionFailed
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import instant

LEASE = timedelta(seconds=120)
"""How long a lease lasts after its last heartbeat."""
_FREE = "(attribute_not_exists(#until) OR #until < :now OR #run = :run)"


@dataclass(frozen=True, slots=True)
class Held:
    """A lease as it is: the holder ("" if none), and the last fence given."""

    run: str
    fence: int


class Leases:
    """Leases by feed. The item is never deleted, so its fence never goes back."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy

    def holder(self, feed: str) -> str | None:
        """The id of the run that holds it, or None."""
        return self.held(feed).run or None

    def held(self, feed: str) -> Held:
        """The holder and the last fence."""
        item = self._at.table.get(*self._key(feed)) or {}
        alive = item.get("until", "") >= instant(self._at.clock())
        return Held(item.get("run", "") if alive else "", item.get("fence", 0))

    def acquire(self, feed: str, run: str) -> int | None:
        """The fencing token, larger than every earlier one; None if another run holds it."""
        expression = "SET #run = :run, #until = :until ADD #fence :one"
        try:
            item = self._at.table.update(
                self._key(feed), expression, self._times(run) | {"one": 1}, _FREE, returns="ALL_NEW"
            )
        except ConditionFailed:
            return None
        return int(item["fence"])

    def acquiring(self, feed: str, run: str, last: int) -> Action:
        """The same in a transaction, which fails unless `last` is the last fence. The new one is one more."""
        expression = "SET #run = :run, #until = :until, #fence = :fence"
        condition = f"{_FREE} AND (attribute_not_exists(#fence) OR #fence = :last)"
        values = self._times(run) | {"fence": last + 1, "last": last}
        return self._at.table.updating(self._key(feed), expression, values, condition)

    def beat(self, feed: str, run: str, fence: int) -> bool:
        """Go on holding it; False if the token is no longer the newest, or the lease was let go."""
        values = {key: value for key, value in self._times(run).items() if key != "now"} | {"fence": fence}
        try:
            self._at.table.update(
                self._key(feed), "SET #until = :until", values, "#run = :run AND #fence = :fence"
            )
        except ConditionFailed:
            return False
        return True

    def release(self, feed: str, run: str, fence: int) -> None:
        """Let go; nothing happens if it is held by another."""
        values = {"run": run, "fence": fence}
        try:
            self._at.table.update(
                self._key(feed), "REMOVE #run, #until", values, "#run = :run AND #fence = :fence"
            )
        except ConditionFailed:
            return

    def _times(self, run: str) -> dict[str, object]:
        now = self._at.clock()
        return {"run": run, "now": now, "until": now + LEASE}

    def _key(self, feed: str) -> tuple[str, str]:
        return (self._at.pk("LEASE", feed), "LEASE")
