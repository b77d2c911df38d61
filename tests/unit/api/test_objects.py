"""One object: where it stands, why it did not sync, carrying it again; and what a store app tells of it."""

import json
from typing import Any

import boto3
import pytest
from passerelle.memory import Act, Entry, EntryState, Incident
from passerelle.model import Kind, Severity
from sandbox.door import Door
from sandbox.tenants import Tenant


def queued(door: Door) -> list[dict[str, Any]]:
    url = door.runtime.resources.follow_queue_url
    messages = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


@pytest.fixture
def link(furnished: Tenant) -> str:
    return str(furnished.made["link"]["id"])


def test_an_object_tells_why_it_did_not_sync_and_what_was_done(furnished: Tenant, link: str) -> None:
    entry = Entry("7", EntryState.SKIPPED, reason="no_email", run="run_1")
    furnished.memory.ledger.record(link, Kind.CUSTOMERS, [entry])
    act = Act(Kind.CUSTOMERS, "7", link, "to_destination", "skipped", reason="no_email", run="run_1")
    furnished.memory.activities.record([act])
    told = furnished.client.get(f"/v1/links/{link}/customers/7").json()
    assert (told["state"], told["reason"]) == ("skipped", "no_email")
    assert [line["action"] for line in told["activity"]] == ["skipped"]


def test_an_object_never_seen_is_404(furnished: Tenant, link: str) -> None:
    assert furnished.client.get(f"/v1/links/{link}/customers/8").status_code == 404


def test_a_kind_that_is_none_is_named(furnished: Tenant, link: str) -> None:
    answer = furnished.client.get(f"/v1/links/{link}/unicorns/8")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "kind")


def test_an_object_is_carried_again_by_force(door: Door, furnished: Tenant, link: str) -> None:  # B-19
    answer = furnished.client.post(f"/v1/links/{link}/products/42/resync")
    assert answer.status_code == 202
    (message,) = queued(door)
    assert (message["feed"], message["object_id"], message["force"]) == (f"{link}.products", "42", True)


def _event(**changed: Any) -> dict[str, Any]:
    told = {"kind": "products", "id": "42", "topic": "product.updated", "event_id": "e1"}
    return told | {"occurred_at": "2026-06-01T12:00:00Z"} | changed


def test_an_app_tells_what_happened_and_a_duplicate_counts_once(  # F-3, F-11
    door: Door, furnished: Tenant
) -> None:
    path = f"/v1/stores/{furnished.made['shop']['id']}/events"
    first = furnished.post(path, events=[_event(), _event(), _event(id="43", event_id="e2")])
    assert (first["new"], first["duplicates"]) == (2, 1)
    again = furnished.post(path, events=[_event()])
    assert (again["new"], again["duplicates"]) == (0, 1)
    assert {message["object_id"] for message in queued(door)} == {"42", "43"}


@pytest.mark.parametrize(
    ("events", "field"),
    [
        ([], "events"),
        ([{"kind": "products"}] * 101, "events"),
        ([_event(kind="unicorns")], "events.0.kind"),
        ([_event(occurred_at="yesterday")], "events.0.occurred_at"),
        ([_event(occurred_at="2026-06-01T12:00:00")], "events.0.occurred_at"),
        ([_event(id="")], "events.0.id"),
        ([_event(), _event(price=3)], "events.1.price"),
    ],
)
def test_an_event_that_makes_no_sense_is_named(
    furnished: Tenant, events: list[Any], field: str
) -> None:  # F-11
    path = f"/v1/stores/{furnished.made['shop']['id']}/events"
    answer = furnished.client.post(path, json={"events": events})
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}


@pytest.fixture
def incident(furnished: Tenant, link: str) -> str:
    title, remedy = "The product 42 has no name", "Give it a name."
    cause = Incident(f"{link}:42", Severity.ERROR, title, remedy, link, Kind.PRODUCTS, "42")
    furnished.memory.incidents.open([cause, cause])
    return furnished.memory.incidents.id_of(f"{link}:42")


def test_one_cause_is_one_incident_with_a_count(furnished: Tenant, incident: str) -> None:  # E-7
    (shown,) = furnished.client.get("/v1/incidents").json()["items"]
    assert (shown["id"], shown["count"], shown["remedy"]) == (incident, 2, "Give it a name.")
    assert furnished.client.get("/v1/incidents", params={"severity": "info"}).json()["items"] == []


def test_retrying_an_incident_carries_its_object_again(  # E-8
    door: Door, furnished: Tenant, incident: str
) -> None:
    assert furnished.client.post(f"/v1/incidents/{incident}/retry").status_code == 202
    (message,) = queued(door)
    assert message["object_id"] == "42"
    assert furnished.client.get(f"/v1/incidents/{incident}").json()["status"] == "open"


def test_a_closed_incident_is_no_longer_listed_nor_retried(furnished: Tenant, incident: str) -> None:
    closed = furnished.client.post(f"/v1/incidents/{incident}/close").json()
    assert closed["status"] == "closed"
    assert furnished.client.get("/v1/incidents").json()["items"] == []
    assert furnished.client.post(f"/v1/incidents/{incident}/retry").json()["code"] == "not_open"
