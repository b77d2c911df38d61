"""The way of a store app, from a key to a run."""

from sandbox.shopify import Shop
from sandbox.tenants import Tenant


def test_a_store_app_connects_links_looks_and_starts(furnished: Tenant) -> None:
    client, link = furnished.client, furnished.made["link"]["id"]
    ahead = client.post(f"/v1/links/{link}/preflight", json={}).json()
    assert {feed["kind"] for feed in ahead["feeds"]} >= {"products", "customers", "orders"}  # B-3
    begun = client.post(f"/v1/links/{link}/sync-all", json={"orders": False, "carts": False})
    assert begun.status_code == 202
    kinds = {feed.split(".")[1] for feed in begun.json()["feeds"]}
    assert kinds == {"products", "customers", "promo_codes"}
    shown = client.get(f"/v1/runs/{furnished.made['run']['id']}").json()
    assert shown["status"] == "planning"
    assert shown["progress"]["batches_done"] == 0


def test_the_webhooks_are_asked_for_with_our_address(furnished: Tenant, shop: Shop) -> None:
    hook = furnished.made["shop"]["hook_url"]
    assert hook.startswith("https://api.example/hooks/")
    connector = furnished.door.runtime.connector(furnished.id, furnished.made["shop"]["id"])
    assert {found.url for found in connector.subscriptions()} == {hook}
