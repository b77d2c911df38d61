"""The routes of the web API: method and path, the resource that a token needs, and what answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.magento import (
    attributes,
    bulk,
    carts,
    categories,
    customers,
    fulfilment,
    orders,
    products,
    promotions,
    stock,
)
from sandbox.magento.criteria import Criteria, InputLimits
from sandbox.magento.customers import REGIONS
from sandbox.magento.refusal import RefusalError, plain
from sandbox.magento.state import KNOWN, Row, State


@dataclass(frozen=True, slots=True)
class Ask:
    """What a route's function gets."""

    state: State
    path: tuple[str, ...]
    """The parts of the path that are parameters, decoded."""
    body: Any
    limits: InputLimits | None
    criteria: Callable[[], Criteria]
    lying: Callable[[int], int]
    """What the shop says its total is."""
    emptied: Callable[[], bool]
    """Whether a page is to be empty that should not be."""


type Answer = Callable[[Ask], Any]

CATALOGUE, SALES = "Magento_Catalog::products", "Magento_Sales::"
SOURCES, CUSTOMERS = "Magento_InventoryApi::source", "Magento_Customer::"
BULK = "Magento_Logging::system_magento_logging_bulk_operations"


def listed(
    ask: Ask, rows: Mapping[Any, Row], value: Callable[[Row, str], Any], show: Callable[[Row], Any]
) -> Row:
    """A search: a page of items, the criteria again, and how many there are in all."""
    criteria = ask.criteria()
    found = criteria.chosen(list(rows.values()), value)
    page = [] if ask.emptied() else criteria.page(found)
    return {
        "items": [show(row) for row in page],
        "search_criteria": criteria.told(),
        "total_count": ask.lying(len(found)),
    }


def _products(ask: Ask) -> Row:
    for group in ask.criteria().groups:
        for one in group:
            products.check_field(ask.state, one["field"])
    return listed(ask, ask.state.products, products.value, lambda r: products.shown(ask.state, r, "list"))


def _product(ask: Ask) -> Row:
    return products.shown(ask.state, products.existing(ask.state, ask.path[0]), "single")


def _post_product(ask: Ask) -> Row:
    return products.shown(ask.state, products.save(ask.state, ask.body), "saved")


def _put_product(ask: Ask) -> Row:
    return products.shown(ask.state, products.save(ask.state, ask.body, ask.path[0]), "single")


def _children(ask: Ask) -> list[Row]:
    parent = products.existing(ask.state, ask.path[0])
    return [products.shown(ask.state, ask.state.products[id], "child") for id in parent["links"]]


def _media(ask: Ask) -> str:
    row = products.existing(ask.state, ask.path[0])
    made = products.new_media(ask.state, ask.body["entry"])
    row["media"].append(made)
    ask.state.touch(row)
    return str(made["id"])


def _source_items(ask: Ask) -> Row:
    return listed(ask, ask.state.source_items, lambda row, field: row.get(field), dict)


def _sources(ask: Ask) -> Row:
    return listed(ask, ask.state.sources, lambda row, field: row.get(field), dict)


def _carts(ask: Ask) -> Row:
    return listed(ask, ask.state.carts, carts.value, lambda row: carts.shown(ask.state, row))


def _groups(ask: Ask) -> Row:
    rows = {id: {"id": id, "code": name, "tax_class_id": 3} for id, name in ask.state.groups.items()}
    return listed(
        ask, rows, lambda row, field: row["id"] if field == "customer_group_id" else row.get(field), dict
    )


def _coupons(ask: Ask) -> Row:
    return listed(ask, ask.state.coupons, promotions.rule_value, dict)


def _rules(ask: Ask) -> Row:
    return listed(ask, ask.state.rules, promotions.rule_value, dict)


def _orders(ask: Ask) -> Row:
    return listed(ask, ask.state.orders, orders.value, dict)


def _order_items(ask: Ask) -> Row:
    every = ask.state.orders.values()
    rows = {(order["entity_id"], item["item_id"]): item for order in every for item in order["items"]}
    return listed(ask, rows, orders.value, dict)


def _post_category(ask: Ask) -> Row:
    return categories.create(ask.state, ask.body)


def _post_comment(ask: Ask) -> bool:
    return orders.comment(ask.state, ask.path[0], _object(ask.body))


def _object(body: Any) -> Mapping[str, Any]:
    return body if isinstance(body, Mapping) else {}


def _salable(ask: Ask) -> float | int:
    products.existing(ask.state, ask.path[0])
    return plain(ask.state.salable(ask.path[0]))


def _country(ask: Ask) -> Row:
    codes = {"US": (12, 51), "FR": ()}.get(ask.path[0])
    if codes is None:
        raise RefusalError(404, "The country isn't available.")
    regions = [{"id": str(id), "code": REGIONS[id][0], "name": REGIONS[id][1]} for id in codes]
    return {"id": ask.path[0]} | ({"available_regions": regions} if regions else {})


def _set_groups(ask: Ask) -> Row:
    rows = {7: {"attribute_group_id": "7", "attribute_group_name": "Product Details", "attribute_set_id": 4}}
    return listed(ask, rows, lambda row, field: row.get(field), dict)


def _in_set(ask: Ask) -> list[Row]:
    if ask.path[0] != "4":
        told = {"fieldName": "attributeSetId", "fieldValue": ask.path[0]}
        raise RefusalError(404, "No such entity with %fieldName = %fieldValue", told)
    known = [{"attribute_code": code} for code in sorted(KNOWN)]
    return known + [row for code, row in ask.state.attributes.items() if code in ask.state.in_set]


def _attributes(ask: Ask) -> Row:
    asked = ask.criteria()
    fields = {one["field"] for group in asked.groups for one in group} | {one["field"] for one in asked.sorts}
    if "attribute_id" in fields:
        # Three of the joined tables have such a column: the database finds it ambiguous.
        raise RefusalError(
            500, "Internal Error. Details are available in Magento log file. Report ID: webapi-2"
        )
    return listed(ask, ask.state.attributes, attributes.value, dict)


ROUTES: list[tuple[str, str, str, Answer]] = [
    ("GET", "products", CATALOGUE, _products),
    ("POST", "products", CATALOGUE, _post_product),
    ("GET", "products/attributes", "Magento_Catalog::attributes_attributes", _attributes),
    (
        "POST",
        "products/attributes",
        "Magento_Catalog::attributes_attributes",
        lambda a: attributes.create(a.state, a.body),
    ),
    (
        "POST",
        "products/attribute-sets/attributes",
        "Magento_Catalog::sets",
        lambda a: attributes.to_set(a.state, a.body),
    ),
    (
        "GET",
        "products/attributes/*/options",
        "Magento_Catalog::attributes_attributes",
        lambda a: attributes.existing(a.state, a.path[0])["options"],
    ),
    (
        "POST",
        "products/attributes/*/options",
        "Magento_Catalog::attributes_attributes",
        lambda a: attributes.add_option(a.state, a.path[0], a.body),
    ),
    (
        "POST",
        "products/base-prices",
        CATALOGUE,
        lambda a: products.set_base_prices(a.state, a.body, a.limits),
    ),
    ("GET", "products/attribute-sets/groups/list", "Magento_Catalog::sets", _set_groups),
    ("GET", "products/attribute-sets/*/attributes", "Magento_Catalog::sets", _in_set),
    ("GET", "products/*", CATALOGUE, _product),
    ("PUT", "products/*", CATALOGUE, _put_product),
    ("DELETE", "products/*", CATALOGUE, lambda a: products.delete(a.state, a.path[0])),
    ("POST", "products/*/media", CATALOGUE, _media),
    ("PUT", "products/*/stockItems/*", CATALOGUE, lambda a: stock.put_legacy(a.state, a.path[0], a.body)),
    (
        "POST",
        "configurable-products/*/options",
        CATALOGUE,
        lambda a: products.add_option(a.state, a.path[0], a.body),
    ),
    (
        "POST",
        "configurable-products/*/child",
        CATALOGUE,
        lambda a: products.add_child(a.state, a.path[0], a.body),
    ),
    ("GET", "configurable-products/*/children", CATALOGUE, _children),
    ("GET", "categories", "Magento_Catalog::categories", lambda a: a.state.categories),
    ("POST", "categories", "Magento_Catalog::categories", _post_category),
    (
        "GET",
        "stockItems/*",
        "Magento_CatalogInventory::cataloginventory",
        lambda a: stock.legacy(a.state, a.path[0]),
    ),
    ("GET", "inventory/sources", SOURCES, _sources),
    ("GET", "inventory/source-items", SOURCES, _source_items),
    (
        "POST",
        "inventory/source-items",
        "Magento_InventoryApi::source_edit",
        lambda a: stock.put_items(a.state, _object(a.body), a.limits),
    ),
    ("GET", "inventory/is-product-salable/*/*", CATALOGUE, lambda a: _salable(a) > 0),
    ("GET", "inventory/get-product-salable-quantity/*/*", CATALOGUE, _salable),
    ("POST", "customers", "anonymous", lambda a: customers.create(a.state, a.body)),
    (
        "GET",
        "customers/search",
        f"{CUSTOMERS}customer",
        lambda a: listed(a, a.state.customers, customers.value, customers.shown),
    ),
    (
        "GET",
        "customers/*",
        f"{CUSTOMERS}customer",
        lambda a: customers.shown(customers.existing(a.state, a.path[0])),
    ),
    ("PUT", "customers/*", f"{CUSTOMERS}manage", lambda a: customers.update(a.state, a.path[0], a.body)),
    ("GET", "customerGroups/search", f"{CUSTOMERS}group", _groups),
    ("GET", "carts/search", "Magento_Cart::manage", _carts),
    ("POST", "guest-carts", "anonymous", lambda a: carts.create(a.state)),
    ("POST", "guest-carts/*/items", "anonymous", lambda a: carts.add(a.state, a.path[0], a.body)),
    (
        "POST",
        "guest-carts/*/shipping-information",
        "anonymous",
        lambda a: carts.set_shipping(a.state, a.path[0], a.body),
    ),
    (
        "POST",
        "guest-carts/*/payment-information",
        "anonymous",
        lambda a: carts.place(a.state, a.path[0], a.body),
    ),
    ("GET", "orders", f"{SALES}actions_view", _orders),
    ("GET", "orders/items", f"{SALES}actions_view", _order_items),
    (
        "GET",
        "orders/*",
        f"{SALES}actions_view",
        lambda a: orders.existing(a.state, a.path[0]),
    ),
    ("POST", "orders/*/comments", f"{SALES}comment", _post_comment),
    ("POST", "orders/*/cancel", f"{SALES}cancel", lambda a: orders.cancel(a.state, a.path[0])),
    ("POST", "order/*/invoice", f"{SALES}invoice", lambda a: fulfilment.invoice(a.state, a.path[0])),
    ("POST", "order/*/ship", f"{SALES}ship", lambda a: fulfilment.ship(a.state, a.path[0], _object(a.body))),
    ("POST", "order/*/refund", f"{SALES}creditmemo", lambda a: fulfilment.refund(a.state, a.path[0])),
    ("GET", "shipments", f"{SALES}shipment", lambda a: listed(a, a.state.shipments, orders.value, dict)),
    ("POST", "shipment/track", f"{SALES}shipment", lambda a: fulfilment.add_track(a.state, _object(a.body))),
    ("DELETE", "shipment/track/*", f"{SALES}shipment", lambda a: fulfilment.delete_track(a.state, a.path[0])),
    ("GET", "directory/countries/*", "anonymous", _country),
    ("GET", "coupons/search", "Magento_SalesRule::quote", _coupons),
    ("GET", "salesRules/search", "Magento_SalesRule::quote", _rules),
    ("GET", "store/storeConfigs", "Magento_Backend::store", lambda a: a.state.configs),
    ("GET", "bulk/*/status", BULK, lambda a: bulk.status(a.state, a.path[0], detailed=False)),
    ("GET", "bulk/*/detailed-status", BULK, lambda a: bulk.status(a.state, a.path[0], detailed=True)),
]
_COMPILED = [
    (
        method,
        re.compile("/".join("([^/]+)" if part == "*" else re.escape(part) for part in path.split("/"))),
        resource,
        answer,
    )
    for method, path, resource, answer in ROUTES
]
METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})


def find(method: str, path: str) -> tuple[str, Answer, tuple[str, ...]]:
    """(resource, what answers, raw path parameters). Raises RefusalError for a route that does not exist."""
    if method not in METHODS:
        raise RefusalError(405, f"The {method} HTTP method is not supported.")
    for verb, pattern, resource, answer in _COMPILED:
        found = pattern.fullmatch(path)
        if verb == method and found:
            return resource, answer, found.groups()
    raise RefusalError(404, "Request does not match any route.")
