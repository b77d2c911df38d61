"""Placing an order from a cart, and turning its state, with what PrestaShop does to stock, payments and papers."""

import hashlib
from decimal import Decimal

from sandbox.prestashop.prices import final_price
from sandbox.prestashop.refusal import CrashError
from sandbox.prestashop.state import Row, State
from sandbox.prestashop.stock import set_quantity

SHIPPING = Decimal(7)
ERROR_STATE = "8"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def place(state: State, memory: Row) -> tuple[int, Row, object]:
    """Make an order of a cart; the totals are the cart's, whatever the request says.

    Raises CrashError for an address in a country that is not active: no carrier goes there.
    """
    country = _country_of(state, memory)
    cart = state.tables["carts"].rows.get(int(memory["id_cart"]))
    if cart is None or country is None or country["active"] != "1":
        raise CrashError
    products = sum(
        (Decimal(_price(state, line)) * int(line["quantity"]) for line in cart["*cart_rows"]), Decimal(0)
    )
    number = state.tables["orders"].insert(_row(state, memory, products))
    for line in cart["*cart_rows"]:
        _add_line(state, number, line)
    now = state.now()
    current = state.tables["orders"].rows[number]["current_state"]
    state.tables["order_histories"].insert({"id_order": number, "id_order_state": current, "date_add": now})
    state.tables["order_carriers"].insert({"id_order": number, "id_carrier": 2, "date_add": now})
    return number, _echo(state, memory), number


def _row(state: State, memory: Row, products: Decimal) -> Row:
    total = products + SHIPPING
    exact = Decimal(memory["total_paid"] or "0") == total
    customer = state.tables["customers"].rows[int(memory["id_customer"])]
    return {
        **{name: value for name, value in memory.items() if not name.startswith("*")},
        "id_carrier": "2",
        "current_state": memory["current_state"] if exact else ERROR_STATE,
        "secure_key": customer["secure_key"],
        "reference": reference(len(state.tables["orders"])),
        **dict.fromkeys(("id_shop", "id_shop_group"), "1"),
        **dict.fromkeys(("round_mode", "round_type"), "2"),
        **dict.fromkeys(("total_products", "total_products_wt"), products),
        **dict.fromkeys(("total_shipping", "total_shipping_tax_incl", "total_shipping_tax_excl"), SHIPPING),
        **dict.fromkeys(("total_paid", "total_paid_tax_incl", "total_paid_tax_excl"), total),
    }


def _echo(state: State, memory: Row) -> Row:
    """What the answer shows: the request's own figures, without state and dates."""
    kept = dict(memory) | dict.fromkeys(("current_state", "date_add", "date_upd"))
    kept["total_shipping"] = kept["total_discounts"] = None
    return kept


def _country_of(state: State, memory: Row) -> Row | None:
    address = state.tables["addresses"].rows.get(int(memory["id_address_delivery"]))
    return state.tables["countries"].rows.get(int(address["id_country"])) if address else None


def _price(state: State, line: dict[str, str]) -> str:
    return final_price(state, int(line["id_product"]), int(line["id_product_attribute"]), {})


def _add_line(state: State, order: int, line: dict[str, str]) -> None:
    product, combination = int(line["id_product"]), int(line["id_product_attribute"])
    price, quantity = _price(state, line), int(line["quantity"])
    row = state.tables["products"].rows[product]
    variant = state.tables["combinations"].rows.get(combination)
    state.tables["order_details"].insert(
        {
            "id_order": order,
            "product_id": product,
            "product_attribute_id": combination,
            "product_name": title(state, product, combination),
            "product_quantity": quantity,
            "product_reference": (variant or row)["reference"],
            "id_shop": 1,
            **dict.fromkeys(("product_price", "unit_price_tax_incl", "unit_price_tax_excl"), price),
            **dict.fromkeys(("total_price_tax_incl", "total_price_tax_excl"), Decimal(price) * quantity),
            "original_product_price": row["price"],
        }
    )
    stock = state.tables["stock_availables"]
    for id in stock.where("id_product", product):
        if stock.rows[id]["id_product_attribute"] == str(combination):
            set_quantity(state, id, int(stock.rows[id]["quantity"]) - quantity)


def title(state: State, product: int, combination: int) -> str:
    """The name a line keeps: `T-shirt (Size:S - Color:White)`."""
    language = state.languages()[0]
    name = state.tables["products"].rows[product]["name"][language]
    variant = state.tables["combinations"].rows.get(combination)
    if variant is None:
        return str(name)
    values = state.tables["product_option_values"].rows
    groups = state.tables["product_options"].rows
    parts = []
    for entry in variant.get("*product_option_values", ()):
        value = values[int(entry["id"])]
        group = groups[int(value["id_attribute_group"])]
        parts.append(f"{group['public_name'][language]}:{value['name'][language]}")
    return f"{name} ({' - '.join(parts)})"


def turn(state: State, memory: Row) -> tuple[int, Row, object]:
    """Add a history line and bring the order into its state: invoice, delivery slip, payment."""
    orders = state.tables["orders"]
    order, wanted = int(memory["id_order"]), int(memory["id_order_state"])
    row, flags = orders.rows[order], state.tables["order_states"].rows[wanted]
    before = state.tables["order_states"].rows.get(int(row["current_state"]))
    now = state.now()
    changes: Row = {"current_state": str(wanted), "date_upd": now, "valid": flags["logable"]}
    if flags["invoice"] == "1" and row["invoice_number"] == "0":
        changes |= {"invoice_number": _next(state, "invoice_number"), "invoice_date": now}
    if flags["delivery"] == "1" and row["delivery_number"] == "0":
        changes |= {"delivery_number": _next(state, "delivery_number"), "delivery_date": now}
    if flags["paid"] == "1" and not (before and before["paid"] == "1"):
        changes["total_paid_real"] = Decimal(row["total_paid_real"]) + Decimal(row["total_paid_tax_incl"])
    orders.update(order, **changes)
    id = state.tables["order_histories"].insert(memory)
    return id, memory | {"id_order_state": wanted}, str(id)


def _next(state: State, column: str) -> int:
    return 1 + max((int(row[column]) for _, row in state.tables["orders"]), default=0)


def reference(seed: int) -> str:
    """Nine capital letters, as orders are called."""
    digest = hashlib.sha256(f"order{seed}".encode()).digest()
    return "".join(LETTERS[byte % 26] for byte in digest[:9])
