"""Orders with lines, buyer, addresses and the meaning of the shop's own states.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/orders/ and …/order_states/. Lines come inside
(`associations.order_rows`). States are the shop's own; what they mean is in their flags `paid` and `shipped`, and for
cancelled and refunded in the configuration (`PS_OS_CANCELED`, `PS_OS_REFUND`) or the mail template.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.places import Places
from passerelle.connectors.prestashop.products import variant_id
from passerelle.connectors.prestashop.reading import (
    EMAIL,
    SenselessError,
    flag,
    instant,
    money,
    number,
    sorted_out,
    text,
)
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.model import Address, FinancialStatus, FulfillmentStatus, Money, Order, OrderLine
from passerelle.port import Pulled

BUYER = "id,lastname,firstname,email"
CANCELLED, REFUNDED = "order_canceled", "refund"
"""Names of the mail templates that belong to these states."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the orders of one pull refer to, by id."""

    buyers: Mapping[str, Row]
    addresses: Mapping[str, Address]
    codes: Mapping[str, Sequence[str]]


class Orders:
    """Reads orders, many at a time."""

    def __init__(self, service: Webservice, facts: Facts, places: Places) -> None:
        self._service, self._facts, self._places = service, facts, places

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The orders as they stand now."""
        rows = self._service.entities("orders", ids)
        near = Around(self.buyers(rows), self._addresses(rows), self._codes(rows))
        return sorted_out(ids, rows, lambda row: self._order(row, near))

    def statuses(self) -> list[tuple[str, str]]:
        """(key, name) of each state that the shop still uses."""
        language = self._facts.language
        kept = [(id, row) for id, row in self._facts.states.items() if not flag(row, "deleted")]
        return [
            (id, text(row.get("name"), language)) for id, row in sorted(kept, key=lambda one: int(one[0]))
        ]

    def buyers(self, rows: Iterable[Row]) -> dict[str, Row]:
        """Customers of orders or carts by id, deleted ones too."""
        found = self._service.entities("customers", (text(row.get("id_customer")) for row in rows), BUYER)
        return {str(row["id"]): row for row in found}

    def _addresses(self, rows: Sequence[Row]) -> dict[str, Address]:
        ids = [text(row.get(name)) for row in rows for name in ("id_address_delivery", "id_address_invoice")]
        return self._places.by_id(ids)

    def _codes(self, rows: Sequence[Row]) -> dict[str, list[str]]:
        """Order id → promo codes typed, for the orders that have a discount."""
        reduced = [str(row.get("id")) for row in rows if text(row.get("total_discounts")).strip("0.")]
        used = self._service.among("order_cart_rules", "id_order", reduced, "id,id_order,id_cart_rule")
        rules = self._facts.named("cart_rules", (text(row.get("id_cart_rule")) for row in used), "id,code")
        codes: dict[str, list[str]] = defaultdict(list)
        for row in used:
            code = text(rules.get(text(row.get("id_cart_rule")), {}).get("code"))
            codes[text(row.get("id_order"))] += [code] if code else []
        return codes

    def _order(self, row: Row, near: Around) -> Order:
        placed = instant(row.get("date_add"), self._facts.zone)
        if placed is None:
            raise SenselessError("The order has no date.", "Correct its date in the shop.")
        currency = self._facts.currencies.get(text(row.get("id_currency"))) or self._facts.currency
        total = money(row, "total_paid_tax_incl", currency)
        net = money(row, "total_paid_tax_excl", currency)
        status = text(row.get("current_state")) or "0"
        paid, shipped = self.meaning(status)
        order = Order(
            id=str(row["id"]),
            number=text(row.get("reference")) or str(row["id"]),
            email="",
            status=status,
            financial_status=paid,
            fulfillment_status=shipped,
            total=total,
            lines=tuple(_line(one, currency) for one in _rows(row)),
            placed_at=placed,
            tax=Money(total.amount - net.amount, currency),
            shipping=money(row, "total_shipping_tax_incl", currency),
            discount=money(row, "total_discounts_tax_incl", currency),
            promo_codes=tuple(near.codes.get(str(row["id"]), ())),
            updated_at=instant(row.get("date_upd"), self._facts.zone),
        )
        # The shop does not date a cancellation; it is the last thing that happens to most orders.
        cancelled = order.updated_at if paid is FinancialStatus.CANCELLED else None
        return replace(_with_buyer(order, row, near), cancelled_at=cancelled)

    def meaning(self, state: str) -> tuple[FinancialStatus, FulfillmentStatus]:
        """What a state of the shop says of payment and shipment; a state that is gone says nothing."""
        row = self._facts.states.get(state, {})
        shipped = FulfillmentStatus.SHIPPED if flag(row, "shipped") else FulfillmentStatus.UNFULFILLED
        told, template = self._facts.configuration, text(row.get("template"), self._facts.language)
        if state == told.get("PS_OS_CANCELED") or template == CANCELLED:
            return FinancialStatus.CANCELLED, shipped
        if state == told.get("PS_OS_REFUND") or template == REFUNDED:
            return FinancialStatus.REFUNDED, shipped
        return (FinancialStatus.PAID if flag(row, "paid") else FinancialStatus.PENDING), shipped


def _with_buyer(order: Order, row: Row, near: Around) -> Order:
    """The order with its buyer, as far as the shop still knows them."""
    buyer = near.buyers.get(text(row.get("id_customer")), {})
    written = text(buyer.get("email")).lower()
    return replace(
        order,
        email=written if EMAIL.fullmatch(written) else "",
        customer_id=str(buyer.get("id", "")),
        first_name=text(buyer.get("firstname")),
        last_name=text(buyer.get("lastname")),
        billing_address=near.addresses.get(text(row.get("id_address_invoice"))),
        shipping_address=near.addresses.get(text(row.get("id_address_delivery"))),
    )


def _rows(row: Row) -> list[Row]:
    return list((row.get("associations") or {}).get("order_rows") or [])


def _line(row: Row, currency: str) -> OrderLine:
    product = text(row.get("product_id"))
    return OrderLine(
        id=str(row.get("id")),
        title=text(row.get("product_name")),
        quantity=number(row, "product_quantity"),
        unit_price=money(row, "unit_price_tax_incl", currency),
        product_id=product,
        variant_id=variant_id(product, row.get("product_attribute_id")),
        sku=text(row.get("product_reference")),
    )
