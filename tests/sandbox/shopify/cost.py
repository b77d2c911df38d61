"""What a query costs, by the model fitted on recorded answers of live shops.

A scalar is free, an object or a list of objects 1, a connection 2 + floor(2·ln(n)) × its node, a mutation 10.
`requested` counts pages as asked for; `actual` counts the rows that came.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
)

from sandbox.shopify.asked import Operation, check_arguments, is_wanted
from sandbox.shopify.schema import admin_schema

FREE = frozenset({"MoneyV2", "MoneyBag", "LocationAddress", "PageInfo"})
FREE_ENDINGS = ("UserError", "MarketingConsentState")
MUTATIONS = {
    "fulfillmentTrackingInfoUpdate": 50,
    "fileCreate": 21,
    "productCreateMedia": 21,
    "refundCreate": 20,
}
PER_MUTATION = 10

type Rows = Sequence[Any] | None
"""The objects that came, or None while only the request is known."""


class Bill:
    """Prices one operation. `each_node`: `nodes(ids:)` is charged per id instead of once (see `Shop`)."""

    def __init__(self, operation: Operation, *, each_node: bool = False) -> None:
        self._operation = operation
        self._each_node = each_node

    def requested(self) -> int:
        """The points asked for. Raises RefusedError or InvalidError for page sizes the shop refuses."""
        return self._root(None)

    def actual(self, data: Mapping[str, Any]) -> int:
        """The points used, from the data that was answered."""
        return max(self._root(data), PER_MUTATION if self._operation.is_mutation else 1)

    def _root(self, data: Mapping[str, Any] | None) -> int:
        rows: Rows = None if data is None else [data]
        selections = self._operation.node.selection_set
        if not self._operation.is_mutation:
            return self._objects(self._operation.root, selections, rows)
        return sum(self._mutation(node, rows) for node in self._fields(self._operation.root, selections))

    def _mutation(self, node: FieldNode, rows: Rows) -> int:
        field = self._operation.root.fields[node.name.value]
        check_arguments(self._operation.arguments(self._operation.root, node), is_connection=False)
        payload = get_named_type(field.type)
        came = _values(rows, node)
        inner = self._objects(payload, node.selection_set, came) if node.selection_set else 0
        if node.name.value == "productSet":
            inner += _lists(self._operation.arguments(self._operation.root, node)["input"])
        return MUTATIONS.get(node.name.value, PER_MUTATION) + inner

    def _objects(self, kind: Any, selections: SelectionSetNode, rows: Rows) -> int:
        """The dearest of the object types that `selections` may meet (of those that came, if rows did)."""
        if is_object_type(kind):
            return sum(self._field(kind, node, rows) for node in self._fields(kind, selections))
        possible = admin_schema().get_possible_types(kind)
        named = _conditions(selections, self._operation.fragments)
        met = [each for each in possible if each.name in named] or possible[:1]
        return max(self._objects(each, selections, rows) for each in met)

    def _field(self, parent: GraphQLObjectType, node: FieldNode, rows: Rows) -> int:
        if node.name.value.startswith("__") or node.selection_set is None:
            return 0
        kind = get_named_type(parent.fields[node.name.value].type)
        arguments = self._operation.arguments(parent, node)
        is_connection = kind.name.endswith("Connection")
        check_arguments(arguments, is_connection=is_connection)
        came = _values(rows, node)
        if is_connection:
            return self._connection(kind, node.selection_set, arguments, came)
        if rows is not None and not came:
            return 0
        inner = self._objects(kind, node.selection_set, came)
        if parent.name == "QueryRoot" and node.name.value == "nodes" and self._each_node:
            return len(arguments["ids"] if came is None else came) * (1 + inner)
        return inner if _is_free(kind.name) else 1 + inner

    def _connection(
        self, kind: Any, selections: SelectionSetNode, arguments: Mapping[str, Any], came: Rows
    ) -> int:
        size = arguments.get("first") or arguments.get("last") or 0
        dearest = 0
        for node in self._fields(kind, selections):
            if node.name.value not in {"nodes", "edges"} or node.selection_set is None:
                continue
            rows = None if came is None else [row for page in came for row in page[_key(node)]]
            inner = self._row(kind, node, rows)
            mean = size if rows is None else len(rows) / max(1, len(came or ()))
            dearest = max(dearest, _weight(mean, at_least=1 if rows is None else 0) * inner)
        return 2 + dearest

    def _row(self, kind: Any, node: FieldNode, rows: Rows) -> int:
        inside = get_named_type(kind.fields[node.name.value].type)
        selections = node.selection_set
        if selections is None:
            return 0
        if node.name.value == "nodes":
            return 1 + self._objects(inside, selections, rows)
        return sum(
            1
            + self._objects(
                get_named_type(inside.fields["node"].type), each.selection_set, _values(rows, each)
            )
            for each in self._fields(inside, selections)
            if each.name.value == "node" and each.selection_set
        )

    def _fields(self, kind: GraphQLObjectType, selections: SelectionSetNode) -> Iterator[FieldNode]:
        """The fields that an object of this very type answers, fragments opened."""
        yield from opened(kind, selections, self._operation)


def _lists(given: Mapping[str, Any]) -> int:
    """What the schema says that the entries of the lists of a `productSet` cost."""
    variants = given.get("variants") or ()
    own = 0.2 * len(variants) + 1.9 * len(given.get("files") or ()) + 0.4 * len(given.get("metafields") or ())
    theirs = sum(0.6 * bool(each.get("file")) + 0.4 * len(each.get("metafields") or ()) for each in variants)
    return math.floor(own + theirs)


def opened(
    kind: GraphQLObjectType, selections: SelectionSetNode, operation: Operation
) -> Iterator[FieldNode]:
    """The field nodes of a selection set that apply to `kind` and are not skipped."""
    for selection in selections.selections:
        if not is_wanted(selection, operation.variables):
            continue
        if isinstance(selection, FieldNode):
            yield selection
            continue
        inner: Any = selection
        if isinstance(selection, FragmentSpreadNode):
            inner = operation.fragments[selection.name.value]
        if inner.type_condition is None or _applies(kind, inner.type_condition.name.value):
            yield from opened(kind, inner.selection_set, operation)


def _applies(kind: GraphQLObjectType, condition: str) -> bool:
    if kind.name == condition:
        return True
    wanted = admin_schema().type_map[condition]
    return is_abstract_type(wanted) and admin_schema().is_sub_type(wanted, kind)


def _conditions(selections: SelectionSetNode, fragments: Mapping[str, Any]) -> set[str]:
    named = set()
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            continue
        inner: Any = (
            fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection
        )
        if inner.type_condition is not None:
            named.add(inner.type_condition.name.value)
        named |= _conditions(inner.selection_set, fragments)
    return named


def _values(rows: Rows, node: FieldNode) -> Rows:
    if rows is None:
        return None
    key = _key(node)
    return list(_flat(row[key] for row in rows if row is not None and row.get(key) is not None))


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from (each for each in value if each is not None)
        else:
            yield value


def _key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def _is_free(name: str) -> bool:
    return name in FREE or name.endswith(FREE_ENDINGS)


def _weight(size: float, at_least: int) -> int:
    return max(at_least, math.floor(2 * math.log(size))) if size >= 1 else at_least
