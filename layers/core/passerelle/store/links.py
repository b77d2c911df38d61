"""Links of one tenant: which store writes to which, and by which rules."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from passerelle.store import ids
from passerelle.store.records import Link
from passerelle.store.table import ConditionFailed
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import plain, record


class Links:
    """Links by id."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy
        self._pk = tenancy.pk("LINKS")

    def create(
        self,
        *,
        kind: str,
        source: str,
        destination: str,
        settings: Mapping[str, Any] | None = None,
        policy: Mapping[str, Any] | None = None,
        source_tenant: str = "",
        source_settings: Mapping[str, Any] | None = None,
    ) -> Link:
        """A new link to one of the tenant's stores, from another of them or from another tenant's."""
        at = self._at.clock()
        link = Link(
            id=ids.new("lnk", at),
            kind=kind,
            source=source,
            destination=destination,
            created_at=at,
            settings=settings or {},
            policy=policy or {},
            source_tenant=source_tenant,
            source_settings=source_settings or {},
        )
        self._at.table.put({"pk": self._pk, "sk": link.id} | plain(link))
        return link

    def get(self, link: str) -> Link:
        """Raises KeyError."""
        item = self._at.table.get(self._pk, link)
        if item is None:
            raise KeyError(link)
        return record(Link, item)

    def list(self) -> list[Link]:
        """Every link, the oldest first."""
        return [record(Link, item) for item in self._at.table.stream(self._pk)]

    def of(self, store: str) -> Sequence[Link]:
        """The links that a store is an end of."""
        return [link for link in self.list() if store in (link.source, link.destination)]

    def change(self, link: str, **changes: Any) -> Link:
        """Change its settings, policy or status. Raises KeyError."""
        fixed = changes.keys() - {"settings", "policy", "status", "source_settings"}
        if fixed:
            raise ValueError(f"a link's {', '.join(sorted(fixed))} cannot change")
        changed = replace(self.get(link), **changes)
        if not changes:
            return changed
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in changes)
        try:
            self._at.table.update((self._pk, link), expression, changes, "attribute_exists(#pk)")
        except ConditionFailed:
            raise KeyError(link) from None
        return changed

    def delete(self, link: str) -> None:
        """Forget it; twice changes nothing. Its ledger stays."""
        self._at.table.delete((self._pk, link))
