"""Finds products and stock levels by SKU, a variation's or their own.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-products (`sku` takes several between commas,
and finds variations, which come with their `parent_id`).
"""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from passerelle.connectors.woocommerce.reading import number, text
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row
from passerelle.connectors.woocommerce.stock import level_id
from passerelle.port import Match

LONGEST = 3_000
"""Characters of SKUs in one address, well under the 8 KB at which servers refuse one."""


def products_by_sku(rest: Rest, skus: Sequence[str]) -> list[Match]:
    """The products under these SKUs, each once a key."""
    wanted = {sku.strip().casefold(): sku for sku in skus if sku.strip()}
    found: dict[tuple[str, str], None] = {}
    for row in rows_by_sku(rest, list(wanted.values()), "id,parent_id,sku"):
        # The database compares without case and may see more alike than we do.
        key = wanted.get(text(row, "sku").casefold())
        if key is not None:
            found[key, str(number(row, "parent_id") or row["id"])] = None
    return [Match(key, id) for key, id in found]


def levels_by_sku(rest: Rest, skus: Sequence[str]) -> list[Match]:
    """The stock levels under these SKUs."""
    wanted = {sku.strip().casefold(): sku for sku in skus if sku.strip()}
    found: dict[tuple[str, str], None] = {}
    for row in rows_by_sku(rest, list(wanted.values()), "id,parent_id,sku,type"):
        key, parent = wanted.get(text(row, "sku").casefold()), number(row, "parent_id")
        if key is not None and text(row, "type") != "variable":
            found[key, level_id(parent, row["id"]) if parent else level_id(row["id"])] = None
    return [Match(key, id) for key, id in found]


def rows_by_sku(rest: Rest, skus: Sequence[str], fields: str) -> list[Row]:
    """Products and variations as they are told under these SKUs."""
    return [
        row
        for asked in _asked(skus)
        for row in rest.every("products", sku=asked, fields=fields, orderby="id", order="asc")
    ]


def _asked(skus: Sequence[str]) -> Iterator[str]:
    """What to ask for: many between commas, as far as an address may be long, and by itself each that holds one."""
    part: list[str] = []
    for sku in skus:
        if "," in sku:
            yield sku
        elif part and (len(part) >= PAGE or len(quote(",".join((*part, sku)), "")) > LONGEST):
            yield ",".join(part)
            part = [sku]
        else:
            part.append(sku)
    if part:
        yield ",".join(part)
