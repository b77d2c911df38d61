"""What hangs on an entity, and the fields that PrestaShop computes instead of reading them."""

from typing import Any

from sandbox.prestashop.fields import Resource
from sandbox.prestashop.prices import final_price
from sandbox.prestashop.state import Row, State
from sandbox.prestashop.trade import ORDERS

type Rows = list[dict[str, str]]


def associated(state: State, resource: Resource, id: int, row: Row) -> dict[str, Rows]:
    """Association name → rows, empty ones included."""
    make = _MAKERS.get(resource.name)
    made = make(state, id, row) if make else {}
    return {a.name: made.get(a.name, row.get(f"*{a.name}") or []) for a in resource.associations}


def computed(state: State, resource: Resource, id: int, row: Row) -> dict[str, Any]:
    """Fields whose value is not the column's."""
    if resource.name == "products":
        maker = state.tables["manufacturers"].rows.get(int(row["id_manufacturer"] or 0))
        images = state.images.get(id)
        return {
            "id_default_image": images[0] if images else "",
            "id_default_combination": int(row["cache_default_attribute"] or 0),
            "manufacturer_name": maker["name"] if maker else "",
        }
    if resource.name == "categories":
        return {"nb_products_recursive": str(len(_within(state, id)))}
    if resource.name == "orders":
        carriers = state.tables["order_carriers"]
        numbers = [carriers.rows[n]["tracking_number"] for n in carriers.where("id_order", id)]
        return {"shipping_number": numbers[-1] if numbers else ""}
    return {}


def prices(
    state: State, resource: Resource, id: int, row: Row, asked: dict[str, dict[str, str]]
) -> dict[str, str]:
    """The prices a request wants calculated: `price[name][parameter]=value` → name → amount."""
    if resource.name == "products":
        return {name: final_price(state, id, 0, how) for name, how in asked.items()}
    if resource.name == "combinations":
        product = int(row["id_product"])
        return {name: final_price(state, product, id, how) for name, how in asked.items()}
    return {}


def _product(state: State, id: int, _: Row) -> dict[str, Rows]:
    combinations, stock = state.tables["combinations"], state.tables["stock_availables"]
    ids = sorted(combinations.where("id_product", id), key=str)
    values = dict.fromkeys(
        value["id"] for number in ids for value in combinations.rows[number].get("*product_option_values", ())
    )
    rows = [(number, stock.rows[number]) for number in stock.where("id_product", id)]
    return {
        "images": [{"id": image} for image in state.images.get(id, ())],
        "combinations": [{"id": str(number)} for number in ids],
        "product_option_values": [{"id": value} for value in values],
        "stock_availables": [
            {"id": str(number), "id_product_attribute": row["id_product_attribute"]} for number, row in rows
        ],
    }


def _option(state: State, id: int, _: Row) -> dict[str, Rows]:
    values = state.tables["product_option_values"].where("id_attribute_group", id)
    return {"product_option_values": [{"id": str(value)} for value in values]}


def _category(state: State, id: int, _: Row) -> dict[str, Rows]:
    children = state.tables["categories"].where("id_parent", id)
    return {
        "categories": [{"id": str(child)} for child in children],
        "products": [{"id": str(product)} for product in _members(state, id)],
    }


def _members(state: State, category: int) -> list[int]:
    wanted = {"id": str(category)}
    return [id for id, row in state.tables["products"] if wanted in (row.get("*categories") or ())]


def _within(state: State, category: int) -> set[int]:
    found = set(_members(state, category))
    for child in state.tables["categories"].where("id_parent", category):
        found |= _within(state, child)
    return found


def _order(state: State, id: int, _: Row) -> dict[str, Rows]:
    details = state.tables["order_details"]
    names = [name for name, _, _ in ORDERS.associations[0].fields]
    rows = []
    for number in details.where("id_order", id):
        kept = details.rows[number]
        rows.append({name: str(number) if name == "id" else kept[name] for name in names})
    return {"order_rows": rows}


_MAKERS = {"products": _product, "product_options": _option, "categories": _category, "orders": _order}
