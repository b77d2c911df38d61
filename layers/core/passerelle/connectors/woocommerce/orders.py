"""Orders with lines, buyer, addresses and what their status means.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties. Amounts of lines are without tax,
with it beside; a line's price is after its discount. Refunds are listed with negative totals. WooCommerce knows no
shipments: an order that is completed has left.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from passerelle.connectors.woocommerce.facts import NO_ORDERS
from passerelle.connectors.woocommerce.reading import (
    SenselessError,
    address,
    asked_for,
    each,
    email,
    instant,
    money,
    number,
    rows,
    text,
)
from passerelle.connectors.woocommerce.rest import Rest, Row
from passerelle.model import FinancialStatus, FulfillmentStatus, Money, Order, OrderLine
from passerelle.port import Pulled

FIELDS = (
    "id,number,status,currency,total,total_tax,shipping_total,shipping_tax,discount_total,discount_tax,customer_id,"
    "billing,shipping,line_items,coupon_lines,refunds,date_created_gmt,date_modified_gmt,date_paid_gmt"
)
CENT = Decimal("0.01")
PAID = frozenset({"processing", "completed"})


class Orders:
    """Reads orders, many at a time."""

    fields = FIELDS

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The orders as they stand now; a cart in the checkout, or one in the bin, counts as missing."""
        return asked_for(ids, self.read(self._rest.among("orders", ids, fields=self.fields)))

    @staticmethod
    def read(found: Sequence[Row]) -> Pulled:
        """See reading.Reader."""
        return each(found, _order)


def _order(row: Row) -> Order | None:
    status = text(row, "status").lower()
    if status in NO_ORDERS:
        return None
    placed = instant(row.get("date_created_gmt"))
    if placed is None:
        raise SenselessError("The order has no date.", "Correct its date in the shop.")
    currency = text(row, "currency").upper()
    paid = _paid(row, status, currency)
    order = Order(
        id=text(row, "id"),
        number=text(row, "number") or text(row, "id"),
        email="",
        status=status,
        financial_status=paid,
        fulfillment_status=FulfillmentStatus.SHIPPED
        if status == "completed"
        else FulfillmentStatus.UNFULFILLED,
        total=money(row, "total", currency),
        lines=tuple(_line(one, currency) for one in rows(row, "line_items")),
        placed_at=placed,
        tax=money(row, "total_tax", currency),
        shipping=money(row, "shipping_total", currency) + money(row, "shipping_tax", currency),
        discount=money(row, "discount_total", currency) + money(row, "discount_tax", currency),
        promo_codes=tuple(code for one in rows(row, "coupon_lines") if (code := text(one, "code"))),
        updated_at=instant(row.get("date_modified_gmt")),
    )
    # The shop does not date a cancellation; it is the last thing that happens to most orders.
    cancelled = order.updated_at if paid is FinancialStatus.CANCELLED else None
    return replace(_with_buyer(order, row), cancelled_at=cancelled)


def _with_buyer(order: Order, row: Row) -> Order:
    """The order with its buyer, who may have no account."""
    told = row.get("billing")
    billing: Row = told if isinstance(told, dict) else {}
    buyer = number(row, "customer_id")
    return replace(
        order,
        email=email(text(billing, "email")),
        customer_id=str(buyer) if buyer else "",
        first_name=text(billing, "first_name"),
        last_name=text(billing, "last_name"),
        billing_address=address(billing),
        shipping_address=address(row.get("shipping")),
    )


def _paid(row: Row, status: str, currency: str) -> FinancialStatus:
    if status == "cancelled":
        return FinancialStatus.CANCELLED
    back = sum((abs(money(one, "total", currency).amount) for one in rows(row, "refunds")), Decimal(0))
    if status == "refunded" or (back and back >= money(row, "total", currency).amount):
        return FinancialStatus.REFUNDED
    if back:
        return FinancialStatus.PARTIALLY_REFUNDED
    is_paid = status in PAID or (row.get("date_paid_gmt") and status not in {"pending", "failed"})
    return FinancialStatus.PAID if is_paid else FinancialStatus.PENDING


def _line(row: Row, currency: str) -> OrderLine:
    product, variation, count = (number(row, name) for name in ("product_id", "variation_id", "quantity"))
    before = money(row, "subtotal", currency).amount + money(row, "subtotal_tax", currency).amount
    after = money(row, "total", currency).amount + money(row, "total_tax", currency).amount
    each = (before / count).quantize(CENT, ROUND_HALF_UP) if count else before
    return OrderLine(
        id=text(row, "id"),
        title=text(row, "name"),
        quantity=count,
        unit_price=Money(each, currency),
        product_id=str(product) if product else "",
        variant_id=str(variation or product) if product else "",
        sku=text(row, "sku"),
        discount=Money(before - after, currency) if before > after else None,
    )
