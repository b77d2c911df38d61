"""Indexes and counts: nothing is lost while a shop lives, whatever its clock does."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from passerelle.connectors.prestashop import Connector
from passerelle.model import Kind
from passerelle.port import Incomplete, Selection, Unavailable
from sandbox.moods import Mood
from sandbox.prestashop import ALL, Shop, forget
from sandbox.prestashop.sample import SAMPLE_KEY, as_recorded, catalogue

from .connecting import connect, counted

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EVERYTHING = Selection()


def ids(connector: Connector, kind: Kind, selection: Selection = EVERYTHING) -> list[str]:
    found, after = [], None
    while True:
        page = connector.index(kind, selection, after)
        found += [entry.id for entry in page.entries]
        if page.after is None:
            return found
        after = page.after


def small_shop(timezone: str = "Europe/Paris") -> Shop:
    shop = Shop({SAMPLE_KEY: ALL}, timezone=timezone, clock=lambda: NOW)
    shop.state.products.insert({"name": "Mug", "state": 1, "price": 1})
    return shop


def test_every_product_is_listed_once_over_several_pages() -> None:
    shop = catalogue(2100, 0, 0, clock=lambda: NOW)
    found = ids(connect(shop), Kind.PRODUCTS)
    assert found == [str(id) for id in shop.state.products.ids()]


def test_a_list_of_a_thousand_takes_one_call_and_one_more_at_its_end() -> None:
    shop = catalogue(1500, 0, 0, clock=lambda: NOW)
    assert counted(shop, lambda: ids(connect(shop), Kind.PRODUCTS)) == 3


def test_nothing_is_lost_when_products_come_and_go_between_pages() -> None:  # B-15
    shop = catalogue(2500, 0, 0, clock=lambda: NOW)
    before = set(shop.state.products.ids())

    def live() -> None:
        for id in range(1, 200):
            forget(shop.state, shop.state.products.resource, id)
        for _ in range(150):
            shop.state.products.insert({"name": "Nouveau", "state": 1, "price": 1})

    shop.moods.on_call(2, live, match="GET /api/products")
    found = ids(connect(shop), Kind.PRODUCTS)
    there_all_along = before & set(shop.state.products.ids())
    assert len(found) == len(set(found))
    assert there_all_along <= {int(id) for id in found}


def test_drafts_that_were_never_saved_and_deleted_customers_are_not_listed() -> None:
    shop = as_recorded()
    shop.state.products.update(3, state=0)
    shop.state.customers.update(2, deleted=1)
    connector = connect(shop)
    assert "3" not in ids(connector, Kind.PRODUCTS)
    assert ids(connector, Kind.CUSTOMERS) == ["1"]


def test_since_is_turned_into_the_shops_own_time() -> None:  # B-13
    shop = small_shop("Europe/Paris")
    shop.state.products.update(1, date_upd="2026-07-01 12:00:00")
    connector = connect(shop)
    moment = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    assert ids(connector, Kind.PRODUCTS, Selection(since=moment)) == ["1"]
    assert ids(connector, Kind.PRODUCTS, Selection(since=moment + timedelta(seconds=1))) == []


CHANGES = [
    ("Europe/Paris", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Europe/Paris", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
]
"""Zones with an instant at which their clocks change."""


@settings(max_examples=150, deadline=None)
@given(change=st.sampled_from(CHANGES), since=st.integers(-5400, 5400), later=st.integers(0, 9000))
@example(change=CHANGES[0], since=-600, later=900)  # 02:50 in summer time, then 02:05 in winter time
@example(change=CHANGES[3], since=-60, later=120)
def test_no_change_is_lost_when_clocks_are_put_back_or_forward(
    change: tuple[str, datetime], since: int, later: int
) -> None:  # B-13
    zone, around = change
    shop = small_shop(zone)
    start = around + timedelta(seconds=since)
    shop.state.products.update(1, date_upd=shop.state.local(start + timedelta(seconds=later)))
    assert ids(connect(shop), Kind.PRODUCTS, Selection(since=start)) == ["1"]


def test_a_page_that_is_empty_although_more_come_is_an_error() -> None:  # B-14
    shop = catalogue(30, 0, 0, clock=lambda: NOW)
    shop.moods.add(Mood.EMPTY_PAGE, "GET /api/products")
    with pytest.raises(Incomplete):
        connect(shop).index(Kind.PRODUCTS, EVERYTHING, None)


def test_a_page_that_is_too_short_does_not_end_the_list() -> None:  # B-14
    shop = catalogue(30, 0, 0, clock=lambda: NOW)
    cut = []

    def shorten(resource: str, body: object) -> object:
        if resource == "products" and isinstance(body, dict) and not cut:
            cut.append(True)
            return {"products": body["products"][:10]}
        return body

    assert len(ids(connect(shop, edit=shorten), Kind.PRODUCTS)) == 30


def test_an_answer_that_is_cut_short_is_no_answer() -> None:  # B-14
    shop = catalogue(30, 0, 0, clock=lambda: NOW)
    shop.moods.add(Mood.TRUNCATED, "GET /api/products")
    with pytest.raises(Unavailable):
        connect(shop).index(Kind.PRODUCTS, EVERYTHING, None)


def test_a_shop_that_ignores_the_order_asked_for_is_refused() -> None:  # B-15
    shop = catalogue(30, 0, 0, clock=lambda: NOW)

    def stir(resource: str, body: object) -> object:
        return {resource: body[resource][::-1]} if isinstance(body, dict) else body

    with pytest.raises(Incomplete):
        connect(shop, edit=stir).index(Kind.PRODUCTS, EVERYTHING, None)


def test_orders_are_chosen_by_their_current_state() -> None:
    connector = connect(as_recorded())
    assert ids(connector, Kind.ORDERS, Selection(statuses=frozenset({"6", "8"}))) == ["1", "3"]


def test_orders_are_chosen_by_the_instant_at_which_they_were_placed() -> None:
    shop = catalogue(5, 20, 60, clock=lambda: NOW)
    zone = ZoneInfo("Europe/Paris")
    start, end = NOW - timedelta(days=300), NOW - timedelta(days=100)
    placed = {
        str(id): datetime.fromisoformat(row["date_add"]).replace(tzinfo=zone) for id, row in shop.state.orders
    }
    wanted = sorted((id for id, at in placed.items() if start <= at <= end), key=int)
    assert wanted
    assert ids(connect(shop), Kind.ORDERS, Selection(placed_from=start, placed_until=end)) == wanted


def test_an_orders_version_moves_with_its_state() -> None:
    shop = as_recorded()
    before = connect(shop).index(Kind.ORDERS, EVERYTHING, None).entries[0]
    shop.state.orders.update(1, current_state=2)
    assert connect(shop).index(Kind.ORDERS, EVERYTHING, None).entries[0].version != before.version


def test_a_product_has_no_version_because_its_date_ignores_stock_and_combinations() -> None:
    assert {e.version for e in connect(as_recorded()).index(Kind.PRODUCTS, EVERYTHING, None).entries} == {""}


def test_only_carts_without_an_order_and_with_a_buyer_are_listed() -> None:
    shop = as_recorded()
    line = {"id_product": "1", "id_product_attribute": "1", "quantity": "1", "id_address_delivery": "0"}
    mine = shop.state.carts.insert({"id_customer": 2, "id_currency": 1, "id_lang": 1, "*cart_rows": [line]})
    shop.state.carts.insert({"id_customer": 0, "id_currency": 1, "id_lang": 1, "*cart_rows": [line]})
    assert ids(connect(shop), Kind.CARTS) == [str(mine)]


def test_stock_lists_variants_and_never_the_sum_of_a_product() -> None:
    found = ids(connect(as_recorded()), Kind.STOCK)
    assert "1" not in found
    assert {"20", "27", "6"} <= set(found)
    assert len(found) == 39 + 8


@pytest.mark.parametrize("kind", list(Kind)[:6])
def test_the_count_is_what_the_index_then_lists(kind: Kind) -> None:
    connector = connect(catalogue(60, 80, 40, clock=lambda: NOW))
    assert connector.count(kind, EVERYTHING).objects == len(ids(connector, kind))


def test_variants_are_counted_with_one_for_each_product_that_has_no_choices() -> None:
    connector = connect(as_recorded())
    pulled = connector.pull(Kind.PRODUCTS, ids(connector, Kind.PRODUCTS))
    assert connector.count(Kind.PRODUCTS, EVERYTHING).variants == sum(len(p.variants) for p in pulled.objects)
