"""Writes stock levels: plain products a hundred a call, variations a hundred a call of one product.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#batch-update-products. Only what differs is written:
the shop saves the whole product with its stock, and dates it. A level is an absolute number: twice is as once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row, refused
from passerelle.connectors.woocommerce.stock import Stock
from passerelle.model import StockLevel
from passerelle.port import Action, Change, Outcome, Result


class LevelWriter:
    """Writes the stock of one shop. The destination's ids are those of its own levels."""

    def __init__(self, rest: Rest, stock: Stock) -> None:
        self._rest, self._stock = rest, stock

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. Raises Unavailable where it is not known what was written."""
        held = {
            level.id: level.quantity
            for level in self._stock.pull([change.destination_id for change in changes]).objects
            if isinstance(level, StockLevel)
        }
        outcomes = {change.id: found for change in changes if (found := _judged(change, held))}
        batches: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            if change.id not in outcomes:
                product, _, variation = change.destination_id.partition("-")
                batches["products" if variation == "0" else f"products/{product}/variations"].append(change)
        for path, some in batches.items():
            for start in range(0, len(some), PAGE):
                outcomes |= self._write(path, some[start : start + PAGE])
        return [outcomes[change.id] for change in changes]

    def _write(self, path: str, changes: Sequence[Change]) -> dict[str, Outcome]:
        answered = self._rest.batch(path, "update", [_body(change) for change in changes])
        return {change.id: _ended(change, row) for change, row in zip(changes, answered, strict=True)}


def _judged(change: Change, held: Mapping[str, int | None]) -> Outcome | None:
    """The outcome of a change that needs no write, or cannot have one."""
    level = change.object
    if change.action is not Action.UPDATE or not isinstance(level, StockLevel):
        why = "Stock is changed where a product is; it is neither made nor deleted."
        return Outcome(change.id, Result.REFUSED, change.destination_id, "stock_of_nothing", why)
    if change.destination_id not in held:
        why = "The product is no longer in the shop."
        return Outcome(change.id, Result.REFUSED, change.destination_id, "missing", why)
    if held[change.destination_id] == level.quantity:
        return Outcome(change.id, Result.UNCHANGED, change.destination_id)
    return None


def _body(change: Change) -> Row:
    product, _, variation = change.destination_id.partition("-")
    level = change.object
    quantity = level.quantity if isinstance(level, StockLevel) else None
    body: Row = {"id": int(product if variation == "0" else variation), "manage_stock": quantity is not None}
    return body if quantity is None else body | {"stock_quantity": quantity}


def _ended(change: Change, row: Row) -> Outcome:
    refusal = refused(row)
    if refusal is None:
        return Outcome(change.id, Result.UPDATED, change.destination_id)
    return Outcome(change.id, Result.REFUSED, change.destination_id, *refusal)
