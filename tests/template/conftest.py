"""The template and the state machines, read once, as plain data."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref x` becomes {"Ref": "x"}."""


def intrinsic(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """The long form of a short form."""
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        text = loader.construct_scalar(node)
        return {name: text.split(".", 1) if suffix == "GetAtt" else text}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", intrinsic)


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """The template as it is written."""
    loaded: dict[str, Any] = Loader((ROOT / "template.yaml").read_text()).get_single_data()
    return loaded


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Logical id → resource."""
    return template["Resources"]


@pytest.fixture(scope="session")
def functions(resources: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Logical id → properties of every Lambda function."""
    return {
        name: each["Properties"]
        for name, each in resources.items()
        if each["Type"] == "AWS::Serverless::Function"
    }


@pytest.fixture(scope="session")
def machines() -> dict[str, dict[str, Any]]:
    """File name → definition of every state machine."""
    return {
        path.name: json.loads(path.read_text())
        for path in sorted((ROOT / "statemachines").glob("*.asl.json"))
    }
