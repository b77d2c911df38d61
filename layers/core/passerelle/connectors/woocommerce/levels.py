"""Writes stock levels: plain products a hundred a call, variations a hundred a call of one product.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#batch-update-products. Only what differs is written:
the shop saves the whole product with its stock, and dates it. A level is an absolute number: twice is as once. What
the shop keeps no count of stays so.
"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import batched

from passerelle.connectors.woocommerce.facts import PLACE
from passerelle.connectors.woocommerce.products import quantity
from passerelle.connectors.woocommerce.reading import text
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row, refused
from passerelle.connectors.woocommerce.stock import KEPT
from passerelle.connectors.woocommerce.variations import Variations
from passerelle.model import StockLevel
from passerelle.model.riding import Beside
from passerelle.port import Action, Change, Outcome, Result

AT_ONCE = 4
UNTRACKED = Beside("quantity", "stock_not_tracked", "", "The shop keeps no count of it, and that is left so.")

type Place = tuple[str, str]
"""(product, variant): the same id twice where the product is its own variant."""


class LevelWriter:
    """Writes the stock of one shop. A change names a variant as its product tells it, or a level by its id."""

    def __init__(self, rest: Rest, variations: Variations) -> None:
        self._rest, self._variations = rest, variations

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. Raises Unavailable where it is not known what was written."""
        places = {change.id: _place(change) for change in changes}
        held = self._held(set(places.values()))
        outcomes = {
            change.id: found for change in changes if (found := _judged(change, held.get(places[change.id])))
        }
        by_path: dict[str, list[tuple[Change, Row]]] = defaultdict(list)
        for change in changes:
            if change.id not in outcomes:
                product, variant = places[change.id]
                path = "products" if product == variant else f"products/{product}/variations"
                by_path[path].append((change, _body(change, held[product, variant])))
        batches = [
            (path, some) for path, every in by_path.items() for some in batched(every, PAGE, strict=False)
        ]
        if batches:
            with ThreadPoolExecutor(min(AT_ONCE, len(batches))) as pool:
                for written in pool.map(lambda one: self._write(*one), batches):
                    outcomes |= written
        return [outcomes[change.id] for change in changes]

    def _held(self, places: set[Place]) -> dict[Place, Row]:
        """What is there: products a hundred a call, and variations likewise where the shop lists them together."""
        plain = sorted(product for product, variant in places if product == variant)
        wanted: dict[str, list[str]] = defaultdict(list)
        for product, variant in sorted(places):
            if product != variant and product.isdigit() and variant.isdigit():
                wanted[product].append(variant)
        rows = self._rest.among("products", plain, fields=f"{KEPT},status,type") if plain else []
        found = {(text(row, "id"), text(row, "id")): row for row in rows if text(row, "status") != "trash"}
        for product, parts in self._variations.of(wanted, KEPT).items():
            found |= {(product, text(part, "id")): part for part in parts}
        return found

    def _write(self, path: str, changes: Sequence[tuple[Change, Row]]) -> dict[str, Outcome]:
        answered = self._rest.batch(path, "update", [body for _, body in changes])
        return {change.id: _ended(change, row) for (change, _), row in zip(changes, answered, strict=True)}


def _place(change: Change) -> Place:
    named, product = change.destination_id, ""
    if "-" in named:
        product, _, variation = named.partition("-")
        return product, product if variation == "0" else variation
    if isinstance(change.object, StockLevel):
        product = change.object.product_id
    return product or named, named


def _wanted(level: StockLevel) -> int | None:
    """The units for the shop's one place; None for none that it has, or none that are counted."""
    if not level.by_location:
        return level.quantity
    return next((units for place, units in level.by_location if place in {PLACE, ""}), None)


def _judged(change: Change, held: Row | None) -> Outcome | None:
    """The outcome of a change that needs no write, or cannot have one."""
    level = change.object
    if change.action is not Action.UPDATE or not isinstance(level, StockLevel):
        why = "Stock is changed where a product is; it is neither made nor deleted."
        return Outcome(change.id, Result.REFUSED, change.destination_id, "stock_of_nothing", why)
    if held is None:
        why = "The product is no longer in the shop."
        return Outcome(change.id, Result.REFUSED, change.destination_id, "missing", why)
    wanted = _wanted(level)
    if wanted is None and level.by_location:
        why = "The shop has one place for its stock, and the change names another."
        remedy = "Map the locations of the source to the shop's own."
        return Outcome(change.id, Result.REFUSED, change.destination_id, "location_unknown", why, remedy)
    if wanted is not None and not held.get("manage_stock"):
        return Outcome(change.id, Result.UNCHANGED, change.destination_id, beside=(UNTRACKED,))
    if wanted is None or quantity(held) == wanted:
        return Outcome(change.id, Result.UNCHANGED, change.destination_id)
    return None


def _body(change: Change, held: Row) -> Row:
    """A variation that shares its product's count gets one of its own: only so has each its own number."""
    units = _wanted(change.object) if isinstance(change.object, StockLevel) else None
    body: Row = {"id": held["id"], "stock_quantity": units}
    return body if held["manage_stock"] is True else body | {"manage_stock": True}


def _ended(change: Change, row: Row) -> Outcome:
    refusal = refused(row)
    if refusal is None:
        return Outcome(change.id, Result.UPDATED, change.destination_id)
    return Outcome(change.id, Result.REFUSED, change.destination_id, *refusal)
