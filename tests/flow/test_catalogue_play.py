"""A chain of stores in bad weather: workers killed anywhere, storms of units, goods that travel over three shops."""

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import product as pairs
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from passerelle.memory import RunOutcome
from passerelle.model import Kind, Product, ProductField, Variant
from passerelle.port import Selection
from sandbox.chain import Chain
from sandbox.goods import CUP, GIFT, SHIRT, SKUS, euros, told
from sandbox.outlets import OUTLETS, flat

PLATFORMS = list(OUTLETS)
RING = list(zip(PLATFORMS, (*PLATFORMS[1:], PLATFORMS[0]), strict=True))
"""Each platform once as main and once as dependent; the other pairs play where there is more time."""
every_pair = pytest.mark.parametrize(
    ("main", "dependent"),
    [
        pytest.param(*pair, marks=() if pair in RING else pytest.mark.long, id=" to ".join(pair))
        for pair in pairs(PLATFORMS, PLATFORMS)
    ],
)


def left(shops: Chain) -> list[dict[str, Any]]:
    """What the dependent store holds, product by product."""
    fields = shops.dependent.outlet.held
    products = sorted(shops.dependent.products(), key=lambda each: each.variants[0].sku)
    return [told(product, fields) for product in products]


def undisturbed(platform: str) -> list[dict[str, Any]]:
    """What a first sync leaves when nothing goes wrong."""
    shops = Chain.of(platform, platform)
    shops.main.stocked(CUP, SHIRT)
    shops.sync_all()
    return left(shops)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_worker_killed_anywhere_leaves_every_product_once(platform: str) -> None:  # B-7
    wanted = undisturbed(platform)
    for number in range(1, 60):
        shops = Chain.of(platform, platform)
        shops.main.stocked(CUP, SHIRT)
        shops.killer.at, shops.killer.number = "carry", number

        shops.sync_all()
        shops.sync_all()

        assert left(shops) == wanted, f"killed at step {number}"
        if not shops.killer.struck:
            return
    raise AssertionError("the worker never came to its end")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_follower_killed_anywhere_makes_no_product_twice(platform: str) -> None:  # B-7, F-3
    for number in range(1, 40):
        shops = Chain.of(platform, platform)
        shops.main.stocked(CUP)
        shops.sync_all()
        (id,) = shops.main.stocked(SHIRT)
        shops.hear(Kind.PRODUCTS, id)
        shops.killer.at, shops.killer.number = "follow", number

        shops.follow_patiently()

        skus = sorted(variant.sku for each in shops.dependent.products() for variant in each.variants)
        assert skus == sorted(variant.sku for each in (CUP, SHIRT) for variant in each.variants), number
        if not shops.killer.struck:
            return
    raise AssertionError("the worker never came to its end")


# --- units ---------------------------------------------------------------------------------------------------


@every_pair
def test_two_hundred_changes_of_units_end_with_the_right_numbers(main: str, dependent: str) -> None:  # C-8
    shops = Chain.of(main, dependent)
    shops.main.stocked(CUP, SHIRT, GIFT)
    shops.sync_all()
    entries = _levels(shops)
    dice = random.Random(f"{main} {dependent}")
    units = {sku: shops.main.units(sku) or 0 for sku in SKUS}
    for _ in range(200):
        sku = dice.choice(SKUS)
        if dice.random() < 0.3 and units[sku] > 0:
            # Somebody buys at the dependent store; the order reaches the main store, which takes the unit off.
            _sell(shops, sku)
            units[sku] -= 1
        else:
            units[sku] = dice.randrange(0, 50)
        shops.main.put(sku, units[sku])
        shops.hear(Kind.STOCK, entries[sku])
        if dice.random() < 0.2:
            shops.follow_all()

    shops.follow_all()

    assert {sku: shops.dependent.units(sku) for sku in SKUS} == units


@pytest.mark.parametrize("platform", PLATFORMS)
def test_who_buys_while_units_are_written_does_not_leave_the_wrong_number(platform: str) -> None:  # C-8
    shops = Chain.of(platform, platform)
    shops.main.stocked(CUP)
    shops.sync_all()
    entry = _levels(shops)["CUP-1"]
    there = shops.dependent.by_sku("CUP-1")
    shops.main.put("CUP-1", 5)
    sold: list[int] = []

    def sell() -> None:
        if len(sold) < 2:
            sold.append(1)
            shops.dependent.outlet.sell(there.id, there.variants[0].id, 1)

    shops.way.before.append((shops.dependent.outlet.units_written, sell))
    shops.hear(Kind.STOCK, entry)
    shops.follow_all()

    assert shops.dependent.units("CUP-1") == 5
    assert sold


def test_a_sale_that_nobody_told_is_put_right_by_the_next_full_sync() -> None:  # C-8
    shops = Chain.of(PLATFORMS[0], PLATFORMS[0])
    shops.main.stocked(CUP)
    shops.sync_all()
    _sell(shops, "CUP-1")
    assert shops.dependent.units("CUP-1") == 6

    shops.sync(Kind.STOCK)

    assert shops.dependent.units("CUP-1") == 7


def test_the_clock_looks_at_the_dependents_own_numbers_once_a_day() -> None:  # C-8
    shops = Chain.of("woocommerce", "woocommerce")
    shops.main.stocked(CUP)
    shops.sync_all()
    _sell(shops, "CUP-1")

    shops.sync(Kind.STOCK, trigger="schedule")
    same_day = shops.dependent.units("CUP-1")
    shops.clock.sleep(86_400)
    shops.sync(Kind.STOCK, trigger="schedule")

    assert (same_day, shops.dependent.units("CUP-1")) == (6, 7)


def _levels(shops: Chain) -> Mapping[str, str]:
    """SKU → the id under which the main store tells its units."""
    ids, after = [], None
    while True:
        page = shops.main.merchant.index(Kind.STOCK, Selection(), after)
        ids += [entry.id for entry in page.entries]
        after = page.after
        if after is None:
            break
    return {level.sku: level.id for level in shops.main.merchant.pull(Kind.STOCK, ids).objects}


def _sell(shops: Chain, sku: str) -> None:
    product = shops.dependent.by_sku(sku)
    variant = next(each for each in product.variants if each.sku == sku)
    shops.dependent.outlet.sell(product.id, variant.id, 1)


# --- three shops ---------------------------------------------------------------------------------------------

WORDS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="<>={}#;\u2028\u2029"
    ),
    min_size=1,
    max_size=40,
).map(lambda text: " ".join(text.split()) or "x")
PRICES = st.decimals("0.00", "9999.99", places=2)


@st.composite
def catalogues(draw: st.DrawFn) -> list[Product]:
    """A few products: titles of any script, long texts, prices of nothing, many options."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        sizes = draw(
            st.lists(
                st.sampled_from(["XS", "S", "M", "L", "XL", "XXL", "36", "38", "40", "42"]),
                max_size=6,
                unique=True,
            )
        )
        variants = tuple(
            Variant(
                f"v{number}{size}",
                euros(str(draw(PRICES))),
                f"SKU-{number}-{size}",
                quantity=draw(st.integers(0, 500)),
                options=(("Taille", size),) if size else (),
                weight_grams=draw(st.integers(1, 30_000)),
            )
            for size in sizes or [""]
        )
        text = draw(WORDS) * draw(st.sampled_from((1, 200)))
        found.append(
            Product(
                f"p{number}",
                f"{draw(WORDS)} {number}",
                variants,
                description_html=f"<p>{text}</p>",
                vendor="Maison du Lin",
                product_type="Mode",
                categories=("Mode",),
                tags=tuple(draw(st.lists(st.sampled_from(("neuf", "été", "promo", "coton")), unique=True))),
            )
        )
    return found


@every_pair
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(goods=catalogues(), third=st.sampled_from(PLATFORMS))
def test_goods_that_travel_over_three_shops_keep_what_all_three_can_hold(
    main: str, dependent: str, third: str, goods: list[Product]
) -> None:  # C-10
    here = Chain.of(main, dependent)
    here.main.stocked(*goods)
    assert {run.outcome for run in here.sync_all()} == {RunOutcome.COMPLETED}
    there = here.onward(third)
    assert {run.outcome for run in there.sync_all()} == {RunOutcome.COMPLETED}

    held = here.main.outlet.held & there.main.outlet.held & there.dependent.outlet.held
    compared = held - {ProductField.HANDLE}
    for product in goods:
        sku = product.variants[0].sku
        assert told(there.dependent.by_sku(sku), compared) == told(here.main.by_sku(sku), compared)


def test_products_that_cannot_be_told_apart_do_not_travel(  # C-5
) -> None:
    shops = Chain.of("woocommerce", "woocommerce")
    nameless = replace(GIFT, variants=(replace(GIFT.variants[0], sku=""),))
    shops.main.stocked(CUP)
    (id,) = shops.main.stocked(nameless)
    _without_sku(shops, id)
    before = flat(shops.dependent.outlet.whole(id))

    run = shops.sync(Kind.PRODUCTS)

    assert (run.counts.created, run.counts.failed) == (1, 1)
    assert flat(shops.dependent.outlet.whole(id)) == before


def _without_sku(shops: Chain, id: str) -> None:
    rows = shops.main.outlet.shop.state.products
    rows[int(id)]["sku"] = ""
