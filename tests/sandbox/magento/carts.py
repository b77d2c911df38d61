"""Carts: a guest's way to an order, and the search that a merchant has over all of them."""

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.magento import orders
from sandbox.magento.products import existing
from sandbox.magento.refusal import RefusalError, plain
from sandbox.magento.state import Row, State

SHIPPING = 5
"""What the flat rate takes for each piece."""


def value(row: Row, field: str) -> Any:
    """What a filter sees of a cart."""
    if field == "items_count":
        return len(row["items"])
    if field == "customer_email":
        return row["customer"].get("email") or row["billing_address"].get("email")
    return row["id"] if field == "entity_id" else row.get(field)


def create(state: State) -> str:
    """POST /V1/guest-carts: a masked id, which is random."""
    mask = secrets.token_urlsafe(24)
    state.masks[mask] = blank(state)["id"]
    return mask


def blank(state: State) -> Row:
    """An empty cart."""
    now = state.now()
    row: Row = {"id": state.number("cart"), "created_at": now, "updated_at": now, "is_active": True}
    row |= {"is_virtual": False, "items": [], "customer": {}, "billing_address": {}, "store_id": 1}
    state.carts[row["id"]] = row
    return row


def cart_of(state: State, mask: str) -> Row:
    """The cart behind a masked id."""
    if mask not in state.masks:
        told = {"fieldName": "cartId", "fieldValue": mask}
        raise RefusalError(404, "No such entity with %fieldName = %fieldValue", told)
    return state.carts[state.masks[mask]]


def add(state: State, mask: str, body: Mapping[str, Any]) -> Row:
    """POST /V1/guest-carts/:id/items."""
    given = body["cartItem"]
    return shown_item(put(state, cart_of(state, mask), str(given["sku"]), float(given["qty"]), given))


def put(state: State, cart: Row, sku: str, quantity: float, given: Mapping[str, Any]) -> Row:
    """Put goods into a cart; a configurable product needs its choice."""
    product = existing(state, sku)
    chosen = _chosen(state, product, given)
    if quantity > 10_000 or quantity > state.salable(chosen["sku"]):
        raise RefusalError(400, "The requested qty exceeds the maximum qty allowed in shopping cart")
    item: Row = {"item_id": state.number("cart item"), "sku": chosen["sku"], "qty": plain(quantity)}
    item |= {
        "name": {**product, **product["own"]}["name"],
        "price": chosen["price"],
        "product_type": product["type_id"],
    }
    item |= {"quote_id": str(cart["id"]), "product": product["id"], "chosen": chosen["id"]}
    if "product_option" in given:
        item["product_option"] = given["product_option"]
    if chosen["id"] != product["id"]:
        state.number("cart item")  # the child's own row
    cart["items"].append(item)
    state.touch(cart)
    return item


def _chosen(state: State, product: Row, given: Mapping[str, Any]) -> Row:
    if product["type_id"] != "configurable":
        return product
    extension = (given.get("product_option") or {}).get("extension_attributes") or {}
    wanted = {
        str(one["option_id"]): str(one["option_value"])
        for one in extension.get("configurable_item_options", ())
    }
    codes = {
        code: wanted.get(str(row["attribute_id"]))
        for code, row in state.attributes.items()
        if str(row["attribute_id"]) in {one["attribute_id"] for one in product["options"]}
    }
    for id in product["links"]:
        child = state.products[id]
        if all(child["attributes"].get(code) == one for code, one in codes.items()):
            return child
    raise RefusalError(400, "You need to choose options for your item.")


def shown_item(item: Row) -> Row:
    """A line as the API shows it."""
    return {name: one for name, one in item.items() if name not in {"product", "chosen"}}


def shown(state: State, row: Row) -> Row:
    """A cart as GET /V1/carts/search shows it."""
    quantity = plain(float(sum(item["qty"] for item in row["items"])))
    currency = {"store_currency_code": "USD", "quote_currency_code": "USD", "base_currency_code": "USD"}
    told = {name: one for name, one in row.items() if name not in {"shipping", "items"}}
    return told | {
        "items": [shown_item(item) for item in row["items"]],
        "items_count": len(row["items"]),
        "items_qty": quantity,
        "orig_order_id": 0,
        "currency": currency,
        "customer_is_guest": "id" not in row["customer"],
        "customer_note_notify": True,
        "customer_tax_class_id": 3,
    }


def set_shipping(state: State, mask: str, body: Mapping[str, Any]) -> Row:
    """POST /V1/guest-carts/:id/shipping-information."""
    cart, given = cart_of(state, mask), body["addressInformation"]
    if given.get("shipping_carrier_code") != "flatrate":
        raise RefusalError(400, "The shipping method can't be set. Verify and try again.")
    cart["shipping"] = given["shipping_address"]
    cart["billing_address"] = given.get("billing_address") or given["shipping_address"]
    methods = [{"code": "checkmo", "title": "Check / Money order"}]
    return {"payment_methods": methods, "totals": _totals(state, cart)}


def place(state: State, mask: str, body: Mapping[str, Any]) -> int:
    """POST /V1/guest-carts/:id/payment-information: the order's id."""
    cart = cart_of(state, mask)
    if not cart["is_active"]:
        raise RefusalError(
            404, "No such entity with %fieldName = %fieldValue", {"fieldName": "cartId", "fieldValue": mask}
        )
    if not cart["items"] or "shipping" not in cart:
        raise RefusalError(400, "The shipping address is missing. Set the address and try again.")
    made = orders.place(state, cart, str(body.get("email") or ""), body.get("billing_address"))
    cart["is_active"] = False
    return int(made["entity_id"])


def _totals(state: State, cart: Row) -> Row:
    pieces = sum(item["qty"] for item in cart["items"])
    subtotal = plain(round(sum(item["price"] * item["qty"] for item in cart["items"]), 2))
    shipping = plain(float(SHIPPING * pieces))
    total = plain(round(float(subtotal + shipping), 2))
    pairs = {"grand_total": total, "subtotal": subtotal, "discount_amount": 0, "shipping_amount": shipping}
    pairs |= {"subtotal_with_discount": subtotal, "shipping_discount_amount": 0, "tax_amount": 0}
    pairs |= {"shipping_tax_amount": 0, "shipping_incl_tax": shipping}
    told = pairs | {f"base_{name}": one for name, one in pairs.items()}
    told |= {"weee_tax_applied_amount": None, "subtotal_incl_tax": subtotal, "base_currency_code": "USD"}
    told |= {"quote_currency_code": "USD", "items_qty": plain(float(pieces))}
    told["items"] = [_line(state, item) for item in cart["items"]]
    title = "Shipping & Handling (Flat Rate - Fixed)"
    tax = {"extension_attributes": {"tax_grandtotal_details": []}}
    told["total_segments"] = [
        {"code": "subtotal", "title": "Subtotal", "value": subtotal},
        {"code": "shipping", "title": title, "value": shipping},
        {"code": "tax", "title": "Tax", "value": 0, **tax},
        {"code": "grand_total", "title": "Grand Total", "value": total, "area": "footer"},
    ]
    return told


def _line(state: State, item: Row) -> Row:
    row = plain(round(item["price"] * item["qty"], 2))
    pairs = {"price": item["price"], "row_total": row, "tax_amount": 0, "discount_amount": 0}
    pairs |= {"price_incl_tax": item["price"], "row_total_incl_tax": row}
    told = pairs | {f"base_{name}": one for name, one in pairs.items()}
    told |= {"item_id": item["item_id"], "qty": item["qty"], "row_total_with_discount": 0, "tax_percent": 0}
    told |= {"discount_percent": 0, "options": _options(state, item), "weee_tax_applied_amount": None}
    return told | {"weee_tax_applied": None, "name": item["name"]}


def _options(state: State, item: Row) -> str:
    parent, child = state.products[item["product"]], state.products[item["chosen"]]
    told = []
    for option in parent["options"]:
        code, row = next(
            (c, r) for c, r in state.attributes.items() if str(r["attribute_id"]) == option["attribute_id"]
        )
        label = next(o["label"] for o in row["options"] if o["value"] == child["attributes"][code])
        told.append(f'{{"value":"{label}","label":"{option["label"]}"}}')
    return f"[{','.join(told)}]"
