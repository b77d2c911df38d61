"""A body of which every field has a default may be left out."""

import base64
from typing import Any

import httpx
import pytest
from passerelle.api.app import answer, build
from passerelle.api.description import described
from sandbox.door import Door, Lambda, event_of
from sandbox.tenants import Tenant

PATHS = ("/v1/links/{link}/preflight", "/v1/links/{link}/sync-all", "/v1/feeds/{feed}/runs")


def _path(tenant: Tenant, path: str) -> str:
    link = tenant.made["link"]["id"]
    return path.format(link=link, feed=f"{link}.customers")


@pytest.mark.parametrize("path", PATHS)
def test_no_body_at_all_means_the_defaults(furnished: Tenant, path: str) -> None:
    path = _path(furnished, path)
    left_out, whole = furnished.client.post(path), furnished.client.post(path, json={})
    assert left_out.is_success, left_out.text
    assert whole.status_code == left_out.status_code


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("type_", ["application/json", ""])
def test_an_empty_text_is_no_body(furnished: Tenant, path: str, type_: str) -> None:
    headers = {"Content-Type": type_} if type_ else {}
    assert furnished.client.post(_path(furnished, path), content=b"", headers=headers).is_success


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_field_is_refused_all_the_same(furnished: Tenant, path: str) -> None:
    told = furnished.client.post(_path(furnished, path), json={"everything": True})
    assert (told.status_code, told.json()["errors"][0]["field"]) == (422, "everything")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b"[]", b"7", b'"all"', b"{"])
def test_what_is_no_object_is_refused(furnished: Tenant, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert furnished.client.post(_path(furnished, path), content=body, headers=headers).status_code == 422


@pytest.mark.parametrize("empty", [None, "", base64.b64encode(b"").decode()])
def test_every_shape_that_a_gateway_gives_to_nothing_is_nothing(
    furnished: Tenant, door: Door, empty: str | None
) -> None:
    path = _path(furnished, PATHS[0])
    request = httpx.Request("POST", f"https://api.example{path}")
    event: dict[str, Any] = event_of(request, path) | {"body": empty, "isBase64Encoded": empty == ""}
    event["requestContext"]["authorizer"] = {"tenant": furnished.id, "key": "key_1", "scopes": "read"}
    assert answer(door.app, event, Lambda())["statusCode"] == 200


def test_the_description_says_which_bodies_may_be_left_out() -> None:  # F-9
    document = described(build())
    models = document["components"]["schemas"]
    left_out = set()
    for path, operations in document["paths"].items():
        body = operations.get("post", {}).get("requestBody")
        if body is None:
            continue
        name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert body.get("required", False) is bool(models[name].get("required")), path
        if not body.get("required", False):
            left_out.add(path)
    assert left_out == {
        "/v1/links/{link_id}/preflight",
        "/v1/links/{link_id}/sync-all",
        "/v1/stores/{store_id}/sync-all",
        "/v1/catalogue-links/{link_id}/disconnect",
        "/v1/feeds/{feed_id}/runs",
    }
