"""Listing: what counts as a product, what changed since, pages that hold still, and what a shop's limits cost."""

from datetime import timedelta
from typing import Any

import pytest
from passerelle.model import Kind
from passerelle.port import Incomplete, Selection
from sandbox.magento import InputLimits
from sandbox.magento.products import save
from sandbox.magento.stock import put_item
from sandbox.moods import Mood

from .connecting import NOW, a_shop, connect, counted, listed

SINCE = NOW - timedelta(minutes=5)


def test_variants_that_are_not_shown_by_themselves_are_no_products() -> None:
    shop = a_shop(9, 0, 0)
    hidden = {str(id) for id, row in shop.state.products.items() if row["visibility"] == 1}
    ids = listed(connect(shop), Kind.PRODUCTS)
    assert hidden
    assert len(ids) == 9
    assert hidden.isdisjoint(ids)


def test_a_variant_that_is_shown_by_itself_is_a_product_and_a_variant() -> None:
    shop = a_shop(1, 0, 0)
    tee = next(row for row in shop.state.products.values() if row["links"])
    child = shop.state.products[tee["links"][0]]
    child["visibility"] = 4
    connector = connect(shop)
    assert set(listed(connector, Kind.PRODUCTS)) == {str(tee["id"]), str(child["id"])}
    both = {
        product.id: product
        for product in connector.pull(Kind.PRODUCTS, listed(connector, Kind.PRODUCTS)).objects
    }
    assert str(child["id"]) in {variant.id for variant in both[str(tee["id"])].variants}
    assert [variant.id for variant in both[str(child["id"])].variants] == [str(child["id"])]


def test_products_and_variants_are_counted() -> None:
    shop = a_shop(9, 0, 0)
    count = connect(shop).count(Kind.PRODUCTS, Selection())
    links = sum(len(row["links"]) for row in shop.state.products.values())
    assert (count.objects, count.variants) == (9, 6 + links)


def test_what_changed_since_is_found_by_its_date() -> None:  # B-13
    shop = a_shop(9, 9, 9)
    shop.acts.rename_product(
        next(i for i, r in shop.state.products.items() if r["visibility"] == 4), "Renamed"
    )
    assert len(listed(connect(shop), Kind.PRODUCTS, since=SINCE)) == 1
    assert len(listed(connect(shop), Kind.PRODUCTS)) == 9


def test_a_product_whose_variant_changed_is_found_though_its_own_date_stayed() -> None:  # B-13
    shop = a_shop(9, 0, 0)
    tees = [row for row in shop.state.products.values() if row["links"]]
    shop.acts.rename_product(tees[1]["links"][0], "Renamed")
    assert listed(connect(shop), Kind.PRODUCTS, since=SINCE) == [str(tees[1]["id"])]
    assert connect(shop).count(Kind.PRODUCTS, Selection(since=SINCE)).objects == 1


def test_a_product_that_changed_with_its_variant_is_found_once() -> None:
    shop = a_shop(9, 0, 0)
    tee = next(row for row in shop.state.products.values() if row["links"])
    shop.acts.rename_product(tee["links"][0], "Renamed")
    shop.acts.rename_product(tee["id"], "Renamed, too")
    assert listed(connect(shop), Kind.PRODUCTS, since=SINCE) == [str(tee["id"])]


def test_stock_moves_no_date_and_is_listed_whole_with_its_quantities_as_version() -> None:
    shop = a_shop(9, 0, 0)
    before = {e.id: e.version for e in connect(shop).index(Kind.STOCK, Selection(), None).entries}
    shop.acts.set_quantity("SKU-00002", 77)
    after = {e.id: e.version for e in connect(shop).index(Kind.STOCK, Selection(), None).entries}
    row = shop.state.product("SKU-00002")
    assert row is not None
    assert {id for id in after if after[id] != before[id]} == {str(row["id"])}
    assert listed(connect(shop), Kind.PRODUCTS, since=SINCE) == []


def test_stock_is_listed_once_a_variant_however_many_sources_hold_it() -> None:
    shop = a_shop(9, 0, 0)
    sold = sorted(str(id) for id, row in shop.state.products.items() if row["type_id"] == "simple")
    assert sorted(listed(connect(shop), Kind.STOCK)) == sold
    assert sorted(listed(connect(shop, sources=("depot",)), Kind.STOCK)) == sold
    put_item(shop.state, "NOBODYS", "default", 5, 1)
    assert sorted(listed(connect(shop), Kind.STOCK)) == sold
    assert connect(shop).count(Kind.STOCK, Selection()).objects == len(sold)


def test_orders_are_chosen_by_status_and_period() -> None:  # B-6
    shop = a_shop(6, 6, 30)
    orders = shop.state.orders.values()
    connector = connect(shop)
    wanted = {str(row["entity_id"]) for row in orders if row["status"] in {"complete", "canceled"}}
    assert set(listed(connector, Kind.ORDERS, statuses=frozenset({"complete", "canceled"}))) == wanted
    until = NOW - timedelta(days=300)
    placed = {
        str(row["entity_id"]) for row in orders if row["created_at"] <= until.strftime("%Y-%m-%d %H:%M:%S")
    }
    assert set(listed(connector, Kind.ORDERS, placed_until=until)) == placed


def test_carts_without_an_address_to_write_to_are_left_out() -> None:
    shop = a_shop(6, 6, 40)
    unknown = {str(id) for id, row in shop.state.carts.items() if not row["customer"]}
    ids = listed(connect(shop), Kind.CARTS)
    assert ids
    assert unknown.isdisjoint(ids)


@pytest.mark.parametrize("repeats", [False, True])
def test_a_shop_that_repeats_its_last_page_for_ever_is_read_once(repeats: bool) -> None:
    shop = a_shop(0, 700, 0, limits=InputLimits(), repeats_last_page=repeats)
    ids = listed(connect(shop), Kind.CUSTOMERS)
    assert len(ids) == len(set(ids)) == 700


def test_a_page_is_as_long_as_the_shops_limits_allow() -> None:
    shop = a_shop(0, 700, 0, limits=InputLimits())
    connector = connect(shop)
    # One call learns of the limit, then 300, 300 and 100; two tell what groups and views are called, once.
    assert counted(shop, lambda: listed(connector, Kind.CUSTOMERS)) == 4 + 2
    assert counted(shop, lambda: listed(connector, Kind.CUSTOMERS)) == 3


@pytest.mark.parametrize(("limits", "calls"), [(None, 1), (InputLimits(), 4)])
@pytest.mark.parametrize("kind", [Kind.CUSTOMERS, Kind.ORDERS])
def test_a_thousand_are_listed_and_pulled_in_as_few_calls_as_the_shop_allows(
    kind: Kind, limits: Any, calls: int
) -> None:
    shop = a_shop(120, 1000, 1100, limits=limits)
    orders = sorted(shop.state.orders)
    for id in orders[1000:]:
        del shop.state.orders[id]
    connector = connect(shop)
    ids = listed(connector, kind)
    connector.pull(kind, ids)  # now the limit is known, and what is true of the whole shop
    assert len(ids) == 1000
    assert counted(shop, lambda: listed(connector, kind)) == calls
    assert counted(shop, lambda: connector.pull(kind, ids)) == calls


@pytest.mark.parametrize(("limits", "calls"), [(None, 1), (InputLimits(), 4)])
def test_the_stock_of_a_thousand_variants_is_read_in_as_few_calls_as_the_shop_allows(
    limits: Any, calls: int
) -> None:
    shop = a_shop(0, 0, 0, limits=limits)
    for number in range(1000):
        given = {"sku": f"S{number:04}", "name": f"Thing {number}", "attribute_set_id": 4, "price": 1}
        save(shop.state, {"product": given})
        put_item(shop.state, f"S{number:04}", "default", number, 1)
    connector = connect(shop, sources=("default",))
    listed(connector, Kind.STOCK)  # the limit, the sources and who is whose variant are known
    # Products, what lies where, and who is whose variant.
    assert counted(shop, lambda: listed(connector, Kind.STOCK)) == 2 * calls + 1
    ids = listed(connector, Kind.STOCK)
    # A thousand SKUs do not fit one address.
    assert counted(shop, lambda: connector.pull(Kind.STOCK, ids)) == calls + max(calls, 2)
    assert len(connector.pull(Kind.STOCK, ids).objects) == 1000


@pytest.mark.parametrize("mood", [Mood.EMPTY_PAGE, Mood.LYING_COUNT])
def test_a_list_that_contradicts_its_own_total_is_no_success(mood: Mood) -> None:  # B-14
    shop = a_shop()
    shop.moods.add(mood, times=1, by=3)
    with pytest.raises(Incomplete):
        connect(shop).index(Kind.PRODUCTS, Selection(), None)


def test_what_is_deleted_and_added_while_pages_are_read_moves_nobody() -> None:  # B-15
    shop = a_shop(0, 650, 0, limits=InputLimits())
    connector = connect(shop)
    first = connector.index(Kind.CUSTOMERS, Selection(), None)
    del shop.state.customers[5]
    rest = connector.index(Kind.CUSTOMERS, Selection(), first.after)
    assert [entry.id for entry in rest.entries] == [str(number) for number in range(301, 601)]


def test_only_one_websites_orders_are_listed_where_the_link_names_one() -> None:
    shop = a_shop(6, 6, 10)
    second = dict(shop.state.configs[0]) | {"id": 2, "code": "second", "website_id": 2}
    shop.state.configs.append(second)
    moved = next(iter(shop.state.orders.values()))
    moved["store_id"] = 2
    assert listed(connect(shop, website=2), Kind.ORDERS) == [str(moved["entity_id"])]
    assert str(moved["entity_id"]) not in listed(connect(shop, website=1), Kind.ORDERS)
