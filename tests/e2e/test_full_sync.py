"""The main job on the real template, every call checked against the policies: a shop of each platform, synced whole."""

from typing import Any

import pytest
from e2e.town import FIGURES, Business, Runs, Town, sync_everybody, until
from sandbox.mailchimp import Account
from sandbox.moods import Mood
from sandbox.street import held

PLATFORMS = ("prestashop", "shopify")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_shop_is_synced_whole_and_every_figure_reconciles(  # A-24 B-3 B-12
    guarded: Town,
    businesses: dict[str, Business],
    ahead: dict[str, dict[str, int]],
    first: dict[str, Runs],
    platform: str,
) -> None:
    business, runs = businesses[platform], first[platform]
    assert {run["outcome"] for run in runs.values()} == {"completed"}
    for kind, run in runs.items():
        assert run["expected"] == sum(run["counts"][figure] for figure in FIGURES), kind
        assert run["expected"] == ahead[platform][kind]
    assert all(runs[kind]["expected"] for kind in ("products", "customers", "orders", "carts"))
    there = held(guarded.shops, business.merchant, business.store_id)
    for kind in ("products", "orders", "carts"):
        assert there[kind] == runs[kind]["counts"]["created"]
    assert there["contacts"] >= runs["customers"]["counts"]["created"] > 0
    assert not guarded.shops.account.stores[business.store_id].data["is_syncing"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_orders_and_carts_wait_for_products_and_customers(  # B-2
    first: dict[str, Runs], platform: str
) -> None:
    runs = first[platform]
    settled = max(runs[kind]["finished_at"] for kind in ("products", "customers"))
    assert settled <= min(runs[kind]["started_at"] for kind in ("orders", "carts"))


def test_syncing_again_writes_nothing_anywhere(  # A-11 B-8
    guarded: Town, businesses: dict[str, Business], first: dict[str, Runs]
) -> None:
    before = guarded.items("LedgerTable")
    guarded.shops.forget_calls()
    for platform, runs in sync_everybody(businesses).items():
        for kind, run in runs.items():
            assert (run["outcome"], run["expected"]) == ("completed", first[platform][kind]["expected"])
            assert run["counts"]["created"] + run["counts"]["updated"] == 0, (platform, kind)
    assert set(guarded.shops.writes().values()) == {0}
    assert sorted(map(str, guarded.items("LedgerTable"))) == sorted(map(str, before))


def test_a_dry_run_tells_what_it_would_do_and_does_nothing(  # B-18
    guarded: Town, businesses: dict[str, Business], first: dict[str, Runs]
) -> None:
    business = businesses["prestashop"]
    _rename(business, 1, "Théière du dimanche")
    guarded.shops.forget_calls()
    run = business.sync("products", dry_run=True)
    assert (run["outcome"], run["counts"]["updated"]) == ("completed", 1)
    told = business.app.get(f"/runs/{run['id']}/differences")["items"]
    assert [each["id"] for each in told] == ["1"]
    assert guarded.shops.writes()["mailchimp"] == 0
    assert business.sync("products")["counts"]["updated"] == 1
    assert _product(guarded.shops.account, business, "1")["title"] == "Théière du dimanche"


def test_a_cancelled_run_stops_and_another_goes_on_where_it_stopped(  # B-10
    guarded: Town, businesses: dict[str, Business], first: dict[str, Runs]
) -> None:
    business = businesses["prestashop"]
    shop = business.merchant.shop
    business.app.patch(f"/feeds/{business.feed('products')}", batch_size=1)
    shop.moods.add(Mood.SLOW, "GET /api/products", after=2, times=1_000, seconds=1.0)
    run_id = business.start("products")
    until(lambda: business.app.run(run_id), lambda run: run["progress"]["batches_running"])
    assert business.app.post(f"/runs/{run_id}/cancel", 202)["cancelled"]
    run = business.app.finished(run_id)
    shop.moods.clear()
    assert run["outcome"] == "cancelled"
    assert run["progress"]["objects_done"] < run["expected"]
    resumed = business.app.finished(business.app.post(f"/runs/{run_id}/resume", 202)["id"])
    assert (resumed["outcome"], resumed["expected"]) == ("completed", run["expected"])
    business.app.patch(f"/feeds/{business.feed('products')}", batch_size=100)


def test_a_second_start_answers_the_run_that_goes_on_and_refuses_another_mode(  # B-9
    businesses: dict[str, Business], first: dict[str, Runs]
) -> None:
    business = businesses["prestashop"]
    business.merchant.shop.moods.add(Mood.SLOW, "GET /api/products", seconds=8.0)
    run_id = business.start("products")
    assert business.start("products") == run_id
    refused = business.app.post(f"/feeds/{business.feed('products')}/runs", 409, mode="new")
    assert refused["code"] == "busy"
    assert run_id in refused["remedy"]
    business.merchant.shop.moods.clear()
    assert business.app.finished(run_id)["outcome"] == "completed"


def test_one_object_is_carried_again_by_hand(  # A-25 B-19
    guarded: Town, businesses: dict[str, Business], first: dict[str, Runs]
) -> None:
    business = businesses["prestashop"]
    _rename(business, 2, "Lampe du lundi")
    business.app.post(f"/links/{business.link['id']}/products/2/resync", 202)
    until(lambda: _product(guarded.shops.account, business, "2")["title"], lambda t: t == "Lampe du lundi")
    shown = until(
        lambda: business.app.get(f"/links/{business.link['id']}/products/2"), lambda seen: seen["activity"]
    )
    assert shown["activity"][0]["action"] == "updated"
    assert (shown["state"], shown["destination_id"]) == ("mapped", "2")


def _rename(business: Business, product: int, name: str) -> None:
    business.merchant.shop.acts.rename_product(product, name)


def _product(account: Account, business: Business, id: str) -> Any:
    return account.stores[business.store_id].products[id]
