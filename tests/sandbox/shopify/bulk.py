"""Bulk queries: their rules, and their JSONL result in which children may be far from their parents.

Source: https://shopify.dev/docs/api/usage/bulk-operations/queries
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import FieldNode, GraphQLObjectType, InlineFragmentNode, SelectionSetNode, get_named_type

from sandbox.shopify.asked import InvalidError, Operation, understand
from sandbox.shopify.fields import RESOLVERS
from sandbox.shopify.project import Projector
from sandbox.shopify.state import Page, Thing, gid
from sandbox.shopify.world import World

AT_ONCE = 5
ROOTS = {
    "products": "Product",
    "customers": "Customer",
    "orders": "Order",
    "productVariants": "ProductVariant",
    "inventoryItems": "InventoryItem",
}


def start(world: World, _: object, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """`bulkOperationRunQuery`: the work is done at once, the poll tells it later."""
    shelf = world.state.shelf("BulkOperation")
    running = [
        b for b in shelf.things.values() if b["type"] == "QUERY" and b["status"] in {"CREATED", "RUNNING"}
    ]
    if len(running) >= AT_ONCE:
        return _refused(
            "A bulk query operation for this app and shop is already in progress.", "LIMIT_REACHED"
        )
    try:
        operation = understand(arguments["query"], {})
    except InvalidError as error:
        return _refused(str(error), "INVALID")
    broken = broken_rule(operation)
    if broken:
        return _refused(broken, "INVALID")
    fresh = world.state.fresh()
    made = _operation(fresh, arguments["query"], world)
    made["ending"] = _ending(world, operation, fresh)
    shelf.put(made)
    return {"bulkOperation": made, "userErrors": []}


def _operation(fresh: int, query: str, world: World) -> Thing:
    return {
        "__typename": "BulkOperation",
        "id": gid("BulkOperation", fresh),
        "legacyResourceId": str(fresh),
        "status": "CREATED",
        "type": "QUERY",
        "errorCode": None,
        "createdAt": world.state.now(),
        "completedAt": None,
        "fileSize": None,
        "objectCount": "0",
        "rootObjectCount": "0",
        "partialDataUrl": None,
        "url": None,
        "query": query,
        "polls_left": world.bulk_polls,
    }


def _refused(message: str, code: str) -> dict[str, Any]:
    error = {"field": ["query"], "message": message, "code": code}
    return {"bulkOperation": None, "userErrors": [error]}


def broken_rule(operation: Operation) -> str:
    """Which rule of bulk queries an operation breaks, in the shop's words; empty where none."""
    roots = operation.node.selection_set.selections
    if operation.is_mutation or len(roots) != 1 or not isinstance(roots[0], FieldNode):
        return "Bulk queries must contain exactly one top level field."
    if roots[0].name.value not in ROOTS:
        return "Bulk queries must contain at least one connection."
    deepest, number = _connections(operation.root, operation.node.selection_set, 0)
    if number > 5:
        return "Bulk queries cannot contain more than 5 connections."
    if deepest > 3:
        return "Bulk queries cannot contain connections with a nesting depth greater than 2."
    return ""


def _connections(parent: Any, selections: SelectionSetNode, depth: int) -> tuple[int, int]:
    deepest, number = depth, 0
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode):
            inside, below, here = parent, node.selection_set, 0
        elif isinstance(node, FieldNode) and node.selection_set and isinstance(parent, GraphQLObjectType):
            inside = get_named_type(parent.fields[node.name.value].type)
            below, here = node.selection_set, int(inside.name.endswith("Connection"))
        else:
            continue
        deep, more = _connections(inside, below, depth + here)
        deepest, number = max(deepest, deep), number + here + more
    return deepest, number


def _ending(world: World, operation: Operation, fresh: int) -> Thing:
    root = operation.node.selection_set.selections[0]
    if not isinstance(root, FieldNode):
        raise TypeError("a bulk query's root is a field")
    projector = Projector(operation, Everything(world), _resolvers(world, root.name.value))
    data = projector.run()
    if data is None or projector.errors:
        return {"status": "FAILED", "errorCode": "ACCESS_DENIED", "completedAt": world.state.now()}
    rows = [edge["node"] for edge in data[root.alias.value if root.alias else root.name.value]["edges"]]
    children = [list(_children(row)) for row in rows]
    # Siblings keep their order; for the rest, every child comes after all parents, the last parent's first.
    far = [child for family in reversed(children) for child in family]
    lines = [json.dumps(each, ensure_ascii=False) for each in [*rows, *far]]
    body = ("\n".join(lines) + "\n").encode() if lines else b""
    name = f"bulk-{fresh}.jsonl"
    world.state.files[name] = body
    return {
        "status": "COMPLETED",
        "completedAt": world.state.now(),
        "url": f"{world.address}/_results/{name}?signature=local" if lines else None,
        "fileSize": str(len(body)),
        "objectCount": str(len(lines)),
        "rootObjectCount": str(len(rows)),
    }


def _children(row: Thing) -> Iterator[Thing]:
    for key in [key for key, value in row.items() if isinstance(value, dict) and "edges" in value]:
        for edge in row.pop(key)["edges"]:
            child = edge["node"]
            yield {**child, "__parentId": row["id"]}
            yield from _children(child)


def _resolvers(world: World, root: str) -> dict[tuple[str, str], Any]:
    def every(_: object, __: object, arguments: Mapping[str, Any]) -> Page:
        rows = world.every(ROOTS[root], arguments.get("query") or "")
        return Page(rows, lambda _: "", False, False)

    return {**RESOLVERS, ("QueryRoot", root): every}


class Everything:
    """The world of a bulk query: lists are not paged."""

    def __init__(self, world: World) -> None:
        self._world = world

        self.money = world.money
        self.scopes_missing = world.scopes_missing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)

    def nested(self, rows: Sequence[Any], arguments: Mapping[str, Any]) -> Page:
        """The whole list."""
        return Page(rows, lambda _: "", False, False)
