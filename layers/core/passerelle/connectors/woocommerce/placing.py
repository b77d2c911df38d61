"""Places orders at a vendor's shop, and brings them forward: paid, completed, cancelled.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#create-an-order. Goods are named by their SKU and cost
what the shop says. An order of a product that does not exist is taken with an empty line, so that is looked at before
and after. An order keeps our reference in its meta data, which cannot be searched: the orders of the last days are read.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from passerelle.connectors.woocommerce.finding import rows_by_sku
from passerelle.connectors.woocommerce.jobs import REFERENCE
from passerelle.connectors.woocommerce.reading import number, rows, text
from passerelle.connectors.woocommerce.rest import Rest, Row, refused
from passerelle.model import Address, FinancialStatus, FulfillmentStatus, Order
from passerelle.port import Action, Change, Match, Outcome, Result

RECENT = timedelta(days=7)
"""How long a lost answer is looked for."""
STEPS = ("pending", "on-hold", "processing", "completed")
"""Statuses in the order in which an order goes through them; none goes back."""


class OrderWriter:
    """Writes orders of one shop."""

    def __init__(self, rest: Rest, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._rest, self._clock = rest, clock

    def find(self, references: Sequence[str]) -> list[Match]:
        """Recent orders by our reference."""
        known = self._recent()
        return [Match(one, known[one]) for one in references if one in known]

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. Raises Unavailable where it is not known what was written."""
        new = [change for change in changes if change.action is Action.CREATE]
        known = self._recent() if new else {}
        goods = self._goods(new)
        outcomes = {change.id: self._place(change, known, goods) for change in new}
        outcomes |= self._forward([change for change in changes if change.id not in outcomes])
        return [outcomes[change.id] for change in changes]

    def _recent(self) -> dict[str, str]:
        """Our reference → order."""
        since = (self._clock() - RECENT).strftime("%Y-%m-%dT%H:%M:%S")
        asked = {"after": since, "dates_are_gmt": "true", "orderby": "id", "order": "asc"}
        found = self._rest.every("orders", **asked, fields="id,meta_data")
        return {
            str(one.get("value")): text(row, "id")
            for row in found
            for one in rows(row, "meta_data")
            if text(one, "key") == REFERENCE
        }

    def _goods(self, changes: Sequence[Change]) -> dict[str, tuple[int, int]]:
        """SKU → (product, variation or 0)."""
        skus = {line.sku for change in changes for line in _order(change).lines if line.sku}
        found: dict[str, tuple[int, int]] = {}
        for row in rows_by_sku(self._rest, sorted(skus), "id,parent_id,sku,type") if skus else ():
            parent = number(row, "parent_id")
            if text(row, "type") != "variable":
                found[text(row, "sku")] = (parent, number(row, "id")) if parent else (number(row, "id"), 0)
        return found

    def _place(
        self, change: Change, known: Mapping[str, str], goods: Mapping[str, tuple[int, int]]
    ) -> Outcome:
        order = _order(change)
        if change.reference in known:
            return Outcome(change.id, Result.UNCHANGED, known[change.reference])
        missing = sorted({line.sku or line.title for line in order.lines if line.sku not in goods})
        if missing:
            why = f"The shop has no product with the SKU {', '.join(missing)}."
            remedy = "Give the product that SKU in the shop, then carry the order again."
            return Outcome(change.id, Result.REFUSED, "", "unmapped_product", why, remedy)
        (row,) = self._rest.batch("orders", "create", [_body(order, change.reference, goods)])
        refusal = refused(row)
        if refusal is not None:
            return Outcome(change.id, Result.REFUSED, "", *refusal)
        if any(not number(line, "product_id") for line in rows(row, "line_items")):
            self._rest.batch("orders", "update", [{"id": number(row, "id"), "status": "cancelled"}])
            why = "A product went away while it was ordered: the order was cancelled."
            return Outcome(change.id, Result.REFUSED, text(row, "id"), "unmapped_product", why)
        return Outcome(change.id, Result.CREATED, text(row, "id"))

    def _forward(self, changes: Sequence[Change]) -> dict[str, Outcome]:
        """Bring orders into the status that they are in at their source."""
        if not changes:
            return {}
        found = self._rest.among("orders", (change.destination_id for change in changes), fields="id,status")
        now = {text(row, "id"): text(row, "status") for row in found}
        outcomes, items = dict[str, Outcome](), list[tuple[Change, Row]]()
        for change in changes:
            current, wanted = now.get(change.destination_id), _status(_order(change))
            if current is None or current == "trash":
                why = "The order is no longer in the shop."
                outcomes[change.id] = Outcome(
                    change.id, Result.REFUSED, change.destination_id, "missing", why
                )
            elif _goes(current, wanted):
                items.append((change, {"id": int(change.destination_id), "status": wanted}))
            else:
                outcomes[change.id] = Outcome(change.id, Result.UNCHANGED, change.destination_id)
        answered = self._rest.batch("orders", "update", [item for _, item in items]) if items else []
        for (change, _), row in zip(items, answered, strict=True):
            refusal = refused(row)
            done = Outcome(change.id, Result.UPDATED, change.destination_id)
            no = Outcome(change.id, Result.REFUSED, change.destination_id, *(refusal or ("", "")))
            outcomes[change.id] = no if refusal else done
        return outcomes


def _order(change: Change) -> Order:
    if change.action is Action.DELETE or not isinstance(change.object, Order):
        raise NotImplementedError("orders are placed and brought forward, never deleted")
    return change.object


def _status(order: Order) -> str:
    if order.financial_status is FinancialStatus.CANCELLED:
        return "cancelled"
    if order.fulfillment_status is FulfillmentStatus.SHIPPED:
        return "completed"
    return "pending" if order.financial_status is FinancialStatus.PENDING else "processing"


def _goes(current: str, wanted: str) -> bool:
    if wanted == "cancelled":
        return current in STEPS[:3]
    return current in STEPS and STEPS.index(current) < STEPS.index(wanted)


def _body(order: Order, reference: str, goods: Mapping[str, tuple[int, int]]) -> Row:
    lines = [(line, *goods[line.sku]) for line in order.lines]
    billing = _address(order.billing_address or order.shipping_address, order) | {"email": order.email}
    return {
        # Paid for at the source: that takes the goods off the stock.
        "set_paid": _status(order) in {"processing", "completed"},
        "billing": billing,
        "shipping": _address(order.shipping_address or order.billing_address, order),
        "line_items": [
            {"product_id": product, "variation_id": variation, "quantity": line.quantity}
            for line, product, variation in lines
        ],
        "meta_data": [{"key": REFERENCE, "value": reference}],
    }


def _address(place: Address | None, order: Order) -> Row:
    place = place or Address()
    return {
        "first_name": place.first_name or order.first_name,
        "last_name": place.last_name or order.last_name,
        "company": place.company,
        "address_1": place.line1,
        "address_2": place.line2,
        "city": place.city,
        "state": place.region,
        "postcode": place.postal_code,
        "country": place.country,
        "phone": place.phone,
    }
