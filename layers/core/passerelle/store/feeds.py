"""Feeds of one tenant: their schedule, what the shop stands, and how far they are."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from passerelle.memory import Feed
from passerelle.store.table import ConditionFailed
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import plain, record

CHANGEABLE = frozenset({"enabled", "schedule", "timezone", "batch_size", "settings"})
"""What a person may change; the rest is the river's."""


class Feeds:
    """Feeds by id (`<link>.<kind>`)."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy
        self._pk = tenancy.pk("FEEDS")

    def create(self, feed: Feed) -> Feed:
        """Keep a new feed; one that exists already is left as it is and answered."""
        if feed.tenant != self._at.tenant:
            raise KeyError(feed.tenant)
        try:
            self._at.table.put({"pk": self._pk, "sk": feed.id} | plain(feed), "attribute_not_exists(#pk)")
        except ConditionFailed:
            return self.get(feed.id)
        return feed

    def get(self, feed: str) -> Feed:
        """Raises KeyError."""
        item = self._at.table.get(self._pk, feed)
        if item is None:
            raise KeyError(feed)
        return record(Feed, item)

    def list(self, link: str = "") -> list[Feed]:
        """The feeds of a link, or all."""
        prefix = f"{link}." if link else ""
        return [record(Feed, item) for item in self._at.table.stream(self._pk, prefix)]

    def change(self, feed: str, **changes: Any) -> Feed:
        """Change what a person may change. Raises KeyError."""
        fixed = changes.keys() - CHANGEABLE
        if fixed:
            raise ValueError(f"a feed's {', '.join(sorted(fixed))} cannot be set")
        changed = replace(self.get(feed), **changes)
        self._set(feed, changes)
        return changed

    def delete(self, feed: str) -> None:
        """Forget it; twice changes nothing. Its schedule is deleted apart, its ledger stays."""
        self._at.table.delete((self._pk, feed))

    def lower_ceiling(self, feed: str, ceiling: int) -> None:
        """Remember a size that worked; never raises the remembered one."""
        values = {"ceiling": ceiling, "none": 0}
        condition = "attribute_exists(#pk) AND (#ceiling = :none OR #ceiling > :ceiling)"
        try:
            self._at.table.update(
                (self._pk, feed), "SET #ceiling = :ceiling, #clean_batches = :none", values, condition
            )
        except ConditionFailed:
            self.get(feed)

    def raise_ceiling(self, feed: str, ceiling: int, clean_batches: int) -> None:
        """Remember that batches were clean, and a larger size (0: no ceiling any more). Raises KeyError."""
        self._set(feed, {"ceiling": ceiling, "clean_batches": clean_batches})

    def settle(self, feed: str, *, watermark: datetime | None, full_at: datetime | None) -> None:
        """Move the watermark (never back); remember the end of a full pass, and of the first. Raises KeyError."""
        if watermark is not None:
            self._unless(
                feed, "watermark", watermark, "attribute_not_exists(#watermark) OR #watermark < :value"
            )
        if full_at is not None:
            self._unless(feed, "full_at", full_at, "attribute_not_exists(#full_at) OR #full_at < :value")
            self._unless(feed, "first_full_at", full_at, "attribute_not_exists(#first_full_at)")

    def _unless(self, feed: str, name: str, value: datetime, condition: str) -> None:
        condition = f"attribute_exists(#pk) AND ({condition})"
        try:
            self._at.table.update((self._pk, feed), f"SET #{name} = :value", {"value": value}, condition)
        except ConditionFailed:
            self.get(feed)

    def _set(self, feed: str, changes: dict[str, Any]) -> None:
        if not changes:
            return
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in changes)
        try:
            self._at.table.update((self._pk, feed), expression, changes, "attribute_exists(#pk)")
        except ConditionFailed:
            raise KeyError(feed) from None
