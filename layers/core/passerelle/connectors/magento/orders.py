"""Orders with lines, buyer, addresses, and how far they are paid and shipped.

Source: https://developer.adobe.com/commerce/webapi/rest/ (salesOrderRepositoryV1). A configurable product has two lines:
the one that is paid, and beneath it (`parent_item_id`) the variant that was chosen. What is paid, refunded and shipped is
read from the amounts and quantities, for the statuses are the shop's own.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.reading import (
    SenselessError,
    address,
    amount,
    as_money,
    email,
    extension,
    instant,
    money,
    sorted_out,
    text,
    whole,
)
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.model import Address, FinancialStatus, FulfillmentStatus, Money, Order, OrderLine
from passerelle.port import Pulled

STATUSES = {
    "pending": "Pending",
    "pending_payment": "Pending Payment",
    "payment_review": "Payment Review",
    "fraud": "Suspected Fraud",
    "holded": "On Hold",
    "processing": "Processing",
    "complete": "Complete",
    "closed": "Closed",
    "canceled": "Canceled",
}
"""What every shop has; the API lists no statuses."""


class Orders:
    """Reads orders, many at a time."""

    def __init__(self, rest: Rest, facts: Facts) -> None:
        self._rest, self._facts = rest, facts

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The orders as they stand now."""
        return self.made(ids, self._rest.among("orders", "entity_id", ids))

    def made(self, ids: Sequence[str], rows: Sequence[Row]) -> Pulled:
        """The orders that these rows tell of."""
        return sorted_out(ids, rows, self._order, "entity_id")

    def statuses(self) -> list[tuple[str, str]]:
        """(key, name) of Magento's own statuses, and of others that the shop's orders have."""
        # The merchant's own statuses show only in orders; "in use and not ours" finds one of each in few calls.
        known = dict(STATUSES)
        while True:
            unknown = [("status", "nin", ",".join(known))]
            rows = self._rest.search("orders", [unknown], size=50, fields="status").rows
            fresh = {
                text(row.get("status")): text(row.get("status")).replace("_", " ").title() for row in rows
            }
            if not fresh.keys() - known.keys():
                return list(known.items())
            known |= fresh

    def _order(self, row: Row) -> Order:
        placed = instant(row.get("created_at"))
        if placed is None:
            raise SenselessError("The order has no date.", "Correct its date in the shop.")
        currency = text(row.get("order_currency_code")).upper() or self._facts.currency
        paid, code = payment(row), text(row.get("coupon_code"))
        changed = instant(row.get("updated_at"))
        return Order(
            id=str(row["entity_id"]),
            number=text(row.get("increment_id")) or str(row["entity_id"]),
            email=email(row.get("customer_email")),
            status=text(row.get("status")).lower(),
            financial_status=paid,
            fulfillment_status=shipment(row),
            total=money(row, "grand_total", currency),
            lines=tuple(_lines(row, currency)),
            placed_at=placed,
            customer_id=text(row.get("customer_id")),
            first_name=text(row.get("customer_firstname")) or text(_billing(row).get("firstname")),
            last_name=text(row.get("customer_lastname")) or text(_billing(row).get("lastname")),
            tax=money(row, "tax_amount", currency),
            shipping=money(row, "shipping_incl_tax", currency),
            discount=_discount(row, currency),
            promo_codes=(code,) if code else (),
            billing_address=address(_billing(row)),
            shipping_address=_shipping(row),
            # The shop does not date a cancellation; it is the last thing that happens to most orders.
            cancelled_at=changed if paid is FinancialStatus.CANCELLED else None,
            updated_at=changed,
        )


def payment(row: Row) -> FinancialStatus:
    """How far an order is paid, by its amounts."""
    if text(row.get("state")) == "canceled":
        return FinancialStatus.CANCELLED
    paid, back, total = amount(row, "total_paid"), amount(row, "total_refunded"), amount(row, "grand_total")
    if back > 0:
        return FinancialStatus.REFUNDED if back >= paid else FinancialStatus.PARTIALLY_REFUNDED
    if paid >= total and (paid > 0 or total == 0):
        return FinancialStatus.PAID
    return FinancialStatus.PARTIALLY_PAID if paid > 0 else FinancialStatus.PENDING


def shipment(row: Row) -> FulfillmentStatus:
    """How far an order is shipped, by the quantities of what can be shipped."""
    goods = [one for one in _tops(row) if text(one.get("is_virtual")) != "1"]
    sent = [amount(one, "qty_shipped") for one in goods]
    owed = [amount(one, "qty_ordered") - amount(one, "qty_canceled") for one in goods]
    if not any(sent):
        return FulfillmentStatus.UNFULFILLED
    whole_order = all(done >= wanted for done, wanted in zip(sent, owed, strict=True))
    return FulfillmentStatus.SHIPPED if whole_order else FulfillmentStatus.PARTIAL


def _tops(row: Row) -> list[Row]:
    return [one for one in row.get("items") or () if not one.get("parent_item_id")]


def _lines(row: Row, currency: str) -> list[OrderLine]:
    chosen = {one.get("parent_item_id"): one for one in row.get("items") or () if one.get("parent_item_id")}
    return [_line(one, chosen, currency) for one in _tops(row)]


def _line(row: Row, chosen: Mapping[object, Row], currency: str) -> OrderLine:
    product = text(row.get("product_id"))
    varied = row.get("product_type") == "configurable" and row.get("item_id") in chosen
    variant = text(chosen[row["item_id"]].get("product_id")) if varied else product
    return OrderLine(
        id=str(row.get("item_id")),
        title=text(row.get("name")),
        quantity=whole(row, "qty_ordered"),
        unit_price=money(row, "price_incl_tax" if "price_incl_tax" in row else "price", currency),
        product_id=product,
        variant_id=variant,
        sku=text(row.get("sku")),
        discount=_discount(row, currency),
    )


def _discount(row: Row, currency: str) -> Money:
    """A discount as what it takes off: an order writes it below zero, a line above."""
    return as_money(abs(amount(row, "discount_amount") or Decimal(0)), currency)


def _billing(row: Row) -> Row:
    held = row.get("billing_address")
    return held if isinstance(held, dict) else {}


def _shipping(row: Row) -> Address | None:
    for way in extension(row).get("shipping_assignments") or ():
        found = address((way.get("shipping") or {}).get("address"))
        if found is not None:
            return found
    return None
