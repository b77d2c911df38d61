"""The public door of a store's pages: origins, CORS, pace, size, and what is refused whole."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import httpx
import pytest
from passerelle.rules.customer_events import NAMES
from passerelle.store.gate import AT_ONCE
from passerelle.store.repositories import Storage
from sandbox.door import URL
from sandbox.tenants import Tenant

ORIGIN = "https://shop.example"


def event(id: str = "e1", **told: Any) -> dict[str, Any]:
    return {
        "id": id,
        "name": "page_viewed",
        "timestamp": "2026-06-01T12:00:00Z",
        "privacy": {"analytics": True, "marketing": True},
        "client_id": "browser",
        **told,
    }


class Page:
    """A page of the store, in a visitor's browser."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant, self.store = tenant, tenant.made["shop"]["id"]
        self.made = tenant.post(f"/v1/stores/{self.store}/pixel", allowed_origins=[ORIGIN])
        self.browser = httpx.Client(transport=tenant.door, base_url=URL)

    def send(self, method: str, origin: str | None = ORIGIN, **how: Any) -> httpx.Response:
        headers = {"Origin": origin} if origin is not None else {}
        return self.browser.request(method, f"/pixel/{self.made['key']}", headers=headers, **how)

    def tell(self, *events: Any) -> httpx.Response:
        return self.send("POST", json={"events": list(events)})

    def day(self) -> dict[str, int]:
        """What the link counts, all days together."""
        link = self.tenant.made["link"]["id"]
        days = self.tenant.client.get(f"/v1/links/{link}/customer-events").json()["days"]
        return {
            name: sum(day[name] for day in days) for name in ("accepted", "denied", "duplicate", "refused")
        }

    def queued(self) -> int:
        url = self.tenant.door.runtime.resources.events_queue_url
        name = "ApproximateNumberOfMessages"
        told = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
        return int(told["Attributes"][name])


@pytest.fixture
def page(furnished: Tenant) -> Page:
    return Page(furnished)


def test_a_page_of_an_allowed_origin_is_heard_and_may_read_the_answer(page):
    answer = page.tell(event())
    assert answer.status_code == 202
    assert answer.json() == {"accepted": 1, "duplicates": 0, "denied": 0, "off": 0}
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["vary"] == "Origin"
    assert page.queued() == 1


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://shop.example", "https://shop.example:8443", "null", "", None]
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_another_origin_is_refused(page, method, origin):
    answer = page.send(method, origin, json={"events": [event()]})
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")
    assert "access-control-allow-origin" not in answer.headers
    assert page.queued() == 0


def test_the_browsers_question_is_answered_here(page):
    answer = page.send("OPTIONS")
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert answer.headers["access-control-allow-headers"] == "Content-Type"


def test_a_new_key_ends_the_one_before(page):
    before = page.made["key"]
    page.made = page.tenant.post(f"/v1/stores/{page.store}/pixel", allowed_origins=[f"{ORIGIN}:443/"])
    assert page.made["allowed_origins"] == [ORIGIN]
    assert page.tell(event()).status_code == 202
    page.made["key"] = before
    assert page.tell(event()).status_code == 404


def test_a_key_that_was_taken_away_leads_nowhere(page):
    assert page.tenant.client.delete(f"/v1/stores/{page.store}/pixel").status_code == 204
    assert page.tell(event()).status_code == 404
    assert page.tenant.client.get(f"/v1/stores/{page.store}/pixel").status_code == 404


@pytest.mark.parametrize(
    "origin", ["http://shop.example", "shop.example", "https://shop.example/path", "*", ""]
)
def test_what_is_no_origin_cannot_be_allowed(page, origin):
    path = f"/v1/stores/{page.store}/pixel"
    answer = page.tenant.client.post(path, json={"allowed_origins": [origin]})
    assert answer.status_code == 422
    assert "https://shop.example" in answer.json()["errors"][0]["allowed"]


def test_an_unknown_name_refuses_the_whole_batch_with_those_that_are_taken(page):
    answer = page.tell(event("e1"), event("e2", name="cart_viewed"))
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert wrong["field"] == "events.1.name"
    assert all(name in wrong["allowed"] for name in NAMES)
    assert page.queued() == 0
    assert page.day() == {"accepted": 0, "denied": 0, "duplicate": 0, "refused": 2}
    assert page.tell(event("e1")).json()["accepted"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"timestamp": "2026-06-01T12:00:00"},
        {"privacy": {"analytics": True}},
        {"privacy": {"analytics": "yes", "marketing": True}},
        {"client_id": None},
        {"email": "nobody"},
        {"data": {"nested": {"a": 1}}},
        {"data": {f"p{n}": n for n in range(31)}},
        {"surprise": 1},
    ],
)
def test_what_makes_no_sense_is_refused(page, wrong):
    answer = page.tell(event(**wrong))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert page.queued() == 0


@pytest.mark.parametrize("many", [0, 101])
def test_a_batch_has_one_to_a_hundred_events(page, many):
    assert page.tell(*(event(f"e{n}") for n in range(many))).status_code == 422


def test_a_batch_may_not_be_larger_than_64_kb(page):
    assert page.send("POST", content=b" " * 65_537).status_code == 413
    assert page.send("POST", content=b"{").status_code == 400


def test_too_many_requests_are_told_when_to_come_again(page):
    door, now = page.tenant.door, datetime.now(UTC)
    door.runtime.storage = Storage(door.runtime.resources, clock=lambda: now)
    answers = [page.tell(event(f"e{n}")).status_code for n in range(AT_ONCE)]
    assert set(answers) == {202}
    refused = page.tell(event("more"))
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["access-control-allow-origin"] == ORIGIN


def test_a_denial_and_a_repetition_are_counted(page):
    denied = event("e2", privacy={"analytics": True, "marketing": True, "sale_of_data": False})
    assert page.tell(event("e1"), event("e1"), denied).json() == {
        "accepted": 1,
        "duplicates": 1,
        "denied": 1,
        "off": 0,
    }
    assert page.day() == {"accepted": 0, "denied": 1, "duplicate": 1, "refused": 0}


def test_a_link_that_is_off_takes_nothing(page):
    link = page.tenant.made["link"]["id"]
    page.tenant.client.patch(f"/v1/links/{link}", json={"policy": {"customer_events": False}})
    assert page.tell(event()).json() == {"accepted": 0, "duplicates": 0, "denied": 0, "off": 1}
    assert page.tenant.client.get(f"/v1/links/{link}/customer-events").json()["on"] is False
    assert page.queued() == 0


def test_a_store_tells_events_from_its_server_too(page):
    path = f"/v1/stores/{page.store}/customer-events"
    assert page.tenant.client.post(path, json={"events": [event()]}).json()["accepted"] == 1
    assert page.tenant.client.post(path, json={"events": [event(name="clicked")]}).status_code == 422
    assert page.tell(event()).json()["duplicates"] == 1


def test_no_address_is_written_into_the_log(page, capsys):
    page.tell(event(email="ada@shop.example"))
    page.tell(event(email="ada@shop.example", name="clicked"))
    written = "".join(capsys.readouterr())
    assert "ada@" not in written
    assert json.dumps("ada") not in written
