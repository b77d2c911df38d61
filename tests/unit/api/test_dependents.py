"""A main store and those it feeds: what its owner sees, how a link ends, and what comes back."""

from typing import Any

import pytest
from passerelle.model import ProductStatus
from sandbox.mall import Mall, toy
from sandbox.tenants import Tenant


@pytest.fixture
def link(reseller: Tenant, corner: Any, key: str) -> Any:
    wants = {"all": True, "stock": {"locations": {"m1": "1"}}}
    return reseller.post("/v1/catalogue-links", connection_key=key, store=corner["id"], preferences=wants)


def test_the_main_store_sees_what_each_dependent_receives_and_nothing_else_of_it(  # C-1 C-3
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, link: Any
) -> None:
    other = mall.open(reseller, "kiosk")
    reseller.post("/v1/catalogue-links", main=corner["id"], store=other["id"])
    (seen,) = brand.client.get(f"/v1/stores/{main['id']}/dependents").json()["items"]
    assert seen == {
        "link": link["id"],
        "name": "corner",
        "url": "https://corner.example",
        "since": seen["since"],
        "status": "active",
        "preferences": link["preferences"],
        "locations": [{"main": "m1", "dependent": "1"}],
    }
    assert reseller.client.get(f"/v1/stores/{main['id']}/dependents").status_code == 404  # G-4


def test_dependents_come_a_page_at_a_time(mall: Mall, brand: Tenant, main: Any, key: str) -> None:
    for name in "abc":
        tenant = mall.merchant(name)
        tenant.post("/v1/catalogue-links", connection_key=key, store=mall.open(tenant, name)["id"])
    path, names, cursor = f"/v1/stores/{main['id']}/dependents", [], ""
    while cursor is not None:
        page = brand.client.get(path, params={"limit": 2, "cursor": cursor}).json()
        names += [each["name"] for each in page["items"]]
        cursor = page["next"]
    assert names == ["a", "b", "c"]


def test_the_main_store_stops_feeding_and_the_products_stay(  # C-11 C-3
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, link: Any
) -> None:
    mall.run(reseller, f"{link['id']}.products")
    path = f"/v1/stores/{main['id']}/dependents/{link['id']}"
    assert brand.client.delete(path).status_code == 204
    assert brand.client.delete(path).status_code == 404
    shown = reseller.client.get(f"/v1/catalogue-links/{link['id']}").json()
    assert (shown["status"], shown["main"]) == ("disconnected", None)
    assert reseller.memory.schedules.list(link["id"]) == []
    assert len(mall.shop("corner").products) == 2
    refused = reseller.client.post(f"/v1/feeds/{link['id']}.products/runs", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "link_disconnected")
    assert "dependent.stopped" in {line.action for line in brand.memory.audit.list().items}  # G-11


@pytest.mark.parametrize("products", ["zero_stock", "draft"])
def test_what_a_link_brought_is_taken_back_even_if_its_main_store_is_gone(  # C-11
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, link: Any, products: str
) -> None:
    mall.run(reseller, f"{link['id']}.products")
    brand.client.delete(f"/v1/stores/{main['id']}/dependents/{link['id']}")
    assert brand.client.delete(f"/v1/stores/{main['id']}").status_code == 204
    ended = reseller.post(f"/v1/catalogue-links/{link['id']}/disconnect", products=products)
    run = mall.work(reseller, ended["run"]["id"])
    assert (run.outcome, run.counts.updated, run.trigger) == ("completed", 2, "disconnect")
    held = list(mall.shop("corner").products.values())
    if products == "draft":
        assert {each.status for each in held} == {ProductStatus.DRAFT}
    else:
        assert {variant.quantity for each in held for variant in each.variants} == {0}


def test_disconnecting_ends_what_flows_at_once(  # C-11 E-10
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, link: Any
) -> None:
    mall.run(reseller, f"{link['id']}.products")
    ended = reseller.post(f"/v1/catalogue-links/{link['id']}/disconnect", products="keep")
    assert (ended["link"]["status"], ended["run"]) == ("disconnected", None)
    assert reseller.memory.schedules.list(link["id"]) == []
    told = {"events": [{"kind": "products", "id": "car", "topic": "changed", "event_id": "e1"}]}
    heard = brand.client.post(f"/v1/stores/{main['id']}/events", json=told).json()
    assert heard["accepted"] == 0
    river = mall.door.runtime.river(reseller.id)
    scheduled = {"tenant": reseller.id, "feed": f"{link['id']}.products", "trigger": "schedule"}
    late = river.plan({**scheduled, "execution": "run_late"}, "", lambda: 900.0)
    assert late["status"] == "overlapped"
    (seen,) = brand.client.get(f"/v1/stores/{main['id']}/dependents").json()["items"]
    assert seen["status"] == "disconnected"


def test_events_of_the_main_store_reach_another_accounts_dependent(  # C-3 B-1
    brand: Tenant, main: Any, link: Any
) -> None:
    told = {"events": [{"kind": "products", "id": "car", "topic": "changed", "event_id": "e1"}]}
    assert brand.client.post(f"/v1/stores/{main['id']}/events", json=told).json()["accepted"] == 1


def test_a_link_that_is_running_is_not_taken_back_under_the_run(reseller: Tenant, link: Any) -> None:  # C-11
    run = reseller.post(f"/v1/feeds/{link['id']}.products/runs")
    path = f"/v1/catalogue-links/{link['id']}/disconnect"
    answer = reseller.client.post(path, json={"products": "draft"})
    assert (answer.status_code, answer.json()["code"]) == (409, "busy")
    assert run["id"] in answer.json()["remedy"]
    assert reseller.client.get(f"/v1/catalogue-links/{link['id']}").json()["status"] == "active"
    assert reseller.client.post(path, json={}).status_code == 202
    assert reseller.client.get(f"/v1/runs/{run['id']}").json()["cancelled"] is True  # B-10


def test_asking_twice_to_take_back_does_not_end_the_run_that_does_it(  # C-11
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, link: Any
) -> None:
    mall.run(reseller, f"{link['id']}.products")
    path = f"/v1/catalogue-links/{link['id']}/disconnect"
    ended = reseller.post(path, products="draft")
    assert reseller.post(path, products="draft")["run"]["id"] == ended["run"]["id"]
    assert reseller.client.post(path, json={"products": "zero_stock"}).status_code == 409
    assert brand.client.delete(f"/v1/stores/{main['id']}/dependents/{link['id']}").status_code == 204
    run = mall.work(reseller, ended["run"]["id"])
    assert (run.outcome, run.counts.updated) == ("completed", 2)


def test_what_is_being_taken_back_is_kept_once_its_owner_says_so(  # C-11
    mall: Mall, reseller: Tenant, link: Any
) -> None:
    mall.run(reseller, f"{link['id']}.products")
    path = f"/v1/catalogue-links/{link['id']}/disconnect"
    ended = reseller.post(path, products="draft")
    assert reseller.post(path, products="keep")["run"] is None
    assert mall.work(reseller, ended["run"]["id"]).outcome == "cancelled"


def test_reconnecting_restores_the_same_link_with_its_mappings_and_preferences(  # C-11
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, key: str, link: Any
) -> None:
    mall.run(reseller, f"{link['id']}.products")
    ended = reseller.post(f"/v1/catalogue-links/{link['id']}/disconnect", products="draft")
    mall.work(reseller, ended["run"]["id"])
    mall.shop("brand").stock(toy("kite"))
    again = reseller.post("/v1/catalogue-links", connection_key=key, store=corner["id"])
    assert again == link
    assert len(reseller.memory.schedules.list(link["id"])) == 2
    feed = reseller.client.get(f"/v1/feeds/{link['id']}.products").json()
    assert feed["first_full_at"] is None  # B-1
    run = mall.run(reseller, f"{link['id']}.products")
    assert (run.counts.created, run.counts.updated) == (1, 2)
    statuses = {each.title: each.status for each in mall.shop("corner").products.values()}
    assert statuses == dict.fromkeys(("Toy car", "Toy doll", "Toy kite"), ProductStatus.ACTIVE)


def test_a_run_that_takes_back_is_resumed_as_such(
    mall: Mall, reseller: Tenant, link: Any
) -> None:  # C-11 B-10
    mall.run(reseller, f"{link['id']}.products")
    ended = reseller.post(f"/v1/catalogue-links/{link['id']}/disconnect", products="draft")
    reseller.post(f"/v1/runs/{ended['run']['id']}/cancel")
    assert mall.work(reseller, ended["run"]["id"]).outcome == "cancelled"
    onward = reseller.post(f"/v1/runs/{ended['run']['id']}/resume")
    assert mall.work(reseller, onward["id"]).counts.updated == 2
    assert {each.status for each in mall.shop("corner").products.values()} == {ProductStatus.DRAFT}


# --- stores that go, or let nobody in --------------------------------------------------------------------


def test_a_main_store_is_not_taken_from_under_its_dependents(brand: Tenant, main: Any, link: Any) -> None:
    answer = brand.client.delete(f"/v1/stores/{main['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "store_in_use")
    assert f"dependents/{link['id']}" in answer.json()["remedy"]


def test_a_store_that_goes_leaves_no_key_and_no_invitation_behind(  # E-10
    brand: Tenant, reseller: Tenant, main: Any, corner: Any, key: str
) -> None:
    brand.post(f"/v1/stores/{main['id']}/invitations", url="corner.example")
    assert brand.client.delete(f"/v1/stores/{main['id']}").status_code == 204
    body = {"connection_key": key, "store": corner["id"]}
    assert reseller.client.post("/v1/catalogue-links", json=body).status_code == 403
    assert reseller.client.get("/v1/invitations").json()["items"] == []


def test_a_main_store_that_lets_nobody_in_pauses_its_dependents_and_no_longer(  # G-5
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, link: Any
) -> None:
    mall.shop("brand").key = "changed"
    run = mall.run(reseller, f"{link['id']}.products")
    assert run.outcome == "failed"
    assert brand.client.get(f"/v1/stores/{main['id']}").json()["status"] == "needs_reauth"
    assert reseller.memory.schedules.list(link["id"]) == []
    refused = reseller.client.post(f"/v1/feeds/{link['id']}.products/runs", json={})
    assert refused.json()["code"] == "needs_reauth"
    assert "Its owner" in refused.json()["remedy"]
    form = {"url": "https://brand.example", "key": "changed"}
    brand.post(f"/v1/stores/{main['id']}/authorize", credentials=form)
    assert len(reseller.memory.schedules.list(link["id"])) == 2


def test_a_shop_that_must_be_erased_leaves_its_dependents_in_order(  # F-7 C-11
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, link: Any
) -> None:
    told = {"events": [{"kind": "customers", "id": "1", "topic": "shop.redact", "event_id": "e1"}]}
    assert brand.client.post(f"/v1/stores/{main['id']}/events", json=told).is_success
    assert brand.client.get(f"/v1/stores/{main['id']}").status_code == 404
    shown = reseller.client.get(f"/v1/catalogue-links/{link['id']}").json()
    assert (shown["status"], shown["main"]) == ("disconnected", None)


def test_a_person_who_must_be_forgotten_is_no_matter_of_a_catalogue(  # F-7
    mall: Mall, reseller: Tenant, corner: Any
) -> None:
    other = mall.open(reseller, "kiosk")
    reseller.post("/v1/catalogue-links", main=corner["id"], store=other["id"])
    told = {"events": [{"kind": "customers", "id": "1", "topic": "customer.redact", "event_id": "e1"}]}
    assert reseller.client.post(f"/v1/stores/{corner['id']}/events", json=told).status_code == 202
