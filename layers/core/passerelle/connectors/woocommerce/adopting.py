"""New products that the shop has already: ours, of a try whose answer was lost, or somebody else's under a SKU."""

from collections.abc import Sequence
from typing import cast

from passerelle.connectors.woocommerce import bodies
from passerelle.connectors.woocommerce.finding import rows_by_sku
from passerelle.connectors.woocommerce.jobs import Job, bears
from passerelle.connectors.woocommerce.reading import number, text
from passerelle.connectors.woocommerce.rest import Rest
from passerelle.model import Product, ProductField
from passerelle.port import Change, Outcome, Result


def adopted(rest: Rest, changes: Sequence[Change]) -> tuple[dict[str, str], dict[str, Outcome]]:
    """(change → the product of ours that it has made, what is somebody else's already)."""
    asked = {change.id: _skus(change) for change in changes}
    holders: dict[str, set[str]] = {}
    every = list(dict.fromkeys(sku for some in asked.values() for sku in some))
    for row in rows_by_sku(rest, every, "id,parent_id,sku"):
        product = str(number(row, "parent_id") or row["id"])
        holders.setdefault(text(row, "sku").casefold(), set()).add(product)
    known = {product for sku in every for product in holders.get(sku, ())}
    found = rest.among("products", sorted(known), fields="id,meta_data") if known else []
    there = {text(row, "id"): row for row in found}
    ids: dict[str, str] = {}
    exists: dict[str, Outcome] = {}
    claimed: set[str] = set()
    for change in changes:
        held = {product for sku in asked[change.id] for product in holders.get(sku, ())}
        others = {one for one in held if one not in there or not bears(there[one], change.reference)}
        if others or claimed & set(asked[change.id]):
            exists[change.id] = Outcome(change.id, Result.EXISTS, min(others, default=""))
        elif held:
            ids[change.id] = min(held)
        claimed |= set(asked[change.id])
    return ids, exists


def _skus(change: Change) -> list[str]:
    """What it would be found under, without case: the SKU that its product was given, and those of its variants."""
    product = cast("Product", change.object)
    own = (
        bodies.sku_of(product, change.reference)
        if ProductField.SKU in Job(change).fields
        else change.reference
    )
    every = (own, *(one.sku for one in product.variants))
    return list(dict.fromkeys(sku.strip().casefold() for sku in every if sku.strip()))
