"""Tenants and keys: who makes them, what they open, how they end."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from passerelle.api.authorizing import Unauthorized, decide
from sandbox.door import ARN, Door
from sandbox.tenants import Tenant, client_of

SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=…".encode()}


@pytest.fixture
def operator(door: Door) -> httpx.Client:
    client = client_of(door)
    client.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=x"
    return client


def test_an_operator_makes_a_tenant_and_its_first_key(operator: httpx.Client, door: Door) -> None:
    tenant = operator.post("/v1/tenants", json={"name": "Épicerie"}).json()
    body = {"name": "first", "scopes": ["admin", "read"]}
    key = operator.post(f"/v1/tenants/{tenant['id']}/keys", json=body).json()
    assert client_of(door, key["secret"]).get("/v1/keys").json()["items"][0]["id"] == key["id"]
    assert operator.get(f"/v1/tenants/{tenant['id']}").json()["name"] == "Épicerie"
    assert tenant["id"] in {each["id"] for each in operator.get("/v1/tenants").json()["items"]}


def test_a_key_of_a_tenant_that_is_not_there_is_404(operator: httpx.Client) -> None:
    answer = operator.post("/v1/tenants/ten_none/keys", json={"name": "first", "scopes": ["admin"]})
    assert answer.status_code == 404


def test_a_secret_is_shown_once(tenant: Tenant) -> None:
    made = tenant.post("/v1/keys", name="till", scopes=["read"])
    assert made["secret"] not in tenant.client.get("/v1/keys").text
    storage = tenant.door.runtime.storage
    items = storage.clients.dynamodb.scan(TableName=storage.resources.state_table)["Items"]
    assert made["secret"] not in str(items)


def test_a_revoked_key_opens_nothing(tenant: Tenant) -> None:
    made = tenant.post("/v1/keys", name="till", scopes=["read"])
    till = client_of(tenant.door, made["secret"])
    assert till.get("/v1/stores").status_code == 200
    assert tenant.client.delete(f"/v1/keys/{made['id']}").status_code == 204
    assert till.get("/v1/stores").status_code == 401
    assert tenant.client.delete(f"/v1/keys/{made['id']}").status_code == 204


@pytest.mark.parametrize(
    "token", ["", "Bearer", "Bearer ", "Basic abc", "Bearer psk_unknown", "Bearer " + "x" * 5000, "psk_bare"]
)
def test_what_is_no_key_is_unauthorized(door: Door, token: str) -> None:
    with pytest.raises(Unauthorized, match=r"^Unauthorized$"):
        decide(door.runtime, {"authorizationToken": token, "methodArn": f"{ARN}/GET/v1/stores"})


def test_the_policy_is_good_for_the_whole_api_and_tells_who_asks(tenant: Tenant) -> None:
    secret = tenant.memory.keys.create("till", ("sync", "read")).secret
    event: Mapping[str, Any] = {
        "authorizationToken": f"Bearer {secret}",
        "methodArn": f"{ARN}/GET/v1/stores/x",
    }
    policy = decide(tenant.door.runtime, event)
    (statement,) = policy["policyDocument"]["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Allow", f"{ARN}/*")
    context = policy["context"]
    assert context["tenant"] == tenant.id
    assert set(context["scopes"].split()) == {"sync", "read"}
    assert all(isinstance(value, str) for value in context.values())
