"""The public keys by which a store's pages tell events: one a store, made anew when asked (A-19)."""

import secrets
from collections.abc import Sequence

from passerelle.store.records import Pixel
from passerelle.store.table import Action
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import plain, record

PREFIX = "pix_"


class Pixels:
    """A tenant's pixels; by the key itself they are found with `Operator.pixel`."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy
        self._pk = tenancy.pk("PIXELS")

    def make(self, store: str, origins: Sequence[str]) -> Pixel:
        """A new key for a store, told from these origins; the one before leads nowhere from now on."""
        made = Pixel(
            key=PREFIX + secrets.token_urlsafe(24),
            tenant=self._at.tenant,
            store=store,
            origins=tuple(origins),
            created_at=self._at.clock(),
        )
        table = self._at.table
        listed = {"pk": self._pk, "sk": store} | plain(made)
        found = {"pk": f"PIXEL#{made.key}", "sk": "PIXEL"} | plain(made)
        table.transact([*self._forgetting(store), table.putting(listed), table.putting(found)])
        return made

    def get(self, store: str) -> Pixel:
        """A store's pixel. Raises KeyError."""
        item = self._at.table.get(self._pk, store)
        if item is None:
            raise KeyError(store)
        return record(Pixel, item)

    def delete(self, store: str) -> None:
        """Its key leads nowhere from now on; twice changes nothing."""
        self._at.table.transact([*self._forgetting(store), self._at.table.deleting((self._pk, store))])

    def _forgetting(self, store: str) -> list[Action]:
        item = self._at.table.get(self._pk, store)
        return [self._at.table.deleting((f"PIXEL#{item['key']}", "PIXEL"))] if item else []
