"""Stock by location: levels, `inventorySetQuantities` and `inventoryActivate`, with what the schema cannot say.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/inventorySetQuantities
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.shopify.rest import product_body
from sandbox.shopify.state import State, Thing, gid, number
from sandbox.shopify.world import World

type Arguments = Mapping[str, Any]

REASONS = frozenset(
    {
        "correction",
        "cycle_count_available",
        "damaged",
        "movement_canceled",
        "movement_created",
        "movement_received",
        "movement_updated",
        "other",
        "promotion",
        "quality_control",
        "received",
        "reservation_created",
        "reservation_deleted",
        "reservation_updated",
        "restock",
        "safety_stock",
        "shrinkage",
    }
)
MOST = 1_000_000_000


def location(place: int, name: str) -> Thing:
    """An active location."""
    return {
        "__typename": "Location",
        "id": gid("Location", place),
        "legacyResourceId": str(place),
        "name": name,
        "isActive": True,
        "fulfillsOnlineOrders": True,
        "shipsInventory": True,
    }


def primary(state: State) -> Thing | None:
    """The first location that was opened."""
    shelf = state.shelf("Location")
    return shelf.things[shelf.numbers[0]] if shelf.numbers else None


def levels(state: State, item: Thing) -> dict[int, int]:
    """Location → units; what a product was loaded with lies at the primary location."""
    if "levels" not in item:
        first, variant = primary(state), variant_of(state, item)
        held = int(variant["inventoryQuantity"] or 0) if variant else 0
        item["levels"] = {int(first["legacyResourceId"]): held} if first else {}
    found: dict[int, int] = item["levels"]
    return found


def variant_of(state: State, item: Thing) -> Thing | None:
    """The variant that an item is of."""
    return state.get(gid("ProductVariant", item["variant_id"]))


def write_level(
    state: State, item: Thing, place: int, units: int, topic: str = "update", *, alone: bool = False
) -> None:
    """Put units at a place, move the dates and tell the subscribers; `alone`: another tells of the product."""
    levels(state, item)[place] = units
    now, variant = state.now(), variant_of(state, item)
    if variant is not None:
        variant["inventoryQuantity"] = sum(levels(state, item).values())
        variant["updatedAt"] = now
        product = state.get(gid("Product", variant["product_id"]))
        if product is not None and not alone:
            product["updatedAt"] = now
            state.shelf("Product").touched()
            state.tell("products/update", product_body(product))
    state.shelf("ProductVariant").touched()
    state.tell(
        f"inventory_levels/{topic}",
        {
            "inventory_item_id": number(item["id"]),
            "location_id": place,
            "available": units,
            "updated_at": now,
            "admin_graphql_api_id": _level_id(item, place),
        },
    )


def _level_id(item: Thing, place: int) -> str:
    return f"{gid('InventoryLevel', place)}?inventory_item_id={number(item['id'])}"


def level_rows(world: World, item: Thing, arguments: Arguments) -> list[Thing]:
    """`InventoryItem.inventoryLevels`."""
    return [level(world.state, item, place) for place in sorted(levels(world.state, item))]


def level(state: State, item: Thing, place: int) -> Thing:
    """One level as the API tells it."""
    return {
        "__typename": "InventoryLevel",
        "id": _level_id(item, place),
        "location": state.get(gid("Location", place)),
        "item": item,
        "isActive": True,
        "units": levels(state, item)[place],
    }


def quantities(world: World, held: Thing, arguments: Arguments) -> list[Thing]:
    """`InventoryLevel.quantities`: nothing is committed, so what is available is what is on hand."""
    known = {"available": held["units"], "on_hand": held["units"]}
    now = world.state.now()
    return [
        {"id": f"{held['id']}&name={name}", "name": name, "quantity": known.get(name, 0), "updatedAt": now}
        for name in arguments["names"]
    ]


def set_quantities(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    """All of them, or none; a key that was used before is answered from memory."""
    asked, key = arguments["input"], arguments["@idempotent"]
    with world.state.lock:
        return remembered(world, key, asked, lambda: _set(world.state, asked))


def remembered(world: World, key: str, asked: Any, act: Any) -> dict[str, Any]:
    """What `act` answers, or answered when the key was first used; nothing of a refusal is kept."""
    mark = json.dumps(asked, sort_keys=True, default=str)
    known = world.state.answered.get(key)
    if known is not None and known[0] != mark:
        return _refusals([_error("input", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "The key was used before.")])
    if known is not None:
        return dict(known[1])
    answer: dict[str, Any] = act()
    if not answer["userErrors"]:
        world.state.answered[key] = (mark, answer)
    return answer


def _set(state: State, asked: Arguments) -> dict[str, Any]:
    wanted: Sequence[Arguments] = asked["quantities"]
    general = []
    if asked["name"] not in {"available", "on_hand"}:
        general.append(_error("name", "INVALID_NAME", "The quantity name must be available or on_hand."))
    if asked["reason"] not in REASONS:
        general.append(_error("reason", "INVALID_REASON", "The specified reason is invalid."))
    pairs = [(each["inventoryItemId"], each["locationId"]) for each in wanted]
    errors = general + [
        error
        for at, each in enumerate(wanted)
        if (error := _broken(state, at, each, pairs.index(pairs[at]) != at))
    ]
    if errors:
        return _refusals(errors)
    for each in wanted:
        item = state.get(each["inventoryItemId"])
        place = number(each["locationId"])
        if item is not None and levels(state, item)[place] != each["quantity"]:
            write_level(state, item, place, each["quantity"])
    group = {"__typename": "InventoryAdjustmentGroup", "id": gid("InventoryAdjustmentGroup", state.fresh())}
    return {"inventoryAdjustmentGroup": group, "userErrors": []}


def _broken(state: State, at: int, each: Arguments, is_repeated: bool) -> Thing | None:
    item, place = state.get(each["inventoryItemId"]), state.get(each["locationId"])
    field = f"quantities.{at}"
    if item is None or item["__typename"] != "InventoryItem" or variant_of(state, item) is None:
        return _error(
            f"{field}.inventoryItemId", "INVALID_INVENTORY_ITEM", "The inventory item could not be found."
        )
    if place is None or not place["isActive"]:
        return _error(f"{field}.locationId", "INVALID_LOCATION", "The location could not be found.")
    if is_repeated:
        code = "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"
        return _error(field, code, "The combination of item and location must be unique.")
    if number(place["id"]) not in levels(state, item):
        code = "ITEM_NOT_STOCKED_AT_LOCATION"
        return _error(field, code, "The inventory item is not stocked at the location.")
    return _amiss(f"{field}", each, levels(state, item)[number(place["id"])])


def _amiss(field: str, each: Arguments, held: int) -> Thing | None:
    if each["quantity"] < 0:
        return _error(f"{field}.quantity", "INVALID_QUANTITY_NEGATIVE", "The quantity can't be negative.")
    if each["quantity"] > MOST:
        return _error(f"{field}.quantity", "INVALID_QUANTITY_TOO_HIGH", "The quantity can't be higher.")
    if each["changeFromQuantity"] is not None and each["changeFromQuantity"] != held:
        code = "CHANGE_FROM_QUANTITY_STALE"
        return _error(f"{field}.changeFromQuantity", code, "The changeFromQuantity is not the current one.")
    return None


def _error(field: str, code: str, message: str) -> Thing:
    return {"field": ["input", *field.split(".")], "message": message, "code": code}


def _refusals(errors: Sequence[Thing]) -> dict[str, Any]:
    return {"inventoryAdjustmentGroup": None, "userErrors": list(errors)}


def activate(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    """Stock an item at one more location."""
    key = arguments["@idempotent"]
    with world.state.lock:
        return remembered(world, key, arguments, lambda: _activate(world.state, arguments))


def _activate(state: State, arguments: Arguments) -> dict[str, Any]:
    item, place = state.get(arguments["inventoryItemId"]), state.get(arguments["locationId"])
    units = arguments.get("available")

    def refused(field: str, message: str) -> dict[str, Any]:
        return {"inventoryLevel": None, "userErrors": [{"field": [field], "message": message}]}

    if item is None or variant_of(state, item) is None:
        return refused("inventoryItemId", "The inventory item could not be found.")
    if place is None or not place["isActive"]:
        return refused("locationId", "The location could not be found.")
    at = number(place["id"])
    if at in levels(state, item) and units is not None:
        message = "Not allowed to set available quantity when the item is already active at the location."
        return refused("available", message)
    if units is not None and units < 0:
        return refused("available", "The quantity can't be negative.")
    if at not in levels(state, item):
        write_level(state, item, at, units or 0, "connect")
    return {"inventoryLevel": level(state, item, at), "userErrors": []}
