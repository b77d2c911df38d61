"""The API's own description, and whether the API keeps to it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from passerelle.api.app import build
from passerelle.api.description import described
from sandbox.aws import emulated_aws
from sandbox.door import URL, Door, runtime_over
from sandbox.tenants import Tenant, client_of, tenant_at
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

NOT_MEANT = [positive_data_acceptance, unsupported_method]
"""A schema cannot say which ids, cursors and credentials exist; methods that are not there stop at the gateway."""


def _keyless() -> dict[str, Any]:
    """The description without its keys: every request of this test bears a right one."""
    document = described(build())
    for operations in document["paths"].values():
        for told in operations.values():
            del told["security"]
    return document


SCHEMA = schemathesis.openapi.from_dict(_keyless())


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    with emulated_aws() as resources:
        yield tenant_at(Door(runtime_over(resources, {})))


def test_the_description_is_openapi_3_1_and_needs_no_key(tenant: Tenant) -> None:  # F-9
    answer = client_of(tenant.door).get("/openapi.json", headers={"Accept-Encoding": "identity"})
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert len(document["paths"]) > 20
    for path, operations in document["paths"].items():
        for told in operations.values():
            assert path.startswith("/v1/")
            assert told["summary"]
            assert told["security"]
            assert "application/problem+json" in told["responses"]["4XX"]["content"]


def test_every_reference_in_the_description_leads_somewhere() -> None:  # F-9
    document = described(build())
    text = json.dumps(document)
    for piece in text.split('"$ref": "#/components/schemas/')[1:]:
        assert piece.split('"')[0] in document["components"]["schemas"]


def test_the_page_brings_its_scripts_along(tenant: Tenant) -> None:  # F-9
    answer = client_of(tenant.door).get("/docs", headers={"Accept-Encoding": "identity"})
    assert answer.headers["content-type"].startswith("text/html")
    assert "SwaggerUIBundle" in answer.text
    assert "<script src=" not in answer.text
    assert "<link rel" not in answer.text


def test_the_page_is_sent_compressed_to_who_takes_it(tenant: Tenant) -> None:
    answer = client_of(tenant.door).get("/docs", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "SwaggerUIBundle" in answer.text


@SCHEMA.parametrize()
@settings(max_examples=4, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_keep_to_the_description_whatever_is_asked(  # F-9
    case: schemathesis.Case, tenant: Tenant
) -> None:
    request = case.as_transport_kwargs(base_url=URL)
    client = client_of(tenant.door)
    signed = case.operation.path.startswith("/v1/tenants")
    secret = tenant.memory.keys.create("fuzz", ("read", "sync", "admin")).secret
    authority = "AWS4-HMAC-SHA256 x" if signed else f"Bearer {secret}"
    headers = {**dict(request.get("headers") or {}), "Authorization": authority}
    sent = {name: request[name] for name in ("json", "data", "params") if request.get(name) is not None}
    answer = client.request(request["method"], request["url"], headers=headers, **sent)
    assert answer.status_code < 500
    case.validate_response(answer, excluded_checks=NOT_MEANT)
