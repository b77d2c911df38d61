"""What belongs to no tenant: the list of tenants, look-ups by key and webhook address, what runs anywhere."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

from passerelle.store import ids
from passerelle.store.records import Awaited, Caller, Hook, Pixel, Running, Tenant
from passerelle.store.table import ConditionFailed, Page, Table
from passerelle.store.tenancy import AWAITED, HOOKED, RUNNING
from passerelle.store.wire import plain, record

TENANTS = "TENANTS"


def secret_hash(secret: str) -> str:
    """The form in which an API key's secret is kept: it has 256 bits of chance, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Operator:
    """The view over all tenants, for operator routes, the authorizer, the webhook door and the watchmen."""

    def __init__(self, state: Table, clock: Callable[[], datetime] = ids.now) -> None:
        self._state = state
        self._clock = clock

    def create_tenant(self, name: str) -> Tenant:
        """A new tenant."""
        at = self._clock()
        tenant = Tenant(id=ids.new("ten", at), name=name, created_at=at)
        self._state.put({"pk": TENANTS, "sk": tenant.id} | plain(tenant))
        return tenant

    def tenant(self, tenant: str) -> Tenant:
        """Raises KeyError."""
        item = self._state.get(TENANTS, tenant)
        if item is None:
            raise KeyError(tenant)
        return record(Tenant, item)

    def tenants(self, limit: int = 50, cursor: str | None = None) -> Page[Tenant]:
        """Tenants, newest first."""
        page = self._state.query(TENANTS, limit=limit, cursor=cursor, newest_first=True)
        return Page(tuple(record(Tenant, item) for item in page.items), page.cursor)

    def set_status(self, tenant: str, status: Literal["active", "suspended"]) -> None:
        """Suspend a tenant, whose keys are then refused, or let it go on. Raises KeyError."""
        try:
            self._state.update(
                (TENANTS, tenant), "SET #status = :status", {"status": status}, "attribute_exists(#pk)"
            )
        except ConditionFailed:
            raise KeyError(tenant) from None

    def caller(self, secret: str) -> Caller | None:
        """Whom an API key speaks for; None if it is unknown, revoked, or its tenant suspended."""
        item = self._state.get(f"KEY#{secret_hash(secret)}", "KEY")
        if item is None or "revoked_at" in item:
            return None
        tenant = self._state.get(TENANTS, item["tenant"])
        if tenant is None or tenant["status"] != "active":
            return None
        return Caller(tenant=item["tenant"], key=item["key"], scopes=tuple(item["scopes"]))

    def hook(self, hook_id: str) -> Hook:
        """Where a webhook address leads. Raises KeyError."""
        item = self._state.get(f"HOOK#{hook_id}", "HOOK")
        if item is None:
            raise KeyError(hook_id)
        return record(Hook, item)

    def running(self) -> Iterator[Running]:
        """Every unfinished run of every tenant."""
        for item in self._state.stream(RUNNING):
            yield record(Running, item)

    def hooked(self) -> Iterator[Hook]:
        """Every store of every tenant that has a webhook address."""
        for item in self._state.stream(HOOKED):
            yield record(Hook, item)

    def pixel(self, key: str) -> Pixel:
        """Whose a pixel's key is, and from where it is taken. Raises KeyError."""
        item = self._state.get(f"PIXEL#{key}", "PIXEL")
        if item is None:
            raise KeyError(key)
        return record(Pixel, item)

    def awaiting(self) -> Iterator[Awaited]:
        """Every link of every tenant that keeps events of people not known yet."""
        for item in self._state.stream(AWAITED):
            yield record(Awaited, item)
