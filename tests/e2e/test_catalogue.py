"""A main store feeds dependent stores of other accounts, through the real template, with every policy enforced."""

from collections.abc import Mapping
from typing import Any

import pytest
from e2e.conftest import BRANCHES
from e2e.town import Town
from passerelle.cli.service import Refused
from sandbox.branches import Catalogue, within
from sandbox.shopify.webhooks import Delivery

type Runs = Mapping[str, list[Mapping[str, Any]]]


@pytest.fixture(scope="module")
def catalogue(guarded: Town) -> Catalogue:
    made = Catalogue(guarded.branches, guarded.account)
    made.connect()
    return made


@pytest.fixture(scope="module")
def first(catalogue: Catalogue) -> Runs:
    """The runs of a first sync-all of the main store."""
    return catalogue.sync_all()


def _by_kind(runs: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(run["kind"]): run for run in runs}


def test_sync_all_at_the_main_store_reaches_every_dependent(first: Runs) -> None:  # C-2, C-4, C-14
    assert set(first) == {"prestashop", "woocommerce"}
    for runs in first.values():
        products, stock = (_by_kind(runs)[kind] for kind in ("products", "stock"))
        assert (products["outcome"], stock["outcome"]) == ("completed", "completed")
        assert products["counts"]["created"] == products["expected"] == BRANCHES
        assert stock["counts"]["updated"] > 0


def test_a_second_sync_all_writes_nothing(guarded: Town, catalogue: Catalogue, first: Runs) -> None:  # B-8
    assert first
    guarded.branches.forget_calls()

    again = catalogue.sync_all()

    assert guarded.branches.writes() == {"prestashop": 0, "woocommerce": 0}
    assert {run["outcome"] for runs in again.values() for run in runs} == {"completed"}


def test_a_price_that_changes_at_the_main_store_comes_by_webhook(
    guarded: Town, catalogue: Catalogue, first: Runs
) -> None:  # C-16, F-1
    assert first

    def knock(delivery: Delivery) -> int:
        path = "/hooks/" + delivery.url.rpartition("/")[2]
        return (
            guarded.stack.http().post(path, content=delivery.body, headers=dict(delivery.headers)).status_code
        )

    sku = catalogue.new_price("99.10", knock)

    wanted = {"prestashop": "99.10", "woocommerce": "109.99"}
    within(lambda: {each: guarded.branches.price(each, sku) for each in wanted}, lambda seen: seen == wanted)


def test_neither_side_may_do_what_is_the_others(catalogue: Catalogue, first: Runs) -> None:  # C-1, C-3
    assert first
    here, link = catalogue.links["prestashop"]
    store = here.get(f"/catalogue-links/{link}")["store"]
    for refused, status in (
        (lambda: catalogue.main.get(f"/stores/{store}"), 404),
        (lambda: catalogue.west.get(f"/catalogue-links/{link}"), 404),
        (lambda: catalogue.main.patch(f"/catalogue-links/{link}", {"preferences": {"price": False}}), 403),
        (lambda: here.post("/catalogue-links", {"store": store, "connection_key": "connect_no"}), 403),
        (lambda: here.post("/catalogue-links", {"store": store, "main": store}), 409),
    ):
        with pytest.raises(Refused) as refusal:
            refused()
        assert refusal.value.document["status"] == status
    names = [
        each["name"] for each in catalogue.main.get(f"/stores/{catalogue.store['id']}/dependents")["items"]
    ]
    assert len(names) == 2


def test_who_disconnects_leaves_drafts_behind_and_finds_them_again(
    guarded: Town, catalogue: Catalogue, first: Runs
) -> None:  # C-11
    assert first
    here, link = catalogue.links["woocommerce"]
    shop = guarded.branches.dependents["woocommerce"]
    ended = here.post(f"/catalogue-links/{link}/disconnect", {"products": "draft"})
    within(lambda: here.get(f"/runs/{ended['run']['id']}"), lambda run: run["status"] == "finished")
    parents = [row for row in shop.state.products.values() if row["type"] != "variation"]
    assert {row["status"] for row in parents} == {"draft"}

    key = catalogue.main.get(f"/stores/{catalogue.store['id']}/connection-key")["key"]
    store = here.get(f"/catalogue-links/{link}")["store"]
    again = here.post("/catalogue-links", {"store": store, "connection_key": key})
    assert again["id"] == link

    runs = catalogue.sync_all()["woocommerce"]

    assert _by_kind(runs)["products"]["counts"]["created"] == 0
    assert {row["status"] for row in parents} == {"publish"}
