"""Connecting a store: what is tried, what is refused, what is kept."""

from collections.abc import Iterator

import pytest
from passerelle.runtime import Runtime
from passerelle.store.repositories import Storage
from sandbox.aws import emulated_aws
from sandbox.door import Door, runtime_over
from sandbox.mailchimp import Account
from sandbox.shopify import ALL_SCOPES, Shop
from sandbox.tenants import MAILCHIMP, SHOPIFY, Tenant, tenant_at

OTHER = {"shop": "other.myshopify.com", "access_token": "shpat_sandbox", "client_secret": "shpss_sandbox"}


@pytest.fixture
def other() -> Shop:
    return Shop("other.myshopify.com", number=2)


@pytest.fixture
def door(shop: Shop, other: Shop, account: Account) -> Iterator[Door]:
    origins = {shop.address: shop, other.address: other, MAILCHIMP: account}
    with emulated_aws() as resources:
        yield Door(runtime_over(resources, origins))


def test_a_connected_store_never_shows_its_credentials(furnished: Tenant) -> None:  # G-7
    shown = furnished.client.get("/v1/stores").text
    for secret in SHOPIFY["access_token"], SHOPIFY["client_secret"]:
        assert secret not in shown


def test_what_is_stored_of_credentials_is_unreadable(furnished: Tenant) -> None:  # G-7
    storage = furnished.door.runtime.storage
    items = storage.clients.dynamodb.scan(TableName=storage.resources.state_table)["Items"]
    assert items
    assert SHOPIFY["access_token"] not in str(items)
    assert furnished.memory.secrets.get(furnished.made["shop"]["id"]) == SHOPIFY


def test_an_unknown_platform_is_answered_with_the_known_ones(tenant: Tenant) -> None:
    answer = tenant.client.post("/v1/stores", json={"platform": "myspace", "credentials": {}})
    assert answer.status_code == 422
    assert "mailchimp" in answer.json()["errors"][0]["allowed"]


def test_wrong_credentials_are_refused_with_the_platforms_words_and_nothing_is_kept(tenant: Tenant) -> None:
    wrong = SHOPIFY | {"access_token": "shpat_wrong_one"}
    answer = tenant.client.post("/v1/stores", json={"platform": "shopify", "credentials": wrong})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "credentials_refused")
    assert told["detail"]
    assert told["remedy"]
    assert tenant.memory.stores.list() == []


def test_a_missing_permission_is_named(tenant: Tenant, shop: Shop) -> None:
    shop.tokens["shpat_sandbox"] = frozenset(set(ALL_SCOPES) - {"read_orders", "write_orders"})
    answer = tenant.client.post("/v1/stores", json={"platform": "shopify", "credentials": SHOPIFY})
    assert (answer.status_code, answer.json()["code"]) == (422, "permission_missing")
    assert "read_orders" in answer.json()["detail"]


def test_the_same_shop_is_not_connected_twice(furnished: Tenant) -> None:
    answer = furnished.client.post("/v1/stores", json={"platform": "shopify", "credentials": SHOPIFY})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_connected")
    assert furnished.made["shop"]["id"] in answer.json()["remedy"]


def test_authorising_with_another_shop_is_refused(furnished: Tenant) -> None:  # G-5
    store = furnished.made["shop"]["id"]
    answer = furnished.client.post(f"/v1/stores/{store}/authorize", json={"credentials": OTHER})
    assert (answer.status_code, answer.json()["code"]) == (409, "another_shop")
    assert furnished.memory.secrets.get(store) == SHOPIFY


def test_authorising_again_lets_the_schedules_run_again(furnished: Tenant, shop: Shop) -> None:  # G-5
    store, link = furnished.made["shop"]["id"], furnished.made["link"]["id"]
    furnished.memory.stores.change(store, status="needs_reauth")
    furnished.memory.schedules.delete_all(link)
    refused = furnished.client.post(f"/v1/links/{link}/sync-all", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "needs_reauth")
    shop.tokens["shpat_fresh_one"] = frozenset(ALL_SCOPES)
    fresh = {"credentials": SHOPIFY | {"access_token": "shpat_fresh_one"}}
    answer = furnished.client.post(f"/v1/stores/{store}/authorize", json=fresh)
    assert answer.json()["status"] == "connected"
    assert f"{link}.products" in furnished.memory.schedules.list(link)


def test_a_store_with_links_is_not_disconnected(furnished: Tenant) -> None:
    answer = furnished.client.delete(f"/v1/stores/{furnished.made['shop']['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "store_in_use")


def test_a_disconnected_store_leaves_nothing_behind(tenant: Tenant, shop: Shop) -> None:
    store = tenant.post("/v1/stores", platform="shopify", credentials=SHOPIFY)
    connector = tenant.door.runtime.connector(tenant.id, store["id"])
    assert connector.subscriptions()
    assert tenant.client.delete(f"/v1/stores/{store['id']}").status_code == 204
    assert connector.subscriptions() == []
    assert tenant.client.get(f"/v1/stores/{store['id']}").status_code == 404
    with pytest.raises(KeyError):
        tenant.memory.secrets.get(store["id"])


def test_a_store_is_renamed_and_its_settings_are_checked(furnished: Tenant) -> None:  # G-11
    path = f"/v1/stores/{furnished.made['shop']['id']}"
    changed = furnished.client.patch(path, json={"name": "Till", "settings": {"image_format": "webp"}}).json()
    assert (changed["name"], changed["settings"]) == ("Till", {"image_format": "webp"})
    wrong = furnished.client.patch(path, json={"settings": {"image_format": "bmp"}})
    assert wrong.json()["errors"][0]["field"] == "settings.image_format"
    assert "store.changed" in {line.action for line in furnished.memory.audit.list().items}


def test_audiences_and_order_statuses_are_read_from_the_platform(furnished: Tenant, account: Account) -> None:
    made = furnished.made
    (audience,) = furnished.client.get(f"/v1/stores/{made['account']['id']}/audiences").json()["items"]
    assert audience["id"] in account.audiences
    statuses = furnished.client.get(f"/v1/stores/{made['shop']['id']}/order-statuses").json()["items"]
    assert "paid" in {status["key"] for status in statuses}
    none = furnished.client.get(f"/v1/stores/{made['shop']['id']}/audiences")
    assert (none.status_code, none.json()["code"]) == (422, "not_offered")


def test_a_tenants_first_key_opens_what_it_says(door: Door) -> None:
    tenant = tenant_at(door)
    assert tenant.bearing("read").get("/v1/stores").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1",
        "https://127.0.0.1:8443/shop",
        "https://[::1]",
        "https://localhost",
        "http://169.254.169.254/latest/meta-data",
        "https://10.1.2.3",
        "https://192.168.1.10",
        "https://[::ffff:10.0.0.1]",
        "https://2130706433",
    ],
)
def test_a_private_address_is_refused_before_anything_is_kept(address: str) -> None:  # G-9
    with emulated_aws() as resources:
        # The real network: names are looked up, and nothing is called.
        tenant = tenant_at(Door(Runtime(Storage(resources))))
        form = {"url": address, "key": "A" * 32}
        answer = tenant.client.post("/v1/stores", json={"platform": "prestashop", "credentials": form})
        assert answer.status_code == 422
        told = answer.json()
        assert told["code"] == "address_refused"
        assert told["remedy"]
        assert tenant.memory.stores.list() == []
