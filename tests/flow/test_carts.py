"""Abandoned carts, as they change: made, filled, bought, thrown away; told by the shop or found by the clock."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from passerelle.memory import RunOutcome, Scope
from passerelle.model import Kind
from passerelle.subscriptions import subscribe
from sandbox.shopify import sample
from sandbox.shopify.state import gid, stamp

CART = gid("AbandonedCheckout", 90_000)


@pytest.fixture
def here(scene):
    """A shop with two products, three customers and two carts, synced, that tells us what happens."""
    made = scene(products=2, customers=3, carts=2, at=datetime.now(UTC))
    store = made.world.stores["shopify"]
    subscribe(made.world.runtime, made.world.tenant, made.world.memory.stores.get(store.id))
    for kind in (Kind.PRODUCTS, Kind.CARTS):
        run = made.world.sync(kind)
        assert run.outcome is RunOutcome.COMPLETED, run.why
    made.clock.sleep(600)
    return made


def _told(here):
    store = here.world.stores["shopify"]
    statuses = [here.world.knock(store, each.headers, each.body) for each in here.shop.deliveries()]
    return set(statuses), here.world.follow_all()


def _new_cart(here, place=100):
    shelf = here.shop.state.shelf
    goods, people = (list(shelf(kind).things.values()) for kind in ("Product", "Customer"))
    cart = sample.checkout(place, goods, [each for each in people if each["email"]])
    return {**cart, "createdAt": here.shop.state.now(), "updatedAt": here.shop.state.now()}


def test_a_new_cart_arrives_when_the_shop_tells(here):
    cart = _new_cart(here)
    here.shop.life.add(cart)
    assert _told(here) == ({200}, ["carried"])
    assert here.store.carts[cart["legacyResourceId"]]["order_total"] == float(cart["totalPriceSet"])


def test_a_changed_cart_is_changed(here):
    here.shop.life.edit(CART, totalPriceSet="99.50")
    assert _told(here) == ({200}, ["carried"])
    assert here.store.carts["90000"]["order_total"] == 99.5


def test_a_cart_that_became_an_order_is_taken_away_and_that_is_no_error(here):
    here.shop.life.edit(CART, completedAt=stamp(here.clock()))
    assert _told(here) == ({200}, ["gone"])
    assert sorted(here.store.carts) == ["90001"]
    assert here.incidents() == []


def test_a_cart_that_was_thrown_away_is_taken_away(here):  # A-24, B-16
    here.shop.life.delete(CART)
    assert _told(here) == ({200}, ["gone"])
    assert sorted(here.store.carts) == ["90001"]
    assert here.incidents() == []


def test_without_webhooks_the_clock_finds_new_and_changed_carts(here):  # A-24, B-13
    cart = _new_cart(here)
    here.shop.life.add(cart)
    here.shop.life.edit(CART, totalPriceSet="12.00")
    here.shop.state.events.clear()
    run = here.world.sync(Kind.CARTS, scope=Scope.INCREMENTAL)
    assert (run.outcome, run.expected) == (RunOutcome.COMPLETED, 2)
    assert (run.counts.created, run.counts.updated) == (1, 1)


def test_without_webhooks_a_whole_pass_finds_carts_that_were_bought(here):  # A-24, B-16
    here.shop.life.edit(CART, completedAt=stamp(here.clock()))
    here.shop.state.events.clear()
    here.clock.sleep(timedelta(hours=25).total_seconds())
    run = here.world.sync(Kind.CARTS)
    assert (run.outcome, run.counts.failed) == (RunOutcome.COMPLETED, 0)
    assert sorted(here.store.carts) == ["90001"]
    assert here.incidents() == []


def test_a_cart_bought_while_the_sync_runs_is_no_error(here):  # A-24, B-6
    here.shop.life.edit(CART, totalPriceSet="12.00")
    run = here.world.start(Kind.CARTS, batch_size=1)
    bought = partial(here.shop.life.edit, CART, completedAt=stamp(here.clock()))
    here.account.moods.on_call(1, bought, "carts|batches")
    here.world.machine({"tenant": here.world.tenant, "run": run.id})
    ended = here.world.memory.runs.get(run.id)
    assert ended.outcome is RunOutcome.COMPLETED, ended.why
    assert ended.counts.failed == 0
    _told(here)
    assert sorted(here.store.carts) == ["90001"]
