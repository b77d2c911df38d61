"""Categories, tags and brands by name; those that the shop does not have are made.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#product-categories. Of one that is there already the
refusal tells the id. Brands are there from WooCommerce 9.6 on.
"""

from collections.abc import Sequence

from passerelle.connectors.woocommerce.reading import label, number
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row
from passerelle.port import Rejected

LONGEST = 200
"""Characters of a name that WordPress keeps."""


class Labels:
    """Ids of the names by which products are sorted in one shop."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._known: dict[str, dict[str, int]] = {}
        self._absent: set[str] = set()

    def ids(self, kind: str, names: Sequence[str]) -> dict[str, int]:
        """Name → id; a name that the shop does not take is absent. `kind`: `categories`, `tags` or `brands`."""
        wanted = {name: name.strip().casefold() for name in names if 0 < len(name.strip()) <= LONGEST}
        if not wanted or kind in self._absent:
            return {}
        known = self._listed(kind)
        missing = {key: name.strip() for name, key in reversed(wanted.items()) if key not in known}
        new = list(missing.values())
        for start in range(0, len(new), PAGE):
            self._make(kind, new[start : start + PAGE])
        return {name: known[key] for name, key in wanted.items() if key in known}

    def _listed(self, kind: str) -> dict[str, int]:
        """Those that are known: all categories and brands, as one may stand below another; of tags none is looked up."""
        if kind not in self._known:
            self._known[kind] = {}
            if kind != "tags":
                self._known[kind] = {label(row).casefold(): number(row, "id") for row in self._every(kind)}
        return self._known[kind]

    def _every(self, kind: str) -> list[Row]:
        try:
            return self._rest.every(f"products/{kind}", fields="id,name", orderby="id", order="asc")
        except Rejected as refusal:
            if refusal.status != 404:
                raise
            self._absent.add(kind)
            return []

    def _make(self, kind: str, names: Sequence[str]) -> None:
        if kind in self._absent:
            return
        answered = self._rest.batch(f"products/{kind}", "create", [{"name": name} for name in names])
        for name, row in zip(names, answered, strict=True):
            id = number(row, "id") or _twin(row)
            if id:
                self._known[kind][name.casefold()] = id


def _twin(row: Row) -> int:
    """The id of the one that has the name already."""
    error = row.get("error")
    data = error.get("data") if isinstance(error, dict) else None
    return number(data, "resource_id") if isinstance(data, dict) else 0
