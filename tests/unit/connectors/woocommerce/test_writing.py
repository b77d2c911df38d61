"""Writing products and stock: pulled is what was pushed, twice changes nothing, a lost answer is adopted."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from passerelle.model import Image, Kind, Money, Product, ProductStatus, StockLevel, Variant
from passerelle.port import Action, Change, Outcome, Result, Unavailable
from sandbox.moods import Mood
from sandbox.woocommerce import Shop
from sandbox.woocommerce.sample import catalogue

from .connecting import connect, counted

PICTURE = "https://vendor.example/a.jpg"


def empty() -> Shop:
    shop = catalogue(0, 0, 0)
    shop.state.settings["woocommerce_prices_include_tax"].value = "yes"
    return shop


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def mug(**more: Any) -> Product:
    plain = Variant(
        "v1", euros("9.90"), "MUG", "4006381333931", compare_at=euros("12.00"), quantity=4, weight_grams=400
    )
    described = Product("p1", "Mug", (plain,), description_html="<p>A mug</p>", tags=("Gift",))
    return replace(described, **{"categories": ("Cups & Co",), "images": (Image("i", PICTURE),), **more})


def shirt(*sizes: str) -> Product:
    variants = tuple(
        Variant(
            f"s{size}", euros("20.00"), f"TS-{size}", title=size, quantity=number, options=(("Size", size),)
        )
        for number, size in enumerate(sizes or ("S", "M", "L"))
    )
    return Product("p2", "Shirt", variants)


def create(product: Product) -> Change:
    return Change(product.id, Action.CREATE, product, reference=f"passerelle:lnk:products:{product.id}")


def update(product: Product, id: str) -> Change:
    return replace(create(product), action=Action.UPDATE, destination_id=id)


def push(shop: Shop, *changes: Change, kind: Kind = Kind.PRODUCTS) -> list[Outcome]:
    return connect(shop).push(kind, changes)


def pulled(shop: Shop, id: str) -> Product:
    (product,) = connect(shop).pull(Kind.PRODUCTS, [id]).objects
    assert isinstance(product, Product)
    return product


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


def test_variations_come_and_go_with_the_product() -> None:
    shop = empty()
    (made,) = push(shop, create(shirt("S", "M")))
    kept = {one.sku: one.id for one in pulled(shop, made.destination_id).variants}
    (changed,) = push(shop, update(shirt("M", "XL"), made.destination_id))
    after = {one.sku: one.id for one in pulled(shop, made.destination_id).variants}
    assert (changed.result, set(after)) == (Result.UPDATED, {"TS-M", "TS-XL"})
    assert after["TS-M"] == kept["TS-M"]


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
    odd = replace(mug(), id="p9", images=(Image("x", "https://vendor.example/a.exe"),))
    odd = replace(odd, variants=(replace(odd.variants[0], sku="ODD", barcode=""),))
    bad, good = push(shop, create(odd), create(mug()))
    assert (bad.result, bad.code) == (Result.REFUSED, "woocommerce_product_image_upload_error")
    assert good.result is Result.CREATED


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


# --- stock ---------------------------------------------------------------------------------------------------


def level(shop: Shop, sku: str, quantity: int | None) -> Change:
    (match,) = connect(shop).find(Kind.STOCK, [sku])
    return Change(sku, Action.UPDATE, StockLevel(sku, sku, quantity), match.destination_id)


def test_stock_of_products_and_of_variations_is_written_by_sku() -> None:
    shop = empty()
    push(shop, create(mug()), create(shirt()))
    changes = [level(shop, "MUG", 7), level(shop, "TS-M", 0), level(shop, "TS-L", 2)]
    outcomes = push(shop, *changes, kind=Kind.STOCK)
    assert [one.result for one in outcomes] == [Result.UPDATED, Result.UPDATED, Result.UNCHANGED]
    found = connect(shop).pull(Kind.STOCK, [change.destination_id for change in changes]).objects
    assert [one.quantity for one in found if isinstance(one, StockLevel)] == [7, 0, 2]
    shop.calls.clear()
    again = push(shop, *changes, kind=Kind.STOCK)
    assert {one.result for one in again} == {Result.UNCHANGED}
    assert shop.calls.writes == []


def test_a_hundred_levels_of_plain_products_take_one_write() -> None:
    shop = catalogue(140, 0, 0)
    plain = [id for id, row in shop.state.products.items() if row["type"] == "simple"][:90]
    changes = [Change(str(id), Action.UPDATE, StockLevel(str(id), "", 5000 + id), f"{id}-0") for id in plain]
    connector = connect(shop)
    assert counted(shop, lambda: connector.push(Kind.STOCK, changes)) == 2
    assert len(shop.calls.writes) == 1


def test_stock_of_a_product_that_is_gone_is_refused_alone() -> None:
    shop = empty()
    push(shop, create(mug()))
    gone = Change("x", Action.UPDATE, StockLevel("x", "X", 1), "999-0")
    first, second = push(shop, gone, level(shop, "MUG", 1), kind=Kind.STOCK)
    assert (first.code, second.result) == ("missing", Result.UPDATED)
