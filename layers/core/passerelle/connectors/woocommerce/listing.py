"""Indexes: ids and versions, whole or since an instant.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/. `modified_after` leaves its own second out and is
the shop's local time unless `dates_are_gmt` is true. Customers cannot be asked for by date, and the date of a stock
is its product's: both are listed whole each time. A variation moves its product's date in 10.0.2; as nobody promises
that, changed variations are looked at besides, where the shop lists them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from passerelle.connectors.woocommerce.facts import NO_ORDERS, Facts
from passerelle.connectors.woocommerce.reading import Reader, instant, number, text
from passerelle.connectors.woocommerce.rest import PAGE, Rest, Row
from passerelle.connectors.woocommerce.settings import Settings
from passerelle.connectors.woocommerce.stock import Stock
from passerelle.connectors.woocommerce.walking import Place, Step, step
from passerelle.model import Kind, Object
from passerelle.port import Count, Indexed, IndexPage, Rejected, Selection, Unavailable, Unreadable

FORMAT = "%Y-%m-%dT%H:%M:%S"
SECOND = timedelta(seconds=1)
VARIATIONS = "variations|"
"""Begins the cursor of a product index that has come to the variations."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one kind is listed. `version` tells a change of all that a pull brings, or is "" where nothing does."""

    resource: str
    fields: str = "id"
    version: Callable[[Row], str] = lambda _: ""
    dated: bool = True


def _order_version(row: Row) -> str:
    return f"{text(row, 'date_modified_gmt')}/{text(row, 'status')}"


PLANS: dict[Kind, Plan] = {
    Kind.PRODUCTS: Plan("products"),
    Kind.CUSTOMERS: Plan("customers", dated=False),
    Kind.ORDERS: Plan("orders", "id,status,date_created_gmt,date_modified_gmt", _order_version),
    # A code that is used is counted without a new date.
    Kind.PROMO_CODES: Plan("coupons"),
}


type Brought = tuple[Object | Unreadable, ...]


class Listing:
    """Lists what a selection holds."""

    def __init__(
        self, rest: Rest, facts: Facts, settings: Settings, stock: Stock, readers: Mapping[Kind, Reader]
    ) -> None:
        self._rest, self._facts, self._settings, self._stock = rest, facts, settings, stock
        self._readers = readers
        self._heavy: set[Kind] = set()

    def page(self, kind: Kind, selection: Selection, after: str | None) -> IndexPage:
        """One page, with its objects whole: they cost no further call. A shop that cannot tell so much gives the ids.

        Raises Incomplete where the shop contradicts itself.
        """
        if kind is Kind.STOCK:
            return self._stock.page(after)
        if after and after.startswith(VARIATIONS):
            return self._changed_variations(selection, after.removeprefix(VARIATIONS))
        plan, place = PLANS[kind], Place.parse(after) if after else Place()
        found, objects = self._whole(kind, self._asked(kind, selection), place)
        kept = [row for row in found.rows if text(row, "status") not in NO_ORDERS]
        entries = tuple(Indexed(text(row, "id"), plan.version(row)) for row in kept)
        onward = str(found.next) if found.next else None
        if onward is None and self._looks_at_variations(kind, selection):
            onward = f"{VARIATIONS}{Place()}"
        # A list of orders also counts what is none; and a walk by date ends among variations.
        whole = kind is not Kind.ORDERS and not selection.since
        return IndexPage(entries, onward, found.total if whole else None, objects)

    def _whole(self, kind: Kind, asked: Mapping[str, object], place: Place) -> tuple[Step, Brought]:
        plan, reader = PLANS[kind], self._readers[kind]
        if kind not in self._heavy:
            try:
                found = self._step(plan.resource, reader.fields, asked, place)
                pulled = reader.read(found.rows)
            except Unavailable:
                # Too much at once for this shop's PHP, or the shop is down: then the next call says so too.
                self._heavy.add(kind)
            else:
                return found, (*pulled.objects, *pulled.unreadable)
        return self._step(plan.resource, plan.fields, asked, place), ()

    def count(self, kind: Kind, selection: Selection) -> Count:
        """How many the selection holds; for products their variants too."""
        if kind is Kind.STOCK:
            return Count(self._stock.count())
        asked = self._asked(kind, selection)
        objects = self._total(PLANS[kind].resource, asked)
        if kind is Kind.ORDERS and not selection.statuses:
            objects -= self._drafts(asked)
        return Count(objects, self._variants(asked, objects) if kind is Kind.PRODUCTS else None)

    def _step(self, resource: str, fields: str, asked: Mapping[str, object], place: Place) -> Step:
        order = {"per_page": PAGE, "orderby": "id", "order": "asc", "fields": fields}
        return step(
            resource, lambda offset: self._rest.page(resource, **{**asked, **order, "offset": offset}), place
        )

    def _total(self, resource: str, asked: Mapping[str, object]) -> int:
        return self._rest.page(resource, **{**asked, "per_page": 1, "fields": "id"}).total or 0

    def _drafts(self, asked: Mapping[str, object]) -> int:
        """Carts on their way through the checkout, which the list calls orders."""
        try:
            return self._total("orders", {**asked, "status": "checkout-draft"})
        except Rejected:
            # A shop from before there was such a status.
            return 0

    def _variants(self, asked: Mapping[str, object], objects: int) -> int:
        """One of each product, and of the variable ones as many as they have."""
        rows = self._rest.every("products", **{**asked, "type": "variable", "fields": "id,variations"})
        return objects + sum(max(len(row.get("variations") or ()) - 1, 0) for row in rows)

    def _asked(self, kind: Kind, selection: Selection) -> dict[str, object]:
        """The parameters of a selection."""
        asked: dict[str, object] = {}
        if kind is Kind.CUSTOMERS:
            asked["role"] = self._settings.role
        if PLANS[kind].dated and selection.since:
            asked |= {"modified_after": _before(selection.since), "dates_are_gmt": "true"}
        if kind is not Kind.ORDERS:
            return asked
        if selection.statuses:
            asked["status"] = ",".join(sorted(selection.statuses))
        if selection.placed_from:
            asked |= {"after": _before(selection.placed_from), "dates_are_gmt": "true"}
        if selection.placed_until:
            until = (selection.placed_until + SECOND).strftime(FORMAT)
            asked |= {"before": until, "dates_are_gmt": "true"}
        return asked

    def _looks_at_variations(self, kind: Kind, selection: Selection) -> bool:
        return kind is Kind.PRODUCTS and selection.since is not None and self._facts.lists_variations

    def _changed_variations(self, selection: Selection, cursor: str) -> IndexPage:
        """Products whose own date did not move when one of their variations did."""
        asked = self._asked(Kind.PRODUCTS, selection)
        found = self._step("variations", "id,parent_id", asked, Place.parse(cursor))
        parents = [str(number(row, "parent_id")) for row in found.rows]
        rows = self._rest.among("products", parents, fields="id,date_modified_gmt") if parents else []
        late = [row for row in rows if _is_before(instant(row.get("date_modified_gmt")), selection.since)]
        entries = tuple(Indexed(text(row, "id")) for row in late)
        return IndexPage(entries, f"{VARIATIONS}{found.next}" if found.next else None)


def _before(moment: datetime) -> str:
    """The second before: `after` leaves the second that it names out."""
    return (moment - SECOND).strftime(FORMAT)


def _is_before(changed: datetime | None, since: datetime | None) -> bool:
    return since is not None and (changed is None or changed < since - SECOND)
