"""What happens to an order after it was placed: invoices, shipments with tracking, refunds."""

from collections.abc import Mapping
from typing import Any

from sandbox.magento.orders import COMPENSATION, existing, note, tops, turn
from sandbox.magento.refusal import RefusalError, plain, required
from sandbox.magento.state import Row, State
from sandbox.magento.stock import put_item


def invoice(state: State, id: str) -> str:
    """POST /V1/order/:id/invoice: everything that is not yet invoiced."""
    order = existing(state, id)
    if order.get("total_invoiced") or order["state"] in {"canceled", "closed"}:
        raise RefusalError(
            400, "Invoice Document Validation Error(s):\nThe order does not allow an invoice to be created."
        )
    for item in order["items"]:
        item["qty_invoiced"] = item["qty_ordered"]
        item.update(_both({"row_invoiced": item["row_total"]}) if "parent_item_id" not in item else {})
        item.update(_both({f"{COMPENSATION}_invoiced": 0}))
        if "parent_item_id" not in item:
            item["weee_tax_applied"] = "[]"
        item["updated_at"] = state.now()
    paid = {f"{name}_invoiced": order[source] for name, source in _PARTS.items()}
    order |= _both(paid | {"total_paid": order["grand_total"], "total_due": 0})
    order["base_total_invoiced_cost"] = 0
    order["payment"] |= _both(
        {"amount_paid": order["grand_total"], "shipping_captured": order["shipping_amount"]}
    )
    turn(state, order)
    return str(state.number("invoice"))


_PARTS = {
    "discount": "discount_amount",
    COMPENSATION: f"{COMPENSATION}_amount",
    "shipping": "shipping_amount",
    "subtotal": "subtotal",
    "tax": "tax_amount",
    "total": "grand_total",
}


def _both(pairs: Mapping[str, Any]) -> Row:
    return dict(pairs) | {f"base_{name}": one for name, one in pairs.items()}


def ship(state: State, id: str, body: Mapping[str, Any]) -> str:
    """POST /V1/order/:id/ship: the goods leave their source; a track needs number, title and carrier."""
    order = existing(state, id)
    for track in body.get("tracks") or ():
        for name in ("track_number", "title", "carrier_code"):
            if not track.get(name):
                raise required(name)
    wanted = {int(one["order_item_id"]): float(one["qty"]) for one in body.get("items") or ()}
    open_items = [item for item in tops(order) if item["qty_shipped"] < item["qty_ordered"]]
    if not open_items or order["state"] in {"canceled", "closed"}:
        message = "Shipment Document Validation Error(s):\nThe order does not allow a shipment to be created."
        raise RefusalError(400, message)
    for item in open_items:
        left = item["qty_ordered"] - item["qty_shipped"]
        sent = min(wanted.get(item["item_id"], 0.0), left) if wanted else left
        item["qty_shipped"] = plain(float(item["qty_shipped"] + sent))
        item["updated_at"] = state.now()
        _leave(state, item["sku"], sent)
    shipment = state.number("shipment")
    order.setdefault("_shipments", []).append(
        {"entity_id": shipment, "tracks": list(body.get("tracks") or ())}
    )
    turn(state, order)
    return str(shipment)


def _leave(state: State, sku: str, quantity: float) -> None:
    key = sku.casefold()
    held = state.source_items.get((key, "default"))
    if held is not None and quantity:
        state.reservations[key] = state.reservations.get(key, 0) + quantity
        put_item(state, sku, "default", held["quantity"] - quantity, held["status"])


def refund(state: State, id: str) -> str:
    """POST /V1/order/:id/refund: all of it, offline, without taking goods back."""
    order = existing(state, id)
    if not order.get("total_paid") or order.get("total_refunded"):
        message = (
            "Creditmemo Document Validation Error(s):\nThe order does not allow a creditmemo to be created."
        )
        raise RefusalError(400, message)
    for item in order["items"]:
        item["qty_refunded"] = item["qty_invoiced"]
        if "parent_item_id" not in item:
            item.update(_both({"amount_refunded": item["row_total"]}))
        item.update(_both({"discount_refunded": 0, f"{COMPENSATION}_refunded": 0, "tax_refunded": 0}))
        item["updated_at"] = state.now()
    parts = {f"{name}_refunded": order[source] for name, source in _PARTS.items()}
    order |= _both(parts | {"adjustment_negative": 0, "adjustment_positive": 0})
    order |= _both({"total_offline_refunded": order["grand_total"], "shipping_tax_refunded": 0})
    order["customer_note_notify"] = 0
    order["payment"] |= _both(
        {"amount_refunded": order["grand_total"], "shipping_refunded": order["shipping_amount"]}
    )
    for way in order["extension_attributes"]["shipping_assignments"]:
        amounts = {"shipping_invoiced", "shipping_refunded", "shipping_tax_refunded"}
        total = way["shipping"]["total"]
        total |= _both({name: order[name] for name in amounts})
    turn(state, order)
    note(state, order, f"We refunded ${order['grand_total']:.2f} offline.", "creditmemo")
    return str(state.number("creditmemo"))


def shown(order: Row) -> Row:
    """An order as the API shows it."""
    return {name: one for name, one in order.items() if not name.startswith("_")}
