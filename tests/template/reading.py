"""Looking things up in the template: statements of policies, references, and where a state may lead."""

from collections.abc import Iterator
from typing import Any


def walk(node: Any) -> Iterator[Any]:
    """Every node of nested data, the top one first."""
    yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from walk(child)


def listed(value: Any) -> list[Any]:
    """One or many, as many."""
    return value if isinstance(value, list) else [value]


def statements(node: Any) -> list[dict[str, Any]]:
    """Every policy statement anywhere inside."""
    return [each for each in walk(node) if isinstance(each, dict) and {"Effect", "Action"} <= each.keys()]


def references(node: Any) -> set[str]:
    """The logical ids that something names by Ref, GetAtt or Sub."""
    found: set[str] = set()
    for each in walk(node):
        if not isinstance(each, dict) or len(each) != 1:
            continue
        ((key, value),) = each.items()
        if key == "Ref":
            found.add(value)
        elif key == "Fn::GetAtt":
            found.add(value[0])
        elif key == "Fn::Sub":
            text = value if isinstance(value, str) else value[0]
            found |= {part.split("}")[0].split(".")[0] for part in text.split("${")[1:]}
    return found


def rights(resources: dict[str, Any], function: str) -> list[dict[str, Any]]:
    """The statements of a function's own policies and of the template's policies that it is given."""
    found: list[dict[str, Any]] = []
    for policy in resources[function]["Properties"].get("Policies", []):
        found += statements(resources[policy["Ref"]]) if "Ref" in policy else statements(policy)
    return found


def actions(resources: dict[str, Any], function: str) -> set[str]:
    """What a function may do."""
    return {action for each in rights(resources, function) for action in listed(each["Action"])}


def scopes(machine: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The machine, and every smaller machine inside its maps and branches."""
    yield machine
    for state in machine["States"].values():
        for inner in [state.get("ItemProcessor"), *state.get("Branches", [])]:
            if inner:
                yield from scopes(inner)


def states(machine: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every state of a machine, the inner ones too."""
    return {name: state for scope in scopes(machine) for name, state in scope["States"].items()}


def leads_to(state: dict[str, Any]) -> set[str]:
    """The states that may come after this one."""
    ways = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return {way["Next"] for way in ways if "Next" in way} | (
        {state["Default"]} if "Default" in state else set()
    )
