"""Walking through the whole catalogue: every product once and whole, in as few calls as the shop allows."""

from math import ceil
from typing import Any

import pytest
from passerelle.connectors.magento import Connector
from passerelle.connectors.magento import walk as walking
from passerelle.model import Kind, Product
from passerelle.port import Selection
from sandbox.magento import InputLimits, Shop
from sandbox.magento.stock import put_item
from sandbox.moods import Mood

from .connecting import a_shop, connect, counted

FACTS = 5
"""Views, sources, categories, attributes, and how many products there are."""


def walked(connector: Connector, again: Any = None) -> dict[str, Product]:
    """All products that the index brings; `again` makes a new connector after each page."""
    found: list[Product] = []
    after: str | None = None
    while True:
        page = connector.index(Kind.PRODUCTS, Selection(), after)
        assert {entry.id for entry in page.entries} == {thing.id for thing in page.objects}
        found += [thing for thing in page.objects if isinstance(thing, Product)]
        after = page.after
        if after is None:
            assert len({product.id for product in found}) == len(found)
            return {product.id: product for product in found}
        connector = again() if again else connector


def told_singly(shop: Shop) -> dict[str, Product]:
    """The same products as the connector pulls them, by id."""
    ids = [str(id) for id, row in shop.state.products.items() if row["visibility"] != 1]
    pulled = connect(shop).pull(Kind.PRODUCTS, ids)
    return {product.id: product for product in pulled.objects if isinstance(product, Product)}


def rename(shop: Shop, place: Any) -> None:
    """Give every product another SKU, by what it is and its number."""
    state = shop.state
    for id, row in state.products.items():
        old, row["sku"] = row["sku"], place(row, id)
        state.by_sku[row["sku"].casefold()] = state.by_sku.pop(old.casefold())
        for source in state.sources:
            item = state.source_items.pop((old.casefold(), source), None)
            if item is not None:
                put_item(state, row["sku"], source, item["quantity"], item["status"])


@pytest.mark.parametrize(("limits", "page"), [(None, 1000), (InputLimits(), 300)])
def test_a_thousand_products_with_their_variants_and_stock_come_in_the_fewest_calls(
    limits: Any, page: int
) -> None:  # platforms 7.2
    shop = a_shop(1000, 0, 0, limits=limits)
    rows, items = len(shop.state.products), len(shop.state.source_items)
    connector = connect(shop)
    calls = counted(shop, lambda: walked(connector))
    learning = int(limits is not None)
    # The last SKU of a page of stock is read again: it may lie in another source, too.
    assert calls <= ceil(rows / page) + ceil(items / (page - 1)) + FACTS + learning
    assert len(walked(connector)) == 1000


@pytest.mark.parametrize("limits", [None, InputLimits(page=7), InputLimits(page=50)])
def test_what_is_walked_past_is_what_is_pulled(limits: Any) -> None:
    shop = a_shop(60, 0, 0, limits=limits)
    assert walked(connect(shop)) == told_singly(shop)


def test_a_worker_that_takes_over_goes_on_where_the_last_one_stopped() -> None:  # B-7
    shop = a_shop(60, 0, 0, limits=InputLimits(page=20))
    assert walked(connect(shop), lambda: connect(shop)) == told_singly(shop)


@pytest.mark.parametrize("page", [5, 40])
@pytest.mark.parametrize(
    "place",
    [
        lambda row, id: f"{'Z' if row['links'] else 'A'}{id}",
        lambda row, id: f"{'A' if row['links'] else 'Z'}{id}",
        lambda _, id: f"{id * 7919 % 1000}",
        lambda _, id: f"{'abBAzZ'[id % 6]}é, {9999 - id}",
    ],
)
def test_variants_are_found_wherever_their_skus_put_them(place: Any, page: int) -> None:
    shop = a_shop(40, 0, 0, limits=InputLimits(page=page))
    rename(shop, place)
    assert walked(connect(shop)) == told_singly(shop)


def test_stock_of_what_the_shop_sold_long_ago_is_nobodys() -> None:
    shop = a_shop(20, 0, 0, limits=InputLimits(page=10))
    for number in range(45):
        put_item(shop.state, f"SKU-00003-GONE-{number}", "default", 5, 1)
    assert walked(connect(shop)) == told_singly(shop)


def test_only_the_sources_that_count_are_read() -> None:
    shop = a_shop(30, 0, 0, limits=InputLimits(page=10))
    depot = walked(connect(shop, sources=("depot",)))
    assert {variant.quantity for product in depot.values() for variant in product.variants} == {0, 7}
    shop.state.sources["default"]["enabled"] = shop.state.sources["depot"]["enabled"] = False
    empty = walked(connect(shop))
    assert {variant.quantity for product in empty.values() for variant in product.variants} == {0}


def test_a_shop_that_breaks_down_under_a_thousand_whole_products_is_asked_for_fewer() -> None:  # B-4
    shop = a_shop(30, 0, 0)
    heavy = "GET /rest/V1/products$"
    connector = connect(shop)
    connector.check()
    shop.moods.add(Mood.UNAVAILABLE, match=heavy, after=1, times=4)
    assert walked(connector) == told_singly(shop)


def test_a_shop_without_sources_lists_its_products_by_id() -> None:
    shop = a_shop(9, 0, 0, msi=False)
    page = connect(shop).index(Kind.PRODUCTS, Selection(), None)
    assert len(page.entries) == 9
    assert page.objects == ()


def test_a_sku_in_more_sources_than_a_page_holds_is_no_silence() -> None:  # B-14
    shop = a_shop(6, 0, 0, limits=InputLimits(page=2))
    shop.state.sources["third"] = {"source_code": "third", "name": "Third", "enabled": True}
    for source in shop.state.sources:
        put_item(shop.state, "SKU-00002", source, 1, 1)
    with pytest.raises(walking.Incomplete, match="more sources"):
        walked(connect(shop))
