"""Finds products by SKU, their own or that of one of their variants."""

from collections.abc import Sequence

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.products import HIDDEN
from passerelle.connectors.magento.reading import text
from passerelle.connectors.magento.rest import Rest
from passerelle.port import Match


def products_by_sku(rest: Rest, facts: Facts, skus: Sequence[str]) -> list[Match]:
    """The products under these SKUs; a hidden variant stands for the product it is a variant of."""
    wanted = {key.strip().casefold(): key for key in skus}
    rows = rest.among("products", "sku", [key.strip() for key in skus], fields="id,sku,visibility")
    matches = []
    for row in rows:
        key = wanted.get(text(row.get("sku")).casefold())
        hidden = text(row.get("visibility")) == HIDDEN
        id = facts.parents.get(str(row["id"]), "") if hidden else str(row["id"])
        if key is not None and id:
            matches.append(Match(key, id))
    return matches
