"""Plans, and sync all from both sides of a link."""

from typing import Any

import httpx
import pytest
from sandbox.mall import Mall, toy
from sandbox.tenants import Tenant, client_of


@pytest.fixture
def link(reseller: Tenant, corner: Any, key: str) -> Any:
    return reseller.post(
        "/v1/catalogue-links", connection_key=key, store=corner["id"], preferences={"all": True}
    )


def plan(tenant: Tenant, store: Any, limit: int | None) -> httpx.Response:
    """The operator's request, signed with AWS IAM."""
    signed = {"Authorization": "AWS4-HMAC-SHA256 …".encode()}
    path = f"/v1/tenants/{tenant.id}/stores/{store['id']}"
    return client_of(tenant.door).patch(path, json={"product_limit": limit}, headers=signed)


def test_a_plan_is_the_operators_and_is_shown_with_what_is_taken(  # C-13 H-4
    mall: Mall, reseller: Tenant, corner: Any, link: Any
) -> None:
    assert (corner["product_limit"], corner["products_taken"]) == (None, None)
    mall.run(reseller, f"{link['id']}.products")
    assert plan(reseller, corner, 3).json()["products_taken"] == 2
    shown = reseller.client.get(f"/v1/stores/{corner['id']}").json()
    assert (shown["product_limit"], shown["products_taken"]) == (3, 2)
    refused = reseller.client.patch(f"/v1/stores/{corner['id']}", json={"product_limit": 9})
    assert refused.status_code == 422
    line = reseller.memory.audit.list().items[0]
    assert (line.actor, line.action, line.after) == (
        "operator",
        "store.plan_changed",
        {"product_limit": 3},
    )  # G-11


@pytest.mark.parametrize("limit", [-1, "many", 1.5])
def test_a_plan_that_makes_no_sense_is_refused(reseller: Tenant, corner: Any, limit: Any) -> None:
    assert plan(reseller, corner, limit).status_code == 422


def test_a_plan_that_is_full_lets_the_rest_go_on_and_says_how_many_wait(  # C-13
    mall: Mall, reseller: Tenant, corner: Any, link: Any
) -> None:
    feed = f"{link['id']}.products"
    assert plan(reseller, corner, 2).status_code == 200
    mall.run(reseller, feed)
    mall.shop("brand").stock(toy("kite"), toy("boat"), toy("car", title="New car"))
    run = mall.run(reseller, feed)
    assert (run.outcome, run.counts.updated, run.counts.skipped) == ("completed", 1, 2)
    assert len(mall.shop("corner").products) == 2
    (told,) = reseller.client.get("/v1/incidents").json()["items"]
    assert told["severity"] == "info"
    assert "2 wait" in told["title"]
    assert plan(reseller, corner, None).status_code == 200
    mall.run(reseller, feed)
    assert len(mall.shop("corner").products) == 4
    assert reseller.client.get("/v1/incidents").json()["items"] == []


def test_seats_that_a_dead_worker_took_come_free_with_the_next_full_run(  # C-13 B-7
    mall: Mall, reseller: Tenant, corner: Any, link: Any
) -> None:
    plan(reseller, corner, 2)
    reseller.memory.seats.take(corner["id"], 2, 2)
    run = mall.run(reseller, f"{link['id']}.products")
    assert run.counts.created == 2


def test_a_plan_is_shared_by_all_links_into_a_store_and_freed_by_those_that_end(  # C-13 C-11
    mall: Mall, reseller: Tenant, corner: Any, link: Any
) -> None:
    own = mall.open(reseller, "kiosk", toy("sled"), toy("drum"))
    other = reseller.post(
        "/v1/catalogue-links", main=own["id"], store=corner["id"], preferences={"all": True}
    )
    plan(reseller, corner, 3)
    mall.run(reseller, f"{link['id']}.products")
    assert mall.run(reseller, f"{other['id']}.products").counts.created == 1
    reseller.post(f"/v1/catalogue-links/{link['id']}/disconnect")
    assert reseller.client.get(f"/v1/stores/{corner['id']}").json()["products_taken"] == 1
    assert mall.run(reseller, f"{other['id']}.products").counts.created == 1


def test_a_mapping_by_hand_takes_a_seat(
    mall: Mall, reseller: Tenant, corner: Any, link: Any
) -> None:  # C-13 C-17
    plan(reseller, corner, 0)
    mall.run(reseller, f"{link['id']}.products")
    mall.shop("corner").stock(toy("c1"))
    path = f"/v1/catalogue-links/{link['id']}/mappings/car"
    answer = reseller.client.put(path, json={"product": "c1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_full")
    plan(reseller, corner, 1)
    assert reseller.client.put(path, json={"product": "c1"}).status_code == 200


# --- sync all --------------------------------------------------------------------------------------------


def sync_all(tenant: Tenant, store: Any, **headers: str) -> httpx.Response:
    return tenant.client.post(f"/v1/stores/{store['id']}/sync-all", json={}, headers=headers)


def test_a_main_store_reaches_every_active_dependent_and_a_failing_one_delays_no_other(  # C-14
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, key: str, link: Any
) -> None:
    kiosk = mall.open(reseller, "kiosk")
    ended = reseller.post("/v1/catalogue-links", connection_key=key, store=kiosk["id"])
    reseller.post(f"/v1/catalogue-links/{ended['id']}/disconnect")
    other = mall.merchant("Another")
    stall = mall.open(other, "stall")
    second = other.post("/v1/catalogue-links", connection_key=key, store=stall["id"])
    form = {"url": "https://corner.example", "key": "changed"}
    mall.shop("corner").key = "changed"
    mall.run(reseller, f"{link['id']}.products")
    items = sync_all(brand, main).json()["items"]
    assert [each["link"] for each in items] == [link["id"], second["id"]]
    failing, started = items
    assert (failing["sync_all"], failing["problem"]["code"]) == (None, "needs_reauth")
    assert (started["store"], started["problem"]) == ("stall", None)
    assert started["sync_all"].startswith("syn_")
    reseller.post(f"/v1/stores/{corner['id']}/authorize", credentials=form)
    assert [each["problem"] for each in sync_all(brand, main).json()["items"]] == [None, None]


def test_a_dependent_reaches_only_itself(  # C-14
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, key: str, link: Any
) -> None:
    other = mall.merchant("Another")
    other.post("/v1/catalogue-links", connection_key=key, store=mall.open(other, "stall")["id"])
    assert [each["link"] for each in sync_all(reseller, corner).json()["items"]] == [link["id"]]


def test_a_sync_all_with_a_key_is_started_once(reseller: Tenant, corner: Any, link: Any) -> None:  # F-8
    first = sync_all(reseller, corner, **{"Idempotency-Key": "boss"}).json()
    assert sync_all(reseller, corner, **{"Idempotency-Key": "boss"}).json() == first


def test_a_store_that_nothing_joins_has_nothing_to_sync(reseller: Tenant, corner: Any) -> None:
    answer = sync_all(reseller, corner)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_linked")


def test_one_link_is_synced_products_first(reseller: Tenant, link: Any) -> None:  # B-2
    begun = reseller.post(f"/v1/links/{link['id']}/sync-all")
    assert begun["feeds"] == [f"{link['id']}.products", f"{link['id']}.stock"]
