"""A GraphQL request once it is understood: parsed, valid by the official schema, variables coerced."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSkipDirective,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    parse,
    validate,
)
from graphql.execution.values import (
    VariableValues,
    get_argument_values,
    get_directive_values,
    get_variable_values,
)

from sandbox.shopify.refusal import array_too_long, page_too_long
from sandbox.shopify.schema import admin_schema


class InvalidError(Exception):
    """The document or its variables do not fit the schema; `errors` is what the shop answers."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(str(error["message"]) for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation ready to be priced and answered."""

    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    root: GraphQLObjectType

    @property
    def is_mutation(self) -> bool:
        """Whether it writes."""
        return self.node.operation is OperationType.MUTATION

    def arguments(self, parent: GraphQLObjectType, node: FieldNode) -> dict[str, Any]:
        """The coerced arguments of a field."""
        return get_argument_values(parent.fields[node.name.value], node, self.variables)


def is_wanted(node: SelectionNode, variables: VariableValues) -> bool:
    """Whether `@skip` and `@include` leave a selection in."""
    if not node.directives:
        return True
    skip = get_directive_values(GraphQLSkipDirective, node, variables)
    include = get_directive_values(GraphQLIncludeDirective, node, variables)
    return not (skip and skip["if"]) and not (include and not include["if"])


@lru_cache(maxsize=256)
def _document(text: str) -> DocumentNode | tuple[GraphQLError, ...]:
    try:
        document = parse(text)
    except GraphQLError as error:
        return (error,)
    errors = validate(admin_schema(), document)
    return tuple(errors) if errors else document


def understand(text: str, variables: Mapping[str, Any], name: str | None = None) -> Operation:
    """The operation of a request. Raises InvalidError, or RefusedError for arrays that are too long."""
    document = _document(text)
    if isinstance(document, tuple):
        raise InvalidError([_error(error, "graphqlErrors") for error in document])
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    chosen = [o for o in operations if name is None or (o.name and o.name.value == name)]
    if len(chosen) != 1:
        raise InvalidError(
            [{"message": "An operation name is required", "extensions": {"code": "BAD_REQUEST"}}]
        )
    coerced = get_variable_values(admin_schema(), chosen[0].variable_definitions or (), dict(variables))
    if isinstance(coerced, list):
        raise InvalidError([_error(error, "INVALID_VARIABLE") for error in coerced])
    _refuse_long(coerced.coerced)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    root = admin_schema().get_root_type(chosen[0].operation)
    if root is None:
        raise InvalidError([{"message": "Schema is not configured for subscriptions", "extensions": {}}])
    return Operation(chosen[0], fragments, coerced, root)


def check_arguments(arguments: Mapping[str, Any], *, is_connection: bool) -> None:
    """Refuse pages above 250, connections without a page size, and long arrays."""
    for side in ("first", "last"):
        if (arguments.get(side) or 0) > 250:
            raise page_too_long(side)
    if is_connection and arguments.get("first") is None and arguments.get("last") is None:
        raise InvalidError(
            [
                {
                    "message": "you must provide one of first or last",
                    "extensions": {"code": "BAD_REQUEST"},
                }
            ]
        )
    _refuse_long(arguments)


ROOMY = {"variants": 2_048, "values": 2_048}
"""Lists within the input of `productSet` that may be longer than 250."""


def _refuse_long(values: Any, name: str = "input", *, depth: int = 0) -> None:
    if isinstance(values, Mapping):
        for key, value in values.items():
            _refuse_long(value, str(key), depth=depth + 1)
    elif isinstance(values, list):
        if len(values) > (ROOMY.get(name, 250) if depth > 1 else 250):
            raise array_too_long(name, len(values))
        if values and isinstance(values[0], Mapping | list):
            for value in values:
                _refuse_long(value, name, depth=depth)


def _error(error: GraphQLError, code: str) -> dict[str, Any]:
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"message": error.message, "locations": places, "extensions": {"code": code}}
