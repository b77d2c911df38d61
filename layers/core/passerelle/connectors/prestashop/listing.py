"""Indexes: ids and versions by keyset (`sort=[id_ASC]`, `filter[id]=>[last]`), so nothing moves under a reader.

Source: https://devdocs.prestashop-project.org/8/webservice/tutorials/advanced-use/additional-list-parameters/.
The webservice tells no total; a page that is not full is believed only after the shop says that nothing comes after it.
Dates are filtered with `date=1`, in the shop's local time; `>[x]` leaves x out, `[a,b]` takes both ends.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.reading import instant, local_bound, number, text
from passerelle.connectors.prestashop.stock import FIELDS as STOCK_FIELDS
from passerelle.connectors.prestashop.stock import Stock
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.model import Kind
from passerelle.port import Count, Incomplete, Indexed, IndexPage, Selection

PAGE = 1000
COUNT_PAGE = 10_000
FORMAT = "%Y-%m-%d %H:%M:%S"
SLACK = timedelta(hours=3)
"""More than any change of clocks, around a period whose ends are compared again in UTC."""


def _dated(row: Row) -> str:
    return text(row.get("date_upd"))


@dataclass(frozen=True, slots=True)
class Plan:
    """How one kind is listed. `version` tells a change of all that a pull brings, or is "" where nothing does."""

    resource: str
    display: str = "id"
    filters: Mapping[str, str] = field(default_factory=dict)
    version: Callable[[Row], str] = lambda _: ""
    dated: bool = True


PLANS: dict[Kind, Plan] = {
    # A product's date does not move with its combinations or stock, nor a customer's with the address.
    Kind.PRODUCTS: Plan("products", filters={"state": "[1]"}),
    Kind.CUSTOMERS: Plan("customers", filters={"deleted": "[0]"}),
    Kind.ORDERS: Plan(
        "orders",
        "id,current_state,date_add,date_upd",
        version=lambda row: f"{_dated(row)}/{text(row.get('current_state'))}",
    ),
    Kind.CARTS: Plan("carts", "id,date_upd", {"id_customer": ">[0]"}, _dated),
    Kind.STOCK: Plan(
        "stock_availables", STOCK_FIELDS, version=lambda row: text(row.get("quantity")), dated=False
    ),
    Kind.PROMO_CODES: Plan("cart_rules", "id,date_upd", {"code": "![]"}, _dated),
}


class Listing:
    """Lists what a selection holds."""

    def __init__(self, service: Webservice, facts: Facts, stock: Stock) -> None:
        self._service, self._facts, self._stock = service, facts, stock

    def page(self, kind: Kind, selection: Selection, after: str | None, size: int = PAGE) -> IndexPage:
        """One page. Raises Incomplete where the shop contradicts itself."""
        plan = PLANS[kind]
        filters, extra = self._asked(plan, selection)
        rows = self._rows(plan, filters, extra, after, size)
        last = str(rows[-1]["id"]) if rows else after
        more = len(rows) == size or self._goes_on(plan, filters, extra, last)
        if more and not rows:
            raise Incomplete(f"The shop gave an empty page of {plan.resource} although more come after it.")
        kept = self._kept(kind, selection, rows)
        entries = tuple(Indexed(str(row["id"]), plan.version(row)) for row in kept)
        return IndexPage(entries, last if more else None)

    def count(self, kind: Kind, selection: Selection) -> Count:
        """How many there are; the webservice has no total, so ids are listed in large pages."""
        ids: set[str] = set()
        after: str | None = None
        while True:
            page = self.page(kind, selection, after, COUNT_PAGE)
            ids |= {entry.id for entry in page.entries}
            if page.after is None:
                break
            after = page.after
        return Count(len(ids), self._variants(ids) if kind is Kind.PRODUCTS else None)

    def _variants(self, products: set[str]) -> int:
        """Combinations of these products, and one for each product without any."""
        plan, after, total = Plan("combinations", "id,id_product"), None, 0
        varied: set[str] = set()
        while True:
            rows = self._rows(plan, {}, {}, after, COUNT_PAGE)
            of = [text(row.get("id_product")) for row in rows]
            total += sum(product in products for product in of)
            varied |= products.intersection(of)
            if len(rows) < COUNT_PAGE:
                return total + len(products) - len(varied)
            after = str(rows[-1]["id"])

    def _rows(
        self, plan: Plan, filters: Mapping[str, str], extra: Mapping[str, str], after: str | None, size: int
    ) -> list[Row]:
        keyset = {"id": f">[{after}]"} if after else {}
        rows = self._service.rows(
            plan.resource, plan.display, {**filters, **keyset}, sort="[id_ASC]", limit=str(size), **extra
        )
        _check_order(plan.resource, rows, after, size)
        return rows

    def _goes_on(
        self, plan: Plan, filters: Mapping[str, str], extra: Mapping[str, str], after: str | None
    ) -> bool:
        """Whether anything comes after this id: asked because a short page alone proves nothing."""
        return bool(self._rows(Plan(plan.resource), filters, extra, after, 1))

    def _asked(self, plan: Plan, selection: Selection) -> tuple[dict[str, str], dict[str, str]]:
        """(filters, further parameters) of a selection."""
        filters = dict(plan.filters)
        if plan.dated and selection.since:
            # `>` leaves the bound out, and what changed in that very second belongs to the window.
            bound = local_bound(selection.since, self._facts.zone) - timedelta(seconds=1)
            filters["date_upd"] = f">[{bound.strftime(FORMAT)}]"
        if plan.resource == "orders":
            if selection.statuses:
                filters["current_state"] = f"[{'|'.join(sorted(selection.statuses))}]"
            if selection.placed_from or selection.placed_until:
                filters["date_add"] = self._period(selection)
        dates = {"date_upd", "date_add"} & filters.keys()
        return filters, {"date": "1"} if dates else {}

    def _period(self, selection: Selection) -> str:
        zone = self._facts.zone
        start = (
            (selection.placed_from - SLACK).astimezone(zone).strftime(FORMAT) if selection.placed_from else ""
        )
        end = (
            (selection.placed_until + SLACK).astimezone(zone).strftime(FORMAT)
            if selection.placed_until
            else ""
        )
        return f"[{start or '1970-01-01 00:00:00'},{end or '2999-12-31 23:59:59'}]"

    def _kept(self, kind: Kind, selection: Selection, rows: list[Row]) -> Sequence[Row]:
        if kind is Kind.STOCK:
            return self._stock.without_sums(rows)
        if kind is Kind.CARTS:
            return self._abandoned(rows)
        if kind is Kind.ORDERS and (selection.placed_from or selection.placed_until):
            return [row for row in rows if _within(instant(row.get("date_add"), self._facts.zone), selection)]
        return rows

    def _abandoned(self, rows: list[Row]) -> list[Row]:
        if not rows:
            return []
        between = f"[{rows[0]['id']},{rows[-1]['id']}]"
        ordered = {
            text(r.get("id_cart")) for r in self._service.rows("orders", "id,id_cart", {"id_cart": between})
        }
        return [row for row in rows if str(row["id"]) not in ordered]


def _within(placed: datetime | None, selection: Selection) -> bool:
    if placed is None:
        return True
    early = selection.placed_from is not None and placed < selection.placed_from
    late = selection.placed_until is not None and placed > selection.placed_until
    return not early and not late


def _check_order(resource: str, rows: list[Row], after: str | None, size: int) -> None:
    """A shop that ignores the sort, the filter or the limit would make us lose or repeat objects."""
    ids = [number(row, "id") for row in rows]
    floor = int(after) if after else 0
    if ids != sorted(set(ids)) or (ids and ids[0] <= floor) or len(ids) > size:
        raise Incomplete(
            f"The shop gave {resource} out of order.", "Look for a module that changes the webservice."
        )
