"""Writing whole products: pulled is what was pushed, twice changes nothing, a lost answer is adopted."""

from dataclasses import replace
from decimal import Decimal

import pytest
from passerelle.model import Image, Kind, Money, Product, ProductStatus, Variant
from passerelle.port import Action, Change, Result, Unavailable
from sandbox.moods import Mood

from .connecting import connect
from .wares import PICTURE, create, empty, euros, mug, pulled, push, shirt, update


def test_pulled_is_what_was_pushed() -> None:
    shop = empty()
    plain, varied = push(shop, create(mug()), create(shirt()))
    assert (plain.result, varied.result) == (Result.CREATED, Result.CREATED)
    found = pulled(shop, plain.destination_id)
    (only,) = found.variants
    assert (found.title, found.categories, found.tags) == ("Mug", ("Cups & Co",), ("Gift",))
    assert (only.price, only.compare_at, only.sku, only.quantity) == (euros("9.90"), euros("12.00"), "MUG", 4)
    assert (only.barcode, only.weight_grams, len(found.images)) == ("4006381333931", 400, 1)
    sizes = pulled(shop, varied.destination_id).variants
    assert [(one.sku, one.quantity, one.options) for one in sizes] == [
        (one.sku, one.quantity, one.options) for one in shirt().variants
    ]


def test_pushing_twice_changes_nothing() -> None:  # B-8
    shop = empty()
    ids = [one.destination_id for one in push(shop, create(mug()), create(shirt()))]
    shop.calls.clear()
    again = push(shop, update(mug(), ids[0]), update(shirt(), ids[1]))
    assert [one.result for one in again] == [Result.UNCHANGED, Result.UNCHANGED]
    assert shop.calls.writes == []


def test_only_what_differs_is_written_and_no_picture_is_fetched_twice() -> None:
    shop = empty()
    (made,) = push(shop, create(mug()))
    before = pulled(shop, made.destination_id).images
    second = Image("j", "https://vendor.example/b.png")
    (changed,) = push(
        shop, update(mug(title="Cup", images=(second, Image("i", PICTURE))), made.destination_id)
    )
    after = pulled(shop, made.destination_id)
    assert (changed.result, after.title, len(after.images)) == (Result.UPDATED, "Cup", 2)
    assert before[0] == after.images[1]


def test_new_variants_come_and_only_those_that_are_named_go() -> None:  # C-6
    shop = empty()
    (made,) = push(shop, create(shirt("S", "M")))
    kept = {one.sku: one.id for one in pulled(shop, made.destination_id).variants}
    (grown,) = push(shop, update(shirt("M", "XL"), made.destination_id))
    after = {one.sku: one.id for one in pulled(shop, made.destination_id).variants}
    assert (grown.result, set(after)) == (Result.UPDATED, {"TS-S", "TS-M", "TS-XL"})
    assert after["TS-M"] == kept["TS-M"]
    assert grown.variants == {"sM": after["TS-M"], "sXL": after["TS-XL"]}
    (shrunk,) = push(shop, replace(update(shirt("M", "XL"), made.destination_id), without=(kept["TS-S"],)))
    assert shrunk.result is Result.UPDATED
    assert {one.sku for one in pulled(shop, made.destination_id).variants} == {"TS-M", "TS-XL"}


@pytest.mark.parametrize("product", [mug(), shirt()])
def test_what_a_lost_answer_made_is_taken_up_and_not_made_again(product: Product) -> None:  # B-7
    for lost in ("POST .*/products/batch$", "POST .*/variations/batch$"):
        shop = empty()
        shop.moods.add(Mood.LOST_ANSWER, lost)
        if "variations" in lost and len(product.variants) == 1:
            continue
        with pytest.raises(Unavailable):
            push(shop, create(product))
        (again,) = push(shop, create(product))
        assert again.result in (Result.UNCHANGED, Result.UPDATED)
        parents = [row for row in shop.state.products.values() if row["type"] != "variation"]
        assert [str(row["id"]) for row in parents] == [again.destination_id]
        assert len(pulled(shop, again.destination_id).variants) == len(product.variants)


def test_a_sku_that_is_somebody_elses_is_left_alone() -> None:
    shop = empty()
    desk = shop.desk()
    other = desk.act("POST", "/wc/v3/products", {}, {"name": "Theirs", "sku": "TS-M"}, {}).body["id"]
    plain, varied = push(shop, create(mug()), create(shirt()))
    assert (plain.result, varied.result, varied.destination_id) == (Result.CREATED, Result.EXISTS, str(other))
    assert shop.state.products[other]["name"] == "Theirs"
    assert len(shop.state.products) == 2


def test_a_product_without_a_sku_is_found_by_our_reference() -> None:
    shop = empty()
    change = create(replace(mug(), variants=(Variant("v", euros("1.00")),)))
    (made,) = push(shop, change)
    (match,) = connect(shop).find(Kind.PRODUCTS, [change.reference])
    assert match.destination_id == made.destination_id


def test_prices_that_would_be_wrong_are_not_written() -> None:
    shop = empty()
    dollars = replace(mug(), id="p3", variants=(Variant("v", Money(Decimal(1), "USD"), "X"),))
    net = replace(mug(), id="p4", tax_included=False)
    outcomes = push(shop, create(dollars), create(net))
    assert [(one.result, one.code) for one in outcomes] == [
        (Result.REFUSED, "currency_differs"),
        (Result.REFUSED, "tax_differs"),
    ]
    assert shop.state.products == {}


def test_one_refusal_leaves_the_others_alone() -> None:
    shop = empty()
    first, second = (one.destination_id for one in push(shop, create(mug()), create(shirt())))
    stolen = replace(mug(), variants=(replace(mug().variants[0], sku="TS-M", barcode=""),))
    bad, good = push(shop, update(stolen, first), update(replace(shirt(), title="Blouse"), second))
    assert (bad.result, bad.code) == (Result.REFUSED, "sku_taken")
    assert good.result is Result.UPDATED
    assert pulled(shop, first).variants[0].sku == "MUG"


def test_a_deleted_product_goes_into_the_bin_and_twice_is_as_once() -> None:
    shop = empty()
    (made,) = push(shop, create(mug()))
    gone = Change("p1", Action.DELETE, None, made.destination_id)
    assert [push(shop, gone)[0].result for _ in range(2)] == [Result.DELETED, Result.DELETED]
    assert shop.state.products[int(made.destination_id)]["status"] == "trash"


def test_what_is_gone_is_refused_and_not_made_anew() -> None:
    (outcome,) = push(empty(), update(mug(), "4242"))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "missing")


def test_a_draft_is_written_as_a_draft() -> None:
    shop = empty()
    (made,) = push(shop, create(mug(status=ProductStatus.DRAFT)))
    assert pulled(shop, made.destination_id).status is ProductStatus.DRAFT
