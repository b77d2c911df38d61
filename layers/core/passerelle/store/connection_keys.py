"""The key by which others link their stores to a main store: shown to its owner, found by its hash, rotatable (C-2)."""

import secrets

from passerelle.store.operator import secret_hash
from passerelle.store.secrets import Secrets
from passerelle.store.table import Table
from passerelle.store.tenancy import Tenancy

PREFIX = "connect_"


class ConnectionKeys:
    """Connection keys of one tenant's stores."""

    def __init__(self, tenancy: Tenancy, kept: Secrets) -> None:
        self._at, self._kept = tenancy, kept

    def of(self, store: str) -> str:
        """The store's key, made when it is first asked for."""
        return self._kept.connection_key(store) or self._make(store)

    def rotate(self, store: str) -> str:
        """A new key; the old one leads nowhere from now on, and links that it made stay."""
        old = self._kept.connection_key(store)
        key = self._make(store)
        if old:
            self._at.table.delete(_place(old))
        return key

    def forget(self, store: str) -> None:
        """The store's key leads nowhere any more; twice changes nothing."""
        old = self._kept.connection_key(store)
        if old:
            self._at.table.delete(_place(old))

    def _make(self, store: str) -> str:
        key = PREFIX + secrets.token_urlsafe(32)
        pk, sk = _place(key)
        self._at.table.put({"pk": pk, "sk": sk, "tenant": self._at.tenant, "store": store})
        self._kept.put_connection_key(store, key)
        return key


def whose(table: Table, key: str) -> tuple[str, str] | None:
    """(tenant, store) of the main store that a key leads to; None where it leads nowhere."""
    item = table.get(*_place(key)) if key else None
    return (item["tenant"], item["store"]) if item else None


def _place(key: str) -> tuple[str, str]:
    return f"CONNECT#{secret_hash(key)}", "CONNECT"
