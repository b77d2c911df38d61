"""How many requests may come in at a door: one item a store, one conditional update a request (GCRA)."""

import math
from contextlib import suppress

from passerelle.store.table import ConditionFailed
from passerelle.store.tenancy import Tenancy

PER_SECOND = 20.0
AT_ONCE = 100
"""Requests that may come without a pause."""
TTL_DAYS = 1


class Gate:
    """Admits so many requests a second, and some more at once after a rest."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy

    def admit(self, door: str) -> int:
        """0 if the request may come in, else the seconds after which it may."""
        now = self._at.clock().timestamp()
        key = (self._at.pk("GATE", door), "GATE")
        interval = 1 / PER_SECOND
        limit = now + (AT_ONCE - 1) * interval
        common: dict[str, float] = {"now": now, "ttl": self._at.expiry(TTL_DAYS)}
        rested = "attribute_not_exists(#full_at) OR #full_at < :now"
        going = "#full_at BETWEEN :now AND :limit"
        with suppress(ConditionFailed):
            first = common | {"next": now + interval}
            self._at.table.update(key, "SET #full_at = :next, #ttl = :ttl", first, rested)
            return 0
        try:
            further = common | {"interval": interval, "limit": limit}
            self._at.table.update(key, "SET #full_at = #full_at + :interval, #ttl = :ttl", further, going)
        except ConditionFailed:
            item = self._at.table.get(*key) or {}
            return max(1, math.ceil(float(item.get("full_at", now)) - limit))
        return 0
