"""Stock: items in sources (MSI) and the legacy item of each product; nothing here moves a product's date."""

from collections.abc import Mapping
from typing import Any

from sandbox.magento.criteria import InputLimits
from sandbox.magento.refusal import RefusalError, number_of, plain, required
from sandbox.magento.state import Row, State

_ITEM: Mapping[str, Any] = {
    "qty": None,
    "is_in_stock": False,
    "is_qty_decimal": False,
    "show_default_notification_message": False,
    "use_config_min_qty": True,
    "min_qty": 0,
    "use_config_min_sale_qty": 1,
    "min_sale_qty": 1,
    "use_config_max_sale_qty": True,
    "max_sale_qty": 10000,
    "use_config_backorders": True,
    "backorders": 0,
    "use_config_notify_stock_qty": True,
    "notify_stock_qty": 1,
    "use_config_qty_increments": True,
    "qty_increments": 0,
    "use_config_enable_qty_inc": True,
    "enable_qty_increments": False,
    "use_config_manage_stock": True,
    "manage_stock": True,
    "low_stock_date": None,
    "is_decimal_divided": False,
    "stock_status_changed_auto": 0,
}
ARRAY = "Magento\\InventoryApi\\Api\\Data\\SourceItemInterface"


def legacy_row(state: State, product: int) -> Row:
    """The stock item that comes with a product."""
    return {"item_id": product, "product_id": product, "stock_id": 1, **_ITEM}


def save_legacy(state: State, product: Row, given: Mapping[str, Any]) -> None:
    """The legacy item, and the item of the default source that follows it."""
    row = state.stock_items[product["id"]]
    if "qty" in given:
        row["qty"] = number_of(given["qty"], "qty")
    if "is_in_stock" in given:
        row["is_in_stock"] = bool(given["is_in_stock"])
    if "manage_stock" in given:
        row["manage_stock"] = bool(given["manage_stock"])
    if product["type_id"] == "configurable":
        row["qty"] = 0
    elif "qty" in given:
        put_item(state, product["sku"], "default", row["qty"], int(row["is_in_stock"]), mirrored=True)


def put_item(
    state: State, sku: str, source: str, quantity: float, status: int, *, mirrored: bool = False
) -> None:
    """Write the item of a source; the default source and the legacy item follow each other."""
    row = {"sku": sku, "source_code": source, "quantity": plain(float(quantity)), "status": status}
    state.source_items[sku.casefold(), source] = row
    product = state.product(sku)
    if product is not None and source == "default" and not mirrored:
        state.stock_items[product["id"]] |= {"qty": row["quantity"], "is_in_stock": bool(status)}


def legacy(state: State, sku: str) -> Row:
    """GET /V1/stockItems/:sku."""
    row = state.product(sku)
    if row is None:
        raise _no_sku(sku)
    return dict(state.stock_items[row["id"]])


def _no_sku(sku: str) -> RefusalError:
    return RefusalError(404, 'The Product with the "%1" SKU doesn\'t exist.', [sku])


def put_legacy(state: State, sku: str, body: Mapping[str, Any]) -> int:
    """PUT /V1/products/:sku/stockItems/:id."""
    given = body.get("stockItem")
    if not isinstance(given, Mapping):
        raise required("stockItem")
    if "qty" in given:
        number_of(given["qty"], "qty")
    row = state.product(sku)
    if row is None:
        raise _no_sku(sku)
    save_legacy(state, row, given)
    return int(state.stock_items[row["id"]]["item_id"])


def put_items(state: State, body: Mapping[str, Any], limits: InputLimits | None) -> list[Any]:
    """POST /V1/inventory/source-items: all or nothing; an unknown SKU is taken without a word."""
    given = body.get("sourceItems")
    if not isinstance(given, list):
        raise required("sourceItems")
    if limits is not None and len(given) > limits.items:
        raise too_many(ARRAY, limits.items)
    if not given:
        raise RefusalError(400, "Input data is empty")
    for one in given:
        if one.get("source_code") not in state.sources:
            raise RefusalError(400, "Could not save Source Item")
        number_of(one.get("quantity"), "quantity")
    for one in given:
        put_item(state, str(one["sku"]), one["source_code"], one["quantity"], int(one.get("status", 1)))
    return []


def too_many(kind: str, most: int) -> RefusalError:
    """More objects in one call than the shop's limits allow."""
    return RefusalError(400, 'Maximum items of type "%type" is %max', {"type": kind, "max": most})
