"""Stock: one level a source and SKU; or one a SKU, where the shop has no sources.

Source: https://developer.adobe.com/commerce/webapi/rest/inventory/manage-source-items/ and, for shops without the
inventory modules, `stockItems`. A level carries no date and moves no product's: stock is always read whole, and
quantity with status serves as version. What open orders have reserved is not taken off: it is what lies there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.reading import amount, sorted_out, text, whole
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.connectors.magento.signing import escaped
from passerelle.model import StockLevel
from passerelle.port import Pulled, Rejected

FIELDS = "sku,source_code,quantity,status"
ITEMS = "inventory/source-items"
AT_ONCE = 4


def level_id(source: str, sku: str) -> str:
    """A level's id: `source/SKU`; a shop without sources has none before the slash."""
    return f"{source}/{sku}"


def units(row: Row) -> int:
    """What a source has of a SKU; nothing where it is set out of stock."""
    return whole(row, "quantity") if text(row.get("status")) != "0" else 0


class Stock:
    """Reads stock, many SKUs at a time."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self._rest, self._facts = rest, facts

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The levels with these ids."""
        by_source: dict[str, list[str]] = defaultdict(list)
        for id in ids:
            source, _, sku = id.partition("/")
            by_source[source].append(sku)
        rows: list[Row] = []
        for source, skus in by_source.items():
            rows += self.items(skus, source) if source else self._legacy(skus)
        keyed = [row | {"id": level_id(text(row.get("source_code")), text(row.get("sku")))} for row in rows]
        return sorted_out(ids, keyed, _level)

    def items(self, skus: Iterable[str], source: str) -> list[Row]:
        """What a source holds of these SKUs."""
        return self._rest.among(ITEMS, "sku", skus, [[("source_code", "eq", source)]], fields=FIELDS)

    def quantities(self, skus: Iterable[str]) -> Mapping[str, int | None]:
        """SKU in lower case → units over all sources that count; None where the shop does not track it.

        A SKU that is not there lies nowhere.
        """
        wanted = list(dict.fromkeys(skus))
        held: dict[str, int | None] = {}
        if self._facts.sources is None:
            for row in self._legacy(wanted):
                held[text(row["sku"]).casefold()] = _tracked(row)
            return held
        counting = self._facts.counting
        only = [] if len(self._facts.sources) == 1 else [[("source_code", "in", ",".join(counting))]]
        for row in self._rest.among(ITEMS, "sku", wanted, only, fields=FIELDS, each=len(counting)):
            key = text(row.get("sku")).casefold()
            held[key] = (held.get(key) or 0) + units(row)
        return held

    def _legacy(self, skus: Sequence[str]) -> list[Row]:
        """The stock item of each SKU, one call each: nothing reads them together."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [row for row in pool.map(self.legacy, skus) if row is not None]

    def legacy(self, sku: str) -> Row | None:
        """The stock item of one SKU, in the words of a source's."""
        try:
            row = self._rest.get(f"stockItems/{escaped(sku)}")
        except Rejected as refused:
            if refused.status != 404:
                raise
            return None
        status = int(bool(row.get("is_in_stock")))
        told = {"sku": sku, "source_code": "", "quantity": amount(row, "qty"), "status": status}
        return told | {"item": row.get("item_id"), "tracked": row.get("manage_stock") is not False}


def _tracked(row: Row) -> int | None:
    return units(row) if row.get("tracked", True) else None


def _level(row: Row) -> StockLevel:
    source, _, sku = str(row["id"]).partition("/")
    return StockLevel(id=str(row["id"]), sku=sku, quantity=_tracked(row), location=source)
