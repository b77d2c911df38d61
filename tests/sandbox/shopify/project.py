"""Answers a validated operation: picks the chosen fields out of plain dictionaries.

The operation is compiled once into getters by type, so a page of 250 objects costs dictionary reads only;
a test holds its answers against those of graphql-core's own executor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Protocol

from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLOutputType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.values import get_directive_values

from sandbox.shopify.asked import Operation
from sandbox.shopify.cost import opened
from sandbox.shopify.refusal import NotInSandboxError, access_denied
from sandbox.shopify.schema import admin_schema
from sandbox.shopify.state import Page

type Getter = Callable[[Any], Any]
type Plan = list[tuple[str, Getter]]
type Resolver = Callable[[Any, Any, Mapping[str, Any]], Any]


class World(Protocol):
    """What the projector asks of the shop."""

    def money(self, kind: str, amount: str) -> dict[str, Any]:
        """An amount as a MoneyBag or a MoneyV2."""

    def scopes_missing(self, kind: str, field: str) -> tuple[str, ...]:
        """The scopes of which the token would need one to see a type or a field; empty where it has one."""

    def nested(self, rows: Sequence[Any], arguments: Mapping[str, Any]) -> Page:
        """A page of a list held by an object."""


class Projector:
    """Compiles and runs one operation. `errors` holds the fields that the token may not see."""

    def __init__(
        self, operation: Operation, world: World, resolvers: Mapping[tuple[str, str], Resolver]
    ) -> None:
        self.errors: list[dict[str, Any]] = []
        self._operation = operation
        self._world = world
        self._resolvers = resolvers
        self._broken = False

    def run(self) -> dict[str, Any] | None:
        """The data, or None where a field that cannot be null was refused."""
        root = self._operation.root
        data = {key: get(None) for key, get in self._plan(root, [self._operation.node.selection_set], [])}
        return None if self._broken else data

    def _plan(self, kind: GraphQLObjectType, selections: Sequence[SelectionSetNode], path: list[str]) -> Plan:
        chosen: dict[str, list[FieldNode]] = {}
        for selection in selections:
            for node in opened(kind, selection, self._operation):
                chosen.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return [(key, self._getter(kind, nodes, [*path, key])) for key, nodes in chosen.items()]

    def _getter(self, kind: GraphQLObjectType, nodes: list[FieldNode], path: list[str]) -> Getter:
        name = nodes[0].name.value
        if name == "__typename":
            return lambda _: kind.name
        field = kind.fields[name]
        if self._denied(get_named_type(field.type).name, f"{kind.name}.{name}", path):
            self._broken = self._broken or is_non_null_type(field.type)
            return lambda _: None
        arguments = self._operation.arguments(kind, nodes[0]) | self._idempotent(nodes[0])
        read = self._reader(kind, name, arguments)
        if is_leaf_type(get_named_type(field.type)):
            return read
        complete = self._completer(field.type, nodes, arguments, path)
        return lambda thing: complete(read(thing))

    def _idempotent(self, node: FieldNode) -> dict[str, Any]:
        """The key of `@idempotent`, as one more argument."""
        directive = admin_schema().get_directive("idempotent")
        if directive is None or not node.directives:
            return {}
        values = get_directive_values(directive, node, self._operation.variables)
        return {"@idempotent": values["key"]} if values else {}

    def _denied(self, kind: str, field: str, path: list[str]) -> bool:
        missing = self._world.scopes_missing(kind, field)
        if missing:
            self.errors.append(access_denied(field, missing, path))
        return bool(missing)

    def _reader(self, kind: GraphQLObjectType, name: str, arguments: Mapping[str, Any]) -> Getter:
        resolver = self._resolvers.get((kind.name, name))
        if resolver is not None:
            world = self._world
            return lambda thing: resolver(world, thing, arguments)
        if kind.name.endswith("Connection") and name in CONNECTION:
            return CONNECTION[name]

        def read(thing: Any) -> Any:
            try:
                return thing[name]
            except (KeyError, TypeError):
                raise NotInSandboxError(f"the simulator holds no {kind.name}.{name}") from None

        return read

    def _completer(
        self,
        declared: GraphQLOutputType,
        nodes: list[FieldNode],
        arguments: Mapping[str, Any],
        path: list[str],
    ) -> Getter:
        kind = get_named_type(declared)
        one = self._one(kind, [node.selection_set for node in nodes if node.selection_set], path)
        if kind.name.endswith("Connection"):
            nested = self._world.nested
            return lambda held: one(held if isinstance(held, Page) else nested(held, arguments))
        if kind.name in {"MoneyBag", "MoneyV2"}:
            money, name = self._world.money, kind.name
            return lambda held: one(money(name, held) if isinstance(held, str) else held)
        if is_list_type(get_nullable_type(declared)):
            return lambda held: None if held is None else [one(each) for each in held]
        return one

    def _one(self, kind: Any, selections: list[SelectionSetNode], path: list[str]) -> Getter:
        if is_object_type(kind):
            plan = self._plan(kind, selections, path)
            return lambda thing: None if thing is None else {key: get(thing) for key, get in plan}
        plans: dict[str, Plan | None] = {}

        def project(thing: Any) -> dict[str, Any] | None:
            if thing is None:
                return None
            name = thing["__typename"]
            if name not in plans:
                plans[name] = self._concrete(name, selections, path)
            plan = plans[name]
            return None if plan is None else {key: get(thing) for key, get in plan}

        return project

    def _concrete(self, name: str, selections: list[SelectionSetNode], path: list[str]) -> Plan | None:
        kind = admin_schema().type_map[name]
        if not is_object_type(kind) or self._denied(name, name, path):
            return None
        return self._plan(kind, selections, path)


def _edges(page: Page) -> list[dict[str, Any]]:
    return [{"node": row, "cursor": page.cursor(row)} for row in page.rows]


CONNECTION: dict[str, Getter] = {"nodes": attrgetter("rows"), "edges": _edges, "pageInfo": Page.info}
