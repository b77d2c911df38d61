"""Places orders, as a visitor would: a cart, its goods, an address, and the order; and cancels them.

Source: https://developer.adobe.com/commerce/webapi/rest/tutorials/orders/. Saving an order as it is (POST /V1/orders)
would reserve no stock, so this goes through a guest's cart; the shop's own prices hold there, and what the order then
costs otherwise is told. No field of ours travels from a cart into its order but those of an address: our reference
stands in the telefax of the bill, and whoever places looks through the orders of late for it first.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from passerelle.connectors.magento.facts import Facts
from passerelle.connectors.magento.reading import amount, as_money, told_at
from passerelle.connectors.magento.rest import Rest
from passerelle.connectors.magento.settings import Settings
from passerelle.model import Address, FinancialStatus, Order, OrderLine
from passerelle.model.riding import Beside
from passerelle.port import Action, Change, Match, Outcome, Rejected, Result, Unavailable

BACK = timedelta(days=14)
"""How far back a lost answer is looked for."""
UNTOLD = "-"


class Placing:
    """Writes orders."""

    def __init__(self, rest: Rest, facts: Facts, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._rest, self._facts, self._settings, self._clock = rest, facts, settings, clock

    def find(self, references: Sequence[str]) -> list[Match]:
        """Orders of the last two weeks that we placed under these references."""
        known = self._known() if references else {}
        return [Match(key, known[key]) for key in references if key in known]

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change, in their order. A create whose reference is there already writes nothing."""
        known = self._known() if any(change.action is Action.CREATE for change in changes) else {}
        return [self._one(change, known) for change in changes]

    def _known(self) -> dict[str, str]:
        """Reference → order id."""
        lately = [("created_at", "gteq", told_at(self._clock() - BACK))]
        rows = self._rest.everything("orders", "entity_id", [lately], fields="entity_id,billing_address[fax]")
        told = ((row.get("billing_address") or {}, str(row["entity_id"])) for row in rows)
        return {str(address["fax"]): id for address, id in told if address and address.get("fax")}

    def _one(self, change: Change, known: Mapping[str, str]) -> Outcome:
        order = change.object
        if change.action is Action.DELETE or not isinstance(order, Order):
            raise NotImplementedError("Magento's orders are placed and cancelled here, and not deleted")
        reference = change.reference or f"P-{change.id}"
        try:
            if change.action is Action.UPDATE:
                return self._bring(change, order)
            if reference in known:
                return Outcome(change.id, Result.EXISTS, known[reference])
            return self._place(change, order, reference)
        except Rejected as refusal:
            id = change.destination_id
            return Outcome(change.id, Result.REFUSED, id, "order_refused", refusal.why, refusal.remedy)

    def _place(self, change: Change, order: Order, reference: str) -> Outcome:
        address = order.shipping_address or order.billing_address
        if address is None or not address.complete or not order.email:
            why = "The order has no whole address, or its buyer no e-mail."
            return Outcome(
                change.id, Result.REFUSED, "", "address_incomplete", why, "Complete it, then try again."
            )
        try:
            id = self._bought(order, address, reference)
        except Unavailable:
            # The address that was called names the cart, and whoever knows it may open it.
            why = "The shop gave no answer while an order was placed. It may have been placed."
            raise Unavailable(why, "Nothing to do: it is looked for before it is placed again.") from None
        return Outcome(change.id, Result.CREATED, id, beside=self._dearer(id, order))

    def _bought(self, order: Order, address: Address, reference: str) -> str:
        """Go through the shop as a visitor does; answers the order's id."""
        cart = f"guest-carts/{self._rest.send('POST', 'guest-carts')}"
        for line in order.lines:
            self._rest.send("POST", f"{cart}/items", {"cartItem": _item(line, cart)})
        carrier, _, method = self._settings.shipping_method.partition("_")
        bill = self._told(order.billing_address or address, order) | {"fax": reference}
        way = {
            "shipping_address": self._told(address, order),
            "billing_address": bill,
            "shipping_carrier_code": carrier,
            "shipping_method_code": method,
        }
        self._rest.send("POST", f"{cart}/shipping-information", {"addressInformation": way})
        paid = {"email": order.email, "paymentMethod": {"method": self._settings.payment_method}}
        return str(self._rest.send("POST", f"{cart}/payment-information", paid | {"billing_address": bill}))

    def _dearer(self, id: str, order: Order) -> tuple[Beside, ...]:
        """What the order costs at this shop, where that is not what it cost at the other."""
        row = self._rest.get(f"orders/{id}")
        total = as_money(amount(row, "grand_total"), str(row.get("order_currency_code")))
        if (total.amount, total.currency) == (order.total.amount, order.total.currency):
            return ()
        told = f"{total.amount} {total.currency}"
        return (Beside("total", "total_differs", told, "The shop calculates its own prices."),)

    def _told(self, address: Address, order: Order) -> dict[str, Any]:
        street = [line for line in (address.line1, address.line2) if line]
        told: dict[str, Any] = {
            "firstname": address.first_name or order.first_name or UNTOLD,
            "lastname": address.last_name or order.last_name or UNTOLD,
            "street": street,
            "city": address.city,
            "postcode": address.postal_code,
            "country_id": address.country,
            "telephone": address.phone or UNTOLD,
            "email": order.email,
        }
        region = self._facts.region(address.country, address.region)
        return told | ({"company": address.company} if address.company else {}) | region

    def _bring(self, change: Change, order: Order) -> Outcome:
        """Bring an order to where it stands at the other shop, as far as the shop goes: cancelled, or a status."""
        id = change.destination_id
        row = self._rest.get(f"orders/{id}")
        if order.financial_status is FinancialStatus.CANCELLED:
            if row.get("state") == "canceled":
                return Outcome(change.id, Result.UNCHANGED, id)
            if self._rest.send("POST", f"orders/{id}/cancel") is True:
                return Outcome(change.id, Result.UPDATED, id)
            why = "The shop no longer cancels it: it is invoiced, shipped or closed."
            return Outcome(
                change.id, Result.REFUSED, id, "order_not_cancellable", why, "Settle it with the shop."
            )
        if not order.status or row.get("status") == order.status:
            return Outcome(change.id, Result.UNCHANGED, id)
        note = {"comment": "", "status": order.status, "is_customer_notified": 0, "is_visible_on_front": 0}
        self._rest.send("POST", f"orders/{id}/comments", {"statusHistory": note | {"parent_id": int(id)}})
        return Outcome(change.id, Result.UPDATED, id)


def _item(line: OrderLine, cart: str) -> dict[str, Any]:
    return {"sku": line.sku, "qty": line.quantity, "quote_id": cart.partition("/")[2]}
