"""Listing a shop that is edited meanwhile, by hundreds, whole or since an instant."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from passerelle.connectors.woocommerce.rest import PAGE, Listed
from passerelle.connectors.woocommerce.walking import Place, step
from passerelle.model import Kind
from passerelle.port import Incomplete, Selection
from sandbox.moods import Mood
from sandbox.woocommerce import Shop
from sandbox.woocommerce.sample import catalogue
from sandbox.world import Clock

from .connecting import connect, counted, listed

ALL = Selection()


def shop_of(clock: Clock, products: int = 9, **more: Any) -> Shop:
    shop = catalogue(products, 6, 8, clock=clock, **more)
    clock.sleep(3600)
    return shop


@pytest.mark.parametrize("kind", [Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.STOCK, Kind.PROMO_CODES])
@pytest.mark.parametrize("variations", [True, False])
def test_an_index_lists_everything_once_and_agrees_with_the_count(kind: Kind, variations: bool) -> None:
    connector = connect(catalogue(120, 110, 105, coupons=5, variations=variations))
    ids = listed(connector, kind)
    assert len(ids) == len(set(ids)) == connector.count(kind, ALL).objects


def test_a_count_of_products_tells_their_variants() -> None:
    shop = catalogue(30, 0, 0)
    rows = shop.state.products.values()
    assert connect(shop).count(Kind.PRODUCTS, ALL).variants == sum(row["type"] != "variable" for row in rows)


def test_a_cart_in_the_checkout_and_an_order_in_the_bin_are_no_orders() -> None:
    shop = catalogue(3, 3, 8)
    ids = list(shop.state.orders)
    shop.state.orders[ids[0]]["status"] = "checkout-draft"
    shop.state.orders[ids[1]]["status"] = "trash"
    connector = connect(shop)
    assert listed(connector, Kind.ORDERS) == [str(id) for id in ids[2:]]
    assert connector.count(Kind.ORDERS, ALL).objects == len(ids) - 2
    assert connector.pull(Kind.ORDERS, [str(ids[0])]).missing == (str(ids[0]),)


@settings(max_examples=60, deadline=None)
@given(
    gone=st.lists(st.integers(1, 400), max_size=250),
    new=st.integers(0, 150),
    at=st.integers(1, 3),
    back=st.lists(st.integers(1, 400), max_size=40),
)
def test_a_walk_leaves_out_nobody_who_was_there_all_the_time(
    gone: list[int], new: int, at: int, back: list[int]
) -> None:
    ids = sorted(set(range(1, 401)) - set(back))
    seen: list[int] = []
    place: Place | None = Place()
    for round in range(40):
        if place is None:
            break
        if round == at:
            ids = sorted((set(ids) - set(gone)) | set(back) | set(range(500, 500 + new)))
        rows = list(ids)
        found = step(
            "things",
            lambda offset, rows=rows: Listed([{"id": id} for id in rows[offset : offset + PAGE]], len(rows)),
            place,
        )
        seen += [row["id"] for row in found.rows]
        place = found.next
    assert place is None
    assert len(seen) == len(set(seen))
    stayed = set(range(1, 401)) - set(back) - set(gone)
    assert stayed <= set(seen)


def test_a_walk_goes_on_where_another_worker_stopped() -> None:
    connector = connect(catalogue(0, 250, 0))
    first = connector.index(Kind.CUSTOMERS, ALL, None)
    assert first.after is not None
    second = connect(catalogue(0, 250, 0)).index(Kind.CUSTOMERS, ALL, first.after)
    assert int(second.entries[0].id) == int(first.entries[-1].id) + 1


def test_a_total_that_lies_and_a_page_that_is_empty_are_no_success() -> None:
    for mood in (Mood.LYING_COUNT, Mood.EMPTY_PAGE):
        shop = catalogue(4, 0, 0)
        shop.moods.add(mood, "GET /wp-json/wc/v3/products", times=1)
        with pytest.raises(Incomplete):
            connect(shop).index(Kind.PRODUCTS, ALL, None)


def test_a_plugin_that_changes_the_order_is_no_success() -> None:
    shop = catalogue(4, 0, 0)
    connector = connect(shop, edit=lambda path, body: body[::-1] if path == "products" else body)
    with pytest.raises(Incomplete, match="out of order"):
        connector.index(Kind.PRODUCTS, ALL, None)


def test_what_changed_in_the_very_second_of_the_watermark_is_listed() -> None:  # B-13
    clock = Clock()
    shop = shop_of(clock)
    id = next(iter(shop.state.products))
    at = clock().replace(microsecond=0)
    shop.acts.rename_product(id, "Renamed")
    assert listed(connect(shop), Kind.PRODUCTS, Selection(since=at)) == [str(id)]
    assert listed(connect(shop), Kind.PRODUCTS, Selection(since=at + timedelta(seconds=5))) == []


def test_the_shops_own_time_zone_moves_no_window() -> None:  # B-13
    clock = Clock()
    shop = shop_of(clock)
    shop.state.zone = "Pacific/Kiritimati"
    id = next(iter(shop.state.orders))
    since = clock()
    shop.acts.turn_order(id, "completed")
    assert listed(connect(shop), Kind.ORDERS, Selection(since=since)) == [str(id)]


def test_orders_are_chosen_by_status_and_by_the_day_they_were_placed() -> None:  # B-6
    clock = Clock()
    shop = shop_of(clock)
    rows = list(shop.state.orders.values())
    for number, row in enumerate(rows):
        row["date_created"] = datetime(2026, 3, 1 + number, 12, tzinfo=UTC)
    period = Selection(
        placed_from=datetime(2026, 3, 2, 12, tzinfo=UTC), placed_until=datetime(2026, 3, 4, 12, tzinfo=UTC)
    )
    connector = connect(shop)
    assert listed(connector, Kind.ORDERS, period) == [str(row["id"]) for row in rows[1:4]]
    done = Selection(statuses=frozenset({"completed", "cancelled"}))
    wanted = [str(row["id"]) for row in rows if row["status"] in done.statuses]
    assert listed(connector, Kind.ORDERS, done) == wanted
    assert connector.count(Kind.ORDERS, done).objects == len(wanted)


def test_of_customers_there_are_only_those_of_the_role_that_is_set() -> None:
    shop = catalogue(0, 5, 0)
    next(iter(shop.state.customers.values()))["role"] = "administrator"
    assert len(listed(connect(shop), Kind.CUSTOMERS)) == 4
    assert len(listed(connect(shop, role="all"), Kind.CUSTOMERS)) == 5


def test_a_version_moves_with_the_order_and_with_the_stock() -> None:
    clock = Clock()
    shop = shop_of(clock)
    connector = connect(shop)
    before = {
        kind: {e.id: e.version for e in connector.index(kind, ALL, None).entries}
        for kind in (Kind.ORDERS, Kind.STOCK)
    }
    order = next(iter(shop.state.orders))
    product = next(id for id, row in shop.state.products.items() if row["type"] == "simple")
    shop.acts.turn_order(order, "refunded")
    shop.acts.set_quantity(product, 4242)
    after = {kind: {e.id: e.version for e in connector.index(kind, ALL, None).entries} for kind in before}
    assert before[Kind.ORDERS][str(order)] != after[Kind.ORDERS][str(order)]
    assert before[Kind.STOCK][f"{product}-0"] != after[Kind.STOCK][f"{product}-0"] == "4242"


@pytest.mark.parametrize("kind", [Kind.CUSTOMERS, Kind.ORDERS])
def test_a_thousand_are_listed_and_read_whole_by_eleven_calls(kind: Kind) -> None:
    connector = connect(shop := catalogue(0, 1000, 1000))
    before, brought = len(shop.calls), 0
    after: str | None = None
    while True:
        page = connector.index(kind, ALL, after)
        brought += len(page.objects)
        after = page.after
        if after is None:
            break
    assert (brought, len(shop.calls) - before) == (1000, 11)


@pytest.mark.parametrize("variations", [True, False])
def test_variations_cost_a_call_a_hundred_or_one_a_product(variations: bool) -> None:
    shop = catalogue(300, 0, 0, variations=variations)
    parents = [row for row in shop.state.products.values() if row["type"] == "variable"]
    parts = sum(row["type"] == "variation" for row in shop.state.products.values())
    connector = connect(shop)
    spent = counted(shop, lambda: listed(connector, Kind.PRODUCTS))
    about_the_shop, pages = 4, 4
    # The last hundred of a page's variations is rarely full.
    together = -(-parts // 100) + pages
    assert spent <= pages + (together if variations else len(parents)) + about_the_shop
    if not variations:
        assert spent >= len(parents)


def test_a_shop_that_cannot_tell_a_hundred_whole_objects_gives_their_ids() -> None:
    shop = catalogue(120, 0, 0)
    shop.moods.add(Mood.FAILS_ABOVE, "GET .*/products$", limit=50)
    connector = connect(shop)
    page = connector.index(Kind.PRODUCTS, ALL, None)
    assert (len(page.entries), page.objects) == (100, ())
    assert len(listed(connector, Kind.PRODUCTS)) == 120


def test_what_an_index_brings_is_what_a_pull_brings() -> None:
    connector = connect(catalogue(40, 20, 20, coupons=4))
    for kind in (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.PROMO_CODES):
        page = connector.index(kind, ALL, None)
        assert connector.pull(kind, [entry.id for entry in page.entries]).objects == page.objects
