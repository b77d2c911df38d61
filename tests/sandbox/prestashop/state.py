"""The shop's memory: one table a resource, indexed, in the strings in which a PrestaShop database keeps values."""

import threading
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.prestashop import catalogue, settings, trade
from sandbox.prestashop.fields import Resource

type Row = dict[str, Any]
"""Field → text (None for NULL), translated field → {language id: text}, `*association` → list of rows."""

RESOURCES: dict[str, Resource] = {
    r.name: r for r in (*catalogue.RESOURCES, *trade.RESOURCES, *settings.RESOURCES)
}
INDEXED = {
    "id_product",
    "id_order",
    "id_customer",
    "id_cart",
    "id_attribute_group",
    "id_tax_rules_group",
    "supplier_reference",
    "product_id",
    "id_parent",
    "email",
    "reference",
    "name",
    "iso_code",
}


class Table:
    """The rows of one resource by id; write only through its methods, so that its indexes stay true."""

    def __init__(self, resource: Resource, languages: Callable[[], list[str]]) -> None:
        self.resource = resource
        self.rows: dict[int, Row] = {}
        self._languages = languages
        self._sorted: list[int] = []
        self._indexes: dict[str, dict[str, dict[int, None]]] = {}
        self._last = 0
        self._fields = {field.name: field for field in resource.fields}
        self._blank: Row = {}

    def insert(self, values: Mapping[str, Any], id: int | None = None) -> int:
        """Add a row; columns that are not given take the database's default. Answers its id."""
        number = id if id is not None else self._last + 1
        self._last = max(self._last, number)
        if not self._blank:
            self._blank = {
                field.name: self._kept(field.name, field.default) for field in self.resource.fields
            }
        row = self._blank | {n: v if n[0] == "*" else self._kept(n, v) for n, v in values.items()}
        if number in self.rows:
            self.remove(number)
        self.rows[number] = row
        insort(self._sorted, number)
        self._index(number, row)
        return number

    def update(self, id: int, **values: Any) -> None:
        """Change some columns of a row."""
        row = self.rows[id]
        self._unindex(id, row)
        row.update({n: v if n[0] == "*" else self._kept(n, v) for n, v in values.items()})
        self._index(id, row)

    def remove(self, id: int) -> None:
        """Delete a row."""
        self._unindex(id, self.rows.pop(id))
        self._sorted.remove(id)

    def ids(self, above: int | None = None) -> list[int]:
        """All ids in ascending order, or those above one."""
        return self._sorted[bisect_right(self._sorted, above) :] if above is not None else list(self._sorted)

    def where(self, field: str, value: object) -> list[int]:
        """Ids of the rows whose indexed column has this value, ascending; text is compared without case."""
        if field not in self._indexes:
            self._indexes[field] = {}
            for id, row in self.rows.items():
                self._put(field, row, id)
        return sorted(self._indexes[field].get(str(value).casefold(), ()))

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        return iter([(id, self.rows[id]) for id in self._sorted])

    def __len__(self) -> int:
        return len(self.rows)

    def _kept(self, name: str, value: Any) -> Any:
        field = self._fields[name]
        if field.i18n:
            given = value if isinstance(value, Mapping) else dict.fromkeys(self._languages(), value or "")
            return {language: given.get(language) or "" for language in self._languages()}
        return field.stored(None if value is None else str(value))

    def _index(self, id: int, row: Row) -> None:
        for field in self._indexes:
            self._put(field, row, id)

    def _put(self, field: str, row: Row, id: int) -> None:
        for value in values_of(row[field]):
            self._indexes[field].setdefault(value.casefold(), {})[id] = None

    def _unindex(self, id: int, row: Row) -> None:
        for field, index in self._indexes.items():
            for value in values_of(row[field]):
                index.get(value.casefold(), {}).pop(id, None)


def values_of(value: Any) -> Iterable[str]:
    """The texts that a column holds: one, or one a language."""
    return value.values() if isinstance(value, dict) else (value or "",)


class State:
    """Everything a shop holds. `clock` gives aware instants; the shop writes them in its own zone, without one."""

    def __init__(self, timezone: str, clock: Callable[[], datetime] | None = None) -> None:
        self.lock = threading.RLock()
        self.timezone = ZoneInfo(timezone)
        self.clock = clock or (lambda: datetime.now(UTC))
        self.tables = {name: Table(resource, self.languages) for name, resource in RESOURCES.items()}
        self.tax_rates: dict[tuple[str, str], Decimal] = {}
        """(tax rules group, country id) → rate in per cent."""
        self.images: dict[int, list[str]] = {}
        """Product id → ids of its pictures, the cover first."""
        self.files: dict[str, bytes] = {}
        """Pictures that came through the webservice, by id."""
        self.last_image = 0

    def __getattr__(self, name: str) -> Table:
        if name in RESOURCES:
            return self.tables[name]
        raise AttributeError(name)

    def languages(self) -> list[str]:
        """Ids of the active languages."""
        return [str(id) for id, row in self.tables["languages"] if row["active"] == "1"]

    def now(self) -> str:
        """The wall clock of the shop."""
        return self.local(self.clock())

    def local(self, instant: datetime) -> str:
        """An instant as this shop writes it."""
        return instant.astimezone(self.timezone).strftime("%Y-%m-%d %H:%M:%S")

    def setting(self, name: str) -> str:
        """The value of a configuration; empty where there is none."""
        table = self.tables["configurations"]
        found = table.where("name", name)
        return str(table.rows[found[0]]["value"]) if found else ""
