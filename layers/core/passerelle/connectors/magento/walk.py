"""Walks through the whole catalogue by SKU, products and stock side by side, so that each is read once.

Source: https://developer.adobe.com/commerce/webapi/rest/use-rest/performing-searches/. Both lists are read by keyset in
the shop's own order of SKUs, which is never reckoned here: where the last SKU that stock was read of stands among the
products, the stock of all before it is known. A configurable product waits for its variants where they may come soon.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from passerelle.connectors.magento.facts import Facts, links
from passerelle.connectors.magento.reading import text
from passerelle.connectors.magento.rest import Filter, Rest, Row
from passerelle.connectors.magento.stock import FIELDS, ITEMS, Held, units
from passerelle.port import Incomplete


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the catalogue."""

    rows: Sequence[Row]
    """The products, variants among them."""
    near: Mapping[str, Row]
    """Id → product: these, and some before them, which may be their variants."""
    stock: Mapping[str, Held]
    """SKU in lower case → what of each that is near lies where; one without stock is not there."""
    after: str | None
    """The SKU behind which the next stretch begins; None at the end."""


@dataclass(slots=True)
class _Place:
    """Where a walk stands."""

    at: str = ""
    """The SKU behind which the next stretch begins."""
    rows: list[Row] = field(default_factory=list)
    """Products that were read and not told yet."""
    read: str = ""
    """The last SKU of the products."""
    ended: bool = False
    stock: dict[str, dict[str, int]] = field(default_factory=dict)
    """SKU in lower case → source → units, in the shop's order, of what was read and is not passed yet."""
    stock_read: str = ""
    stock_ended: bool = False
    behind: dict[str, Row] = field(default_factory=dict)
    """Products that were told last, by id."""
    known: dict[str, Held] = field(default_factory=dict)
    """Their units."""


class Walk:
    """Reads the catalogue stretch by stretch; what was read ahead is kept for the next one.

    `fields`: what of a product is wanted, its id, SKU and variants at least; none: products come whole.
    """

    def __init__(self, rest: Rest, facts: Facts, fields: str = "") -> None:
        self._rest, self._facts, self._fields = rest, facts, fields
        self._place = _Place()

    def stretch(self, after: str, groups: Sequence[Sequence[Filter]]) -> Stretch:
        """The stretch behind a SKU; empty: the first. Raises Incomplete where the shop contradicts its own total."""
        if after != self._place.at or not after:
            self._place = _Place(after, read=after, stock_read=after)
        place = self._place
        while not (told := self._told()) and not (place.ended and place.stock_ended):
            self._advance(groups)
        return self._passed(told)

    # --- reading ahead ---------------------------------------------------------------------------------------

    def _advance(self, groups: Sequence[Sequence[Filter]]) -> None:
        """Read a page of that list of which less lies ahead."""
        place = self._place
        if place.stock_ended or (not place.ended and len(place.rows) <= len(place.stock)):
            self._read_products(groups)
        else:
            self._read_stock()

    def _read_products(self, groups: Sequence[Sequence[Filter]]) -> None:
        place = self._place
        found = self._rest.search("products", [*groups, _behind(place.read)], sort="sku", fields=self._fields)
        place.rows += found.rows
        place.ended = found.total <= len(found.rows)
        if found.rows:
            place.read = str(found.rows[-1]["sku"])

    def _read_stock(self) -> None:
        """A page of source items; a SKU whose sources it may not hold all is left to the next page."""
        place, counting = self._place, self._facts.counting
        if not counting:
            place.stock_ended = True
            return
        every = len(counting) == len(self._facts.sources or ())
        only = [] if every else [("source_code", "in", ",".join(counting))]
        found = self._rest.search(ITEMS, [only, _behind(place.stock_read)], sort="sku", fields=FIELDS)
        place.stock_ended = found.total <= len(found.rows)
        rows = found.rows
        if not place.stock_ended and len(counting) > 1:
            rows = [row for row in rows if _key(row) != _key(rows[-1])]
            if not rows:
                why = f"The SKU {found.rows[0]['sku']} lies in more sources than the shop tells at once."
                raise Incomplete(why, "Choose on the link which sources count.")
        for row in rows:
            place.stock.setdefault(_key(row), {})[text(row.get("source_code"))] = units(row)
        if rows:
            place.stock_read = str(rows[-1]["sku"])

    # --- what can be told ------------------------------------------------------------------------------------

    def _told(self) -> int:
        """How many of the products read can be told now."""
        place = self._place
        sure = len(place.rows)
        if not place.stock_ended:
            places = {_key(row): number for number, row in enumerate(place.rows, 1)}
            sure = next((places[sku] for sku in reversed(place.stock) if sku in places), 0)
        if place.ended and place.stock_ended:
            return sure
        near = {*place.behind, *(str(row["id"]) for row in place.rows[:sure])}
        soon = len(place.rows) - self._rest.page
        for number, row in enumerate(place.rows[:sure]):
            if number > soon and any(str(id) not in near for id in links(row)):
                return number
        return sure

    def _passed(self, told: int) -> Stretch:
        """The stretch of that many products; what is needed no more is forgotten."""
        place = self._place
        rows, place.rows = place.rows[:told], place.rows[told:]
        near = place.behind | {str(row["id"]): row for row in rows}
        stock = place.known | _of(rows, place.stock)
        last = {_key(row) for row in rows}
        skus = list(place.stock)
        passed = next((number for number, sku in enumerate(reversed(skus)) if sku in last), len(skus))
        place.stock = {sku: place.stock[sku] for sku in skus[len(skus) - passed :]}
        place.behind = dict(list(near.items())[-self._rest.page :])
        place.known = _of(place.behind.values(), stock)
        ended = place.ended and not place.rows
        place.at = "" if ended else str(rows[-1]["sku"])
        return Stretch(rows, near, stock, place.at or None)


def _key(row: Row) -> str:
    return text(row.get("sku")).casefold()


def _of(rows: Iterable[Row], stock: Mapping[str, Held]) -> dict[str, Held]:
    return {key: stock[key] for row in rows if (key := _key(row)) in stock}


def _behind(sku: str) -> Sequence[Filter]:
    return [("sku", "gt", sku)] if sku else []
