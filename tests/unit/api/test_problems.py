"""Errors as a person and a program read them."""

import logging

import pytest
from passerelle.api.app import build
from sandbox.door import Door
from sandbox.moods import Mood
from sandbox.shopify import Shop
from sandbox.tenants import SHOPIFY, Tenant, client_of


def test_a_problem_has_a_code_a_remedy_and_a_correlation_id(tenant: Tenant) -> None:  # F-8
    answer = tenant.client.get("/v1/runs/run_none")
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["status"], told["code"]) == (404, "not_found")
    assert told["title"]
    assert told["detail"]
    assert told["remedy"]
    assert told["type"].startswith("https://")
    assert told["correlation_id"] == answer.headers["x-correlation-id"]


def test_a_good_answer_has_a_correlation_id_too(tenant: Tenant) -> None:  # F-8
    assert tenant.client.get("/v1/stores").headers["x-correlation-id"]


def test_a_path_that_is_not_there_is_a_problem(tenant: Tenant) -> None:  # F-8
    answer = tenant.client.get("/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_route")


@pytest.mark.parametrize(
    ("field", "body", "allowed"),
    [
        ("batch_size", {"batch_size": 501}, "500"),
        ("batch_size", {"batch_size": 0}, "1"),
        ("batch_size", {"batch_size": "many"}, "integer"),
        ("schedule", {"schedule": "every now and then"}, "rate("),
        ("schedule", {"schedule": "rate(0 minutes)"}, "rate(1 minute)"),
        ("timezone", {"timezone": "Mars/Olympus"}, "Europe/Paris"),
        ("settings.placed_from", {"settings": {"placed_from": "2026-01-01T00:00:00"}}, "timezone"),
        ("settings", {"settings": {"statuses": ["paid"]}}, "orders"),
        ("settings.colour", {"settings": {"colour": "red"}}, "statuses"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    furnished: Tenant, field: str, body: dict[str, object], allowed: str
) -> None:  # F-8
    feed = f"{furnished.made['link']['id']}.products"
    answer = furnished.client.patch(f"/v1/feeds/{feed}", json=body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert allowed in error["allowed"]


def test_a_word_that_is_none_of_a_few_is_answered_with_the_few(furnished: Tenant) -> None:  # F-8
    feed = f"{furnished.made['link']['id']}.products"
    answer = furnished.client.post(f"/v1/feeds/{feed}/runs", json={"mode": "some"})
    assert answer.json()["errors"][0] == {
        "field": "mode",
        "message": "cannot be used",
        "allowed": "'all', 'new' or 'update'",
    }


@pytest.mark.parametrize("content", [b"{", b"[1, 2", b"\xff\xfe\x00", b'"text"', b"[]", b"null", b"", b"12"])
def test_a_body_that_is_no_json_object_is_a_problem(tenant: Tenant, content: bytes) -> None:
    answer = tenant.client.post("/v1/keys", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_form_is_not_read_as_json(tenant: Tenant) -> None:
    answer = tenant.client.post("/v1/keys", content=b"<key/>", headers={"Content-Type": "application/xml"})
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type")


def test_a_wrong_form_never_repeats_a_secret(tenant: Tenant) -> None:  # G-7
    wrong = SHOPIFY | {"access_token": "shpat_very_secret", "shop": "not a shop", "extra": "also secret"}
    answer = tenant.client.post("/v1/stores", json={"platform": "shopify", "credentials": wrong})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"credentials.shop", "credentials.extra"}
    assert "secret" not in answer.text.replace("client_secret", "")


def test_an_unforeseen_error_tells_nothing_of_itself(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:  # F-8
    app = build()

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("the password is hunter2")

    with caplog.at_level(logging.DEBUG):
        answer = client_of(Door(door.runtime, app)).get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "hunter2" not in answer.text
    assert "hunter2" not in caplog.text


def test_a_platform_that_does_not_answer_is_a_problem_that_says_so(furnished: Tenant, shop: Shop) -> None:

    shop.moods.add(Mood.UNAVAILABLE, times=100)
    link = furnished.made["link"]["id"]
    answer = furnished.client.post(f"/v1/links/{link}/preflight", json={})
    assert (answer.status_code, answer.json()["code"]) == (502, "platform_unavailable")
