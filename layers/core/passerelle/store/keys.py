"""API keys of one tenant; of a secret only the hash is kept."""

import secrets
from collections.abc import Sequence

from passerelle.store import ids
from passerelle.store.operator import secret_hash
from passerelle.store.records import ApiKey, NewKey
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import plain, record

PREFIX = "psk_"
"""What an API key's secret begins with, so that scanners recognise a leaked one."""


class Keys:
    """API keys, listed by tenant and looked up by hash (`Operator.caller`)."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy
        self._pk = tenancy.pk("KEYS")

    def create(self, name: str, scopes: Sequence[str]) -> NewKey:
        """A new key; its secret is in this answer and nowhere else."""
        secret = PREFIX + secrets.token_urlsafe(32)
        at = self._at.clock()
        key = ApiKey(id=ids.new("key", at), name=name, scopes=tuple(scopes), last4=secret[-4:], created_at=at)
        hashed = secret_hash(secret)
        found = {
            "pk": f"KEY#{hashed}",
            "sk": "KEY",
            "tenant": self._at.tenant,
            "key": key.id,
            "scopes": key.scopes,
        }
        listed = {"pk": self._pk, "sk": key.id, "hash": hashed} | plain(key)
        self._at.table.transact([self._at.table.putting(found), self._at.table.putting(listed)])
        return NewKey(key, secret)

    def list(self) -> list[ApiKey]:
        """Every key, the oldest first, revoked ones too."""
        return [record(ApiKey, item) for item in self._at.table.stream(self._pk)]

    def get(self, key: str) -> ApiKey:
        """Raises KeyError."""
        return record(ApiKey, self._item(key))

    def revoke(self, key: str) -> ApiKey:
        """Refuse it from now on; twice changes nothing. Raises KeyError."""
        item = self._item(key)
        if "revoked_at" not in item:
            item["revoked_at"] = self._at.clock()
            values = {"now": item["revoked_at"]}
            update = self._at.table.updating
            self._at.table.transact(
                [
                    update((f"KEY#{item['hash']}", "KEY"), "SET #revoked_at = :now", values),
                    update((self._pk, key), "SET #revoked_at = :now", values),
                ]
            )
        return record(ApiKey, item)

    def _item(self, key: str) -> dict[str, object]:
        item = self._at.table.get(self._pk, key)
        if item is None:
            raise KeyError(key)
        return item
