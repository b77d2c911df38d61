"""A large shop is planned from its own bulk export: few calls, nothing stale, and a broken export is begun again."""

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind
from passerelle.sync import exporting
from sandbox.moods import Mood
from sandbox.shopify import sample

MANY = exporting.WORTH_IT + 100


@pytest.fixture(scope="module")
def thousands():
    """Enough products to make an export worth it."""
    return MANY


def test_a_large_shop_is_read_by_export_in_a_handful_of_calls(scene, thousands):  # B-12, G-1
    here = scene(products=thousands)
    run = here.world.sync(Kind.PRODUCTS, batch_size=500)
    assert (run.outcome, run.counts.created) == (RunOutcome.COMPLETED, thousands)
    assert len(here.shop.calls) < 15
    again = here.world.sync(Kind.PRODUCTS, batch_size=500)
    assert again.counts.unchanged == thousands


@pytest.mark.long
def test_what_changed_while_the_export_was_written_is_read_again(scene, thousands):  # B-15
    here = scene(products=thousands)
    first = next(
        iter(
            here.world.runtime.connector(here.world.tenant, here.world.stores["shopify"].id)
            .index(Kind.PRODUCTS, exporting.Selection(), None)
            .entries
        )
    )
    gid = f"gid://shopify/Product/{first.id}"
    here.shop.moods.on_call(3, lambda: here.shop.life.edit(gid, title="Renamed meanwhile"))
    run = here.world.sync(Kind.PRODUCTS, batch_size=500)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    store = next(iter(here.account.stores.values()))
    assert store.products[first.id]["title"] == "Renamed meanwhile"


@pytest.mark.long
@pytest.mark.parametrize("handed_in", [1, 2])
def test_an_order_that_leaves_the_selection_after_the_export_is_skipped(scene, thousands, handed_in):  # B-6
    orders = [sample.order(place, [], []) for place in range(thousands)]
    for order in orders:
        order |= {"displayFinancialStatus": "PAID", "cancelledAt": None}
    here = scene(load=orders)
    here.world.memory.feeds.change(here.world.feed(Kind.ORDERS), settings={"statuses": ["paid"]})
    last = orders[-1]
    # As late as can be: a batch before its own is on its way to the audience already.
    here.account.moods.on_call(handed_in, lambda: here.shop.life.cancel(last["id"]), "POST /3.0/batches")
    run = here.world.sync(Kind.ORDERS, batch_size=1_000)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert (run.expected, run.counts.created, run.counts.skipped) == (thousands, thousands - 1, 1)
    slices = here.world.memory.runs.slices(run.id)
    assert run.reasons(slices) == {"status_left_selection": 1}
    assert last["legacyResourceId"] not in here.store.orders
    looks = run.batches
    assert len(here.shop.calls) < 15 + looks


@pytest.mark.long
def test_an_export_that_cannot_be_downloaded_is_tried_again_and_loses_nothing(scene, thousands):  # B-14
    here = scene(products=thousands)
    here.shop.moods.add(Mood.TRUNCATED, match="GET /_results", times=1)
    run = here.world.sync(Kind.PRODUCTS, batch_size=500)
    assert (run.outcome, run.counts.created) == (RunOutcome.COMPLETED, thousands), run.why


def test_a_packed_object_comes_back_as_it_was(scene):
    here = scene(products=20, customers=20, orders=20)
    connector = here.world.runtime.connector(here.world.tenant, here.world.stores["shopify"].id)
    for kind in (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS):
        ids = [entry.id for entry in connector.index(kind, exporting.Selection(), None).entries]
        objects = connector.pull(kind, ids).objects
        assert list(exporting.unpack(kind, exporting.pack(objects))) == list(objects)
