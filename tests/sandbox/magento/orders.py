"""Orders: placed from carts, then invoiced, shipped, commented, refunded and cancelled; each moves their date."""

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.magento.customers import REGIONS
from sandbox.magento.refusal import RefusalError, plain, required
from sandbox.magento.state import Row, State

SHIPPING = 5
"""What the flat rate takes for each piece."""
NO_ORDER = "The entity that was requested doesn't exist. Verify the entity and try again."
TAXES: Mapping[str, Any] = {"extension_attributes": {"itemized_taxes": []}}
COMPENSATION = "discount_tax_compensation"


def value(row: Row, field: str) -> Any:
    """What a filter sees of an order."""
    return row.get(field)


def existing(state: State, id: str) -> Row:
    """The order, or Magento's 404."""
    if not id.isdigit() or int(id) not in state.orders:
        raise RefusalError(404, NO_ORDER)
    return state.orders[int(id)]


def place(state: State, cart: Row, email: str, billing: Mapping[str, Any] | None) -> Row:
    """Make an order of a cart; the goods are reserved, not yet taken out of their source."""
    id = state.number("order")
    pieces = sum(item["qty"] for item in cart["items"])
    subtotal = plain(round(sum(item["price"] * item["qty"] for item in cart["items"]), 2))
    shipping = plain(float(SHIPPING * pieces))
    items = _items(state, id, cart)
    order = _frame(state, id, cart, subtotal, shipping) | {
        "items": items,
        "total_item_count": len(cart["items"]),
    }
    order["total_qty_ordered"] = plain(float(pieces))
    order["weight"] = plain(round(sum(i.get("row_weight", 0) for i in items), 4))
    address = billing or cart["billing_address"] or cart["shipping"]
    shipped = _address(state, "shipping", id, cart["shipping"], email)
    order["billing_address"] = _address(state, "billing", id, address, email)
    order["billing_address_id"] = order["billing_address"]["entity_id"]
    order |= _buyer(cart, email, order["billing_address"])
    order["payment"] = _payment(id, order["grand_total"], shipping)
    order["extension_attributes"] = _extension(shipped, items, shipping)
    for item in cart["items"]:
        _reserve(state, item["sku"], -item["qty"])
    state.orders[id] = order
    return order


def _reserve(state: State, sku: str, quantity: float) -> None:
    key = sku.casefold()
    state.reservations[key] = state.reservations.get(key, 0) + quantity


def _based(pairs: Mapping[str, Any]) -> Row:
    """Amounts in the order's currency and in the shop's."""
    return dict(pairs) | {f"base_{name}": one for name, one in pairs.items()}


def _frame(state: State, id: int, cart: Row, subtotal: float, shipping: float) -> Row:
    total, now = plain(round(float(subtotal + shipping), 2)), state.now()
    amounts = {"discount_amount": 0, "grand_total": total, f"{COMPENSATION}_amount": 0, "tax_amount": 0}
    amounts |= {"shipping_amount": shipping, "shipping_discount_amount": 0, "shipping_incl_tax": shipping}
    amounts |= {"shipping_tax_amount": 0, "subtotal": subtotal, "subtotal_incl_tax": subtotal}
    order = _based(amounts | {"total_due": total})
    order |= {f"shipping_{COMPENSATION}_amount": 0, f"base_shipping_{COMPENSATION}_amnt": 0}
    order |= {"base_to_global_rate": 1, "base_to_order_rate": 1, "store_to_base_rate": 0}
    order |= {f"{name}_currency_code": "USD" for name in ("base", "global", "order", "store")}
    order |= {"store_to_order_rate": 0, "created_at": now, "updated_at": now, "entity_id": id}
    order |= {"increment_id": f"{id:09}", "state": "new", "status": "pending", "store_id": 1}
    order |= {"store_name": "Main Website\nMain Website Store\nDefault Store View", "is_virtual": 0}
    order |= {"protect_code": secrets.token_hex(16), "quote_id": cart["id"], "remote_ip": "127.0.0.1"}
    order |= {"shipping_description": "Flat Rate - Fixed", "email_sent": 1, "customer_note_notify": 1}
    return order | {"status_histories": []}


def _buyer(cart: Row, email: str, address: Row) -> Row:
    person = cart["customer"]
    told: Row = {"customer_email": email or person.get("email", ""), "customer_is_guest": int(not person)}
    told |= {"customer_firstname": address["firstname"], "customer_lastname": address["lastname"]}
    told["customer_group_id"] = person.get("group_id", 0)
    return told | ({"customer_id": person["id"]} if person else {})


def _address(state: State, kind: str, order: int, given: Mapping[str, Any], email: str) -> Row:
    number = int(given.get("region_id") or 0)
    code, name = REGIONS.get(number, ("", ""))
    told: Row = {"address_type": kind, "parent_id": order, "entity_id": state.number("order address")}
    kept = (
        "city",
        "country_id",
        "company",
        "fax",
        "firstname",
        "lastname",
        "postcode",
        "street",
        "telephone",
    )
    told |= {key: given[key] for key in kept if given.get(key)}
    region = {"region": name, "region_code": code, "region_id": number} if number else {}
    return told | {"email": given.get("email") or email} | region


def _payment(order: int, total: float, shipping: float) -> Row:
    told: Row = {"account_status": None, "additional_information": ["Check / Money order"], "cc_last4": None}
    told |= _based({"amount_ordered": total, "shipping_amount": shipping})
    return told | {"entity_id": order, "method": "checkmo", "parent_id": order}


def _extension(address: Row, items: list[Row], shipping: float) -> Row:
    total = _based(
        {
            "shipping_amount": shipping,
            "shipping_discount_amount": 0,
            "shipping_incl_tax": shipping,
            "shipping_tax_amount": 0,
        }
    )
    total |= {f"shipping_{COMPENSATION}_amount": 0, f"base_shipping_{COMPENSATION}_amnt": 0}
    way = {"address": address, "method": "flatrate_flatrate", "total": total}
    told: Row = {"shipping_assignments": [{"shipping": way, "items": items}]}
    told["payment_additional_info"] = [{"key": "method_title", "value": "Check / Money order"}]
    lists = ("applied_taxes", "item_applied_taxes", "taxes", "additional_itemized_taxes")
    return told | {name: [] for name in lists} | {"converting_from_quote": False}


def _items(state: State, order: int, cart: Row) -> list[Row]:
    items: list[Row] = []
    for line in cart["items"]:
        parent, chosen = state.products[line["product"]], state.products[line["chosen"]]
        top = _item(state, order, line, parent, chosen.get("weight", 0))
        items.append(top)
        if chosen["id"] != parent["id"]:
            items.append(_child(state, order, line, chosen, top))
    return items


def _item(state: State, order: int, line: Row, product: Row, weight: float) -> Row:
    row = plain(round(line["price"] * line["qty"], 2))
    pairs = {"amount_refunded": 0, "discount_amount": 0, "discount_invoiced": 0, "tax_invoiced": 0}
    pairs |= {f"{COMPENSATION}_amount": 0, "original_price": line["price"], "price": line["price"]}
    pairs |= {"price_incl_tax": line["price"], "row_invoiced": 0, "row_total": row, "tax_amount": 0}
    told = _based(pairs | {"row_total_incl_tax": row}) | _plain_item(state, order, line, product)
    told |= {"row_weight": plain(round(weight * line["qty"], 4)), "weight": weight, **TAXES}
    if "product_option" in line:
        told["product_option"] = line["product_option"]
    return told


def _plain_item(state: State, order: int, line: Row, product: Row) -> Row:
    number, now = state.number("order item"), state.now()
    told: Row = {"created_at": now, "updated_at": now, "discount_percent": 0, "free_shipping": 0}
    told |= {
        "is_qty_decimal": 0,
        "is_virtual": 0,
        "item_id": number,
        "name": {**product, **product["own"]}["name"],
    }
    told |= {"no_discount": 0, "order_id": order, "product_id": product["id"], "qty_ordered": line["qty"]}
    told |= dict.fromkeys(("qty_canceled", "qty_invoiced", "qty_refunded", "qty_shipped"), 0)
    told |= {"product_type": product["type_id"], "quote_item_id": number, "sku": line["sku"]}
    return told | {"store_id": 1, "tax_percent": 0}


def _child(state: State, order: int, line: Row, chosen: Row, top: Row) -> Row:
    """The variant's own line: free of charge, it only tells what was chosen."""
    pairs = {"amount_refunded": 0, "discount_amount": 0, "discount_invoiced": 0, "tax_invoiced": 0}
    pairs |= {"price": 0, "row_invoiced": 0, "row_total": 0, "tax_amount": 0, "row_total_incl_tax": 0}
    told = _based(pairs) | _plain_item(state, order, line, chosen) | TAXES
    told |= {"original_price": 0, "parent_item_id": top["item_id"], "row_weight": 0}
    return told | {"weight": chosen.get("weight", 0), "parent_item": top}


def turn(state: State, order: Row) -> None:
    """Bring state and status to what was invoiced, shipped and refunded."""
    paid, shipped = (
        order.get("total_invoiced", 0) > 0,
        all(item["qty_shipped"] >= item["qty_ordered"] for item in tops(order)),
    )
    done = "complete" if paid and shipped else "processing" if paid or _some_shipped(order) else "pending"
    if order.get("total_refunded", 0) and order["total_refunded"] >= order["grand_total"]:
        done = "closed"
    order |= {"status": done, "state": "new" if done == "pending" else done}
    state.touch(order)


def tops(order: Row) -> list[Row]:
    """The lines that a buyer sees."""
    return [item for item in order["items"] if "parent_item_id" not in item]


def _some_shipped(order: Row) -> bool:
    return any(item["qty_shipped"] for item in tops(order))


def comment(state: State, id: str, body: Mapping[str, Any]) -> bool:
    """POST /V1/orders/:id/comments; a status that is given becomes the order's."""
    order, given = existing(state, id), body.get("statusHistory")
    if not isinstance(given, Mapping):
        raise required("statusHistory")
    note(state, order, str(given.get("comment") or ""), given.get("entity_name"))
    if given.get("status"):
        order["status"] = given["status"]
    state.touch(order)
    return True


def note(state: State, order: Row, text: str, about: str | None = None) -> None:
    """A line in the order's history."""
    line: Row = {"comment": text, "created_at": state.now(), "entity_id": state.number("comment")}
    line |= {"is_customer_notified": 0, "is_visible_on_front": 0, "parent_id": order["entity_id"]}
    line |= {"status": order["status"]} | ({"entity_name": about} if about else {})
    order["status_histories"].insert(0, line)


def cancel(state: State, id: str) -> bool:
    """POST /V1/orders/:id/cancel: false where there is nothing left to cancel."""
    order = existing(state, id)
    if order["state"] in {"complete", "closed", "canceled"} or order.get("total_invoiced"):
        return False
    for item in order["items"]:
        item["qty_canceled"] = item["qty_ordered"]
    for item in tops(order):
        _reserve(state, item["sku"], item["qty_ordered"])
    order |= {"state": "canceled", "status": "canceled"}
    state.touch(order)
    return True
