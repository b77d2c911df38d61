"""What PrestaShop does on its own when an entity is saved: dates, stock rows, sums, invoices, keys."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta

from sandbox.prestashop.fields import Resource
from sandbox.prestashop.orders import place, turn
from sandbox.prestashop.refusal import RefusalError
from sandbox.prestashop.state import Row, State
from sandbox.prestashop.stock import sum_up
from sandbox.prestashop.validators import refuse_empty

type Saved = tuple[int, Row, object]
NEVER = "0000-00-00 00:00:00"
UNIQUE = (
    *("id_product_attribute", "id_customer", "id_cart", "from", "to", "id_shop", "id_shop_group"),
    *("id_currency", "id_country", "id_group", "from_quantity", "id_specific_price_rule"),
)
SPOKEN = {
    "categories": ("name", "link_rewrite"),
    "product_options": ("name", "public_name"),
    "product_option_values": ("name",),
    "product_customization_fields": ("name",),
}
"""Resource → translated fields that may not be empty."""


def prepare(state: State, resource: Resource, method: str, id: int, memory: Row) -> None:
    """Fill in and refuse what PrestaShop does before it validates."""
    now = state.now()
    names = {field.name for field in resource.fields}
    if "date_add" in names and method == "POST" and not memory.get("date_add"):
        memory["date_add"] = now
    if "date_upd" in names:
        memory["date_upd"] = now
    check = _BEFORE.get(resource.name)
    if check:
        check(state, method, id, memory)
    _refuse_nameless(state, resource, memory)


def commit(
    state: State, resource: Resource, id: int, memory: Row, named: set[str] | None, *, new: bool
) -> Saved:
    """Save the row and do what follows from it; answers (id, row as in memory, id as shown).

    `named`: the fields to write; None writes all.
    """
    table = state.tables[resource.name]
    if resource.name == "orders" and new:
        return place(state, memory)
    if resource.name == "order_histories" and new:
        return turn(state, memory)
    if new:
        id = table.insert(memory)
    else:
        kept = {name: value for name, value in table.rows[id].items() if name.startswith("*")}
        written = {n: v for n, v in memory.items() if named is None or n in named or n.startswith("*")}
        table.update(id, **(kept | written))
    after = _AFTER.get(resource.name)
    if after:
        after(state, new, id, memory)
    return id, memory, str(id)


def forget(state: State, resource: Resource, id: int) -> None:
    """Delete an entity with what hangs on it."""
    if resource.name == "products":
        for name in ("combinations", "stock_availables", "specific_prices", "product_customization_fields"):
            for number in state.tables[name].where("id_product", id):
                state.tables[name].remove(number)
        state.images.pop(id, None)
    if resource.name == "combinations":
        product = state.tables["combinations"].rows[id]["id_product"]
        for number in state.tables["specific_prices"].where("id_product", product):
            if state.tables["specific_prices"].rows[number]["id_product_attribute"] == str(id):
                state.tables["specific_prices"].remove(number)
        for number in state.tables["stock_availables"].where("id_product", product):
            if state.tables["stock_availables"].rows[number]["id_product_attribute"] == str(id):
                state.tables["stock_availables"].remove(number)
    state.tables[resource.name].remove(id)
    if resource.name == "combinations":
        sum_up(state, product)
        _choose_default(state, int(product))


# --- customers and addresses -----------------------------------------------------------------------------


def _before_customer(state: State, method: str, id: int, memory: Row) -> None:
    table = state.tables["customers"]
    if method == "POST":
        # PrestaShop dates a new password six hours back, so that it may be changed at once.
        memory["last_passwd_gen"] = state.local(state.clock() - timedelta(hours=6))
        digest = base64.b64encode(hashlib.sha512((memory["passwd"] or "").encode()).digest()).decode()
        memory["passwd"] = "$2y$10$" + digest.replace("+", ".")[:53]
        memory["secure_key"] = hashlib.md5(f"key{len(table)}".encode(), usedforsecurity=False).hexdigest()
        memory["id_default_group"] = int(memory.get("id_default_group") or 3)
        memory["id_shop"], memory["id_shop_group"] = 1, "1"
        memory["*groups"] = [{"id": str(memory["id_default_group"])}]
    email, guest = memory.get("email") or "", memory.get("is_guest") == "1"
    others = [table.rows[n] for n in table.where("email", email) if n != id] if email else []
    if not guest and any(o["is_guest"] == "0" and o["deleted"] == "0" for o in others):
        used = (140, "The email is already used, please choose another one")
        raise RefusalError(500, used, (46, "Unable to save resource"))
    if memory.get("newsletter") == "1" and memory.get("newsletter_date_add") in {None, "", NEVER}:
        memory["newsletter_date_add"] = state.now()


def _before_address(state: State, method: str, id: int, memory: Row) -> None:
    country = state.tables["countries"].rows.get(int(memory.get("id_country") or 0))
    if country and country["need_identification_number"] == "1" and not memory.get("dni"):
        raise refuse_empty(state.tables["addresses"].resource, "dni")


# --- products and stock ----------------------------------------------------------------------------------


def _before_product(state: State, method: str, id: int, memory: Row) -> None:
    if method == "PUT":
        memory["position_in_category"] = state.tables["products"].rows[id]["position_in_category"]
    if not memory.get("link_rewrite"):
        memory["link_rewrite"] = dict.fromkeys(state.languages())


def _after_product(state: State, new: bool, id: int, memory: Row) -> None:
    products, stock = state.tables["products"], state.tables["stock_availables"]
    categories = memory.get("*categories") or products.rows[id].get("*categories") or []
    if new:
        stock.insert({"id_product": id, "id_shop": 1, "out_of_stock": 0})
        if categories:
            memory["position_in_category"] = str(_position(state, memory))
            products.update(id, position_in_category=memory["position_in_category"])
    visible = memory.get("active") == "1"
    products.update(id, indexed="1" if visible else "0")
    for name in [name for name in products.rows[id] if name.startswith("*")]:
        memory[name] = products.rows[id][name]


def _position(state: State, memory: Row) -> int:
    wanted = {"id": str(memory.get("id_category_default"))}
    return sum(wanted in (row.get("*categories") or ()) for _, row in state.tables["products"])


def _before_combination(state: State, method: str, id: int, memory: Row) -> None:
    table = state.tables["combinations"]
    others = [n for n in table.where("id_product", memory.get("id_product")) if n != id]
    if memory.get("default_on") == "1" and any(table.rows[n]["default_on"] == "1" for n in others):
        # The database has room for one default a product.
        raise RefusalError(500, (46, "Unable to save resource"))


def _choose_default(state: State, product: int) -> None:
    """The combination that a visitor sees first: the one marked, or else the first."""
    table = state.tables["combinations"]
    ids = table.where("id_product", product)
    marked = [id for id in ids if table.rows[id]["default_on"] == "1"]
    if ids and not marked:
        table.update(ids[0], default_on="1")
    state.tables["products"].update(product, cache_default_attribute=(marked or ids or [0])[0])


def _before_reduction(state: State, method: str, id: int, memory: Row) -> None:
    table = state.tables["specific_prices"]
    for number in table.where("id_product", memory.get("id_product")):
        same = all(table.rows[number][name] == (memory.get(name) or "0") for name in UNIQUE)
        if number != id and same:
            raise RefusalError(500, (46, "Unable to save resource"))


def _refuse_nameless(state: State, resource: Resource, memory: Row) -> None:
    """The shop's own language may not be without these."""
    for name in SPOKEN.get(resource.name, ()):
        if not (memory.get(name) or {}).get(state.setting("PS_LANG_DEFAULT")):
            raise refuse_empty(resource, name)


def _after_category(state: State, new: bool, id: int, memory: Row) -> None:
    if new:
        parent = state.tables["categories"].rows.get(int(memory.get("id_parent") or 0), {})
        depth = str(int(parent.get("level_depth") or 0) + 1)
        state.tables["categories"].update(id, level_depth=depth, id_shop_default="1")


def _after_combination(state: State, new: bool, id: int, memory: Row) -> None:
    if new:
        product = memory["id_product"]
        stock = state.tables["stock_availables"]
        stock.insert({"id_product": product, "id_product_attribute": id, "id_shop": 1, "out_of_stock": 0})
        sum_up(state, product)
        _choose_default(state, int(product))


def _before_stock(state: State, method: str, id: int, memory: Row) -> None:
    if memory.get("depends_on_stock") == "1":
        why = "You cannot update the available stock when it depends on stock."
        raise RefusalError(500, (133, why))


def _after_stock(state: State, new: bool, id: int, memory: Row) -> None:
    sum_up(state, memory["id_product"])


def _before_cart(state: State, method: str, id: int, memory: Row) -> None:
    memory["id_shop"] = memory.get("id_shop") or "1"


_BEFORE: dict[str, Callable[[State, str, int, Row], None]] = {
    "customers": _before_customer,
    "addresses": _before_address,
    "products": _before_product,
    "combinations": _before_combination,
    "specific_prices": _before_reduction,
    "stock_availables": _before_stock,
    "carts": _before_cart,
}
_AFTER: dict[str, Callable[[State, bool, int, Row], None]] = {
    "products": _after_product,
    "categories": _after_category,
    "combinations": _after_combination,
    "stock_availables": _after_stock,
}
