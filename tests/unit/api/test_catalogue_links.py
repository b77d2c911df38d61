"""Linking a dependent store to a main store: by whom, to what, on which terms."""

from typing import Any

import pytest
from sandbox.mall import Mall
from sandbox.tenants import Tenant


def link(tenant: Tenant, **body: Any) -> Any:
    return tenant.client.post("/v1/catalogue-links", json=body)


# --- the key ---------------------------------------------------------------------------------------------


def test_a_connection_key_links_two_accounts_at_once(  # C-2 C-3
    mall: Mall, reseller: Tenant, brand: Tenant, main: Any, corner: Any, key: str
) -> None:
    answer = link(reseller, connection_key=key, store=corner["id"])
    made = answer.json()
    assert answer.status_code == 201
    assert (made["store"], made["status"], made["idle"]) == (corner["id"], "active", False)
    assert made["main"] == {
        "store": "",
        "name": "brand",
        "url": "https://brand.example",
        "platform": "toyshop",
        "currency": "EUR",
    }
    assert sorted(made["feeds"]) == [f"{made['id']}.products", f"{made['id']}.stock"]
    assert sorted(reseller.memory.schedules.list(made["id"])) == sorted(made["feeds"])
    assert [each.link for each in brand.memory.dependents.of(main["id"])] == [made["id"]]
    assert mall.shop("brand").webhooks == [main["hook_url"]]
    assert brand.client.get("/v1/catalogue-links").json()["items"] == []


def test_the_same_key_and_store_are_the_same_link(reseller: Tenant, corner: Any, key: str) -> None:  # C-2
    first = link(reseller, connection_key=key, store=corner["id"]).json()
    again = link(reseller, connection_key=key, store=corner["id"], preferences={"all": True})
    assert (again.status_code, again.json()) == (201, first)
    assert len(reseller.memory.links.list()) == 1


def test_a_key_is_shown_as_it_is_and_only_to_who_may_change_things(
    brand: Tenant, main: Any, key: str
) -> None:
    path = f"/v1/stores/{main['id']}/connection-key"
    assert brand.client.get(path).json() == {"store": main["id"], "key": key}
    assert brand.bearing("read", "sync").get(path).status_code == 403
    assert "connection_key.created" in {line.action for line in brand.memory.audit.list().items}  # G-11


def test_a_rotated_key_is_refused_in_words_and_its_links_stay(  # C-2
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, key: str
) -> None:
    made = link(reseller, connection_key=key, store=corner["id"]).json()
    fresh = brand.post(f"/v1/stores/{main['id']}/connection-key/rotate")["key"]
    other = mall.open(reseller, "kiosk")
    refused = link(reseller, connection_key=key, store=other["id"])
    assert (refused.status_code, refused.json()["code"]) == (403, "connection_key_refused")
    assert "replaced" in refused.json()["title"]
    assert link(reseller, connection_key=fresh, store=other["id"]).status_code == 201
    assert reseller.client.get(f"/v1/catalogue-links/{made['id']}").json()["status"] == "active"


@pytest.mark.parametrize("wrong", ["connect_", "connect_nobodys", "psk_else"])
def test_a_wrong_key_is_refused_in_words(reseller: Tenant, corner: Any, wrong: str) -> None:  # C-2
    answer = link(reseller, connection_key=wrong, store=corner["id"])
    assert (answer.status_code, answer.json()["code"]) == (403, "connection_key_refused")
    assert "owner" in answer.json()["remedy"]


def test_a_store_of_ones_own_needs_no_key(mall: Mall, reseller: Tenant, corner: Any) -> None:
    other = mall.open(reseller, "kiosk")
    made = link(reseller, main=corner["id"], store=other["id"]).json()
    assert made["main"]["store"] == corner["id"]


def test_anothers_store_is_not_linked_by_its_id(reseller: Tenant, main: Any, corner: Any) -> None:  # C-3 G-4
    answer = link(reseller, main=main["id"], store=corner["id"])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "main")


@pytest.mark.parametrize("ends", [{}, {"main": "str_1", "connection_key": "connect_1"}])
def test_exactly_one_main_store_is_named(reseller: Tenant, corner: Any, ends: dict[str, str]) -> None:
    assert link(reseller, store=corner["id"], **ends).status_code == 422


# --- circles ---------------------------------------------------------------------------------------------


def test_a_store_is_not_linked_to_itself(  # C-12
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, key: str
) -> None:
    answer = link(brand, main=main["id"], store=main["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "cycle")
    assert "itself" in answer.json()["title"]
    twin = mall.connect(reseller, "brand")
    assert link(reseller, connection_key=key, store=twin["id"]).json()["code"] == "cycle"


def test_a_circle_through_another_account_is_refused_with_the_way_and_no_foreign_name(  # C-12 C-3
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, key: str
) -> None:
    link(reseller, connection_key=key, store=corner["id"])
    third = mall.merchant("A third")
    kiosk = mall.open(third, "kiosk")
    link(third, connection_key=mall.key(reseller, corner), store=kiosk["id"])
    answer = link(brand, connection_key=mall.key(third, kiosk), store=main["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "cycle")
    another = "a store of another account"
    assert answer.json()["detail"].endswith(f": {another} → brand → {another} → {another}.")
    assert "corner" not in answer.text
    assert "kiosk" not in answer.text
    assert brand.memory.links.list() == []


def test_a_circle_is_found_although_a_shop_is_connected_twice(  # C-12
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, key: str
) -> None:
    link(reseller, connection_key=key, store=corner["id"])
    third = mall.merchant("A third")
    twin = mall.connect(third, "corner")
    answer = link(brand, connection_key=mall.key(third, twin), store=main["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "cycle")


def test_a_circle_that_was_opened_is_none(mall: Mall, reseller: Tenant, corner: Any) -> None:  # C-12
    other = mall.open(reseller, "kiosk")
    made = link(reseller, main=corner["id"], store=other["id"]).json()
    assert link(reseller, main=other["id"], store=corner["id"]).status_code == 409
    reseller.post(f"/v1/catalogue-links/{made['id']}/disconnect")
    assert link(reseller, main=other["id"], store=corner["id"]).status_code == 201
    assert link(reseller, main=corner["id"], store=other["id"]).status_code == 409


def test_of_two_halves_of_a_circle_that_are_linked_at_once_not_both_stay(  # C-12
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, key: str
) -> None:
    back = {"connection_key": mall.key(reseller, corner), "store": main["id"]}
    mall.shop("corner").meanwhile.append(lambda: link(brand, **back))
    answer = link(reseller, connection_key=key, store=corner["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "cycle")
    (half,) = reseller.memory.links.list()
    assert half.status == "disconnected"
    assert reseller.memory.schedules.list(half.id) == []
    assert [each.status for each in brand.memory.links.list()] == ["active"]


def test_a_pair_that_is_linked_twice_at_once_is_one_link(  # C-2
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, key: str
) -> None:
    body = {"connection_key": key, "store": corner["id"]}
    others: list[str] = []
    mall.shop("corner").meanwhile.append(lambda: others.append(link(reseller, **body).json()["id"]))
    assert link(reseller, **body).json()["id"] == others[0]
    assert [each.id for each in reseller.memory.links.list()] == others
    assert [each.link for each in brand.memory.dependents.of(main["id"])] == others
    assert len(reseller.memory.schedules.list()) == 2


# --- preferences -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preferences", "field", "allowed"),
    [
        ({"stock": {"locations": {"m9": "1"}}}, "preferences.stock.locations", "m1 (Warehouse)"),
        ({"stock": {"locations": {"m1": "9"}}}, "preferences.stock.locations", "1 (Shop)"),
        ({"stock": {"default": "9"}}, "preferences.stock.default", "1 (Shop)"),
        ({"stock": {"buffer": -1}}, "preferences.stock.buffer", "0"),
        ({"prices": {"factor": 0}}, "preferences.prices.factor", "0"),
        ({"prices": {"currency": "USD"}}, "preferences.prices.currency", "EUR"),
        ({"prices": {"rounding": "sideways"}}, "preferences.prices.rounding", "ending_99"),
        ({"at_update": ["price"]}, "preferences.at_update", "title"),
        ({"at_create": ["quantity"]}, "preferences.at_create", "title"),
        ({"gone": "burn"}, "preferences.gone", "draft"),
        ({"everything": True}, "preferences.everything", "matched"),
    ],
)
def test_a_preference_that_makes_no_sense_is_named_with_what_would(
    reseller: Tenant, corner: Any, key: str, preferences: Any, field: str, allowed: str
) -> None:
    answer = link(reseller, connection_key=key, store=corner["id"], preferences=preferences)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert allowed in error["allowed"]
    assert reseller.memory.links.list() == []


def test_two_currencies_need_a_price_rule_unless_no_price_is_told(  # C-16
    mall: Mall, reseller: Tenant, key: str
) -> None:
    abroad = mall.open(reseller, "abroad", currency="USD")["id"]
    refused = link(reseller, connection_key=key, store=abroad)
    assert (refused.status_code, refused.json()["code"]) == (422, "currency_differs")
    assert "USD" in refused.json()["errors"][0]["allowed"]
    made = link(reseller, connection_key=key, store=abroad, preferences={"price": False}).json()
    path = f"/v1/catalogue-links/{made['id']}"
    assert reseller.client.patch(path, json={"preferences": {"all": True}}).status_code == 422
    rule = {"prices": {"currency": "usd", "factor": "1.08", "rounding": "ending_99"}, "price": True}
    kept = reseller.client.patch(path, json={"preferences": rule}).json()["preferences"]
    assert kept["prices"] == {
        "factor": "1.08",
        "currency": "USD",
        "rounding": "ending_99",
        "tax_rate": None,
    }


def test_prices_with_tax_and_without_need_a_rate(mall: Mall, reseller: Tenant, key: str) -> None:  # C-16
    net = mall.open(reseller, "net", tax_included=False)["id"]
    refused = link(reseller, connection_key=key, store=net)
    assert (refused.status_code, refused.json()["code"]) == (422, "tax_rate_missing")
    rate = {"prices": {"tax_rate": 20}}
    assert link(reseller, connection_key=key, store=net, preferences=rate).status_code == 201


def test_what_is_left_out_of_a_change_stays(reseller: Tenant, corner: Any, key: str) -> None:  # C-4
    told = {"all": True, "gone": "zero_stock", "stock": {"locations": {"m1": "1", "m2": "1"}, "buffer": 2}}
    made = link(reseller, connection_key=key, store=corner["id"], preferences=told).json()
    path = f"/v1/catalogue-links/{made['id']}"
    changed = reseller.client.patch(path, json={"preferences": {"price": False}}).json()["preferences"]
    assert changed == made["preferences"] | {"price": False}
    line = reseller.memory.audit.list().items[0]
    assert (line.action, line.target) == ("link.changed", made["id"])  # G-11


def test_everything_off_is_idle_and_no_error(reseller: Tenant, corner: Any, key: str) -> None:  # C-4
    off = {"all": False, "matched": False, "quantity": False, "price": False}
    answer = link(reseller, connection_key=key, store=corner["id"], preferences=off)
    assert (answer.status_code, answer.json()["idle"]) == (201, True)


def test_the_main_stores_owner_sets_no_preferences_and_is_told_who_does(  # C-1
    mall: Mall, brand: Tenant, reseller: Tenant, main: Any, corner: Any, key: str
) -> None:
    made = link(reseller, connection_key=key, store=corner["id"]).json()
    path = f"/v1/catalogue-links/{made['id']}"
    answer = brand.client.patch(path, json={"preferences": {"all": True}})
    assert (answer.status_code, answer.json()["code"]) == (403, "dependent_decides")
    assert f"/v1/stores/{main['id']}/dependents" in answer.json()["remedy"]
    assert brand.client.post(f"{path}/disconnect", json={}).status_code == 403
    assert reseller.client.get(path).json() == made
    assert mall.merchant("Nobody").client.patch(path, json={}).status_code == 404


def test_terms_tell_what_preferences_may_name(reseller: Tenant, corner: Any, key: str) -> None:  # C-7
    made = link(reseller, connection_key=key, store=corner["id"]).json()
    terms = reseller.client.get(f"/v1/catalogue-links/{made['id']}/terms").json()
    assert [each["id"] for each in terms["main"]["locations"]] == ["m1", "m2"]
    assert terms["dependent"]["currency"] == "EUR"


# --- settings --------------------------------------------------------------------------------------------


def test_another_accounts_store_is_read_by_its_words_and_pictures_only(  # C-3
    mall: Mall, reseller: Tenant, brand: Tenant, corner: Any, key: str
) -> None:
    mall.shop("brand").languages = ("fr", "en")
    body = {"connection_key": key, "store": corner["id"]}
    refused = link(reseller, **body, source_settings={"branch": 2})
    assert refused.json()["errors"][0]["field"] == "source_settings.branch"
    silent = link(reseller, **body, source_settings={"language": "de"})
    assert (silent.status_code, silent.json()["errors"][0]["allowed"]) == (422, "one of: fr, en")
    unknown = link(reseller, **body, settings={"colour": "red"})
    assert unknown.json()["errors"][0]["field"] == "settings.colour"
    made = link(reseller, **body, source_settings={"language": "en"}).json()
    assert made["source_settings"] == {"language": "en"}


def test_platforms_that_cannot_are_refused(  # C-2
    mall: Mall, reseller: Tenant, corner: Any, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = mall.street.OFFERS
    for verb, field in (("terms", "connection_key"), ("push", "store")):
        fewer = {kind: frozenset(each for each in verbs if each != verb) for kind, verbs in offers.items()}
        monkeypatch.setattr(mall.street, "OFFERS", fewer)
        answer = link(reseller, connection_key=key, store=corner["id"])
        assert (answer.status_code, answer.json()["code"]) == (422, "not_offered")
        assert answer.json()["errors"][0]["field"] == field


def test_a_store_that_lets_nobody_in_is_not_linked(
    mall: Mall, reseller: Tenant, corner: Any, key: str
) -> None:
    mall.shop("brand").key = "changed"
    answer = link(reseller, connection_key=key, store=corner["id"])
    assert (answer.status_code, answer.json()["code"]) == (422, "credentials_refused")


# --- the lists that were there before --------------------------------------------------------------------


def test_a_catalogue_link_is_in_the_lists_and_has_no_policy_of_consent(
    reseller: Tenant, corner: Any, key: str
) -> None:
    made = link(reseller, connection_key=key, store=corner["id"]).json()
    path = f"/v1/links/{made['id']}"
    shown = reseller.client.get(path).json()
    assert (shown["kind"], shown["audience"]) == ("catalogue", "")
    assert [each["kind"] for each in reseller.client.get("/v1/feeds").json()["items"]] == [
        "products",
        "stock",
    ]
    refused = reseller.client.patch(path, json={"policy": {"correct_store": False}})
    assert (refused.status_code, refused.json()["code"]) == (409, "catalogue_link")
    assert f"/v1/catalogue-links/{made['id']}" in refused.json()["remedy"]
    ahead = reseller.client.post(f"{path}/preflight", json={}).json()
    assert {feed["kind"]: feed["objects"] for feed in ahead["feeds"]} == {"products": 2, "stock": 2}  # B-3
    assert reseller.client.post(f"{path}/products/car/resync", json={}).status_code == 202
    assert reseller.client.get(f"{path}/consent-preview").status_code == 404


def test_a_feed_of_a_catalogue_goes_off_and_on_with_its_schedule(  # E-10
    reseller: Tenant, corner: Any, key: str
) -> None:
    made = link(reseller, connection_key=key, store=corner["id"]).json()
    feed = f"/v1/feeds/{made['id']}.stock"
    for enabled, schedules in ((False, 1), (True, 2)):
        assert reseller.client.patch(feed, json={"enabled": enabled}).json()["enabled"] is enabled
        assert len(reseller.memory.schedules.list(made["id"])) == schedules


def test_a_deleted_link_is_forgotten_at_the_main_store_too(  # E-10
    brand: Tenant, reseller: Tenant, main: Any, corner: Any, key: str
) -> None:
    made = link(reseller, connection_key=key, store=corner["id"]).json()
    assert reseller.client.delete(f"/v1/links/{made['id']}").status_code == 204
    assert list(brand.memory.dependents.of(main["id"])) == []
    assert reseller.memory.schedules.list() == []
