"""Variations: all together where the shop lists them, else one list a product, four at a time.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#product-variations, and `GET /variations` of 10.3.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from passerelle.connectors.woocommerce.facts import Facts
from passerelle.connectors.woocommerce.reading import number
from passerelle.connectors.woocommerce.rest import Rest, Row
from passerelle.port import Rejected

AT_ONCE = 4


class Variations:
    """Reads variations of many products."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self._rest, self._facts = rest, facts

    def of(self, wanted: Mapping[str, Sequence[str]], fields: str) -> dict[str, list[Row]]:
        """Product id → its variations. `wanted`: the ids that the products name."""
        if not wanted:
            return {}
        if self._facts.lists_variations:
            ids = [id for named in wanted.values() for id in named]
            return grouped(self._rest.among("variations", ids, fields=f"{fields},parent_id"))
        with ThreadPoolExecutor(min(AT_ONCE, len(wanted))) as pool:
            found = pool.map(lambda product: self._listed(product, fields), wanted)
            return dict(zip(wanted, found, strict=True))

    def _listed(self, product: str, fields: str) -> list[Row]:
        path = f"products/{product}/variations"
        try:
            return self._rest.every(path, fields=fields, orderby="id", order="asc")
        except Rejected as refusal:
            if refusal.status != 404:
                raise
            # Deleted since its product was listed.
            return []


def grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Variations by their product's id."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[str(number(row, "parent_id"))].append(row)
    return dict(found)
