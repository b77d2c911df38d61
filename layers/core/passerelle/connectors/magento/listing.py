"""Indexes: ids and versions by keyset, so nothing moves under a reader and no page is ever numbered.

Products, customers and orders come whole. The catalogue is walked by SKU, so that variants and stock are read once.

`updated_at` can be trusted for orders, carts and a product's own fields, and for those only: it moves neither with stock
nor with base prices (recorded on 2.4.7), nor always with a customer's address or newsletter, and a configurable product's
does not move with its variants'. So what changed since is looked for among variants, too; whole readings find the rest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from passerelle.connectors.magento.carts import OPEN
from passerelle.connectors.magento.facts import LINKS, VARIED, Facts, links
from passerelle.connectors.magento.products import Products
from passerelle.connectors.magento.reading import text, told_at
from passerelle.connectors.magento.rest import Filter, Groups, Rest, Row
from passerelle.connectors.magento.settings import Settings
from passerelle.connectors.magento.stock import COUNTED, HIDDEN, SLIM, Stock, summed, version
from passerelle.connectors.magento.walk import Walk
from passerelle.model import Kind, Object, StockLevel
from passerelle.port import Count, Indexed, IndexPage, Pulled, Selection, Unreadable

type Maker = Callable[[Sequence[str], Sequence[Row]], Pulled]
"""Makes objects of ids and their rows."""

BY_SKU = "sku:"
"""How a cursor into the catalogue's order of SKUs begins."""
SHOWN: Sequence[Filter] = (("visibility", "neq", HIDDEN),)


@dataclass(frozen=True, slots=True)
class Plan:
    """How one kind is listed: `key` is filtered and sorted by, `id` is its name in the items.

    Without `fields` the items come whole, and no second call reads them by id.
    """

    path: str
    key: str
    id: str
    fields: str = ""
    groups: Groups = field(default_factory=tuple)
    version: Callable[[Row], str] = lambda _: ""
    dated: bool = True


PLANS: Mapping[Kind, Plan] = {
    Kind.PRODUCTS: Plan("products", "entity_id", "id", "id", (SHOWN,)),
    Kind.CUSTOMERS: Plan("customers/search", "entity_id", "id"),
    Kind.ORDERS: Plan(
        "orders",
        "entity_id",
        "entity_id",
        version=lambda row: f"{text(row.get('updated_at'))}/{text(row.get('status'))}",
    ),
    Kind.CARTS: Plan(
        "carts/search", "entity_id", "id", "id,updated_at", OPEN, lambda row: text(row.get("updated_at"))
    ),
    Kind.FULFILMENTS: Plan(
        "shipments",
        "entity_id",
        "entity_id",
        "entity_id,updated_at",
        version=lambda row: text(row.get("updated_at")),
    ),
    Kind.PROMO_CODES: Plan("coupons/search", "coupon_id", "coupon_id", "coupon_id", dated=False),
}


class Listing:
    """Lists what a selection holds."""

    def __init__(
        self,
        rest: Rest,
        facts: Facts,
        settings: Settings,
        products: Products,
        stock: Stock,
        makers: Mapping[Kind, Maker],
    ) -> None:
        self._rest, self._facts, self._settings = rest, facts, settings
        self._products, self._stock, self._makers = products, stock, makers
        self._goods, self._levels = Walk(rest, facts), Walk(rest, facts, SLIM)
        self._changed: tuple[str, frozenset[str]] = ("", frozenset())

    def page(self, kind: Kind, selection: Selection, after: str | None) -> IndexPage:
        """One page. Raises Incomplete where the shop contradicts its own total."""
        if kind is Kind.STOCK:
            return self._singly(after) if self._facts.sources is None else self._levels_of(after)
        if kind is Kind.PRODUCTS and not selection.since and self._facts.sources is not None:
            return self._stretch(after)
        if kind is Kind.PRODUCTS and after is not None and after.startswith("parents"):
            return self._parents(selection, after.removeprefix("parents"))
        plan = PLANS[kind]
        groups = self._groups(kind, selection)
        behind = [(plan.key, "gt", after)] if after else []
        found = self._rest.search(plan.path, [*groups, behind], sort=plan.key, fields=plan.fields)
        entries = tuple(Indexed(str(row[plan.id]), plan.version(row)) for row in found.rows)
        if found.total > len(found.rows):
            total = found.total if after is None else None
            return IndexPage(entries, entries[-1].id, total, self._whole(kind, found.rows))
        onward = (
            "parents" if kind is Kind.PRODUCTS and selection.since and self._variants(selection) else None
        )
        return IndexPage(
            entries, onward, found.total if after is None else None, self._whole(kind, found.rows)
        )

    def _whole(self, kind: Kind, rows: Sequence[Row]) -> tuple[Object | Unreadable, ...]:
        """The objects of a page that holds them whole."""
        if kind not in self._makers:
            return ()
        made = self._makers[kind]([str(row[PLANS[kind].id]) for row in rows], rows)
        return (*made.objects, *made.unreadable)

    def _stretch(self, after: str | None) -> IndexPage:
        """A stretch of the catalogue, with every product of it whole."""
        site = [group for group in (self._site(Kind.PRODUCTS),) if group]
        total = None if after else self._rest.search("products", [SHOWN, *site], size=1, fields="id").total
        told = self._goods.stretch((after or "").removeprefix(BY_SKU), site)
        ids = [str(row["id"]) for row in told.rows if text(row.get("visibility")) != HIDDEN]
        shown = [told.near[id] for id in ids]
        made = self._products.made(ids, shown, told.near, summed(told.stock)) if ids else Pulled(())
        onward = None if told.after is None else f"{BY_SKU}{told.after}"
        return IndexPage(tuple(map(Indexed, ids)), onward, total, (*made.objects, *made.unreadable))

    def count(self, kind: Kind, selection: Selection) -> Count:
        """How many there are, by the shop's own total where it has one for the selection."""
        if kind is Kind.STOCK or (kind is Kind.PRODUCTS and selection.since):
            return Count(sum(1 for _ in self._every(kind, selection)))
        groups = self._groups(kind, selection)
        total = self._rest.search(PLANS[kind].path, groups, size=1, fields=PLANS[kind].id).total
        if kind is not Kind.PRODUCTS:
            return Count(total)
        found = self._rest.everything(
            "products", "entity_id", [*groups, VARIED], fields=f"id,{LINKS}", name="id"
        )
        return Count(total, total + sum(max(len(links(row)), 1) - 1 for row in found))

    def _every(self, kind: Kind, selection: Selection) -> Iterator[Indexed]:
        after: str | None = None
        while True:
            page = self.page(kind, selection, after)
            yield from page.entries
            if page.after is None:
                return
            after = page.after

    # --- what is asked for -----------------------------------------------------------------------------------

    def _groups(self, kind: Kind, selection: Selection) -> list[Sequence[Filter]]:
        plan = PLANS[kind]
        groups: list[Sequence[Filter]] = [*plan.groups, self._site(kind)]
        if plan.dated and selection.since:
            groups.append([("updated_at", "gteq", told_at(selection.since))])
        if kind is Kind.ORDERS:
            groups += self._chosen(selection)
        return [group for group in groups if group]

    def _chosen(self, selection: Selection) -> list[Sequence[Filter]]:
        """Statuses and period of orders."""
        groups: list[Sequence[Filter]] = []
        if selection.statuses:
            groups.append([("status", "in", ",".join(sorted(selection.statuses)))])
        if selection.placed_from:
            groups.append([("created_at", "gteq", told_at(selection.placed_from))])
        if selection.placed_until:
            groups.append([("created_at", "lteq", told_at(selection.placed_until))])
        return groups

    def _site(self, kind: Kind) -> Sequence[Filter]:
        """The link's website, where it names one."""
        if not self._settings.website or kind is Kind.PROMO_CODES:
            return ()
        if kind in {Kind.ORDERS, Kind.CARTS, Kind.FULFILMENTS}:
            return [("store_id", "in", ",".join(self._facts.views))]
        return [("website_id", "eq", str(self._settings.website))]

    # --- variants that changed -------------------------------------------------------------------------------

    def _variants(self, selection: Selection) -> frozenset[str]:
        """Ids of hidden products that changed: variants, mostly. Read once a window."""
        since = told_at(selection.since) if selection.since else ""
        if self._changed[0] != since:
            hidden = [("visibility", "eq", HIDDEN)]
            changed = [("updated_at", "gteq", since)]
            rows = self._rest.everything("products", "entity_id", [hidden, changed], fields="id", name="id")
            self._changed = since, frozenset(str(row["id"]) for row in rows)
        return self._changed[1]

    def _parents(self, selection: Selection, after: str) -> IndexPage:
        """A page of the configurable products that did not change themselves but have a variant that did."""
        changed = self._variants(selection)
        since = told_at(selection.since) if selection.since else ""
        groups: list[Sequence[Filter]] = [VARIED, SHOWN, self._site(Kind.PRODUCTS)]
        behind = [("entity_id", "gt", after)] if after else []
        found = self._rest.search(
            "products", [*groups, behind], sort="entity_id", fields=f"id,updated_at,{LINKS}"
        )
        old = [row for row in found.rows if text(row.get("updated_at")) < since]
        entries = tuple(
            Indexed(str(row["id"])) for row in old if any(str(id) in changed for id in links(row))
        )
        more = found.total > len(found.rows)
        return IndexPage(entries, f"parents{found.rows[-1]['id']}" if more else None)

    # --- stock -----------------------------------------------------------------------------------------------

    def _levels_of(self, after: str | None) -> IndexPage:
        """A stretch of the catalogue, with the stock of every variant of it."""
        if after is None:
            self._facts.forget_parents()
        site = [group for group in (self._site(Kind.PRODUCTS),) if group]
        told = self._levels.stretch((after or "").removeprefix(BY_SKU), site)
        sold = [row for row in told.rows if self._stock.tells(row)]
        made = self._stock.made([str(row["id"]) for row in sold], sold, told.stock)
        versions = {each.id: version(each) for each in made.objects if isinstance(each, StockLevel)}
        entries = tuple(Indexed(id := str(row["id"]), versions.get(id, "")) for row in sold)
        onward = None if told.after is None else f"{BY_SKU}{told.after}"
        return IndexPage(entries, onward, None, (*made.objects, *made.unreadable))

    def _singly(self, after: str | None) -> IndexPage:
        """Every variant that has stock of its own; a shop without sources tells the quantity only one by one."""
        counted: list[Sequence[Filter]] = [[("type_id", "in", ",".join(sorted(COUNTED)))]]
        behind = [("entity_id", "gt", after)] if after else []
        found = self._rest.search("products", [*counted, behind], sort="entity_id", fields=SLIM)
        entries = tuple(Indexed(str(row["id"])) for row in found.rows if self._stock.tells(row))
        more = found.total > len(found.rows)
        return IndexPage(entries, str(found.rows[-1]["id"]) if more else None)
