"""Stock: one level a variant, with what lies in each source where several count.

Source: https://developer.adobe.com/commerce/webapi/rest/inventory/manage-source-items/ and, for shops without the
inventory modules, `stockItems`. A level carries no date and moves no product's: stock is always read whole, and the
quantities serve as version. What open orders have reserved is not taken off: it is what lies there.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from passerelle.connectors.magento.facts import LINKS, Facts
from passerelle.connectors.magento.reading import amount, sorted_out, text, whole
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.connectors.magento.signing import escaped
from passerelle.model import StockLevel
from passerelle.port import Pulled, Rejected

FIELDS = "sku,source_code,quantity,status"
ITEMS = "inventory/source-items"
AT_ONCE = 4
HIDDEN = "1"
"""Visibility of what is not shown by itself."""
COUNTED = frozenset({"simple", "virtual", "downloadable", "giftcard"})
"""Types that have stock of their own."""
SLIM = f"id,sku,type_id,visibility,status,{LINKS}"
"""What of a product its stock asks for."""

type Held = Mapping[str, int]
"""Source → units."""


def units(row: Row) -> int:
    """What a source has of a SKU; nothing where it is set out of stock."""
    return whole(row, "quantity") if text(row.get("status")) != "0" else 0


class Stock:
    """Reads stock, many SKUs at a time."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self._rest, self._facts = rest, facts

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The levels of the variants with these ids."""
        rows = self._rest.among("products", "entity_id", ids, fields=SLIM)
        return sorted_out(ids, rows, self._reader(rows))

    def made(self, ids: Sequence[str], rows: Sequence[Row], held: Mapping[str, Held]) -> Pulled:
        """The levels of variants that these rows tell of; `held`: by SKU in lower case."""
        return sorted_out(ids, rows, lambda row: self._level(row, held.get(_key(row), {})))

    def _reader(self, rows: Sequence[Row]) -> Callable[[Row], StockLevel | None]:
        self._facts.expect_parents(hidden(rows))
        sold = [text(row.get("sku")) for row in rows if self.tells(row)]
        if self._facts.sources is None:
            singly = {text(row["sku"]).casefold(): row for row in self._legacy(sold)}
            return lambda row: self._single(row, singly.get(_key(row)))
        held = self.held(sold)
        return lambda row: self._level(row, held.get(_key(row), {}))

    def tells(self, row: Row) -> bool:
        """Whether a product is a variant that products tell, with stock of its own."""
        shown = text(row.get("visibility")) != HIDDEN or str(row.get("id")) in self._facts.parents
        return row.get("type_id") in COUNTED and shown

    def _on(self, row: Row) -> bool:
        """Whether a variant is for sale; a product that is its own only variant says so by its status."""
        return text(row.get("status")) == "1" or str(row["id"]) not in self._facts.parents

    def _level(self, row: Row, held: Held) -> StockLevel | None:
        """The level of one variant, told as its product tells it."""
        if not self.tells(row):
            return None
        on, id = self._on(row), str(row["id"])
        places = [(source, held[source] if on else 0) for source in sorted(held)]
        counting = self._facts.counting
        return StockLevel(
            id=id,
            sku=text(row.get("sku")),
            quantity=sum(number for _, number in places),
            product_id=self._facts.parents.get(id, id),
            location=counting[0] if len(counting) == 1 else "",
            variant_id=id,
            by_location=tuple(places) if len(counting) > 1 else (),
        )

    def _single(self, row: Row, item: Row | None) -> StockLevel | None:
        """The same by the legacy item of a shop without sources."""
        if not self.tells(row):
            return None
        id = str(row["id"])
        on, parent = self._on(row), self._facts.parents.get(id, id)
        quantity = tracked(item) if item is not None else 0
        return StockLevel(id, text(row.get("sku")), quantity if on else 0, parent, variant_id=id)

    # --- by SKU ----------------------------------------------------------------------------------------------

    def items(self, skus: Iterable[str]) -> list[Row]:
        """What any source holds of these SKUs."""
        return self._rest.among(
            ITEMS, "sku", skus, fields=FIELDS, each=max(len(self._facts.sources or ()), 1)
        )

    def held(self, skus: Iterable[str]) -> dict[str, dict[str, int]]:
        """SKU in lower case → what of it lies in each source that counts."""
        counting = self._facts.counting
        only = (
            []
            if len(counting) == len(self._facts.sources or ())
            else [[("source_code", "in", ",".join(counting))]]
        )
        found: dict[str, dict[str, int]] = defaultdict(dict)
        rows = (
            self._rest.among(ITEMS, "sku", skus, only, fields=FIELDS, each=len(counting)) if counting else ()
        )
        for row in rows:
            found[_key(row)][text(row.get("source_code"))] = units(row)
        return found

    def quantities(self, skus: Iterable[str]) -> Mapping[str, int | None]:
        """SKU in lower case → units over all sources that count; None where the shop does not track it.

        A SKU that is not there lies nowhere.
        """
        wanted = list(dict.fromkeys(skus))
        if self._facts.sources is None:
            return {_key(row): tracked(row) for row in self._legacy(wanted)}
        return summed(self.held(wanted))

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


def hidden(rows: Iterable[Row]) -> list[str]:
    """Ids of those that are not shown by themselves."""
    return [str(row["id"]) for row in rows if text(row.get("visibility")) == HIDDEN]


def summed(held: Mapping[str, Held]) -> dict[str, int]:
    """Units of each over all its sources."""
    return {sku: sum(places.values()) for sku, places in held.items()}


def tracked(row: Row) -> int | None:
    """Units of a legacy item; None where the shop does not count it."""
    return units(row) if row.get("tracked", True) else None


def version(level: StockLevel) -> str:
    """What changes whenever the quantities do."""
    return "/".join((str(level.quantity), *(f"{source}:{number}" for source, number in level.by_location)))


def _key(row: Row) -> str:
    return text(row.get("sku")).casefold()
