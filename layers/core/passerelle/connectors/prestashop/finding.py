"""Finds products: by reference, which PrestaShop does not keep unique, by barcode, and by words of their name.

References compare as the database does, without case; blanks around a key are ours to take away. Our own reference
lies in the product's `supplier_reference`: the shop that it came from supplies it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.fitting import OURS, our_reference
from passerelle.connectors.prestashop.products import BARCODES
from passerelle.connectors.prestashop.reading import text
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.port import By, Match

SPECIAL = frozenset("[]|%_\\")
"""What means something in a filter; `_` stands for any one sign there."""
FEW = 5
WORDS = 4


def rows_by_text(
    service: Webservice, resource: str, field: str, values: Iterable[str], display: str, **extra: str
) -> list[Row]:
    """Rows whose field is one of these texts, or like one: whoever asks compares again."""
    wanted = list(dict.fromkeys(value for value in values if value))
    rows = service.among(resource, field, (v for v in wanted if not set("[]|") & set(v)), display, **extra)
    for value in wanted:
        if set("[]|") & set(value):
            like = "".join("_" if sign in SPECIAL else sign for sign in value)
            rows += service.rows(resource, display, {field: f"[{like}]%"}, **extra)
    return rows


class Finding:
    """Finds products of one shop."""

    def __init__(self, service: Webservice, facts: Facts) -> None:
        self._service, self._facts = service, facts

    def find(self, keys: Sequence[str], by: By) -> list[Match]:
        """Every match of each key, with the variant that has it."""
        wanted = [key for key in dict.fromkeys(keys) if key.strip()]
        if by is By.TITLE:
            return [match for key in wanted for match in self._titled(key)]
        ours = [key for key in wanted if by is By.OWN and key.startswith(OURS)]
        own = ("reference",) if by is By.OWN else BARCODES
        found = self._referred(ours) if ours else []
        return found + self._held([key for key in wanted if key not in ours], own)

    def _referred(self, keys: Sequence[str]) -> list[Match]:
        kept = {our_reference(key): key for key in keys}
        rows = self._service.among("products", "supplier_reference", kept, "id,supplier_reference,state")
        return [
            Match(kept[reference], str(row["id"]))
            for row in rows
            if (reference := text(row.get("supplier_reference"))) in kept and _listed(row)
        ]

    def _held(self, keys: Sequence[str], fields: Sequence[str]) -> list[Match]:
        """By what a product or one of its combinations has in any of these fields."""
        wanted: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            wanted[key.strip().casefold()].append(key)
        own: dict[tuple[str, str], None] = {}
        parts: dict[tuple[str, str, str], None] = {}
        for field in fields:
            texts = [many[0].strip() for many in wanted.values()]
            for row in rows_by_text(self._service, "products", field, texts, f"id,{field},state"):
                if text(row.get(field)).casefold() in wanted and _listed(row):
                    own[text(row.get(field)).casefold(), str(row["id"])] = None
            for row in rows_by_text(self._service, "combinations", field, texts, f"id,id_product,{field}"):
                if text(row.get(field)).casefold() in wanted:
                    parts[text(row.get(field)).casefold(), text(row["id_product"]), str(row["id"])] = None
        return self._matches(wanted, list(own), list(parts))

    def _matches(
        self,
        wanted: dict[str, list[str]],
        own: list[tuple[str, str]],
        parts: list[tuple[str, str, str]],
    ) -> list[Match]:
        varied = self._varied([product for _, product in own])
        drafts = self._drafts({product for _, product, _ in parts} - {product for _, product in own})
        of_parts = {(sku, product) for sku, product, _ in parts}
        found = []
        for sku, product in own:
            # What a product is called that is only ever bought as one of its combinations names no variant.
            if (sku, product) not in of_parts:
                variant = "" if product in varied else f"{product}-0"
                found += [Match(key, product, variant_id=variant) for key in wanted[sku]]
        for sku, product, part in parts:
            if product not in drafts:
                found += [Match(key, product, variant_id=f"{product}-{part}") for key in wanted[sku]]
        return found

    def _varied(self, products: Sequence[str]) -> set[str]:
        rows = self._service.among("combinations", "id_product", products, "id,id_product")
        return {text(row.get("id_product")) for row in rows}

    def _drafts(self, products: Iterable[str]) -> set[str]:
        """Those that were never saved in the back office: they are no products yet."""
        rows = self._service.among("products", "id", products, "id,state")
        listed = {str(row["id"]) for row in rows if _listed(row)}
        return set(products) - listed

    def _titled(self, key: str) -> list[Match]:
        """A few products whose names have all of a title's words, or else most of them."""
        words = sorted({word for word in key.split() if not set("[]|%") & set(word)}, key=len, reverse=True)
        scores: dict[str, int] = defaultdict(int)
        for word in words[:WORDS]:
            rows = self._service.rows(
                "products",
                "id,name",
                {"name": f"%[{word}]%", "state": "[1]"},
                limit="200",
                **self._facts.in_language,
            )
            for row in rows:
                exact = text(row.get("name"), self._facts.language).casefold() == key.strip().casefold()
                scores[str(row["id"])] += 1 + (WORDS if exact else 0)
        best = sorted(scores, key=lambda id: (-scores[id], int(id)))
        most = max(scores.values(), default=0)
        return [Match(key, id) for id in best[:FEW] if scores[id] * 2 >= most]


def _listed(row: Row) -> bool:
    return str(row.get("state", "1")) != "0"
