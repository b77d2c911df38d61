"""Categories: a tree, under the root of the shop."""

from collections.abc import Mapping
from typing import Any

from sandbox.magento.refusal import RefusalError, required
from sandbox.magento.state import Row, State


def every(state: State) -> list[Row]:
    """All of the tree."""
    found, waiting = [], [state.categories]
    while waiting:
        row = waiting.pop()
        found.append(row)
        waiting += row["children_data"]
    return found


def create(state: State, body: Any) -> Row:
    """POST /V1/categories."""
    given = body.get("category") if isinstance(body, Mapping) else None
    if not isinstance(given, Mapping):
        raise required("category")
    if not given.get("name"):
        raise RefusalError(
            400, 'The "%1" attribute value is empty. Set the attribute and try again.', ["Name"]
        )
    parent = next((row for row in every(state) if row["id"] == given.get("parent_id", 2)), None)
    if parent is None:
        told = {"fieldName": "id", "fieldValue": given.get("parent_id")}
        raise RefusalError(404, "No such entity with %fieldName = %fieldValue", told)
    if any(row["name"].casefold() == str(given["name"]).casefold() for row in parent["children_data"]):
        raise RefusalError(400, "URL key for specified store already exists.")
    made = state.add_category(str(given["name"]), parent)
    made["is_active"] = bool(given.get("is_active", False))
    return {name: one for name, one in made.items() if name != "children_data"} | {"children": ""}
