"""Writing a part of a product: the fields that are named, and every other byte as somebody there left it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from passerelle.model import Image, Kind, Product, ProductField, ProductStatus, Variant
from passerelle.port import Action, Outcome, Result
from sandbox.woocommerce import Shop

from .connecting import connect, counted
from .wares import create, empty, euros, held, mug, only, pulled, push, shirt, told, update

PICTURES = tuple(Image(str(n), f"https://vendor.example/p{n}.jpg", f"View {n}") for n in range(3))
OTHER = {
    "purchase_note": "Wash cold",
    "menu_order": 7,
    "short_description": "Ours",
    "low_stock_amount": 2,
    "featured": True,
    "upsell_ids": [5],
}
"""What a dependent writes into its own product."""


def edited(shop: Shop, id: str) -> None:
    """The dependent adds to a product: texts, meta data, an attribute, a picture, and a variation of its own."""
    desk, number = shop.desk(), int(id)
    row = shop.state.products[number]
    kept = [{"id": one["id"]} for one in row["images"]]
    attributes = [
        *row["attributes"],
        {"name": "Care", "visible": True, "variation": False, "options": ["30°"]},
    ]
    given: dict[str, Any] = {**OTHER, "meta_data": [{"key": "_of_a_plugin", "value": "kept"}]}
    given |= {"attributes": attributes, "images": [*kept, {"src": "https://own.example/own.jpg"}]}
    desk.act("PUT", f"/wc/v3/products/{number}", {"id": number}, given, {})
    if row["type"] == "variable":
        own = {"sku": "OWN", "regular_price": "99", "attributes": [{"name": "Size", "option": "One"}]}
        named = {"product_id": number}
        desk.act("POST", f"/wc/v3/products/{number}/variations", named, own, {})


def differences(before: Mapping[int, Any], after: Mapping[int, Any]) -> dict[int, set[str]]:
    """Id → the names of what is not as it was, without the date that the shop moves."""
    found = {
        id: {name for name in row if row[name] != after.get(id, {}).get(name)} - {"date_modified"}
        for id, row in before.items()
    }
    return {id: names for id, names in found.items() if names}


def anew(product: Product) -> Product:
    """The same with everything changed at its source."""
    variants = tuple(
        replace(
            one,
            price=euros("7.70"),
            compare_at=euros("30.00"),
            barcode=f"40063813339{number:02}",
            weight_grams=1234,
            quantity=77,
            sku=f"{one.sku}-B",
        )
        for number, one in enumerate(product.variants)
    )
    return replace(
        product,
        variants=variants,
        title="Anew",
        description_html="<p>Anew</p>",
        handle="anew",
        vendor="Maison",
        tags=("New",),
        categories=("Elsewhere",),
        images=(Image("n", "https://vendor.example/new.png"),),
        status=ProductStatus.DRAFT,
    )


WRITTEN: dict[ProductField, set[str]] = {
    ProductField.TITLE: {"name"},
    ProductField.DESCRIPTION: {"description"},
    ProductField.HANDLE: {"slug"},
    ProductField.VENDOR: {"brands"},
    ProductField.TAGS: {"tags"},
    ProductField.CATEGORIES: {"categories"},
    ProductField.IMAGES: {"images", "meta_data"},
    ProductField.STATUS: {"status"},
    ProductField.SKU: {"sku"},
    ProductField.BARCODE: {"global_unique_id"},
    ProductField.PRICE: {"regular_price", "sale_price"},
    ProductField.COMPARE_AT: {"regular_price", "sale_price"},
    ProductField.WEIGHT: {"weight"},
    ProductField.QUANTITY: {"stock_quantity"},
    ProductField.PRODUCT_TYPE: set(),
    ProductField.VARIANTS: set(),
}


@pytest.mark.parametrize("field", list(ProductField))
@pytest.mark.parametrize("product", [mug(images=PICTURES), replace(shirt(), images=PICTURES)])
def test_one_field_is_written_and_nothing_else(field: ProductField, product: Product) -> None:  # C-10
    shop = empty()
    (made,) = push(shop, create(product))
    edited(shop, made.destination_id)
    before = held(shop)
    change = only(anew(product), made.destination_id, field, variants=made.variants)
    (outcome,) = push(shop, change)
    after = held(shop)
    names = set().union(*differences(before, after).values())
    assert names <= WRITTEN[field]
    assert bool(names) == bool(WRITTEN[field]) == (outcome.result is Result.UPDATED)
    assert outcome.variants == made.variants
    assert not [row for row in after.values() if row["sku"] == "OWN" and row != before.get(row["id"])]
    shop.calls.clear()
    (again,) = push(shop, change)
    assert again.result is Result.UNCHANGED
    assert shop.calls.writes == []


def test_every_field_at_once_leaves_what_the_dependent_added() -> None:  # C-10
    shop = empty()
    (made,) = push(shop, create(replace(shirt(), images=PICTURES)))
    edited(shop, made.destination_id)
    id = int(made.destination_id)
    change = replace(update(anew(shirt()), made.destination_id), variants=made.variants)
    (outcome,) = push(shop, change)
    row = shop.state.products[id]
    assert outcome.result is Result.UPDATED
    assert {name: row[name] for name in OTHER} == OTHER
    assert [one["value"] for one in row["meta_data"] if one["key"] == "_of_a_plugin"] == ["kept"]
    assert [one["name"] for one in row["attributes"]] == ["Size", "Care"]
    assert [one["file"].rpartition("/")[2] for one in row["images"]] == ["new.png", "own.jpg"]
    (own,) = [one for one in shop.state.products.values() if one["sku"] == "OWN"]
    assert own["regular_price"] == "99"


def test_a_variant_whose_sku_is_absent_there_is_not_touched_nor_made() -> None:  # C-6
    shop = empty()
    (made,) = push(shop, create(shirt("S", "M")))
    before = held(shop)
    (outcome,) = push(shop, only(shirt("M", "L"), made.destination_id, ProductField.PRICE))
    assert (outcome.result, set(outcome.variants)) == (Result.UNCHANGED, {"sM"})
    assert held(shop) == before


def test_what_was_mapped_by_hand_goes_before_a_sku() -> None:  # C-17
    shop = empty()
    (made,) = push(shop, create(shirt("S", "M")))
    crossed = {"sS": made.variants["sM"], "sM": made.variants["sS"]}
    dearer = replace(
        shirt("S", "M"),
        variants=(replace(shirt("S").variants[0], price=euros("31.00")), shirt("M").variants[0]),
    )
    (outcome,) = push(shop, only(dearer, made.destination_id, ProductField.PRICE, variants=crossed))
    assert outcome.variants == crossed
    assert shop.state.products[int(made.variants["sM"])]["regular_price"] == "31.00"


def test_a_variant_without_a_sku_is_met_by_its_options_whatever_their_case() -> None:
    shop = empty()
    bare = replace(shirt("S"), variants=(replace(shirt("S").variants[0], sku=""),))
    (made,) = push(shop, create(bare))
    shouted = replace(
        bare, variants=(replace(bare.variants[0], options=(("SIZE", "s"),), price=euros("5.00")),)
    )
    (outcome,) = push(shop, only(shouted, made.destination_id, ProductField.PRICE, ProductField.VARIANTS))
    assert (outcome.result, outcome.variants) == (Result.UPDATED, made.variants)
    assert len(pulled(shop, made.destination_id).variants) == 1


def test_options_of_the_shops_own_attributes_are_written_under_their_ids() -> None:
    shop = empty()
    desk = shop.desk()
    size = desk.act("POST", "/wc/v3/products/attributes", {}, {"name": "Size"}, {}).body["id"]
    given = {"name": "Shirt", "type": "variable"}
    given |= {"attributes": [{"id": size, "visible": True, "variation": True, "options": ["S"]}]}
    id = desk.act("POST", "/wc/v3/products", {}, given, {}).body["id"]
    own = {"sku": "TS-S", "regular_price": "20", "attributes": [{"id": size, "option": "S"}]}
    desk.act("POST", f"/wc/v3/products/{id}/variations", {"product_id": id}, own, {})
    (outcome,) = push(shop, only(shirt("S", "M"), str(id), ProductField.VARIANTS))
    assert (outcome.result, set(outcome.variants)) == (Result.UPDATED, {"sS", "sM"})
    (attribute,) = shop.state.products[id]["attributes"]
    assert (attribute["id"], attribute["options"]) == (size, ["M", "S"])
    assert dict(pulled(shop, str(id)).variants[1].options) == {"Size": "M"}


def test_the_last_variant_is_never_taken_away() -> None:
    shop = empty()
    (made,) = push(shop, create(shirt("S", "M")))
    gone = tuple(made.variants.values())
    nothing = replace(shirt("XL"), variants=(replace(shirt("XL").variants[0]),))
    change = only(nothing, made.destination_id, ProductField.TITLE, without=gone)
    (outcome,) = push(shop, change)
    assert told(outcome) == {"variant_kept"}
    assert len(pulled(shop, made.destination_id).variants) == 1


# --- prices --------------------------------------------------------------------------------------------------


def priced(shop: Shop, id: str) -> tuple[str, str]:
    row = shop.state.products[int(id)]
    return row["regular_price"], row["sale_price"]


@pytest.mark.parametrize(
    ("fields", "price", "before", "written"),
    [
        ({ProductField.PRICE}, "8.00", None, ("12.00", "8.00")),
        ({ProductField.PRICE}, "12.00", None, ("12.00", "")),
        ({ProductField.PRICE}, "15.00", "20.00", ("15.00", "")),
        ({ProductField.COMPARE_AT}, "1.00", "14.00", ("14.00", "9.90")),
        ({ProductField.COMPARE_AT}, "1.00", None, ("9.90", "")),
        ({ProductField.PRICE, ProductField.COMPARE_AT}, "8.00", "14.00", ("14.00", "8.00")),
        ({ProductField.PRICE, ProductField.COMPARE_AT}, "8.00", "7.00", ("8.00", "")),
        ({ProductField.PRICE, ProductField.COMPARE_AT}, "0.00", None, ("0.00", "")),
    ],
)
def test_a_price_and_the_one_before_are_written_apart(
    fields: set[ProductField], price: str, before: str | None, written: tuple[str, str]
) -> None:
    shop = empty()
    (made,) = push(shop, create(mug()))
    variant = replace(mug().variants[0], price=euros(price), compare_at=euros(before) if before else None)
    push(shop, only(mug(variants=(variant,)), made.destination_id, *fields))
    assert tuple(Decimal(one) if one else one for one in priced(shop, made.destination_id)) == tuple(
        Decimal(one) if one else one for one in written
    )


def test_a_sale_that_is_yet_to_begin_stays_somebodys_own() -> None:
    shop = empty()
    plain = replace(mug().variants[0], compare_at=None)
    (made,) = push(shop, create(mug(variants=(plain,))))
    row = shop.state.products[int(made.destination_id)]
    begins = shop.state.now() + timedelta(days=3)
    row |= {"sale_price": "5.00", "date_on_sale_from": begins}
    dearer = mug(variants=(replace(plain, price=euros("11.00")),))
    push(shop, only(dearer, made.destination_id, ProductField.PRICE))
    assert priced(shop, made.destination_id) == ("11.00", "5.00")
    push(shop, only(mug(), made.destination_id, ProductField.PRICE, ProductField.COMPARE_AT))
    only_variant = pulled(shop, made.destination_id).variants[0]
    assert (only_variant.price, only_variant.compare_at) == (euros("9.90"), euros("12.00"))


def test_prices_are_not_looked_at_where_only_the_quantity_is_wanted() -> None:
    shop = empty()
    (made,) = push(shop, create(mug()))
    dollars = replace(mug().variants[0], price=replace(euros("1.00"), currency="USD"), quantity=9)
    (outcome,) = push(
        shop, only(mug(variants=(dollars,), tax_included=False), made.destination_id, ProductField.QUANTITY)
    )
    assert outcome.result is Result.UPDATED
    assert shop.state.products[int(made.destination_id)]["stock_quantity"] == 9


def test_what_is_not_counted_stays_so() -> None:  # C-7
    shop = empty()
    loose = mug(variants=(replace(mug().variants[0], quantity=None),))
    (made,) = push(shop, create(loose))
    assert shop.state.products[int(made.destination_id)]["manage_stock"] is False
    (outcome,) = push(shop, only(mug(), made.destination_id, ProductField.QUANTITY))
    assert (outcome.result, told(outcome)) == (Result.UNCHANGED, {"stock_not_tracked"})
    (back,) = push(shop, create(replace(mug(), id="p8", variants=(counted_one(),))))
    (none,) = push(shop, only(loose, back.destination_id, ProductField.QUANTITY))
    assert none.result is Result.UNCHANGED
    assert shop.state.products[int(back.destination_id)]["stock_quantity"] == 6


def counted_one() -> Variant:
    return Variant("v8", euros("2.00"), "COUNTED", quantity=6)


# --- calls ---------------------------------------------------------------------------------------------------


def test_a_hundred_products_that_are_as_they_should_be_take_a_call_and_no_write() -> None:
    shop = empty()
    goods = [
        Product(f"p{n}", f"Cup {n}", (Variant(f"v{n}", euros("3.00"), f"C-{n}", quantity=1),))
        for n in range(100)
    ]
    connector = connect(shop)
    made: list[Outcome] = []
    # One look for the SKUs and one write; the other three are about the shop.
    assert (
        counted(shop, lambda: made.extend(connector.push(Kind.PRODUCTS, [create(one) for one in goods]))) <= 5
    )
    changes = [update(one, outcome.destination_id) for one, outcome in zip(goods, made, strict=True)]
    shop.calls.clear()
    assert {one.result for one in connector.push(Kind.PRODUCTS, changes)} == {Result.UNCHANGED}
    assert (len(shop.calls), shop.calls.writes) == (1, [])
    dearer = [
        replace(change, object=replace(one, title=f"{one.title}!"), fields=frozenset({ProductField.TITLE}))
        for change, one in zip(changes, goods, strict=True)
    ]
    shop.calls.clear()
    assert {one.result for one in connector.push(Kind.PRODUCTS, dearer)} == {Result.UPDATED}
    assert len(shop.calls) == 2


@pytest.mark.parametrize("variations", [True, False])
def test_all_variations_of_a_product_are_written_in_one_call(variations: bool) -> None:
    shop = empty()
    shop.variations = variations
    sizes = [f"N{n}" for n in range(100)]
    (made,) = push(shop, create(shirt(*sizes)))
    assert len(made.variants) == 100
    shop.calls.clear()
    gone = made.variants.pop("sN0")
    wanted = anew(shirt(*sizes[1:], "N100"))
    change = replace(update(wanted, made.destination_id), variants=made.variants, without=(gone,))
    (outcome,) = push(shop, replace(change, fields=frozenset({ProductField.PRICE, ProductField.VARIANTS})))
    assert (outcome.result, len(outcome.variants)) == (Result.UPDATED, 100)
    parts = [call for call in shop.calls.writes if "variations" in call.path]
    # 99 to change, one to make, one to take away: two calls of a hundred at most.
    assert len(parts) == 2
    assert len(pulled(shop, made.destination_id).variants) == 100


def test_a_product_that_is_deleted_is_deleted_once() -> None:
    shop = empty()
    (made,) = push(shop, create(shirt()))
    gone = replace(update(shirt(), made.destination_id), action=Action.DELETE, object=None)
    assert [push(shop, gone)[0].result for _ in range(2)] == [Result.DELETED] * 2
    (refused,) = push(shop, update(shirt(), made.destination_id))
    assert (refused.result, refused.code) == (Result.REFUSED, "missing")
    (anew,) = push(shop, create(shirt()))
    assert anew.result is Result.CREATED
