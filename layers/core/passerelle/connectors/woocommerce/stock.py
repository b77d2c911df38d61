"""Stock, one level a variant.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#product-properties. A level's id is that of the
product and of the variation (`12-13`, or `11-0`), as a variation is only reached through its product. Levels are
listed whole each time; the quantity serves as version.
"""

from collections.abc import Sequence

from passerelle.connectors.woocommerce.facts import Facts
from passerelle.connectors.woocommerce.products import named, own_sku, quantity
from passerelle.connectors.woocommerce.reading import number, sorted_out, text
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row
from passerelle.connectors.woocommerce.variations import Variations
from passerelle.connectors.woocommerce.walking import Place, Step, step
from passerelle.model import StockLevel
from passerelle.port import Indexed, IndexPage, Pulled

KEPT = "id,manage_stock,stock_quantity,stock_status"
FIELDS = f"{KEPT},type,sku,variations,status"
VARIATIONS = "variations|"
"""Begins the cursor of an index that has come to the variations."""
UNSOLD = frozenset({"grouped", "external"})
"""Types that have no stock of their own."""


def level_id(product: object, variation: object = 0) -> str:
    """A level's id."""
    return f"{product}-{variation}"


class Stock:
    """Lists and reads stock levels."""

    def __init__(self, rest: Rest, facts: Facts, variations: Variations) -> None:
        self._rest, self._facts, self._variations = rest, facts, variations

    def page(self, after: str | None) -> IndexPage:
        """One page of levels: those of products, then those of variations, or with them where they are listed so."""
        if after and after.startswith(VARIATIONS):
            return self._of_variations(Place.parse(after.removeprefix(VARIATIONS)))
        place = Place.parse(after) if after else Place()
        found = self._listed("products", f"{KEPT},type,variations", place)
        entries = [_entry(row) for row in found.rows if _is_plain(row)]
        onward = str(found.next) if found.next else None
        if self._facts.lists_variations:
            return IndexPage(tuple(entries), onward or f"{VARIATIONS}{Place()}")
        hanging = self._variations.of(named(found.rows), KEPT)
        entries += [_entry(row, product) for product, some in hanging.items() for row in some]
        return IndexPage(tuple(entries), onward)

    def count(self) -> int:
        """How many levels there are: a plain product has one, another as many as it has variations."""
        rows = self._rest.every("products", fields="id,type,variations", orderby="id", order="asc")
        return sum(1 if _is_plain(row) else len(row.get("variations") or ()) for row in rows)

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The levels; of a product that has variations by now, its own counts as missing."""
        pairs = [id.partition("-")[::2] for id in ids]
        products = self._rest.among("products", (product for product, _ in pairs), fields=FIELDS)
        by_id = {text(row, "id"): row for row in products if text(row, "status") != "trash"}
        wanted: dict[str, list[str]] = {}
        for product, variation in pairs:
            if variation != "0" and product in by_id:
                wanted.setdefault(product, []).append(variation)
        hanging = self._variations.of(wanted, f"{KEPT},sku")
        found = [{**row, "id": level_id(row["id"]), "of": row} for row in by_id.values() if _is_plain(row)]
        found += [
            {**row, "id": level_id(product, row["id"]), "of": by_id[product]}
            for product, some in hanging.items()
            if product in by_id
            for row in some
        ]
        return sorted_out(ids, found, _level)

    def _listed(self, resource: str, fields: str, place: Place) -> Step:
        order = {"per_page": PAGE, "orderby": "id", "order": "asc", "fields": fields}
        return step(resource, lambda offset: self._rest.page(resource, offset=offset, **order), place)

    def _of_variations(self, place: Place) -> IndexPage:
        found = self._listed("variations", f"{KEPT},parent_id", place)
        entries = tuple(_entry(row, str(number(row, "parent_id"))) for row in found.rows)
        return IndexPage(entries, f"{VARIATIONS}{found.next}" if found.next else None)


def _is_plain(row: Row) -> bool:
    return text(row, "type") not in UNSOLD and not named([row]) and text(row, "type") != "variable"


def _entry(row: Row, product: str = "") -> Indexed:
    id = level_id(product, row["id"]) if product else level_id(row["id"])
    return Indexed(id, str(quantity(row)))


def _level(row: Row) -> StockLevel:
    product: Row = row["of"]
    is_own = text(row, "id").endswith("-0")
    return StockLevel(
        id=text(row, "id"),
        sku=text(product, "sku") if is_own else own_sku(product, row),
        quantity=quantity(row),
        product_id=text(product, "id"),
    )
