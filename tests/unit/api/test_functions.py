"""The three functions of the door, as Lambda calls them."""

import importlib
from collections.abc import Iterator
from types import ModuleType
from unittest import mock

import httpx
import pytest
from passerelle.runtime import runtime
from passerelle.store.repositories import Repositories
from sandbox.aws import emulated_aws
from sandbox.door import ARN, Lambda, event_of


@pytest.fixture
def memory() -> Iterator[Repositories]:
    with emulated_aws() as resources, mock.patch.dict("os.environ", resources.environment()):
        runtime.cache_clear()
        yield runtime().repositories(runtime().operator.create_tenant("A merchant").id)
        runtime.cache_clear()


def function(name: str) -> ModuleType:
    return importlib.import_module(f"functions.{name}")


def test_a_key_goes_through_the_authorizer_to_the_api(memory: Repositories) -> None:
    secret = memory.keys.create("first", ("read",)).secret
    asked = {"authorizationToken": f"Bearer {secret}", "methodArn": f"{ARN}/GET/v1/stores"}
    policy = function("authorizer").handler(asked, Lambda())
    event = event_of(httpx.Request("GET", "https://api.example/v1/stores"), "/v1/stores")
    event["requestContext"]["authorizer"] = policy["context"]
    answer = function("api").handler(event, Lambda())
    assert (answer["statusCode"], answer["body"]) == (200, '{"items":[],"next":null}')


def test_without_the_authorizers_word_nothing_opens(memory: Repositories) -> None:
    event = event_of(httpx.Request("GET", "https://api.example/v1/stores"), "/v1/stores")
    assert function("api").handler(event, Lambda())["statusCode"] == 401
    event["path"] = "/v1/tenants"
    assert function("api").handler(event, Lambda())["statusCode"] == 403


def test_a_tenants_key_is_no_operator_even_where_aws_vouches_for_the_caller(memory: Repositories) -> None:
    event = event_of(httpx.Request("GET", "https://api.example/v1/tenants"), "/v1/tenants")
    event["requestContext"]["identity"]["userArn"] = "arn:aws:iam::123456789012:user/x"
    event["requestContext"]["authorizer"] = {"tenant": memory.tenant, "scopes": "read sync admin"}
    assert function("api").handler(event, Lambda())["statusCode"] == 403


def test_a_body_above_a_megabyte_is_413(memory: Repositories) -> None:
    padded = b'{"name": "till", "scopes": ["read"]}' + b" " * 2_000_000
    headers = {"Content-Type": "application/json"}
    request = httpx.Request("POST", "https://api.example/v1/keys", content=padded, headers=headers)
    event = event_of(request, "/v1/keys")
    event["requestContext"]["authorizer"] = {"tenant": memory.tenant, "scopes": "admin"}
    answer = function("api").handler(event, Lambda())
    assert answer["statusCode"] == 413


def test_a_knock_at_no_address_is_404(memory: Repositories) -> None:
    event = event_of(httpx.Request("POST", "https://api.example/hooks/none", content=b"x"), "/hooks/none")
    event["pathParameters"] = {"hook_id": "none"}
    assert function("webhook").handler(event, Lambda())["statusCode"] == 404
