"""An act with an Idempotency-Key is done once."""

import pytest
from passerelle.api.app import build
from passerelle.api.description import described
from sandbox.door import Door
from sandbox.tenants import Tenant, tenant_at

KEY = {"Idempotency-Key": "order-of-the-boss-1"}


@pytest.fixture
def path(furnished: Tenant) -> str:
    return f"/v1/links/{furnished.made['link']['id']}/sync-all"


def test_the_same_key_and_body_does_nothing_and_answers_the_same(furnished: Tenant, path: str) -> None:  # F-8
    first = furnished.client.post(path, json={"mode": "all"}, headers=KEY)
    again = furnished.client.post(path, json={"mode": "all"}, headers=KEY)
    assert again.status_code == first.status_code == 202
    assert again.json() == first.json()


def test_without_a_key_each_request_is_an_act(furnished: Tenant, path: str) -> None:
    ids = {furnished.client.post(path, json={}).json()["id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize("other", ["body", "path"])
def test_the_same_key_for_something_else_is_refused(furnished: Tenant, path: str, other: str) -> None:  # F-8
    furnished.client.post(path, json={"mode": "all"}, headers=KEY)
    elsewhere = path if other == "body" else f"/v1/feeds/{furnished.made['link']['id']}.customers/runs"
    answer = furnished.client.post(elsewhere, json={"mode": "new"}, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_an_act_that_failed_may_be_tried_again_with_its_key(furnished: Tenant, path: str) -> None:
    feed = f"/v1/feeds/{furnished.made['link']['id']}.products/runs"
    busy = furnished.client.post(feed, json={"mode": "new"}, headers=KEY)
    assert busy.status_code == 409
    run = furnished.memory.runs.get(furnished.made["run"]["id"])
    furnished.memory.runs.save(run.but(status="finished", outcome="completed"))
    furnished.memory.lease.release(run.feed, run.id, run.fence)
    assert furnished.client.post(feed, json={"mode": "new"}, headers=KEY).status_code == 202


def test_keys_of_two_tenants_do_not_meet(door: Door, furnished: Tenant, path: str) -> None:  # G-4
    furnished.client.post(path, json={}, headers=KEY)
    stranger = tenant_at(door)
    body = {"source": "a", "destination": "b", "audience": "c"}
    answer = stranger.client.post("/v1/links", json=body, headers=KEY)
    assert answer.json()["code"] == "no_such_store"


def test_every_manual_trigger_takes_a_key() -> None:  # F-8
    paths = described(build())["paths"]
    ends = (
        "/runs",
        "/sync-all",
        "/cancel",
        "/resume",
        "/resync",
        "/retry",
        "/close",
        "/disconnect",
        "/accept",
    )
    triggers = [told["post"] for path, told in paths.items() if path.endswith(ends) and "post" in told]
    assert len(triggers) == len(ends) + 1  # a link and a store are both synced whole
    for trigger in triggers:
        named = {parameter["name"].lower() for parameter in trigger["parameters"]}
        assert "idempotency-key" in named
