"""The audit trail: every change of a setting and every destructive act (G-11); it does not expire."""

from collections.abc import Mapping
from typing import Any

from passerelle.store.records import AuditLine
from passerelle.store.table import Page
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import plain, record


class Audit:
    """Lines in the order they happened; none is ever changed."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy
        self._pk = tenancy.pk("AUDIT")

    def record(
        self,
        actor: str,
        action: str,
        target: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Append a line. `before` and `after` hold settings in JSON values, never a secret."""
        line = AuditLine(self._at.clock(), actor, action, target, before or {}, after or {})
        self._at.table.put({"pk": self._pk, "sk": self._at.moment()} | plain(line))

    def list(self, limit: int = 50, cursor: str | None = None) -> Page[AuditLine]:
        """Lines, newest first."""
        page = self._at.table.query(self._pk, limit=limit, cursor=cursor, newest_first=True)
        return Page(tuple(record(AuditLine, item) for item in page.items), page.cursor)
