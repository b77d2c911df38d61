"""What happens to an order after it was placed: invoices, shipments with tracking, refunds."""

from collections.abc import Mapping
from typing import Any

from sandbox.magento.orders import COMPENSATION, NO_ORDER, existing, note, tops, turn
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
        _check_track(track)
    wanted = {int(one["order_item_id"]): float(one["qty"]) for one in body.get("items") or ()}
    open_items = [item for item in tops(order) if item["qty_shipped"] < item["qty_ordered"]]
    if not open_items or order["state"] in {"canceled", "closed"}:
        message = "Shipment Document Validation Error(s):\nThe order does not allow a shipment to be created."
        raise RefusalError(400, message)
    sent = [_send(state, item, wanted) for item in open_items if not wanted or item["item_id"] in wanted]
    if not sent or wanted.keys() - {one["order_item_id"] for one in sent}:
        message = "Shipment Document Validation Error(s):\nThe shipment contains product SKU that is not in the order."
        raise RefusalError(400, message)
    number, now = state.number("shipment"), state.now()
    row: Row = {"entity_id": number, "increment_id": f"{number:09}", "order_id": order["entity_id"]}
    row |= {"store_id": order["store_id"], "created_at": now, "updated_at": now, "items": sent}
    row |= {"tracks": [], "comments": []}
    state.shipments[number] = row
    if body.get("comment"):
        told = {"entity_id": state.number("shipment comment"), "parent_id": number, "is_customer_notified": 0}
        row["comments"].append(told | dict(body["comment"]))
    for track in body.get("tracks") or ():
        _attach(state, row, track)
    turn(state, order)
    return str(number)


def _send(state: State, item: Row, wanted: Mapping[int, float]) -> Row:
    left = item["qty_ordered"] - item["qty_shipped"]
    sent = min(wanted.get(item["item_id"], 0.0), left) if wanted else left
    item["qty_shipped"] = plain(float(item["qty_shipped"] + sent))
    item["updated_at"] = state.now()
    _leave(state, item["sku"], sent)
    told: Row = {"order_item_id": item["item_id"], "qty": plain(float(sent)), "sku": item["sku"]}
    return told | {"name": item["name"], "product_id": item["product_id"]}


def _check_track(track: Mapping[str, Any]) -> None:
    for name in ("track_number", "title", "carrier_code"):
        if not track.get(name):
            raise required(name)


def _attach(state: State, shipment: Row, track: Mapping[str, Any]) -> Row:
    made: Row = {"entity_id": state.number("track"), "parent_id": shipment["entity_id"]}
    made |= {"order_id": shipment["order_id"], "created_at": state.now(), "updated_at": state.now()}
    made |= {name: track[name] for name in ("track_number", "title", "carrier_code")}
    shipment["tracks"].append(made)
    shipment["updated_at"] = state.now()
    return made


def add_track(state: State, body: Mapping[str, Any]) -> Row:
    """POST /V1/shipment/track."""
    given = body.get("entity")
    if not isinstance(given, Mapping):
        raise required("entity")
    _check_track(given)
    shipment = state.shipments.get(int(given.get("parent_id") or 0))
    if shipment is None or shipment["order_id"] != int(given.get("order_id") or 0):
        raise RefusalError(400, "The shipment track couldn't be saved.")
    return _attach(state, shipment, given)


def delete_track(state: State, id: str) -> bool:
    """DELETE /V1/shipment/track/:id."""
    for shipment in state.shipments.values():
        for track in shipment["tracks"]:
            if str(track["entity_id"]) == id:
                shipment["tracks"].remove(track)
                shipment["updated_at"] = state.now()
                return True
    raise RefusalError(404, NO_ORDER)


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
