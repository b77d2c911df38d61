"""Finding goods by what names them, and what a catalogue over several shops asks of this one."""

from typing import Any

import pytest
from passerelle.model import Kind
from passerelle.port import By, Location, Match, Terms
from sandbox.woocommerce import Shop
from sandbox.woocommerce.sample import catalogue

from .connecting import connect, counted
from .wares import create, empty, mug, push, shirt

SIZES = [{"name": "Size", "visible": True, "variation": True, "options": ["S", "M"]}]


def made(shop: Shop, **given: Any) -> str:
    """A product put into the shop; `parts`: its variations."""
    parts = given.pop("parts", ())
    desk = shop.desk()
    answer = desk.act("POST", "/wc/v3/products", {}, {"name": "Thing", "regular_price": "10", **given}, {})
    id = int(answer.body["id"])
    for part in parts:
        desk.act("POST", f"/wc/v3/products/{id}/variations", {"product_id": id}, part, {})
    return str(id)


def varied(shop: Shop, sku: str, *parts: dict[str, Any]) -> str:
    return made(shop, sku=sku, type="variable", attributes=SIZES, parts=parts)


def test_products_are_found_by_a_sku_with_a_comma_and_by_a_variations() -> None:  # C-6
    shop = catalogue(0, 0, 0)
    plain, odd = made(shop, sku="A"), made(shop, sku="B,C")
    parent = varied(shop, "P", {"sku": "P-1", "regular_price": "1"})
    part = str(max(shop.state.products))
    found = connect(shop).find(Kind.PRODUCTS, ["a", "B,C", "P-1", "P", "none"])
    assert set(found) == {
        Match("a", plain, variant_id=plain),
        Match("B,C", odd, variant_id=odd),
        Match("P-1", parent, variant_id=part),
        # Nobody buys what only stands above its variations.
        Match("P", parent),
    }


def test_a_sku_is_found_without_case_or_outer_blanks_under_each_key_that_asked() -> None:  # C-5
    shop = catalogue(0, 0, 0)
    id = made(shop, sku="Été-1")
    found = connect(shop).find(Kind.PRODUCTS, [" été-1 ", "ÉTÉ-1", "", "  "])
    assert found == [Match(" été-1 ", id, variant_id=id), Match("ÉTÉ-1", id, variant_id=id)]


def test_our_reference_finds_what_has_no_sku() -> None:
    shop = empty()
    change = create(shirt())
    (outcome,) = push(shop, change)
    (match,) = connect(shop).find(Kind.PRODUCTS, [change.reference])
    assert (match.destination_id, match.variant_id) == (outcome.destination_id, "")


@pytest.mark.parametrize("variations", [True, False])
def test_every_product_with_a_barcode_is_found_with_its_variant(variations: bool) -> None:  # C-5
    shop = catalogue(40, 0, 0, variations=variations)
    plain = made(shop, global_unique_id="4006381333931")
    parent = varied(shop, "P", {"global_unique_id": "4006381333948", "regular_price": "1"})
    part = str(max(shop.state.products))
    # Two of one barcode come from before the shop looked.
    twin = made(shop)
    shop.state.products[int(twin)]["global_unique_id"] = "4006381333931"
    connector = connect(shop)
    found = connector.find(Kind.PRODUCTS, ["4006381333931", " 4006381333948", "0000"], By.BARCODE)
    assert set(found) == {
        Match("4006381333931", plain, variant_id=plain),
        Match("4006381333931", twin, variant_id=twin),
        Match(" 4006381333948", parent, variant_id=part),
    }
    assert counted(shop, lambda: connector.find(Kind.PRODUCTS, ["", " "], By.BARCODE)) == 0


def test_words_of_a_title_find_the_likest_first() -> None:  # C-17
    shop = catalogue(0, 0, 0)
    far, near, same = (
        made(shop, name=name) for name in ("Blue mug large with lid", "Blue mug large", "Blue mug")
    )
    made(shop, name="Scarf")
    found = connect(shop).find(Kind.PRODUCTS, ["blue mug", "mug of nowhere", "absent"], By.TITLE)
    assert [one.destination_id for one in found if one.key == "blue mug"] == [same, near, far]
    assert [one.destination_id for one in found if one.key == "mug of nowhere"] == []
    assert [one for one in found if one.key == "absent"] == []


def test_a_title_of_which_no_product_has_all_words_is_looked_for_by_its_longest() -> None:
    shop = catalogue(0, 0, 0)
    id = made(shop, name="Porcelain")
    (match,) = connect(shop).find(Kind.PRODUCTS, ["Porcelain cup"], By.TITLE)
    assert match == Match("Porcelain cup", id)


def test_the_terms_of_a_shop_are_told() -> None:
    shop = catalogue(0, 0, 0)
    place = (Location("shop", "The shop", default=True),)
    assert connect(shop).terms() == Terms("EUR", False, place)
    shop.state.settings["woocommerce_prices_include_tax"].value = "yes"
    assert connect(shop).terms() == Terms("EUR", True, place)


def test_what_stands_in_an_order_is_told() -> None:  # C-9
    shop = empty()
    sold, unpaid, never, part = (
        push(shop, create(mug()))[0].destination_id,
        made(shop, sku="UNPAID"),
        made(shop, sku="NEVER"),
        push(shop, create(shirt()))[0],
    )
    desk = shop.desk()
    orders = [
        ({"product_id": int(sold)}, {"set_paid": True}),
        ({"product_id": int(unpaid)}, {"status": "pending"}),
        ({"variation_id": int(part.variants["sM"]), "product_id": int(part.destination_id)}, {}),
    ]
    for line, more in orders:
        desk.act("POST", "/wc/v3/orders", {}, {"line_items": [{**line, "quantity": 1}], **more}, {})
    connector = connect(shop)
    every = [sold, unpaid, never, part.destination_id, "999"]
    assert connector.ordered(every) == {sold, unpaid, part.destination_id}
    assert connector.ordered([]) == set()
