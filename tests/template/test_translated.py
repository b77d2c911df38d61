"""What SAM makes of the template on each stage: sound, with no right too many, and only production gets its extras."""

import functools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint
from template.conftest import ROOT, Loader
from template.reading import listed, statements

TRANSLATE = Path(__file__).with_name("translate.py")
BY_SAM = ("AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess", "AWSCodeDeployRoleForLambda")
"""Policies of AWS that SAM gives out: to write logs and traces, and to shift traffic."""
STAGES = pytest.mark.parametrize("stage", ["local", "prod"])


@functools.cache
def translated(stage: str, layers: str = "s3://built/layers/") -> dict[str, Any]:
    """The plain CloudFormation template of a stage; `layers` stands for what the layers hold."""
    template: dict[str, Any] = Loader((ROOT / "template.yaml").read_text()).get_single_data()
    template["Globals"]["Function"]["CodeUri"] = "s3://built/functions"
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = layers + name
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = f"s3://built/{name}"
    parameters = {name: each.get("Default") for name, each in template["Parameters"].items()} | {
        "Stage": stage
    }
    python = ROOT / ".local/sam/bin/python"
    assert python.exists(), "run `make setup`"
    asked = json.dumps({"template": template, "parameters": parameters, "managed": BY_SAM})
    answer = subprocess.run(
        [str(python), str(TRANSLATE)], input=asked, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def of_type(template: dict[str, Any], prefix: str) -> set[str]:
    """The logical ids of a kind of resource."""
    return {name for name, each in template["Resources"].items() if each["Type"].startswith(prefix)}


@STAGES
def test_what_sam_makes_is_sound(stage: str) -> None:
    # The linter passes over what hangs on SAM's own resources, so it is given what SAM makes of them.
    plain = {"Transform": "AWS::LanguageExtensions", **translated(stage)}
    assert [str(found) for found in lint(json.dumps(plain), config=ManualArgs(regions=["eu-west-1"]))] == []


def test_only_production_shifts_traffic_gradually() -> None:
    assert of_type(translated("prod"), "AWS::CodeDeploy::") != set()
    assert of_type(translated("dev"), "AWS::CodeDeploy::") == set()
    assert of_type(translated("local"), "AWS::CodeDeploy::") == set()


def test_a_change_of_a_layer_alone_makes_a_new_version_of_the_door() -> None:
    before, after = (
        of_type(translated("prod", layers), "AWS::Lambda::Version") for layers in ("s3://one/", "s3://two/")
    )
    assert len(before) == len(after) == 3
    assert not before & after


@STAGES
def test_sam_adds_no_right_over_every_resource(stage: str) -> None:
    for name, resource in translated(stage)["Resources"].items():
        for arn in resource.get("Properties", {}).get("ManagedPolicyArns", []):
            if isinstance(arn, str):
                assert arn.rsplit("/", 1)[-1] in BY_SAM, name
        if resource["Type"].startswith("AWS::IAM::"):
            assert not [each for each in statements(resource) if "*" in listed(each.get("Resource", []))], (
                name
            )


def test_every_route_but_the_public_ones_asks_who_is_there() -> None:
    paths = translated("prod")["Resources"]["Api"]["Properties"]["Body"]["paths"]
    wanted = {True: [{"AWS_IAM": []}], False: [{"KeyAuthorizer": []}]}
    for path, methods in paths.items():
        for each in methods.values():
            if path.startswith("/v1"):
                assert each["security"] == wanted[path.startswith("/v1/tenants")], path
            else:
                assert path in {"/docs", "/openapi.json", "/hooks/{hook_id}", "/pixel/{pixel_key}"}
