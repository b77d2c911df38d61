"""Stock by variant: listed whole by hundreds, written where it differs, told by webhook."""

from dataclasses import replace
from typing import Any

import pytest
from passerelle.model import Kind, Product, StockLevel
from passerelle.port import Action, Change, Result, Selection, Unavailable
from sandbox.moods import Mood
from sandbox.woocommerce import Shop
from sandbox.woocommerce.sample import catalogue

from .connecting import HOOK, connect, counted, listed
from .wares import create, empty, held, mug, push, shirt, told


def level(shop: Shop, sku: str, quantity: int | None) -> Change:
    """A change of a level that is named by its own id."""
    (match,) = connect(shop).find(Kind.STOCK, [sku])
    return Change(sku, Action.UPDATE, StockLevel(sku, sku, quantity), match.destination_id)


def of_variant(product: str, variant: str, quantity: int | None, **more: Any) -> Change:
    """A change of a variant as its product tells it."""
    wanted = replace(StockLevel("s", "", quantity, product), **more)
    return Change(f"{product}/{variant}", Action.UPDATE, wanted, variant)


@pytest.mark.parametrize("variations", [True, False])
def test_an_index_brings_every_level_whole_as_a_pull_does(variations: bool) -> None:
    shop = catalogue(140, 0, 0, variations=variations)
    bare = next(row for row in shop.state.products.values() if row["type"] == "variation")
    bare["sku"] = ""
    brought: dict[str, object] = {}
    after: str | None = None
    while True:
        # Each page is read by another worker.
        page = connect(shop).index(Kind.STOCK, Selection(), after)
        assert [one.id for one in page.objects] == [entry.id for entry in page.entries]
        brought |= {one.id: one for one in page.objects}
        after = page.after
        if after is None:
            break
    connector = connect(shop)
    assert list(connector.pull(Kind.STOCK, list(brought)).objects) == list(brought.values())
    products = connector.pull(Kind.PRODUCTS, listed(connector, Kind.PRODUCTS)).objects
    told_by_products = {
        (product.id, variant.id, variant.quantity, variant.sku)
        for product in products
        if isinstance(product, Product)
        for variant in product.variants
    }
    assert told_by_products == {
        (one.product_id, one.variant_id, one.quantity, one.sku)
        for one in brought.values()
        if isinstance(one, StockLevel)
    }


def test_a_thousand_levels_take_ten_calls_and_the_overlap_of_the_pages() -> None:
    shop = catalogue(0, 0, 0)
    desk = shop.desk()
    for number in range(1000):
        given = {
            "name": f"Cup {number}",
            "sku": f"C-{number}",
            "manage_stock": True,
            "stock_quantity": number,
        }
        desk.act("POST", "/wc/v3/products", {}, given, {})
    connector = connect(shop)
    listed(connector, Kind.STOCK)
    # And one to learn that there are no variations.
    assert counted(shop, lambda: listed(connector, Kind.STOCK)) == 10 + 1 + 1


def test_variants_are_named_as_their_products_tell_them() -> None:  # C-7
    shop = empty()
    plain, varied = push(shop, create(mug()), create(shirt()))
    one, two = plain.variants["v1"], varied.variants["sM"]
    changes = [of_variant(plain.destination_id, one, 7), of_variant(varied.destination_id, two, 5)]
    outcomes = push(shop, *changes, kind=Kind.STOCK)
    assert [(each.result, each.destination_id) for each in outcomes] == [
        (Result.UPDATED, one),
        (Result.UPDATED, two),
    ]
    assert [shop.state.products[int(id)]["stock_quantity"] for id in (one, two)] == [7, 5]
    shop.calls.clear()
    assert {each.result for each in push(shop, *changes, kind=Kind.STOCK)} == {Result.UNCHANGED}
    assert shop.calls.writes == []


def test_stock_of_products_and_of_variations_is_written_by_level() -> None:
    shop = empty()
    push(shop, create(mug()), create(shirt()))
    changes = [level(shop, "MUG", 7), level(shop, "TS-M", 0), level(shop, "TS-L", 2)]
    outcomes = push(shop, *changes, kind=Kind.STOCK)
    assert [one.result for one in outcomes] == [Result.UPDATED, Result.UPDATED, Result.UNCHANGED]
    found = connect(shop).pull(Kind.STOCK, [change.destination_id for change in changes]).objects
    assert [one.quantity for one in found if isinstance(one, StockLevel)] == [7, 0, 2]


def test_a_level_names_the_shops_one_place_or_none() -> None:  # C-7
    shop = empty()
    (made,) = push(shop, create(mug()))
    id = made.destination_id
    place = connect(shop).terms().locations[0].id
    named = of_variant(id, id, 99, by_location=((place, 8),))
    assert [one.result for one in push(shop, named, kind=Kind.STOCK)] == [Result.UPDATED]
    assert shop.state.products[int(id)]["stock_quantity"] == 8
    (elsewhere,) = push(shop, of_variant(id, id, 99, by_location=(("moon", 8),)), kind=Kind.STOCK)
    assert (elsewhere.result, elsewhere.code) == (Result.REFUSED, "location_unknown")


def test_what_is_not_counted_is_left_so() -> None:  # C-7
    shop = empty()
    loose = mug(variants=(replace(mug().variants[0], quantity=None),))
    made, other = push(shop, create(loose), create(shirt("S")))
    before = held(shop)
    untracked = of_variant(made.destination_id, made.destination_id, 4)
    untold = of_variant(other.destination_id, other.variants["sS"], None)
    outcomes = push(shop, untracked, untold, kind=Kind.STOCK)
    assert [(one.result, told(one)) for one in outcomes] == [
        (Result.UNCHANGED, {"stock_not_tracked"}),
        (Result.UNCHANGED, set()),
    ]
    assert held(shop) == before


def test_variations_that_share_a_count_get_each_its_own() -> None:
    shop = empty()
    (made,) = push(shop, create(shirt("S", "M")))
    parent = shop.state.products[int(made.destination_id)]
    parent |= {"manage_stock": True, "stock_quantity": 8}
    for id in made.variants.values():
        shop.state.products[int(id)] |= {"manage_stock": False, "stock_quantity": None}
    changes = [
        of_variant(made.destination_id, made.variants[f"s{size}"], units)
        for size, units in (("S", 3), ("M", 5))
    ]
    assert {one.result for one in push(shop, *changes, kind=Kind.STOCK)} == {Result.UPDATED}
    assert [shop.state.products[int(id)]["stock_quantity"] for id in made.variants.values()] == [3, 5]
    assert parent["stock_quantity"] == 8


@pytest.mark.parametrize("variations", [True, False])
def test_a_hundred_levels_of_plain_products_take_a_look_and_a_write(variations: bool) -> None:
    shop = catalogue(140, 0, 0, variations=variations)
    rows = shop.state.products.items()
    plain = [str(id) for id, row in rows if row["type"] == "simple" and row["manage_stock"]][:70]
    changes = [of_variant(id, id, 5000 + int(id)) for id in plain]
    connector = connect(shop)
    assert counted(shop, lambda: connector.push(Kind.STOCK, changes)) == 2
    assert len(shop.calls.writes) == 1


def test_variations_take_a_look_a_hundred_and_a_write_a_product() -> None:
    shop = catalogue(30, 0, 0)
    parts = [row for row in shop.state.products.values() if row["type"] == "variation"]
    changes = [of_variant(str(row["parent_id"]), str(row["id"]), 5000) for row in parts]
    connector, looks, products = connect(shop), -(-len(parts) // 100), 10
    # And one to learn that the shop lists variations together.
    assert counted(shop, lambda: connector.push(Kind.STOCK, changes)) == looks + products + 1
    assert {row["stock_quantity"] for row in parts} == {5000}


def test_stock_of_what_is_gone_is_refused_alone() -> None:
    shop = empty()
    made, binned = push(shop, create(mug()), create(shirt()))
    shop.acts.trash_product(int(binned.destination_id))
    gone = of_variant("999", "999", 1)
    part = of_variant(binned.destination_id, "9999", 1)
    good = of_variant(made.destination_id, made.destination_id, 1)
    outcomes = push(shop, gone, part, good, kind=Kind.STOCK)
    assert [(one.result, one.code) for one in outcomes] == [
        (Result.REFUSED, "missing"),
        (Result.REFUSED, "missing"),
        (Result.UPDATED, ""),
    ]


def test_a_lost_answer_about_stock_is_told_and_twice_is_as_once() -> None:  # C-8
    shop = empty()
    (made,) = push(shop, create(mug()))
    change = of_variant(made.destination_id, made.destination_id, 12)
    shop.moods.add(Mood.LOST_ANSWER, "POST .*/products/batch$")
    with pytest.raises(Unavailable):
        push(shop, change, kind=Kind.STOCK)
    assert push(shop, change, kind=Kind.STOCK)[0].result is Result.UNCHANGED
    assert shop.state.products[int(made.destination_id)]["stock_quantity"] == 12


def test_a_webhook_of_a_product_tells_its_stock_too_by_the_ids_of_the_index() -> None:
    shop = empty()
    plain, varied = push(shop, create(mug()), create(shirt("S", "M")))
    connector = connect(shop)
    (secret,) = [one.secret for one in connector.subscribe(HOOK) if one.secret]
    shop.state.happened.clear()
    heard: list[tuple[dict[str, str], bytes]] = []

    def post(_: str, headers: Any, body: bytes) -> int:
        heard.append(({name.lower(): value for name, value in headers.items()}, body))
        return 200

    shop.hooks.post = post
    shop.acts.set_quantity(int(plain.destination_id), 3)
    shop.acts.set_quantity(int(varied.variants["sM"]), 2)
    shop.acts.rename_product(int(varied.destination_id), "Renamed")
    shop.deliver()
    notices = [one for headers, body in heard for one in connector.hear(headers, body, [secret])]
    parent = varied.destination_id
    assert [one.id for one in notices if one.kind is Kind.STOCK] == [
        f"{plain.destination_id}-0",
        f"{parent}-{varied.variants['sM']}",
    ]
    assert {one.id for one in notices if one.kind is Kind.PRODUCTS} == {plain.destination_id, parent}
    assert {one.id for one in notices if one.kind is Kind.STOCK} <= set(listed(connector, Kind.STOCK))
    assert len({one.delivery_id for one in notices}) == len(notices)
