"""Connected stores of one tenant: a shop is connected once; its webhook address is unguessable."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from passerelle.store import ids
from passerelle.store.records import Store, StoreStatus
from passerelle.store.table import ConditionFailed, Table
from passerelle.store.tenancy import HOOKED, Tenancy
from passerelle.store.wire import plain, record


class AlreadyConnected(Exception):
    """The tenant has connected this shop before; `store` is its id."""

    def __init__(self, store: str) -> None:
        super().__init__(f"This shop is already connected, as store {store}.")
        self.store = store


class Stores:
    """Stores by id, with the look-ups that come with them."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy
        self._pk = tenancy.pk("STORES")

    def create(
        self,
        *,
        platform: str,
        name: str,
        url: str,
        identity: str,
        hooks_at: str,
        currency: str = "",
        timezone: str = "UTC",
        version: str = "",
        settings: Mapping[str, Any] | None = None,
        id: str = "",
    ) -> Store:
        """A new store; `hooks_at` is the address before the hook id, `…/hooks`. Raises AlreadyConnected."""
        at, hook_id = self._at.clock(), secrets.token_urlsafe(24)
        hook_url = f"{hooks_at.rstrip('/')}/{hook_id}"
        store = Store(id or ids.new("str", at), platform, name, url, identity, hook_id, hook_url, at)
        store = replace(store, currency=currency, timezone=timezone, version=version, checked_at=at)
        store = replace(store, settings=settings or {})
        self._insert(store)
        return store

    def get(self, store: str) -> Store:
        """Raises KeyError."""
        item = self._at.table.get(self._pk, store)
        if item is None:
            raise KeyError(store)
        return record(Store, item)

    def list(self) -> list[Store]:
        """Every store, the oldest first."""
        return [record(Store, item) for item in self._at.table.stream(self._pk)]

    def by_identity(self, platform: str, identity: str) -> Store | None:
        """The store under which the tenant connected this shop."""
        item = self._at.table.get(self._identity(platform, identity), "IDENTITY")
        return self.get(item["store"]) if item else None

    def change(self, store: str, **changes: Any) -> Store:
        """Change some fields, though never those by which it is found. Raises KeyError."""
        fixed = {"id", "platform", "identity", "hook_id", "hook_url", "created_at"} & changes.keys()
        if fixed:
            raise ValueError(f"a store's {', '.join(sorted(fixed))} cannot change")
        changed = replace(self.get(store), **changes)
        if not changes:
            return changed
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in changes)
        try:
            self._at.table.update((self._pk, store), expression, changes, "attribute_exists(#pk)")
        except ConditionFailed:
            raise KeyError(store) from None
        return changed

    def mark(self, store: str, status: StoreStatus, checked_at: datetime | None = None) -> Store:
        """Change its status, and when it was last looked at. Raises KeyError."""
        return self.change(store, status=status, checked_at=checked_at or self._at.clock())

    def delete(self, store: str) -> None:
        """Forget it, with its webhook address; twice changes nothing. Its secrets are deleted apart."""
        try:
            found = self.get(store)
        except KeyError:
            return
        keys = [
            (self._pk, store),
            (self._identity(found.platform, found.identity), "IDENTITY"),
            (f"HOOK#{found.hook_id}", "HOOK"),
            (HOOKED, f"{self._at.tenant}#{store}"),
            (_shop(found.platform, found.identity), f"{self._at.tenant}#{store}"),
        ]
        self._at.table.transact([self._at.table.deleting(key) for key in keys])

    def _insert(self, store: Store) -> None:
        leads = {"tenant": self._at.tenant, "store": store.id}
        items = [
            {"pk": self._identity(store.platform, store.identity), "sk": "IDENTITY", "store": store.id},
            {"pk": self._pk, "sk": store.id} | plain(store),
            {"pk": f"HOOK#{store.hook_id}", "sk": "HOOK"} | leads,
            {"pk": HOOKED, "sk": f"{self._at.tenant}#{store.id}"} | leads,
            {"pk": _shop(store.platform, store.identity), "sk": f"{self._at.tenant}#{store.id}"} | leads,
        ]
        try:
            self._at.table.transact(
                [self._at.table.putting(each, "attribute_not_exists(#pk)") for each in items]
            )
        except ConditionFailed:
            twin = self.by_identity(store.platform, store.identity)
            if twin is None:
                raise
            raise AlreadyConnected(twin.id) from None

    def _identity(self, platform: str, identity: str) -> str:
        return self._at.pk("IDENTITY", platform, identity)


def connected_as(table: Table, platform: str, identity: str) -> Iterator[tuple[str, str]]:
    """(tenant, store) of each under which this shop is connected, whoever's: tenants may share one."""
    for item in table.stream(_shop(platform, identity)):
        yield item["tenant"], item["store"]


def _shop(platform: str, identity: str) -> str:
    return f"SHOP#{platform}#{identity}"
