"""What holds on every route there is, taken from the API's own description."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from passerelle.api.app import build
from passerelle.api.description import described
from passerelle.memory import Entry, EntryState, Incident
from passerelle.model import Kind, Severity
from sandbox.aws import emulated_aws
from sandbox.counter import toy_street
from sandbox.door import Door, runtime_over
from sandbox.mailchimp import Account
from sandbox.mall import Mall
from sandbox.shopify import Shop
from sandbox.tenants import MAILCHIMP, SHOPIFY, Tenant, client_of, tenant_at

BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/tenants": {"name": "Another"},
    "POST /v1/tenants/{tenant_id}/keys": {"name": "first", "scopes": ["admin"]},
    "POST /v1/keys": {"name": "a till", "scopes": ["read"]},
    "POST /v1/stores": {"platform": "shopify", "credentials": SHOPIFY},
    "PATCH /v1/stores/{store_id}": {"name": "Renamed"},
    "POST /v1/stores/{store_id}/authorize": {"credentials": SHOPIFY},
    "POST /v1/stores/{store_id}/events": {
        "events": [{"kind": "products", "id": "1", "topic": "changed", "event_id": "e1"}]
    },
    "POST /v1/stores/{store_id}/pixel": {"allowed_origins": ["https://shop.example"]},
    "POST /v1/stores/{store_id}/customer-events": {
        "events": [
            {
                "id": "e1",
                "name": "page_viewed",
                "timestamp": "2026-06-01T12:00:00Z",
                "privacy": {"analytics": True, "marketing": True},
                "customer_id": "1",
            }
        ]
    },
    "POST /v1/links": {"source": "str_1", "destination": "str_2", "audience": "a"},
    "PATCH /v1/links/{link_id}": {"policy": {"correct_store": False}},
    "POST /v1/links/{link_id}/preflight": {},
    "POST /v1/links/{link_id}/sync-all": {"mode": "new"},
    "PATCH /v1/tenants/{tenant_id}/stores/{store_id}": {"product_limit": 100},
    "POST /v1/stores/{store_id}/invitations": {"url": "https://another.example"},
    "POST /v1/stores/{store_id}/sync-all": {"mode": "new"},
    "POST /v1/invitations/{invitation_id}/accept": {"store": "str_1"},
    "POST /v1/catalogue-links": {"store": "str_1", "main": "str_2"},
    "PATCH /v1/catalogue-links/{link_id}": {"preferences": {"all": True}},
    "POST /v1/catalogue-links/{link_id}/disconnect": {"products": "keep"},
    "PUT /v1/catalogue-links/{link_id}/mappings/{product}": {"product": "1"},
    "PATCH /v1/feeds/{feed_id}": {"batch_size": 50},
    "POST /v1/feeds/{feed_id}/runs": {"mode": "all"},
}
"""A body that is right, for each route that takes one."""
CATALOGUE = ("/catalogue-links/", "/connection-key", "/invitations", "/dependents")
"""What the paths of routes say that are about a catalogue link and its main store."""


@dataclass(frozen=True)
class Operation:
    """One route as described."""

    method: str
    path: str
    needs: dict[str, list[str]]
    takes_body: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def body(self) -> dict[str, Any] | None:
        return BODIES[str(self)] if self.takes_body else None


def _operations() -> list[Operation]:
    paths = described(build())["paths"]
    return [
        Operation(method.upper(), path, told["security"][0], "requestBody" in told)
        for path, methods in paths.items()
        for method, told in methods.items()
    ]


OPERATIONS = _operations()
OF_TENANT = [each for each in OPERATIONS if "key" in each.needs]
OF_OPERATOR = [each for each in OPERATIONS if "operator" in each.needs]
WITH_ID = [each for each in OF_TENANT if "{" in each.path and "{platform}" not in each.path]


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    shop, account = Shop(), Account()
    with emulated_aws() as resources, toy_street() as street:
        door = Door(runtime_over(resources, {shop.address: shop, MAILCHIMP: account}))
        tenant = tenant_at(door)
        tenant.furnish(shop, account)
        mall = Mall(door, street)
        main, dependent = (mall.open(tenant, name)["id"] for name in ("brand", "corner"))
        tenant.made["catalogue"] = tenant.post("/v1/catalogue-links", main=main, store=dependent)
        tenant.post(f"/v1/stores/{main}/invitations", url="https://another.example")
        yield door


@pytest.fixture(scope="module")
def theirs(door: Door) -> dict[str, str]:
    """The ids of everything that the other tenant has."""
    (tenant,) = door.runtime.operator.tenants().items
    memory = door.runtime.repositories(tenant.id)
    link, catalogue = memory.links.list()
    run = memory.runs.list().items[0]
    cause = Incident(
        "lnk:something", Severity.ERROR, "Something", "Do something.", link.id, Kind.PRODUCTS, "1"
    )
    memory.incidents.open([cause])
    memory.pixels.make(link.source, ["https://shop.example"])
    memory.ledger.record(link.id, Kind.PRODUCTS, [Entry("1", EntryState.MAPPED, "gid")])
    memory.manifests.put_document(link.source, "data-request/1", b"{}")
    return {
        "store_id": link.source,
        "audience": str(link.settings["audience_id"]),
        "link_id": link.id,
        "catalogue": catalogue.id,
        "main": catalogue.source,
        "invitation_id": memory.invitations.list()[0].id,
        "product": "1",
        "feed_id": f"{link.id}.products",
        "run_id": run.id,
        "kind": "products",
        "object_id": "1",
        "key_id": memory.keys.list()[0].id,
        "incident_id": memory.incidents.id_of("lnk:something"),
    }


@pytest.fixture(scope="module")
def owner(door: Door, theirs: dict[str, str]) -> httpx.Client:
    tenants = door.runtime.operator.tenants().items
    (tenant,) = [each.id for each in tenants if each.name == "A merchant"]
    return client_of(door, door.runtime.repositories(tenant).keys.create("second", ("read", "admin")).secret)


@pytest.fixture(scope="module")
def mine(door: Door, theirs: dict[str, str]) -> Tenant:
    return tenant_at(door, "Someone else")


def _ask(client: httpx.Client, operation: Operation, ids: dict[str, str], **more: Any) -> httpx.Response:
    if any(word in operation.path for word in CATALOGUE):
        ids = ids | {"link_id": ids["catalogue"], "store_id": ids["main"]}
    path = operation.path.format_map(ids | {"platform": "mailchimp", "tenant_id": "ten_1"})
    return client.request(operation.method, path, json=operation.body, **more)


@pytest.mark.parametrize("operation", WITH_ID, ids=str)
def test_anything_of_another_tenant_is_not_there(  # G-4
    operation: Operation, mine: Tenant, theirs: dict[str, str]
) -> None:
    answer = _ask(mine.client, operation, theirs)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("operation", [each for each in WITH_ID if each.method == "GET"], ids=str)
def test_its_owner_finds_it(operation: Operation, owner: httpx.Client, theirs: dict[str, str]) -> None:  # G-4
    assert _ask(owner, operation, theirs).status_code in {200, 409, 422}


@pytest.mark.parametrize("operation", WITH_ID, ids=str)
def test_what_never_was_answers_the_same_as_what_is_anothers(  # G-4
    operation: Operation, mine: Tenant, theirs: dict[str, str]
) -> None:
    made_up = {name: "x" * len(id) for name, id in theirs.items()} | {"kind": "products"}
    anothers, absent = (
        _ask(mine.client, operation, theirs).json(),
        _ask(mine.client, operation, made_up).json(),
    )
    for document in (anothers, absent):
        document.pop("correlation_id")
    assert anothers == absent


@pytest.mark.parametrize("operation", OF_TENANT, ids=str)
def test_no_route_answers_without_a_key(operation: Operation, door: Door, theirs: dict[str, str]) -> None:
    answer = _ask(client_of(door), operation, theirs)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("operation", OF_TENANT, ids=str)
def test_a_key_without_the_scope_is_told_which_one(
    operation: Operation, mine: Tenant, theirs: dict[str, str]
) -> None:
    (needed,) = operation.needs["key"]
    narrow = mine.bearing(*({"read", "sync", "admin"} - {needed}))
    answer = _ask(narrow, operation, theirs)
    assert answer.status_code == 403
    assert needed in answer.json()["detail"]


@pytest.mark.parametrize("operation", OF_OPERATOR, ids=str)
def test_a_tenants_key_opens_no_operators_route(
    operation: Operation, mine: Tenant, theirs: dict[str, str]
) -> None:
    assert _ask(mine.client, operation, theirs).status_code == 403


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.takes_body], ids=str)
def test_an_unknown_field_is_named_with_those_that_are_known(
    operation: Operation, mine: Tenant, theirs: dict[str, str]
) -> None:
    path = operation.path.format_map(theirs | {"tenant_id": "ten_1"})
    signed = {"Authorization": "AWS4-HMAC-SHA256 …".encode()} if "operator" in operation.needs else None
    wrong = {**(operation.body or {}), "surprise": 1}
    answer = mine.client.request(operation.method, path, json=wrong, headers=signed)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "surprise"
    for known in operation.body or {}:
        assert known in error["allowed"]


@pytest.mark.parametrize("operation", [each for each in OF_TENANT if each.method == "GET"], ids=str)
def test_an_unknown_query_parameter_is_named(
    operation: Operation, mine: Tenant, theirs: dict[str, str]
) -> None:
    answer = _ask(mine.client, operation, theirs, params={"surprise": "1"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "surprise"


def test_every_route_says_what_it_needs() -> None:
    assert {next(iter(each.needs)) for each in OPERATIONS} == {"key", "operator"}


def test_lists_of_one_tenant_show_nothing_of_another(mine: Tenant, theirs: dict[str, str]) -> None:  # G-4
    mine_only = mine.client.get("/v1/keys").json()["items"]
    assert theirs["key_id"] not in {key["id"] for key in mine_only}
    for path in (
        "/v1/stores",
        "/v1/links",
        "/v1/catalogue-links",
        "/v1/invitations",
        "/v1/feeds",
        "/v1/runs",
        "/v1/incidents",
    ):
        assert mine.client.get(path).json()["items"] == []
    assert mine.client.get("/v1/feeds", params={"link": theirs["link_id"]}).json()["items"] == []
    assert mine.client.get("/v1/runs", params={"feed": theirs["feed_id"]}).json()["items"] == []


def test_anothers_stores_cannot_be_linked(mine: Tenant, theirs: dict[str, str]) -> None:  # G-4
    body = {"source": theirs["store_id"], "destination": theirs["store_id"], "audience": "a"}
    answer = mine.client.post("/v1/links", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "source"
