"""Finds products and stock levels: by SKU, a variation's or their own; by barcode; by words of a title.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-products (`sku` takes several between commas,
compares without case, and finds variations, which come with their `parent_id`). By barcode there is no filter: the shop's
barcodes are read whole, a hundred a call.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from urllib.parse import quote

from passerelle.connectors.woocommerce.facts import Facts
from passerelle.connectors.woocommerce.products import named
from passerelle.connectors.woocommerce.reading import label, number, text
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row
from passerelle.connectors.woocommerce.stock import level_id
from passerelle.connectors.woocommerce.variations import Variations
from passerelle.port import By, Match

LONGEST = 3_000
"""Characters of SKUs in one address, well under the 8 KB at which servers refuse one."""
AT_ONCE = 4
SUGGESTED = 5


class Finding:
    """Looks for the goods of one shop."""

    def __init__(self, rest: Rest, facts: Facts, variations: Variations) -> None:
        self._rest, self._facts, self._variations = rest, facts, variations

    def products(self, keys: Sequence[str], by: By) -> list[Match]:
        """Every product under these keys, with the variant that has the key: a variable product's own SKU is no one's."""
        if by is By.OWN:
            return self._by_sku(keys)
        return self._by_barcode(keys) if by is By.BARCODE else self._by_title(keys)

    def levels(self, keys: Sequence[str]) -> list[Match]:
        """The stock levels under these SKUs."""
        found: list[Match] = []
        for key, row in self._under(keys):
            parent = number(row, "parent_id")
            if text(row, "type") != "variable":
                level = level_id(parent, row["id"]) if parent else level_id(row["id"])
                found.append(Match(key, level, variant_id=text(row, "id")))
        return list(dict.fromkeys(found))

    def _by_sku(self, keys: Sequence[str]) -> list[Match]:
        found: list[Match] = []
        for key, row in self._under(keys):
            variant = "" if text(row, "type") == "variable" else text(row, "id")
            found.append(Match(key, str(number(row, "parent_id") or row["id"]), variant_id=variant))
        return list(dict.fromkeys(found))

    def _under(self, keys: Sequence[str]) -> Iterator[tuple[str, Row]]:
        """(key, row) of what is there; the database may see more alike than we do."""
        wanted: dict[str, list[str]] = {}
        for key in dict.fromkeys(keys):
            if key.strip():
                wanted.setdefault(key.strip().casefold(), []).append(key)
        rows = rows_by_sku(self._rest, [some[0].strip() for some in wanted.values()], "id,parent_id,sku,type")
        for row in rows:
            yield from ((key, row) for key in wanted.get(text(row, "sku").casefold(), ()))

    def _by_barcode(self, keys: Sequence[str]) -> list[Match]:
        wanted = {key.strip(): key for key in keys if key.strip()}
        if not wanted:
            return []
        fields = "id,type,variations,global_unique_id"
        rows = self._rest.every("products", fields=fields, orderby="id", order="asc")
        found = [
            Match(wanted[barcode], text(row, "id"), variant_id="" if named([row]) else text(row, "id"))
            for row in rows
            if (barcode := text(row, "global_unique_id")) in wanted
        ]
        for product, parts in self._parts(rows).items():
            found += [
                Match(wanted[barcode], product, variant_id=text(part, "id"))
                for part in parts
                if (barcode := text(part, "global_unique_id")) in wanted
            ]
        return found

    def _parts(self, products: Sequence[Row]) -> dict[str, list[Row]]:
        return self._variations.of(named(products), "id,global_unique_id")

    def _by_title(self, keys: Sequence[str]) -> list[Match]:
        wanted = [key for key in dict.fromkeys(keys) if key.strip()]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(self._titled, wanted))
        return [match for some in found for match in some]

    def _titled(self, key: str) -> list[Match]:
        """The likest of those that hold all its words, or at least the longest."""
        longest = max(key.split(), key=len)
        rows: list[Row] = []
        for words in dict.fromkeys((key.strip(), longest)):
            asked = {"search": words, "per_page": PAGE, "fields": "id,name", "orderby": "id"}
            rows = self._rest.page("products", **asked, order="asc").rows
            if rows:
                break
        likest = sorted(rows, key=lambda row: -_likeness(key, label(row)))
        return [Match(key, text(row, "id")) for row in likest[:SUGGESTED]]


def _likeness(key: str, title: str) -> float:
    return SequenceMatcher(None, key.strip().casefold(), title.casefold()).ratio()


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
