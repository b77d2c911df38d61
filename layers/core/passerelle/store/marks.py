"""The dirty flag of live objects, and the ids held while a feed cannot carry them."""

from collections.abc import Iterator, Sequence

from passerelle.store.table import ConditionFailed, Key
from passerelle.store.tenancy import Tenancy

DAYS = 90
"""How long a mark is remembered after the object's last event."""


class Marks:
    """Marks begin at the clock's milliseconds, so that they grow even past an expired one."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy

    def mark(self, feed: str, object_id: str) -> int:
        """Mark it dirty; answers the mark, larger than every earlier one of this object."""
        expression = "SET #mark = if_not_exists(#mark, :first) + :one, #ttl = :ttl"
        first = int(self._at.clock().timestamp() * 1000)
        values = {"first": first, "one": 1, "ttl": self._at.expiry(DAYS)}
        key = self._key(feed, object_id)
        item = self._at.table.update(key, expression, values, returns="ALL_NEW")
        return int(item["mark"])

    def current(self, feed: str, object_id: str) -> tuple[int, int]:
        """(latest mark, highest mark that a finished read covered), consistent; zeros if never marked."""
        item = self._at.table.get(*self._key(feed, object_id)) or {}
        return item.get("mark", 0), item.get("covered", 0)

    def covered(self, feed: str, object_id: str, mark: int) -> None:
        """A read begun after `mark` has been carried; an older one than is known changes nothing."""
        condition = "attribute_not_exists(#covered) OR #covered < :mark"
        values = {"mark": mark, "ttl": self._at.expiry(DAYS)}
        try:
            self._at.table.update(
                self._key(feed, object_id), "SET #covered = :mark, #ttl = :ttl", values, condition
            )
        except ConditionFailed:
            return

    def hold(self, feed: str, object_id: str) -> None:
        """Keep the id until the feed can carry it."""
        self._at.table.put({"pk": self._held(feed), "sk": object_id})

    def held(self, feed: str) -> Iterator[str]:
        """The ids kept."""
        return (item["sk"] for item in self._at.table.stream(self._held(feed)))

    def release(self, feed: str, ids: Sequence[str]) -> None:
        """Forget them."""
        self._at.table.batch_write(deletes=[(self._held(feed), each) for each in ids])

    def _key(self, feed: str, object_id: str) -> Key:
        return (self._at.pk("MARKS", feed), object_id)

    def _held(self, feed: str) -> str:
        return self._at.pk("HELD", feed)
