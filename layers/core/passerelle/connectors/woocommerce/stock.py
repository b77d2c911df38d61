"""Stock, one level a variant.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#product-properties. A level's id is that of the
product and of the variation (`12-13`, or `11-0`), as a variation is only reached through its product. Levels are
listed each time, and come whole: no second call reads them. The quantity serves as version.
"""

from collections.abc import Sequence

from passerelle.connectors.woocommerce.facts import Facts
from passerelle.connectors.woocommerce.products import named, own_sku, quantity
from passerelle.connectors.woocommerce.reading import number, text
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
        self._skus: dict[str, str] = {}

    def page(self, after: str | None) -> IndexPage:
        """One page of levels: those of products, then those of variations, or with them where they are listed so."""
        if after and after.startswith(VARIATIONS):
            return self._of_variations(Place.parse(after.removeprefix(VARIATIONS)))
        place = Place.parse(after) if after else Place()
        found = self._listed("products", f"{KEPT},type,sku,variations", place)
        levels = [_level(row, row) for row in found.rows if _is_plain(row)]
        onward = str(found.next) if found.next else None
        hanging = named(found.rows)
        self._skus |= {text(row, "id"): text(row, "sku") for row in found.rows if text(row, "id") in hanging}
        if self._facts.lists_variations:
            return _page(levels, onward or f"{VARIATIONS}{Place()}")
        parents = {text(row, "id"): row for row in found.rows}
        parts = self._variations.of(hanging, f"{KEPT},sku")
        levels += [_level(parents[product], row) for product, some in parts.items() for row in some]
        return _page(levels, onward)

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
        found = [_level(row, row) for row in by_id.values() if _is_plain(row)]
        found += [
            _level(by_id[product], row)
            for product, some in hanging.items()
            if product in by_id
            for row in some
        ]
        there = {level.id: level for level in found}
        kept = tuple(there[id] for id in dict.fromkeys(ids) if id in there)
        return Pulled(kept, tuple(id for id in dict.fromkeys(ids) if id not in there))

    def _listed(self, resource: str, fields: str, place: Place) -> Step:
        order = {"per_page": PAGE, "orderby": "id", "order": "asc", "fields": fields}
        return step(resource, lambda offset: self._rest.page(resource, offset=offset, **order), place)

    def _of_variations(self, place: Place) -> IndexPage:
        found = self._listed("variations", f"{KEPT},sku,parent_id", place)
        parents = {str(number(row, "parent_id")) for row in found.rows}
        # Another worker began this index: a variation without a SKU would show its product's.
        unknown = sorted(parents - self._skus.keys())
        rows = self._rest.among("products", unknown, fields="id,sku") if unknown else []
        self._skus |= {text(row, "id"): text(row, "sku") for row in rows}
        levels = [
            _level({"id": parent, "sku": self._skus.get(parent, "")}, row)
            for row in found.rows
            if (parent := str(number(row, "parent_id")))
        ]
        return _page(levels, f"{VARIATIONS}{found.next}" if found.next else None)


def _is_plain(row: Row) -> bool:
    return text(row, "type") not in UNSOLD and not named([row]) and text(row, "type") != "variable"


def _page(levels: Sequence[StockLevel], after: str | None) -> IndexPage:
    entries = tuple(Indexed(level.id, str(level.quantity)) for level in levels)
    return IndexPage(entries, after, objects=tuple(levels))


def _level(product: Row, row: Row) -> StockLevel:
    """The level of a product, or of a variation of it."""
    is_own = row is product
    return StockLevel(
        id=level_id(row["id"]) if is_own else level_id(product["id"], row["id"]),
        sku=own_sku(product, row),
        quantity=quantity(row),
        product_id=text(product, "id"),
        variant_id=text(row, "id"),
    )
