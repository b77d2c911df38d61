"""A shop's full sync into an audience: what arrives, what is counted, and that doing it again does nothing."""

import pytest
from passerelle.memory import Mode, RunOutcome, Scope
from passerelle.model import Kind
from sandbox.mailchimp import Member

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS)


def test_every_kind_arrives_and_the_counts_reconcile(scene):  # B-12, A-24
    here = scene(products=25, customers=40, orders=30, carts=4)
    for kind in KINDS:
        run = here.world.sync(kind, batch_size=10)
        assert run.outcome is RunOutcome.COMPLETED, run.why
        assert run.counts.settled == run.expected > 0
    store = next(iter(here.account.stores.values()))
    synced = [product for product in store.products.values() if product["id"].isdigit()]
    assert len(synced) == 25
    shop_variants = sum(len(p["variants"]) for p in here.shop.state.shelf("Product").things.values())
    assert sum(len(product["variants"]) for product in synced) == shop_variants


def test_a_second_run_over_unchanged_data_writes_nothing_anywhere(scene):  # B-8
    here = scene(products=12, customers=20, orders=12, carts=3)
    for kind in KINDS:
        here.world.sync(kind)
    here.account.calls.clear()
    here.shop.calls.clear()
    for kind in KINDS:
        run = here.world.sync(kind)
        assert run.counts.created == run.counts.updated == run.counts.failed == 0
        assert run.counts.unchanged + run.counts.skipped == run.expected
    assert here.account.calls.writes == []
    assert [call for call in here.shop.calls.writes if "mutation" in call.note] == []


@pytest.mark.parametrize("mode", [Mode.NEW, Mode.UPDATE])
def test_a_mode_passes_over_what_is_not_its_own_and_says_why(scene, mode):  # B-5
    here = scene(products=8)
    ids = [p["id"] for p in here.shop.state.shelf("Product").things.values()]
    here.world.sync(Kind.PRODUCTS)
    here.shop.life.edit(ids[0], title="Renamed")
    run = here.world.sync(Kind.PRODUCTS, mode=mode)
    expected = (0, 8) if mode is Mode.NEW else (1, 0)
    assert (run.counts.updated, run.counts.skipped) == expected
    assert run.outcome is RunOutcome.COMPLETED


def test_past_orders_start_no_automation(scene):
    here = scene(products=5, customers=10, orders=20)
    for kind in (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS):
        here.world.sync(kind)
    assert here.account.automations_started == []
    assert [store.data["is_syncing"] for store in here.account.stores.values()] == [False]


def test_an_incremental_run_carries_what_changed_since_the_watermark(scene):  # B-13
    here = scene(products=10)
    here.world.sync(Kind.PRODUCTS)
    here.clock.sleep(3600)
    here.world.sync(Kind.PRODUCTS)
    here.clock.sleep(3600)
    here.shop.life.edit("gid://shopify/Product/7000", title="Renamed")
    run = here.world.sync(Kind.PRODUCTS, scope=Scope.INCREMENTAL)
    assert (run.expected, run.counts.updated) == (1, 1)


def test_someone_who_left_the_audience_stays_out_and_the_shop_is_told(scene):
    here = scene(customers=6)
    people = [p for p in here.shop.state.shelf("Customer").things.values() if p["defaultEmailAddress"]]
    loyal = next(p for p in people if p["defaultEmailAddress"]["marketingState"] == "SUBSCRIBED")
    email = loyal["defaultEmailAddress"]["emailAddress"]
    here.account.audience.seed(Member(email, "unsubscribed"))
    run = here.world.sync(Kind.CUSTOMERS)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert here.account.audience.status(email) == "unsubscribed"
    assert loyal["defaultEmailAddress"]["marketingState"] == "UNSUBSCRIBED"
    again = here.world.sync(Kind.CUSTOMERS)
    assert again.counts.updated == 0
