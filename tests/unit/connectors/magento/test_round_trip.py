"""A product from one shop to another of the same platform, and lost answers and late errors on the way."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from passerelle.model import Image, Kind, Money, Product, ProductStatus, Variant
from passerelle.port import Result, Unavailable
from sandbox.magento import InputLimits
from sandbox.moods import Mood

from .connecting import a_shop, connect, counted, listed
from .wares import (
    PICTURES,
    F,
    Gallery,
    a_stand,
    create,
    cup,
    dollars,
    only,
    pulled,
    push,
    shirt,
    snapshot,
    update,
)

WORDS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=40
).filter(lambda words: words.strip() == words)
AMOUNTS = st.decimals(Decimal(0), Decimal(9999), places=2)


@st.composite
def variants(draw: Any) -> tuple[Variant, ...]:
    names = draw(st.sampled_from([(), ("Taille",), ("Taille", "Matière")]))
    values = draw(st.lists(st.tuples(*(WORDS for _ in names)), min_size=1, max_size=4 if names else 1))
    kept = {tuple(value.casefold() for value in one): one for one in values}
    found = []
    for place, one in enumerate(kept.values()):
        price, more = draw(AMOUNTS), draw(AMOUNTS)
        found.append(
            Variant(
                f"v{place}",
                Money(price, "USD"),
                f"sku-{place}/é, {place}",
                compare_at=Money(price + more, "USD") if more and draw(st.booleans()) else None,
                quantity=draw(st.integers(0, 9999)),
                options=tuple(zip(names, one, strict=True)),
                weight_grams=draw(st.integers(1, 99_999)),
            )
        )
    return tuple(found)


PRODUCTS = st.builds(
    Product,
    id=st.just("p1"),
    title=WORDS,
    variants=variants(),
    description_html=WORDS,
    vendor=WORDS,
    categories=st.lists(WORDS, max_size=2, unique_by=str.casefold).map(tuple),
    status=st.sampled_from([ProductStatus.ACTIVE, ProductStatus.DRAFT]),
)


@settings(max_examples=40, deadline=None)
@given(PRODUCTS)
def test_what_both_can_hold_arrives_and_goes_on(product: Product) -> None:
    shop = a_shop(1, 0, 0)
    first = only(connect(shop), create(product))
    assert first.result is Result.CREATED, first
    assert first.variants.keys() == {each.id for each in product.variants}
    told = pulled(connect(shop), first.destination_id)
    by_id = {each.id: each for each in told.variants}
    assert (told.title, told.description_html, told.vendor) == (
        product.title,
        product.description_html,
        product.vendor,
    )
    assert {each.casefold() for each in told.categories} == {each.casefold() for each in product.categories}
    assert told.status is product.status
    for each in product.variants:
        one = by_id[first.variants[each.id]]
        assert (one.sku, one.price.amount, one.weight_grams) == (
            each.sku,
            each.price.amount,
            each.weight_grams,
        )
        assert one.quantity == each.quantity
        assert (one.compare_at and one.compare_at.amount) == (each.compare_at and each.compare_at.amount)
        assert {(name, value.casefold()) for name, value in one.options} == {
            (name, value.casefold()) for name, value in each.options
        }
    other = a_shop(0, 0, 0)
    second = only(connect(other), create(told))
    again = pulled(connect(other), second.destination_id)
    assert [replace(each, id="", url="") for each in again.variants] == [
        replace(each, id="", url="") for each in told.variants
    ]


def test_a_whole_catalogue_goes_from_shop_to_shop() -> None:
    main, dependent = a_shop(40, 0, 0), a_shop(0, 0, 0)
    origins = {"http://127.0.0.1:8083": Gallery()}
    source, target = connect(main), connect(dependent, origins=origins)
    products = source.pull(Kind.PRODUCTS, listed(source, Kind.PRODUCTS)).objects
    outcomes = push(target, *(create(each) for each in products if isinstance(each, Product)))
    assert {each.result for each in outcomes} == {Result.CREATED}
    dependent.calls.clear()
    whole = [
        update(each, made, *(set(F) - {F.QUANTITY}))
        for each, made in zip(products, outcomes, strict=True)
        if isinstance(each, Product)
    ]
    assert {each.result for each in push(target, *whole)} == {Result.UNCHANGED}
    assert dependent.calls.writes == []


@pytest.mark.parametrize("bulk", [True, False])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_lost_answer_makes_nothing_twice(bulk: bool, number: int) -> None:  # B-7
    calm, calm_connector = a_stand()
    only(calm_connector, create(shirt()))
    shop, _ = a_stand()
    shop.moods.add(Mood.LOST_ANSWER, "POST /rest/all/(async/bulk/)?V1/products$", after=number - 1, times=1)
    for _ in range(3):
        try:
            outcome = only(connect(shop, bulk=bulk, barcode="ean"), create(shirt()))
        except Unavailable:
            continue
        if outcome.result is Result.EXISTS:
            outcome = only(connect(shop, bulk=bulk), replace(update(shirt(), outcome), variants={}))
        assert outcome.result in {Result.CREATED, Result.UNCHANGED, Result.UPDATED}
    assert sorted(row["sku"] for row in shop.state.products.values()) == sorted(
        row["sku"] for row in calm.state.products.values()
    )
    told = shop.state.product("passerelle:p2")
    assert told is not None
    assert len(told["links"]) == 2


def test_a_late_error_is_told_of_its_product_and_the_rest_of_the_batch_is_written() -> None:  # B-12
    shop, connector = a_stand()
    made = push(connector, create(cup()), create(shirt()))
    kid = shop.state.products[int(made[1].variants["v-M"])]
    shop.state.by_url_key["clash"] = kid["id"]
    outcomes = push(
        connector,
        update(cup(handle="clash", title="Mug"), made[0], F.TITLE, F.HANDLE),
        update(shirt(title="Softer"), made[1], F.TITLE),
    )
    assert [each.result for each in outcomes] == [Result.REFUSED, Result.UPDATED]
    assert "URL key" in outcomes[0].why


@pytest.mark.parametrize("limits", [None, InputLimits()])
def test_a_thousand_products_are_made_and_changed_by_the_queue_in_a_handful_of_calls(limits: Any) -> None:
    shop = a_shop(1, 0, 0, limits=limits)
    connector = connect(shop)
    cups = [
        replace(cup(), id=f"p{n}", variants=(replace(cup().variants[0], sku=f"C-{n}"),)) for n in range(1000)
    ]
    made: list[Any] = []
    # Looking for SKUs, two bulks of 500, two looks at each and what became of it, and the shop's facts.
    assert counted(shop, lambda: made.extend(push(connector, *map(create, cups)))) <= 20
    assert {each.result for each in made} == {Result.CREATED}
    renamed = [update(replace(each, title="Mug"), one, F.TITLE) for each, one in zip(cups, made, strict=True)]
    assert counted(shop, lambda: push(connector, *renamed)) <= 16
    dearer = [
        update(replace(each, variants=(replace(each.variants[0], price=dollars("13.00")),)), one, F.PRICE)
        for each, one in zip(cups, made, strict=True)
    ]
    assert counted(shop, lambda: push(connector, *dearer)) <= (5 if limits is None else 15)
    assert counted(shop, lambda: push(connector, *dearer)) <= (3 if limits is None else 5)


def test_an_update_of_what_is_gone_is_refused_and_makes_nothing() -> None:
    shop, connector = a_stand()
    made = only(connector, create(cup()))
    shop.acts.delete_product(int(made.destination_id))
    before = snapshot(shop)
    outcome = only(connector, update(cup(title="Mug"), made))
    assert (outcome.result, outcome.code) == (Result.REFUSED, "missing")
    assert snapshot(shop) == before
    assert Image("1", PICTURES)
