"""Metafields: those of products as they come with them, those of customers by `metafieldsSet`, and its rules.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/metafieldsSet
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sandbox.shopify.rest import customer_body
from sandbox.shopify.state import State, Thing, gid
from sandbox.shopify.world import World

type Arguments = Mapping[str, Any]

MOST = 25
_NAMESPACE = re.compile(r"[A-Za-z0-9_$:-]{3,255}")
_KEY = re.compile(r"[A-Za-z0-9_-]{3,64}")


def set_metafields(world: World, _: object, arguments: Arguments) -> dict[str, Any]:
    """Write all of them, or none."""
    wanted: Sequence[Arguments] = arguments["metafields"]
    if len(wanted) > MOST:
        return _refused(
            None, f"Exceeded the maximum metafields input limit of {MOST}.", "LESS_THAN_OR_EQUAL_TO"
        )
    owners = [world.state.get(each["ownerId"]) for each in wanted]
    for place, (each, owner) in enumerate(zip(wanted, owners, strict=True)):
        error = _error(place, each, owner)
        if error:
            return error
    with world.state.lock:
        made = [_write(world, each, owner) for each, owner in zip(wanted, owners, strict=True) if owner]
        for owner in {each["id"]: each for each in owners if each}.values():
            owner["updatedAt"] = world.state.now()
            world.state.tell("customers/update", customer_body(owner))
        world.state.shelf("Customer").touched()
    return {"metafields": made, "userErrors": []}


def metafield(_: World, owner: Thing, arguments: Arguments) -> Thing | None:
    """One metafield of a customer or a product."""
    found: Thing | None = held(owner).get(f"{arguments.get('namespace')}.{arguments['key']}")
    return found


def held(owner: Thing) -> dict[str, Thing]:
    """Metafields of an object by `namespace.key`."""
    found: dict[str, Thing] = owner.setdefault("metafields_held", {})
    return found


def _error(place: int, wanted: Arguments, owner: Thing | None) -> dict[str, Any] | None:
    def refused(name: str, message: str, code: str) -> dict[str, Any]:
        return _refused(["metafields", str(place), name], message, code, place)

    if owner is None or owner["__typename"] != "Customer":
        return refused("ownerId", "Owner does not exist.", "INVALID")
    if not _NAMESPACE.fullmatch(wanted.get("namespace") or ""):
        return refused("namespace", "Namespace is too short (minimum is 3 characters)", "TOO_SHORT")
    if not _KEY.fullmatch(wanted["key"]):
        return refused("key", "Key is too short (minimum is 3 characters)", "TOO_SHORT")
    if not wanted.get("type"):
        return refused("type", "Type can't be blank", "BLANK")
    if wanted["type"] != "date_time":
        return refused("type", "the simulator knows dates and times only", "INCLUSION")
    try:
        datetime.fromisoformat(wanted["value"])
    except ValueError:
        return refused("value", "Value must be in “YYYY-MM-DDTHH:MM:SS” format.", "INVALID_VALUE")
    return None


def _refused(field: list[str] | None, message: str, code: str, place: int | None = None) -> dict[str, Any]:
    error = {"field": field or ["metafields"], "message": message, "code": code, "elementIndex": place}
    return {"metafields": None, "userErrors": [{"__typename": "MetafieldsSetUserError", **error}]}


def put_metafield(state: State, owner: Thing, wanted: Arguments) -> None:
    """Write one metafield of a product; of the type `id`, it names its owner from then on."""
    name, now = f"{wanted['namespace']}.{wanted['key']}", state.now()
    held(owner)[name] = {
        "__typename": "Metafield",
        "id": gid("Metafield", state.fresh()),
        **{part: wanted[part] for part in ("namespace", "key", "value")},
        "type": wanted["type"],
        "compareDigest": sha256(wanted["value"].encode()).hexdigest(),
        "createdAt": now,
        "updatedAt": now,
        "ownerType": "PRODUCT",
    }
    if wanted["type"] == "id":
        state.named[wanted["namespace"], wanted["key"], wanted["value"]] = owner


def _write(world: World, wanted: Arguments, owner: Thing) -> Thing:
    name, now = f"{wanted['namespace']}.{wanted['key']}", world.state.now()
    before = held(owner).get(name)
    made = {
        "__typename": "Metafield",
        "id": before["id"] if before else gid("Metafield", world.state.fresh()),
        "namespace": wanted["namespace"],
        "key": wanted["key"],
        "type": wanted["type"],
        "value": wanted["value"],
        "compareDigest": sha256(wanted["value"].encode()).hexdigest(),
        "createdAt": before["createdAt"] if before else now,
        "updatedAt": now,
        "ownerType": "CUSTOMER",
    }
    held(owner)[name] = made
    return made
