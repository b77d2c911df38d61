"""What a WooCommerce shop cannot hold is told and not dropped; pictures are fetched once; SKUs belong to one thing."""

from dataclasses import replace

import pytest
from passerelle.model import Image, Kind, Product, ProductField, ProductStatus, Variant
from passerelle.port import Result, Unavailable
from sandbox.moods import Mood
from sandbox.woocommerce import Shop

from .connecting import connect
from .wares import PICTURE, create, empty, euros, held, mug, only, pulled, push, shirt, told, update


def picture(name: str, alt: str = "") -> Image:
    return Image(name, f"https://vendor.example/{name}", alt)


def files(shop: Shop, id: str) -> list[str]:
    return [one["file"].rpartition("/")[2] for one in shop.state.products[int(id)]["images"]]


# --- pictures ------------------------------------------------------------------------------------------------


def test_pictures_keep_their_order_and_their_words_and_are_fetched_once() -> None:  # C-10
    shop = empty()
    three = (picture("a.jpg", "Front"), picture("b.png"), picture("c.webp"))
    (made,) = push(shop, create(mug(images=three)))
    before = [one["id"] for one in shop.state.products[int(made.destination_id)]["images"]]
    turned = (three[2], replace(three[0], alt="From the front"), picture("d.gif"))
    push(shop, only(mug(images=turned), made.destination_id, ProductField.IMAGES))
    after = shop.state.products[int(made.destination_id)]["images"]
    assert files(shop, made.destination_id) == ["c.webp", "a.jpg", "d.gif"]
    assert [one["id"] for one in after[:2]] == [before[2], before[0]]
    assert after[1]["alt"] == "From the front"


def test_a_variants_picture_that_its_product_has_is_not_fetched_again() -> None:
    shop = empty()
    parts = tuple(replace(one, image_url=PICTURE) for one in shirt("S", "M").variants)
    product = replace(shirt(), variants=parts, images=(Image("i", PICTURE),))
    (made,) = push(shop, create(product))
    rows = shop.state.products
    media = {one["id"] for row in rows.values() for one in row["images"]}
    assert len(media) == 1
    assert [len(rows[int(id)]["images"]) for id in made.variants.values()] == [1, 1]
    shop.calls.clear()
    (again,) = push(shop, update(product, made.destination_id))
    assert (again.result, shop.calls.writes) == (Result.UNCHANGED, [])
    bare = replace(product, variants=shirt("S", "M").variants)
    push(shop, only(bare, made.destination_id, ProductField.IMAGES))
    assert [len(rows[int(id)]["images"]) for id in made.variants.values()] == [0, 0]


def test_a_picture_that_somebody_took_away_does_not_come_back_until_the_list_changes() -> None:
    shop = empty()
    (made,) = push(shop, create(mug(images=(picture("a.jpg"), picture("b.jpg")))))
    row = shop.state.products[int(made.destination_id)]
    row["images"] = row["images"][1:]
    change = only(mug(images=(picture("a.jpg"), picture("b.jpg"))), made.destination_id, ProductField.IMAGES)
    assert push(shop, change)[0].result is Result.UNCHANGED
    assert files(shop, made.destination_id) == ["b.jpg"]


@pytest.mark.parametrize("where", ["product", "variant"])
def test_a_picture_that_the_shop_cannot_fetch_costs_no_other(where: str) -> None:
    shop = empty()
    bad = picture("gone.jpg")
    shop.state.unreachable.add(bad.url)
    if where == "product":
        goods = mug(images=(picture("a.jpg"), bad, picture("c.jpg"), picture("d.exe")))
    else:
        parts = tuple(replace(one, image_url=bad.url) for one in shirt("S", "M").variants)
        goods = replace(shirt(), variants=parts, images=(picture("a.jpg"),))
    (made,) = push(shop, create(goods))
    assert (made.result, told(made)) == (Result.CREATED, {"image_left_out"})
    assert files(shop, made.destination_id) == (["a.jpg", "c.jpg"] if where == "product" else ["a.jpg"])
    assert len(made.variants) == len(goods.variants)
    shop.calls.clear()
    (again,) = push(shop, update(goods, made.destination_id))
    assert (again.result, told(again)) == (Result.UNCHANGED, {"image_left_out"})
    assert shop.calls.writes == []


# --- what is not held ----------------------------------------------------------------------------------------


def test_a_brand_is_the_vendor_and_where_there_are_none_it_is_told() -> None:
    shop = empty()
    one, two = mug(vendor="Maison & Cie"), replace(shirt(), vendor="maison & cie")
    first, second = push(shop, create(one), create(two))
    assert pulled(shop, first.destination_id).vendor == "Maison & Cie"
    assert len(shop.state.brands) == 1
    assert told(first) == told(second) == set()
    connector = connect(empty_without_brands())
    (plain,) = connector.push(Kind.PRODUCTS, [create(one)])
    assert (plain.result, told(plain)) == (Result.CREATED, {"vendor_not_held"})


def empty_without_brands() -> Shop:
    shop = empty()
    shop.state.has_brands = False
    return shop


def test_a_barcode_that_is_no_number_or_somebody_elses_is_told() -> None:
    shop = empty()
    push(shop, create(mug()))
    twin = Product("p5", "Twin", (Variant("v5", euros("1.00"), "TWIN", "4006381333931"),))
    odd = Product("p6", "Odd", (Variant("v6", euros("1.00"), "ODD", "ABC-1"),))
    second, third = push(shop, create(twin), create(odd))
    assert [(one.result, told(one)) for one in (second, third)] == [
        (Result.CREATED, {"barcode_not_held"})
    ] * 2
    shop.calls.clear()
    again = push(shop, update(twin, second.destination_id), update(odd, third.destination_id))
    assert [(one.result, told(one)) for one in again] == [(Result.UNCHANGED, {"barcode_not_held"})] * 2
    assert shop.calls.writes == []


def test_a_type_and_a_weight_without_a_unit_are_told() -> None:
    shop = empty()
    shop.state.settings["woocommerce_weight_unit"].value = "stone"
    typed, same = push(
        shop,
        create(mug(product_type="Crockery")),
        create(replace(shirt(), product_type="Tops", categories=("tops",))),
    )
    assert told(typed) == {"product_type_not_held", "weight_not_held"}
    assert told(same) == set()


@pytest.mark.parametrize(("unit", "grams"), [("kg", 1), ("lbs", 400), ("oz", 333), ("g", 17)])
def test_a_weight_comes_back_to_the_gram(unit: str, grams: int) -> None:
    shop = empty()
    shop.state.settings["woocommerce_weight_unit"].value = unit
    (made,) = push(shop, create(mug(variants=(replace(mug().variants[0], weight_grams=grams),))))
    assert pulled(shop, made.destination_id).variants[0].weight_grams == grams


def test_a_sku_that_is_too_long_or_twice_in_one_product_is_told() -> None:
    shop = empty()
    long = mug(variants=(replace(mug().variants[0], sku="L" * 101),))
    doubled = replace(
        shirt("S", "M"), variants=tuple(replace(one, sku="TS") for one in shirt("S", "M").variants)
    )
    first, second = push(shop, create(long), create(doubled))
    assert (first.result, told(first), second.result, told(second)) == (
        *(Result.CREATED, {"sku_not_held"}),
        *(Result.CREATED, {"sku_not_held"}),
    )
    assert sorted(one.sku for one in pulled(shop, second.destination_id).variants) == ["", "TS"]
    again = push(shop, update(long, first.destination_id), update(doubled, second.destination_id))
    assert {one.result for one in again} == {Result.UNCHANGED}


def test_a_bar_in_an_option_becomes_a_stroke() -> None:
    shop = empty()
    odd = replace(shirt("S"), variants=(replace(shirt("S").variants[0], options=(("Size", "S|M"),)),))
    (made,) = push(shop, create(odd))
    assert pulled(shop, made.destination_id).variants[0].options == (("Size", "S/M"),)
    assert push(shop, update(odd, made.destination_id))[0].result is Result.UNCHANGED


# --- status, address, sorts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "read"),
    [
        (ProductStatus.ACTIVE, ProductStatus.ACTIVE),
        (ProductStatus.DRAFT, ProductStatus.DRAFT),
        (ProductStatus.UNLISTED, ProductStatus.UNLISTED),
        (ProductStatus.ARCHIVED, ProductStatus.DRAFT),
    ],
)
def test_a_status_reads_back_as_near_as_the_shop_has_it(status: ProductStatus, read: ProductStatus) -> None:
    shop = empty()
    (made,) = push(shop, create(mug()))
    for _ in range(2):
        (outcome,) = push(shop, only(mug(status=status), made.destination_id, ProductField.STATUS))
        assert pulled(shop, made.destination_id).status is read
    assert outcome.result is Result.UNCHANGED
    push(shop, only(mug(), made.destination_id, ProductField.STATUS))
    assert pulled(shop, made.destination_id).status is ProductStatus.ACTIVE


def test_a_handle_that_is_taken_gets_a_number_and_is_left_so() -> None:
    shop = empty()
    first, second = push(shop, create(mug(handle="tasse-été")), create(replace(shirt(), handle="tasse-été")))
    assert pulled(shop, second.destination_id).handle.endswith("-2")
    again = push(
        shop,
        update(mug(handle="tasse-ete"), first.destination_id),
        update(replace(shirt(), handle="tasse-ete"), second.destination_id),
    )
    assert {one.result for one in again} == {Result.UNCHANGED}


def test_tags_are_emptied_and_a_category_stays_where_none_is_told() -> None:
    shop = empty()
    (made,) = push(shop, create(mug()))
    push(shop, update(mug(tags=(), categories=()), made.destination_id))
    found = pulled(shop, made.destination_id)
    assert (found.tags, found.categories) == ((), ("Cups & Co",))


def test_a_category_below_another_is_taken_and_not_made_again() -> None:
    shop = empty()
    desk = shop.desk()
    top = desk.act("POST", "/wc/v3/products/categories", {}, {"name": "Home"}, {}).body["id"]
    below = {"name": "Cups & Co", "parent": top}
    desk.act("POST", "/wc/v3/products/categories", {}, below, {})
    count = len(shop.state.categories)
    push(shop, create(mug()))
    assert len(shop.state.categories) == count


# --- what is there already -----------------------------------------------------------------------------------


def test_a_sku_is_somebody_elses_whatever_its_case_and_nothing_is_written() -> None:  # C-5
    shop = empty()
    other = shop.desk().act("POST", "/wc/v3/products", {}, {"name": "Theirs", "sku": "ts-m"}, {}).body["id"]
    before = held(shop)
    (outcome,) = push(shop, create(shirt()))
    assert (outcome.result, outcome.destination_id) == (Result.EXISTS, str(other))
    assert held(shop) == before


def test_of_two_new_products_with_one_sku_the_second_is_not_made() -> None:
    shop = empty()
    first, second = push(shop, create(mug()), create(replace(mug(title="Again"), id="p7")))
    assert (first.result, second.result) == (Result.CREATED, Result.EXISTS)
    assert len(shop.state.products) == 1


def test_a_product_of_ours_that_gets_options_gets_variations() -> None:
    shop = empty()
    bare = replace(
        mug(), id="p2", variants=(Variant("v1", euros("20.00"), "TS-S", "4006381333931", quantity=1),)
    )
    (made,) = push(shop, create(bare))
    grown = replace(shirt("S", "M"), title="Mug")
    (outcome,) = push(shop, replace(update(grown, made.destination_id), variants=made.variants))
    assert (outcome.result, outcome.destination_id) == (Result.UPDATED, made.destination_id)
    assert [one.sku for one in pulled(shop, made.destination_id).variants] == ["TS-S", "TS-M"]
    assert set(outcome.variants) == {"sS", "sM"}


def test_a_product_of_the_dependents_own_gets_no_variations() -> None:
    shop = empty()
    theirs = {
        "name": "Theirs",
        "sku": "TS-M",
        "regular_price": "1",
        "manage_stock": True,
        "stock_quantity": 1,
    }
    id = str(shop.desk().act("POST", "/wc/v3/products", {}, theirs, {}).body["id"])
    (outcome,) = push(shop, update(shirt(), id))
    assert (outcome.result, told(outcome), outcome.variants) == (
        Result.UPDATED,
        {"variants_not_held"},
        {"sM": id},
    )
    row = shop.state.products[int(id)]
    assert (row["type"], row["regular_price"], row["name"]) == ("simple", "20.00", "Shirt")


def test_a_reference_that_stands_in_for_a_sku_is_not_told_as_one() -> None:
    shop = empty()
    bare = mug(variants=(replace(mug().variants[0], sku=""),))
    (made,) = push(shop, create(bare))
    assert pulled(shop, made.destination_id).variants[0].sku == ""
    (again,) = push(shop, update(bare, made.destination_id))
    assert again.result is Result.UNCHANGED


@pytest.mark.parametrize(
    "lost", ["POST .*/products/batch$", "POST .*/variations/batch$", "POST .*/tags/batch$"]
)
def test_a_lost_answer_makes_nothing_twice(lost: str) -> None:  # B-7
    goods = replace(shirt(), tags=("Gift",), images=(Image("i", PICTURE),))
    undisturbed, shop = empty(), empty()
    push(undisturbed, create(goods))
    shop.moods.add(Mood.LOST_ANSWER, lost)
    with pytest.raises(Unavailable):
        push(shop, create(goods))
    (again,) = push(shop, create(goods))
    assert again.result in (Result.CREATED, Result.UPDATED, Result.UNCHANGED)
    assert len(again.variants) == 3
    assert [names(row) for row in held(shop).values()] == [names(row) for row in held(undisturbed).values()]
    assert len(shop.state.tags) == 1


def names(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in ("name", "sku", "type", "regular_price", "stock_quantity", "tags")}
