"""Which objects there are: indexes in windows of ids, counts, and the search syntax for a selection.

Sources: https://shopify.dev/docs/api/usage/search-syntax, https://shopify.dev/docs/api/usage/pagination-graphql
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from passerelle.connectors.shopify.admin import Admin, Data, TooExpensive
from passerelle.connectors.shopify.documents import (
    COUNT,
    COUNT_VARIANTS,
    INDEX,
    LIST,
    PAGE,
    WEIGH_PRODUCTS,
    Document,
)
from passerelle.connectors.shopify.ids import number
from passerelle.model import Kind, Object
from passerelle.port import Count, Incomplete, Indexed, IndexPage, Selection, Unreadable

if TYPE_CHECKING:
    from passerelle.connectors.shopify.pulling import Puller

WINDOW = 20_000
"""Objects read in one connection before a new one starts behind the last id: none may be paged past 25,000."""
CANCELLED = "cancelled"
STATUSES = {
    "pending": "Payment pending",
    "authorized": "Payment authorised",
    "partially_paid": "Partially paid",
    "paid": "Paid",
    "partially_refunded": "Partially refunded",
    "refunded": "Refunded",
    "voided": "Voided",
    "expired": "Authorisation expired",
    CANCELLED: "Cancelled",
}
"""An order's one status: `cancelled`, else how far it is paid."""
START = {"beyond": "", "cursor": None, "seen": 0, "in": 0, "total": None}
"""Where an index begins: the id behind which the window opens, its cursor, entries seen in all and in the window."""
LOST = "Nothing to do: the run starts again. If it lasts, ask Shopify why the list and the count differ."


def order_status(raw: Data) -> str:
    """The status key of an order as the API gives it."""
    return (
        CANCELLED if raw.get("cancelledAt") else str(raw.get("displayFinancialStatus") or "pending").lower()
    )


def query(kind: Kind, selection: Selection, beyond: str = "") -> str:
    """The selection in Shopify's search syntax. Times are quoted: unquoted ones are silently misread.

    Both ends of the period are included, to the second.
    """
    terms = [f"id:>{beyond}"] if beyond else []
    if selection.since:
        terms.append(f"updated_at:>={_time(selection.since)}")
    if kind is Kind.ORDERS:
        if selection.placed_from:
            terms.append(f"processed_at:>={_time(selection.placed_from)}")
        if selection.placed_until:
            terms.append(f"processed_at:<={_time(selection.placed_until)}")
        if selection.statuses:
            terms.append(_statuses(selection.statuses))
    if kind is Kind.CARTS:
        terms.append("status:open")
    return " AND ".join(terms)


def _time(moment: datetime) -> str:
    return f"'{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"


def _statuses(wanted: frozenset[str]) -> str:
    paid = " OR ".join(f"financial_status:{status}" for status in sorted(wanted - {CANCELLED}))
    choices = [f"(({paid}) AND NOT status:cancelled)"] if paid else []
    if CANCELLED in wanted:
        choices.append("status:cancelled")
    return f"({' OR '.join(choices)})"


class Listing:
    """Lists one shop's objects."""

    def __init__(self, admin: Admin, window: int = WINDOW, puller: "Puller | None" = None) -> None:
        self._admin = admin
        self._window = window
        self._puller = puller
        self._dear: set[Kind] = set()

    def index(self, kind: Kind, selection: Selection, after: str | None) -> IndexPage:
        """One page of 250, by ascending id, so that what is inserted or deleted meanwhile moves nothing.

        With a puller the objects come whole: a page of them costs as many points as reading them by id, or fewer, and
        no second call. Should a page of them cost more than one query may, its ids are listed alone.
        Raises Incomplete where pages end before the count is reached.
        """
        mark: Data = dict(orjson.loads(after)) if after else dict(START)
        variables = {
            "first": PAGE,
            "after": mark["cursor"],
            "query": query(kind, selection, mark["beyond"]) or None,
            "counting": after is None,
        }
        data, objects = self._page(kind, variables)
        if after is None:
            mark["total"] = _exact(data.get("total"))
        nodes, info = data["page"]["nodes"], data["page"]["pageInfo"]
        mark["seen"], mark["in"] = mark["seen"] + len(nodes), mark["in"] + len(nodes)
        entries = tuple(
            Indexed(number(n["id"]), n["updatedAt"]) for n in nodes if _chosen(kind, selection, n)
        )
        return IndexPage(entries, self._onward(kind, selection, mark, nodes, info), mark["total"], objects)

    def _page(self, kind: Kind, variables: Data) -> tuple[Data, tuple[Object | Unreadable, ...]]:
        if self._puller and kind not in self._dear:
            try:
                data = self._admin.ask(LIST[kind], variables | self._puller.page_variables(kind))
            except TooExpensive:
                self._dear.add(kind)
            else:
                return data, self._puller.whole(kind, data)
        return self._admin.ask(INDEX[kind], variables), ()

    def _onward(
        self, kind: Kind, selection: Selection, mark: Data, nodes: list[Data], info: Data
    ) -> str | None:
        if not info["hasNextPage"]:
            self._refuse_short(kind, selection, mark)
            return None
        if not nodes:
            raise Incomplete("Shopify gave an empty page and says that more follow.", LOST)
        mark["cursor"] = info["endCursor"]
        if mark["in"] + PAGE > self._window:
            mark["beyond"], mark["cursor"], mark["in"] = number(nodes[-1]["id"]), None, 0
        return orjson.dumps(mark).decode()

    def _refuse_short(self, kind: Kind, selection: Selection, mark: Data) -> None:
        """Objects deleted meanwhile explain a shortfall; then the count has shrunk too."""
        if mark["total"] is None or mark["seen"] >= mark["total"]:
            return
        now = self._total(COUNT[kind], query(kind, selection))
        if now is None or mark["seen"] < min(now, mark["total"]):
            raise Incomplete(
                f"Shopify listed {mark['seen']} {kind} and counts {now if now is not None else mark['total']}.",
                LOST,
            )

    def count(self, kind: Kind, selection: Selection) -> Count:
        """How many there are; of products also their variants."""
        asked = query(kind, selection)
        if kind is Kind.PRODUCTS and asked:
            return self._weighed(selection)
        objects = self._total(COUNT[kind], asked)
        if objects is None:
            objects = sum(1 for _ in self._windows(INDEX[kind], kind, selection, {"counting": False}))
        if kind is Kind.PRODUCTS:
            return Count(objects, self._total(COUNT_VARIANTS, ""))
        return Count(objects)

    def _weighed(self, selection: Selection) -> Count:
        """Shopify's own count of variants knows no filter, so the products' counts are added up."""
        nodes = self._windows(WEIGH_PRODUCTS, Kind.PRODUCTS, selection, {})
        sizes = [node["variantsCount"]["count"] for node in nodes]
        return Count(len(sizes), sum(sizes))

    def _windows(self, document: Document, kind: Kind, selection: Selection, more: Data) -> Iterator[Data]:
        """Every node of a selection, however many there are."""
        beyond = ""
        while True:
            read = 0
            for node in self.walk(
                document, {"query": query(kind, selection, beyond) or None, **more}, self._window
            ):
                read += 1
                beyond = number(node["id"])
                yield node
            if read < self._window:
                return

    def _total(self, document: Document, asked: str) -> int | None:
        variables = {"query": asked or None} if "$query" in document.text else {}
        return _exact(self._admin.ask(document, variables)["total"])

    def walk(self, document: Document, variables: Data, at_most: int = WINDOW) -> Iterator[Data]:
        """The nodes of a document's `page`, a page at a time, until `at_most` or a few more are read."""
        after, read = None, 0
        while True:
            page = self._admin.ask(document, {"first": PAGE, "after": after, **variables})["page"]
            yield from page["nodes"]
            read += len(page["nodes"])
            if not page["pageInfo"]["hasNextPage"] or read >= at_most:
                return
            after = page["pageInfo"]["endCursor"]


def _exact(total: Data | None) -> int | None:
    if total is None or total["precision"] != "EXACT":
        return None
    return int(total["count"])


def _chosen(kind: Kind, selection: Selection, node: Data) -> bool:
    """The search index may lag behind: what the object itself says decides."""
    if kind is Kind.ORDERS and selection.statuses:
        return order_status(node) in selection.statuses
    return not (kind is Kind.CARTS and node.get("completedAt"))
