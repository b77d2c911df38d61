"""Writing a part of a product: the fields that are named, and every other byte as somebody there left it."""

from dataclasses import replace
from typing import Any

import pytest
from passerelle.model import Image, Product, ProductStatus
from passerelle.port import PermissionMissing, Result

from .connecting import a_shop, connect
from .wares import (
    PICTURES,
    F,
    Gallery,
    Refusing,
    a_stand,
    anew,
    changed,
    codes,
    create,
    cup,
    dollars,
    edited,
    only,
    pulled,
    push,
    shirt,
    snapshot,
    update,
)

# What each field may touch, of the product and of its variants.
OF_PRODUCT = {
    F.TITLE: {"name"},
    F.DESCRIPTION: {"own description"},
    F.HANDLE: {"own url_key"},
    F.VENDOR: {"own manufacturer"},
    F.CATEGORIES: {"own category_ids"},
    F.IMAGES: {"media"},
    F.STATUS: {"status"},
}
OF_VARIANT = {
    F.SKU: {"sku"},
    F.BARCODE: {"own ean"},
    F.PRICE: {"price"},
    F.COMPARE_AT: {"price", "own special_price"},
    F.WEIGHT: {"weight"},
}


@pytest.mark.parametrize("made_of", [cup, shirt])
@pytest.mark.parametrize("field", sorted(F))
def test_a_field_that_is_named_is_written_and_every_other_byte_stays(field: F, made_of: Any) -> None:  # C-10
    shop, connector = a_stand()
    made = only(connector, create(made_of()))
    edited(shop, made)
    before = snapshot(shop)
    (outcome,) = push(connector, update(anew(made_of()), made, field))
    held = {F.TAGS, F.PRODUCT_TYPE, F.VARIANTS}
    assert outcome.result is (Result.UNCHANGED if field in held else Result.UPDATED), outcome
    mine = {f"product {made.destination_id} {name}" for name in OF_PRODUCT.get(field, ())}
    for id in made.variants.values():
        mine |= {f"product {id} {name}" for name in OF_VARIANT.get(field, ())}
        mine |= {f"legacy {id}"} if field is F.QUANTITY else set()
    mine |= {name for name in before if name.startswith(("source new-", "source cup ")) and "default" in name}
    differs = changed(before, snapshot(shop))
    if field is F.SKU:
        # What lay under the old SKU lies under the new one, too.
        new = {each.sku.casefold() for each in anew(made_of()).variants}
        assert {name.split()[1] for name in differs if name.startswith("source")} == new
        differs = {name for name in differs if not name.startswith("source")}
    assert bool(differs) is (field not in held)
    assert differs <= mine


@pytest.mark.parametrize("made_of", [cup, shirt])
@pytest.mark.parametrize("field", [*sorted(F), None])
def test_writing_it_again_is_no_write_at_all(field: F | None, made_of: Any) -> None:  # B-8
    shop, connector = a_stand()
    made = only(connector, create(made_of()))
    fields = (field,) if field else ()
    first = only(connector, update(anew(made_of()), made, *fields))
    assert first.result is not Result.REFUSED
    once = snapshot(shop)
    shop.calls.clear()
    again = only(connect(shop, barcode="ean"), update(anew(made_of()), made, *fields))
    assert again.result is Result.UNCHANGED
    assert again.variants == first.variants == made.variants
    assert shop.calls.writes == []
    assert snapshot(shop) == once


def test_creating_it_again_meets_it() -> None:
    shop, connector = a_stand()
    for each in (cup(), shirt()):
        made = only(connector, create(each))
        once = snapshot(shop)
        again = only(connector, create(each))
        assert (again.result, again.destination_id) == (Result.EXISTS, made.destination_id)
        assert snapshot(shop) == once


# --- prices --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "wanted", "fields", "then"),
    [
        (("20", None), ("25", None), (F.PRICE,), ("25", None)),
        (("20", "30"), ("25", None), (F.PRICE,), ("25", "30")),
        (("20", "30"), ("35", None), (F.PRICE,), ("35", None)),
        (("20", "30"), ("25", None), (F.COMPARE_AT,), ("20", None)),
        (("20", None), ("25", "40"), (F.COMPARE_AT,), ("20", "40")),
        (("20", "30"), ("25", "40"), (F.PRICE, F.COMPARE_AT), ("25", "40")),
        (("20", "30"), ("25", None), (F.PRICE, F.COMPARE_AT), ("25", None)),
        (("20", "30"), ("0", None), (F.PRICE, F.COMPARE_AT), ("0", None)),
    ],
)
def test_a_price_and_what_it_was_before_are_written_apart(
    held: Any, wanted: Any, fields: Any, then: Any
) -> None:
    def priced(price: str, before: str | None) -> Product:
        compare = dollars(before) if before else None
        return replace(
            cup(), variants=(replace(cup().variants[0], price=dollars(price), compare_at=compare),)
        )

    _, connector = a_stand()
    made = only(connector, create(priced(*held)))
    only(connector, update(priced(*wanted), made, *fields))
    (variant,) = pulled(connector, made.destination_id).variants
    assert (variant.price, variant.compare_at) == (dollars(then[0]), dollars(then[1]) if then[1] else None)


def test_a_reduction_whose_days_are_over_holds_again_when_it_is_written() -> None:
    shop, connector = a_stand()
    made = only(connector, create(cup()))
    row = shop.state.products[int(made.destination_id)]
    row["attributes"] |= {"special_price": "5", "special_to_date": "2026-01-01 00:00:00"}
    reduced = replace(cup().variants[0], price=dollars("9.00"), compare_at=dollars("12.50"))
    only(connector, update(replace(cup(), variants=(reduced,)), made, F.PRICE, F.COMPARE_AT))
    (variant,) = pulled(connector, made.destination_id).variants
    assert (str(variant.price.amount), variant.compare_at) == ("9.00", dollars("12.50"))


def test_prices_alone_take_one_write_for_all_of_them_and_refusals_are_told_singly() -> None:
    shop, connector = a_stand()
    cups = [
        replace(cup(), id=f"p{n}", variants=(replace(cup().variants[0], sku=f"CUP-{n}"),)) for n in range(120)
    ]
    made = push(connector, *(create(each) for each in cups))
    dearer = [replace(each, variants=(replace(each.variants[0], price=dollars("13.00")),)) for each in cups]
    shop.calls.clear()
    changes = [update(each, one, F.PRICE) for each, one in zip(dearer, made, strict=True)]
    shop.state.products[int(made[7].destination_id)]["type_id"] = "bundle"
    shop.calls.clear()
    outcomes = push(connector, *changes)
    assert [each.result for each in outcomes if each.result is not Result.UPDATED] == []
    assert [one.path for one in shop.calls.writes if "base-prices" in one.path] == [
        "/rest/all/V1/products/base-prices"
    ]


def test_a_price_that_the_shop_refuses_inside_its_answer_is_told_of_its_product_alone() -> None:
    def refused(path: str, body: Any) -> Any:
        if not path.endswith("base-prices"):
            return body
        return [{"message": "Invalid attribute %fieldName = %fieldValue.", "parameters": ["SKU", "CUP"]}]

    shop = a_shop(3, 0, 0)
    other = replace(cup(), id="p9", variants=(replace(cup().variants[0], sku="MUG"),))
    made = push(connect(shop), create(cup()), create(other))
    dearer = [
        replace(each, variants=(replace(each.variants[0], price=dollars("13.00")),))
        for each in (cup(), other)
    ]
    outcomes = push(
        connect(shop, edit=refused),
        *(update(each, one, F.PRICE) for each, one in zip(dearer, made, strict=True)),
    )
    assert [(each.result, each.code) for each in outcomes] == [
        (Result.REFUSED, "product_refused"),
        (Result.UPDATED, ""),
    ]


# --- what a buyer reads --------------------------------------------------------------------------------------


def test_what_the_shop_has_no_place_for_is_told() -> None:  # D-19
    shop = a_shop(3, 0, 0)
    rich = replace(
        cup(),
        tags=("new",),
        product_type="Cups",
        vendor="Nobody",
        images=(Image("1", f"{PICTURES}/a.webp"), Image("2", f"{PICTURES}/b.png")),
        variants=(replace(cup().variants[0], barcode="4001234567890"),),
        status=ProductStatus.UNLISTED,
        title="T" * 300,
    )
    del shop.state.attributes["manufacturer"]
    made = only(connect(shop, origins={PICTURES: Gallery()}), create(rich))
    assert made.result is Result.CREATED
    assert codes(made) == [
        "barcode_not_held",
        "image_left_out",
        "product_type_not_held",
        "status_not_held",
        "tags_not_held",
        "title_not_held",
        "vendor_not_held",
    ]
    told = pulled(connect(shop), made.destination_id)
    assert (told.status, len(told.title), len(told.images)) == (ProductStatus.DRAFT, 255, 1)


def test_nothing_is_told_of_fields_that_are_not_wanted() -> None:
    _, connector = a_stand()
    made = only(connector, create(cup()))
    rich = replace(cup(title="Mug"), tags=("new",), product_type="Cups", status=ProductStatus.ARCHIVED)
    assert codes(only(connector, update(rich, made, F.TITLE))) == []


@pytest.mark.parametrize(
    ("status", "reads"),
    [
        (ProductStatus.ACTIVE, ProductStatus.ACTIVE),
        (ProductStatus.DRAFT, ProductStatus.DRAFT),
        (ProductStatus.ARCHIVED, ProductStatus.DRAFT),
        (ProductStatus.UNLISTED, ProductStatus.DRAFT),
    ],
)
def test_how_each_status_reads_back(status: ProductStatus, reads: ProductStatus) -> None:
    _, connector = a_stand()
    made = only(connector, create(cup(status=status)))
    assert pulled(connector, made.destination_id).status is reads


def test_a_product_whose_status_is_not_wanted_is_made_switched_off() -> None:
    _, connector = a_stand()
    made = only(connector, create(shirt(), F.TITLE, F.VARIANTS, F.PRICE))
    told = pulled(connector, made.destination_id)
    assert (told.status, told.description_html, told.vendor) == (ProductStatus.DRAFT, "", "")


def test_an_address_that_another_product_has_is_told_and_not_taken() -> None:
    _, connector = a_stand()
    first = only(connector, create(shirt()))
    second = replace(shirt(), id="p3", variants=tuple(replace(v, sku=f"{v.sku}-3") for v in shirt().variants))
    made = only(connector, create(second))
    assert codes(made) == ["handle_taken"]
    assert pulled(connector, first.destination_id).handle == "shirt"
    assert pulled(connector, made.destination_id).handle not in {"", "shirt"}
    again = only(connector, update(second, made, F.HANDLE))
    assert (again.result, codes(again)) == (Result.UNCHANGED, ["handle_taken"])


def test_two_of_one_batch_do_not_get_one_address() -> None:
    _, connector = a_stand()
    second = replace(shirt(), id="p3", variants=tuple(replace(v, sku=f"{v.sku}-3") for v in shirt().variants))
    outcomes = push(connector, create(shirt()), create(second))
    assert [each.result for each in outcomes] == [Result.CREATED] * 2
    assert [codes(each) for each in outcomes] == [[], ["handle_taken"]]


def test_categories_are_found_by_name_made_where_missing_and_keep_their_places() -> None:
    shop, connector = a_stand()
    made = only(connector, create(cup(categories=("maison", "Neuf"))))
    assert pulled(connector, made.destination_id).categories == ("Maison", "Neuf")
    row = shop.state.products[int(made.destination_id)]
    row["attributes"]["category_ids"].append("77")  # under the root of another shop
    only(connector, update(cup(categories=("Neuf",)), made, F.CATEGORIES))
    kept = row["attributes"]["category_ids"]
    assert "77" in kept
    assert len(kept) == 2
    only(connector, update(cup(categories=()), made, F.CATEGORIES))
    assert row["attributes"]["category_ids"] == ["77"]


def test_a_category_that_the_shop_refuses_is_told_and_the_product_is_made() -> None:
    shop = a_shop(3, 0, 0)
    made = only(connect(Refusing(shop, "Neuf")), create(cup(categories=("Neuf", "Maison"))))
    assert (made.result, codes(made)) == (Result.CREATED, ["categories_not_held"])
    assert pulled(connect(shop), made.destination_id).categories == ("Maison",)


def test_a_token_that_may_not_read_categories_names_the_right_it_lacks() -> None:
    shop = a_shop(3, 0, 0)
    shop.guard.tokens["weak"] = frozenset({"Magento_Catalog::products", "Magento_Backend::store"})
    with pytest.raises(PermissionMissing, match="Magento_Catalog::categories"):
        only(connect(shop, {"token": "weak"}), create(cup(categories=("Neuf",))))


# --- pictures ------------------------------------------------------------------------------------------------


def test_the_same_pictures_again_are_not_fetched_and_not_sent() -> None:  # C-10
    shop, gallery = a_shop(3, 0, 0), Gallery()
    connector = connect(shop, origins={PICTURES: gallery})
    several = tuple(Image(str(n), f"{PICTURES}/{n}.png", f"View {n}") for n in range(3))
    gone = Image("9", f"{PICTURES}/gone.png")
    variants = tuple(
        replace(each, image_url=f"{PICTURES}/{each.id}.png") for each in shirt("M", "L").variants
    )
    made = only(connector, create(replace(shirt(), images=several, variants=variants)))
    row = shop.state.products[int(made.destination_id)]
    assert len(row["media"]) == 3
    assert [len(shop.state.products[id]["media"]) for id in row["links"]] == [1, 1]
    told = pulled(connector, made.destination_id)
    assert len({each.image_url for each in told.variants}) == 2
    gallery.fetched.clear()
    shop.calls.clear()
    same = replace(shirt(), images=several, variants=variants)
    assert only(connector, update(same, made, F.IMAGES)).result is Result.UNCHANGED
    assert (gallery.fetched, shop.calls.writes) == ([], [])
    worded = replace(same, images=(replace(several[0], alt="Front"), *several[1:]))
    assert only(connector, update(worded, made, F.IMAGES)).result is Result.UPDATED
    assert (gallery.fetched, row["media"][0]["label"]) == ([], "Front")
    only(connector, update(same, made, F.IMAGES))
    fewer = replace(same, images=(several[2], several[0], gone))
    assert only(connector, update(fewer, made, F.IMAGES)).result is Result.UPDATED
    assert gallery.fetched == ["/gone.png"]
    assert [one["label"] for one in sorted(row["media"], key=lambda one: one["position"])] == [
        "View 2",
        "View 0",
    ]
    shop.calls.clear()
    assert only(connector, update(fewer, made, F.IMAGES)).result is Result.UNCHANGED
    assert shop.calls.writes == []


# --- where it lies -------------------------------------------------------------------------------------------


def test_units_go_to_the_source_that_counts() -> None:  # C-7
    shop = a_shop(3, 0, 0)
    connector = connect(shop, sources=("depot",))
    made = only(connector, create(cup()))
    assert pulled(connector, made.destination_id).variants[0].quantity == 3
    assert shop.state.source_items["cup", "depot"]["quantity"] == 3
    more = replace(cup(), variants=(replace(cup().variants[0], quantity=8),))
    assert only(connector, update(more, made, F.QUANTITY)).result is Result.UPDATED
    assert only(connector, update(more, made, F.QUANTITY)).result is Result.UNCHANGED
    assert shop.state.source_items["cup", "depot"]["quantity"] == 8


def test_what_is_not_counted_is_made_so_and_left_so() -> None:
    shop = a_shop(3, 0, 0)
    connector = connect(shop)
    endless = replace(cup(), variants=(replace(cup().variants[0], quantity=None),))
    made = only(connector, create(endless))
    item = shop.state.stock_items[int(made.destination_id)]
    assert item["manage_stock"] is False
    assert only(connector, update(endless, made, F.QUANTITY)).result is Result.UNCHANGED


# --- languages -----------------------------------------------------------------------------------------------


def test_what_a_store_view_says_in_its_own_words_stays() -> None:  # C-10
    shop = a_shop(3, 0, 0)
    connector = connect(shop)
    made = only(connector, create(cup()))
    row = shop.state.products[int(made.destination_id)]
    row["own"] = {"name": "Tasse", "description": "<p>Une tasse</p>"}
    change = update(cup(title="Mug"), made, F.TITLE)
    assert only(connector, change).result is Result.UPDATED
    assert only(connector, change).result is Result.UNCHANGED
    assert (row["name"], row["own"]) == ("Mug", {"name": "Tasse", "description": "<p>Une tasse</p>"})
