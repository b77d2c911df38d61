"""How many products of a store's plan are taken, link by link: one item a store, changed by conditional writes (C-13)."""

from passerelle.store.table import ConditionFailed
from passerelle.store.tenancy import Tenancy

ATTEMPTS = 20


class Seats:
    """Seats of one tenant's dependent stores. A store is named by its id."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy

    def take(self, store: str, wanted: int, limit: int) -> int:
        """Take up to so many; answers how many were to be had."""
        for attempt in range(ATTEMPTS):
            taken = self.taken(store)
            granted = max(0, min(wanted, limit - taken))
            if not granted or self._set(store, taken, taken + granted):
                return granted
            self._at.table.pause(attempt)
        return 0

    def recount(self, store: str, taken: int) -> None:
        """What a count of the ledgers found: seats that a dead worker took come free."""
        if self.taken(store) != taken:
            self._at.table.put({"pk": self._pk(store), "sk": "SEATS", "taken": taken})

    def taken(self, store: str) -> int:
        """How many are taken."""
        item = self._at.table.get(self._pk(store), "SEATS")
        return int(item["taken"]) if item else 0

    def _set(self, store: str, before: int, after: int) -> bool:
        condition = "#taken = :before" if before else "attribute_not_exists(#taken) OR #taken = :before"
        values = {"taken": after, "before": before}
        try:
            self._at.table.update((self._pk(store), "SEATS"), "SET #taken = :taken", values, condition)
        except ConditionFailed:
            return False
        return True

    def _pk(self, store: str) -> str:
        return self._at.pk("SEATS", store)
