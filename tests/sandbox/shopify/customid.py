"""Products named by a metafield of the type `id`, whose values are unique once it is defined.

Source: https://shopify.dev/docs/apps/build/custom-data/metafields/working-with-custom-ids
"""

from collections.abc import Mapping
from typing import Any

from sandbox.shopify.metafields import held
from sandbox.shopify.refusal import RefusedError
from sandbox.shopify.state import State, Thing, gid
from sandbox.shopify.world import World

type Arguments = Mapping[str, Any]

UNDEFINED = "Metafield definition of type 'id' is required when using custom ids."


def definition(state: State, wanted: Arguments) -> Thing | None:
    """The definition of a product's metafield."""
    names = (wanted.get("namespace"), wanted.get("key"))
    shelf = state.shelf("MetafieldDefinition").things.values()
    return next((each for each in shelf if (each["namespace"], each["key"]) == names), None)


def find_definition(world: World, _: object, arguments: Arguments) -> Thing | None:
    """`metafieldDefinition`."""
    return definition(world.state, arguments["identifier"])


def define(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    """`metafieldDefinitionCreate`, of products."""
    wanted = arguments["definition"]

    def refused(field: str, code: str, message: str) -> dict[str, Any]:
        error = {"field": ["definition", field], "code": code, "message": message}
        return {"createdDefinition": None, "userErrors": [error]}

    with world.state.lock:
        if definition(world.state, wanted):
            return refused("key", "TAKEN", "Key is in use for Product metafields on the namespace.")
        unique = ((wanted.get("capabilities") or {}).get("uniqueValues") or {}).get("enabled")
        if unique and wanted["type"] not in {"id", "single_line_text_field", "url", "number_integer"}:
            return refused("capabilities", "INVALID_CAPABILITY", "The type cannot have unique values.")
        fresh = world.state.fresh()
        made = {
            "__typename": "MetafieldDefinition",
            "id": gid("MetafieldDefinition", fresh),
            "legacyResourceId": str(fresh),
            **{name: wanted[name] for name in ("namespace", "key", "name", "ownerType", "type")},
        }
        world.state.shelf("MetafieldDefinition").put(made)
    return {"createdDefinition": made, "userErrors": []}


def by_identifier(world: World, _: object, arguments: Arguments) -> Thing | None:
    """`productByIdentifier`."""
    by = arguments["identifier"]
    if "customId" in by and not _is_id(world.state, by["customId"]):
        raise RefusedError(UNDEFINED, "NOT_FOUND")
    return identified(world.state, by)


def identified(state: State, by: Arguments) -> Thing | None:
    """The product that an identifier names."""
    if by.get("id"):
        found = state.get(by["id"])
        return found if found and found["__typename"] == "Product" else None
    if by.get("handle"):
        products = state.shelf("Product").things.values()
        return next((each for each in products if each["handle"] == by["handle"]), None)
    if by.get("customId"):
        wanted = by["customId"]
        product = state.named.get((wanted.get("namespace") or "", wanted["key"], wanted["value"]))
        alive = product is not None and state.get(product["id"]) is product
        return product if alive and product and _value(product, wanted) == wanted["value"] else None
    return None


def wrong_identifier(state: State, by: Arguments, asked: Arguments) -> Thing | None:
    """What is amiss with an identifier beside what it names."""
    wanted = by.get("customId")
    if not wanted:
        return None
    if not _is_id(state, wanted):
        return _error("NOT_FOUND", UNDEFINED)
    names = (wanted.get("namespace"), wanted["key"], wanted["value"])
    listed = [
        (each.get("namespace"), each.get("key"), each.get("value")) for each in asked.get("metafields") or ()
    ]
    if "metafields" in asked and names not in listed:
        message = "The input argument `metafields` (if present) must contain the `customId` value."
        return _error("METAFIELD_MISMATCH", message)
    return None


def _is_id(state: State, wanted: Arguments) -> bool:
    found = definition(state, wanted)
    return found is not None and found["type"] == "id"


def _value(product: Thing, wanted: Arguments) -> str:
    field = held(product).get(f"{wanted.get('namespace')}.{wanted['key']}")
    return str(field["value"]) if field else ""


def _error(code: str, message: str) -> Thing:
    return {"__typename": "ProductSetUserError", "field": ["identifier"], "code": code, "message": message}
