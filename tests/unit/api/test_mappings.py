"""Saying by hand which product is which."""

from dataclasses import replace
from typing import Any

import pytest
from passerelle.memory import EntryState
from passerelle.model import Kind
from sandbox.mall import Mall, toy
from sandbox.tenants import Tenant


@pytest.fixture
def path(mall: Mall, reseller: Tenant, corner: Any, key: str) -> str:
    """A link that matches only: the car is known by its SKU, the others are unknown, several, or nameless."""
    mall.shop("brand").stock(toy("kite", "K-1"), toy("ball", "-", title="Red ball"), toy("boat"))
    mall.shop("corner").stock(
        toy("c1", "CAR", title="Voiture"),
        toy("c2", "K-1", title="Kite"),
        toy("c3", "K-1", title="Kite of paper"),
        toy("c4", "B-9", title="Ball red"),
    )
    made = reseller.post("/v1/catalogue-links", connection_key=key, store=corner["id"])
    mall.run(reseller, f"{made['id']}.products")
    return f"/v1/catalogue-links/{made['id']}"


def unmapped(tenant: Tenant, path: str, **params: Any) -> dict[str, Any]:
    items = tenant.client.get(f"{path}/unmapped", params=params).json()["items"]
    return {each["product"]: each for each in items}


def put(tenant: Tenant, path: str, id: str, /, **body: Any) -> Any:
    return tenant.client.put(f"{path}/mappings/{id}", json=body)


def test_what_could_not_be_matched_is_listed_with_why_and_what_it_may_be(  # C-5 C-17
    reseller: Tenant, path: str
) -> None:
    listed = unmapped(reseller, path)
    assert {id: each["reason"] for id, each in listed.items()} == {
        "ball": "sku_missing",
        "boat": "no_match",
        "doll": "no_match",
        "kite": "sku_ambiguous",
    }
    assert "c2" in listed["kite"]["why"]
    assert "c3" in listed["kite"]["why"]
    assert [(each["product"], each["by"]) for each in listed["kite"]["suggestions"]] == [
        ("c2", "sku"),
        ("c3", "sku"),
    ]
    assert [(each["product"], each["by"]) for each in listed["ball"]["suggestions"]] == [("c4", "title")]
    assert listed["ball"]["suggestions"][0]["likeness"] == 1.0
    assert (listed["boat"]["title"], listed["boat"]["skus"]) == ("Toy boat", ["BOAT"])


def test_two_products_for_one_are_listed_and_the_one_that_has_it_is_named(  # C-5 C-17
    mall: Mall, reseller: Tenant, path: str
) -> None:
    c1 = mall.shop("corner").products["c1"]
    both = (*c1.variants, replace(c1.variants[0], id="c1.2", sku="BUS"))
    mall.shop("corner").stock(replace(c1, variants=both))
    mall.shop("brand").stock(toy("bus"))
    mall.run(reseller, f"{path.rpartition('/')[2]}.products")
    listed = unmapped(reseller, path)["bus"]
    assert listed["reason"] == "match_split"
    assert "car" in listed["why"]
    assert "c1" not in {each["product"] for each in listed["suggestions"]}
    reseller.client.delete(f"{path}/mappings/car")
    assert put(reseller, path, "bus", product="c1", variants={"bus.1": "c1.2"}).status_code == 200
    assert put(reseller, path, "car", product="c1").json()["code"] == "counterpart_taken"


def test_unmapped_products_come_a_page_at_a_time(reseller: Tenant, path: str) -> None:  # C-17
    seen, cursor = [], ""
    while cursor is not None:
        page = reseller.client.get(f"{path}/unmapped", params={"limit": 1, "cursor": cursor}).json()
        assert len(page["items"]) <= 1
        seen += [each["product"] for each in page["items"]]
        cursor = page["next"]
    assert seen == ["ball", "boat", "doll", "kite"]
    strange = reseller.client.get(f"{path}/mappings", params={"cursor": "abc"})
    assert (strange.status_code, strange.json()["errors"][0]["field"]) == (422, "cursor")


def test_what_the_main_store_took_away_or_has_matched_since_is_not_listed(  # C-17
    mall: Mall, reseller: Tenant, path: str
) -> None:
    del mall.shop("brand").products["boat"]
    mall.shop("corner").stock(toy("c5", "DOLL"))
    assert set(unmapped(reseller, path)) == {"ball", "kite"}


def test_a_product_that_is_mapped_by_hand_is_synced_at_once_and_from_then_on(  # C-17
    mall: Mall, reseller: Tenant, path: str
) -> None:
    told = put(reseller, path, "kite", product="c3")
    assert told.status_code == 200
    assert (told.json()["counterpart"], told.json()["variants"]) == ("c3", {"kite.1": "c3.1"})
    assert "kite" not in unmapped(reseller, path)
    mapped = reseller.client.get(f"{path}/mappings").json()["items"]
    assert {each["product"]: each["counterpart"] for each in mapped} == {"car": "c1", "kite": "c3"}
    mall.run(reseller, f"{path.rpartition('/')[2]}.products")
    assert mall.shop("corner").products["c3"].title == "Toy kite"
    assert mall.shop("corner").products["c2"].title == "Kite"
    line = next(each for each in reseller.memory.audit.list().items if each.action == "product.mapped")
    assert line.after == {"product": "kite", "counterpart": "c3"}  # G-11


def test_a_mapping_by_hand_closes_what_was_open_of_the_product(reseller: Tenant, path: str) -> None:  # E-7
    def open_() -> set[str]:
        return {each["object_id"] for each in reseller.client.get("/v1/incidents").json()["items"]}

    assert open_() == {"ball", "kite"}
    put(reseller, path, "kite", product="c3")
    assert open_() == {"ball"}


def test_a_product_is_one_counterpart_only(reseller: Tenant, path: str) -> None:  # C-17
    answer = put(reseller, path, "doll", product="c1")
    assert (answer.status_code, answer.json()["code"]) == (409, "counterpart_taken")
    assert "car" in answer.json()["title"]
    assert "mappings/car" in answer.json()["remedy"]
    assert put(reseller, path, "car", product="c1").status_code == 200


def test_a_counterpart_over_another_link_is_taken_too(  # C-17
    mall: Mall, reseller: Tenant, corner: Any, path: str
) -> None:
    own = mall.open(reseller, "kiosk", toy("sled"))
    other = reseller.post("/v1/catalogue-links", main=own["id"], store=corner["id"])
    answer = put(reseller, f"/v1/catalogue-links/{other['id']}", "sled", product="c1")
    assert (answer.status_code, answer.json()["code"]) == (409, "counterpart_taken")
    assert path.rpartition("/")[2] in answer.json()["title"]


@pytest.mark.parametrize(
    ("body", "field", "allowed"),
    [
        ({"product": "c9"}, "product", "dependent"),
        ({"product": "c3", "variants": {"kite.9": "c3.1"}}, "variants", "kite.1"),
        ({"product": "c3", "variants": {"kite.1": "c3.9"}}, "variants", "c3.1"),
        ({"product": "c3", "variant": {}}, "variant", "variants"),
        ({}, "product", "required"),
    ],
)
def test_what_is_not_there_is_named(
    reseller: Tenant, path: str, body: Any, field: str, allowed: str
) -> None:  # C-17
    answer = put(reseller, path, "kite", **body)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert allowed in error["allowed"]


def test_a_product_that_the_main_store_has_not_is_not_mapped(reseller: Tenant, path: str) -> None:
    assert put(reseller, path, "yacht", product="c3").status_code == 404
    assert reseller.client.delete(f"{path}/mappings/yacht").status_code == 404


def test_an_unmapped_product_stays_there_and_is_matched_no_more(  # C-17
    mall: Mall, reseller: Tenant, path: str
) -> None:
    link = path.rpartition("/")[2]
    for _ in range(2):
        assert reseller.client.delete(f"{path}/mappings/car").status_code == 204
    mall.shop("brand").stock(toy("car", title="Other car"))
    run = mall.run(reseller, f"{link}.products")
    assert run.reasons(reseller.memory.runs.slices(run.id))["unmapped_by_hand"] == 1
    assert mall.shop("corner").products["c1"].title == "Toy car"
    variant = reseller.memory.ledger.read(link, Kind.VARIANTS, ["car.1"])["car.1"]
    assert variant.state is EntryState.GONE
    listed = unmapped(reseller, path)["car"]
    assert listed["reason"] == "unmapped_by_hand"
    assert next(each["product"] for each in listed["suggestions"]) == "c1"
    assert put(reseller, path, "car", product="c1").status_code == 200
    mall.run(reseller, f"{link}.products")
    assert mall.shop("corner").products["c1"].title == "Other car"


def test_a_product_that_changes_its_counterpart_leaves_the_old_one(  # C-17
    reseller: Tenant, path: str
) -> None:
    link = path.rpartition("/")[2]
    assert put(reseller, path, "car", product="c4", variants={}).status_code == 200
    variant = reseller.memory.ledger.read(link, Kind.VARIANTS, ["car.1"])["car.1"]
    assert variant.state is EntryState.GONE
    assert put(reseller, path, "car", product="c4").json()["variants"] == {"car.1": "c4.1"}
    variant = reseller.memory.ledger.read(link, Kind.VARIANTS, ["car.1"])["car.1"]
    assert (variant.state, variant.destination_id) == (EntryState.MAPPED, "c4:c4.1")


def test_nothing_is_mapped_under_a_run(reseller: Tenant, path: str) -> None:
    run = reseller.post(f"/v1/feeds/{path.rpartition('/')[2]}.products/runs")
    for answer in (
        put(reseller, path, "kite", product="c3"),
        reseller.client.delete(f"{path}/mappings/car"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "still_running")
        assert run["id"] in answer.json()["remedy"]


def test_the_main_stores_owner_maps_nothing(brand: Tenant, path: str) -> None:  # C-1
    for method, where in (("GET", "unmapped"), ("GET", "mappings"), ("DELETE", "mappings/car")):
        assert brand.client.request(method, f"{path}/{where}").status_code == 403
    assert put(brand, path, "kite", product="c3").status_code == 403
