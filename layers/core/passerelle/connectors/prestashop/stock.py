"""Stock, one level a variant.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/stock_availables/. Each product has a row of its
own (`id_product_attribute` 0), which for a product with combinations is only their sum. Rows carry no date: stock is
always read whole, and the quantity serves as version.
"""

from collections.abc import Iterable, Sequence

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.reading import number, sorted_out, text
from passerelle.connectors.prestashop.settings import Settings
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.model import StockLevel
from passerelle.port import Pulled

FIELDS = "id,id_product,id_product_attribute,id_shop,quantity"


class Stock:
    """Reads stock levels, many at a time."""

    def __init__(self, service: Webservice, facts: Facts, settings: Settings) -> None:
        self._service, self._facts, self._settings = service, facts, settings

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The levels; the sum row of a product that has combinations by now counts as missing."""
        rows = self._here(self._service.entities("stock_availables", ids, FIELDS))
        plain = [text(r.get("id_product")) for r in rows if _plain(r)]
        varied = self._varied(plain)
        kept = [row for row in rows if not _plain(row) or text(row.get("id_product")) not in varied]
        skus = self._skus(
            "combinations", (text(row.get("id_product_attribute")) for row in kept if not _plain(row))
        )
        own = self._skus("products", (text(row.get("id_product")) for row in kept if _plain(row)))
        return sorted_out(ids, kept, lambda row: self._level(row, own if _plain(row) else skus))

    def without_sums(self, rows: Sequence[Row]) -> list[Row]:
        """The rows less those that only add up the combinations of a product, and those of other shops."""
        rows = self._here(rows)
        products = [number(row, "id_product") for row in rows if _plain(row)]
        if not products:
            return rows
        between = f"[{min(products)},{max(products)}]"
        found = self._service.rows("combinations", "id,id_product", {"id_product": between})
        varied = {text(row.get("id_product")) for row in found}
        return [row for row in rows if not _plain(row) or text(row.get("id_product")) not in varied]

    def _varied(self, products: Iterable[str]) -> set[str]:
        rows = self._service.among("combinations", "id_product", products, "id,id_product")
        return {text(row.get("id_product")) for row in rows}

    def _skus(self, resource: str, ids: Iterable[str]) -> dict[str, str]:
        rows = self._service.entities(resource, ids, "id,reference")
        return {str(row["id"]): text(row.get("reference")) for row in rows}

    def _here(self, rows: Sequence[Row]) -> list[Row]:
        """The rows of the shop that the link names, or of its group."""
        shop = str(self._settings.shop or "")
        return [row for row in rows if not shop or text(row.get("id_shop")) in {shop, "0", ""}]

    def _level(self, row: Row, skus: dict[str, str]) -> StockLevel | None:
        product, combination = text(row.get("id_product")), text(row.get("id_product_attribute")) or "0"
        key = product if combination == "0" else combination
        if key not in skus:
            return None
        return StockLevel(
            id=str(row["id"]),
            sku=skus[key],
            quantity=number(row, "quantity") if self._facts.counts_stock else None,
            product_id=product,
            variant_id=f"{product}-{combination}",
        )


def _plain(row: Row) -> bool:
    return (text(row.get("id_product_attribute")) or "0") == "0"
