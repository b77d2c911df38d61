"""Webhook deliveries that were taken, remembered for 7 days (F-3)."""

import hashlib
import secrets

from passerelle.store.table import ConditionFailed, Key
from passerelle.store.tenancy import Tenancy

DAYS = 7


class Deliveries:
    """Deliveries by webhook address and the platform's delivery id."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy

    def seen(self, hook: str, delivery_id: str) -> bool:
        """Whether it is remembered."""
        item = self._at.table.get(*self._key(hook, delivery_id))
        return item is not None and int(item["ttl"]) > int(self._at.clock().timestamp())

    def first_time(self, hook: str, delivery_id: str) -> bool:
        """Remember it; True if it was not remembered yet."""
        pk, sk = self._key(hook, delivery_id)
        now = int(self._at.clock().timestamp())
        # The client sends a put again when its answer is lost: the token tells that from a second delivery.
        token = secrets.token_hex(8)
        item = {"pk": pk, "sk": sk, "token": token, "ttl": self._at.expiry(DAYS)}
        condition = "attribute_not_exists(#pk) OR #ttl <= :now OR #token = :token"
        try:
            self._at.table.put(item, condition, {"now": now, "token": token})
        except ConditionFailed:
            return False
        return True

    def forget(self, hook: str, delivery_id: str) -> None:
        """Let it come again: what it told could not be queued (F-2)."""
        self._at.table.delete(self._key(hook, delivery_id))

    def _key(self, hook: str, delivery_id: str) -> Key:
        hashed = hashlib.sha256(delivery_id.encode()).hexdigest()
        return (self._at.pk("DELIVERY", hook, hashed), "DELIVERY")
