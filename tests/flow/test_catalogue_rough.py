"""A catalogue link in rough use: prices with and without tax, shapes that do not fit, places that are not there."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind, Product, ProductField, Variant
from sandbox.chain import Chain
from sandbox.goods import CUP, GIFT, SHIRT, euros
from sandbox.outlets import OUTLETS

pytestmark = pytest.mark.long

PLATFORMS = list(OUTLETS)
PAIRS = [(main, dependent) for main in PLATFORMS for dependent in PLATFORMS]
every_platform = pytest.mark.parametrize("platform", PLATFORMS)
every_pair = pytest.mark.parametrize(("main", "dependent"), PAIRS, ids=[" to ".join(pair) for pair in PAIRS])
AMOUNTS = ("0.01", "7.77", "9.99", "10.00", "12.35", "33.33", "99.95", "1234.56")


def other(platform: str) -> str:
    """Another platform."""
    return "woocommerce" if platform != "woocommerce" else "shopify"


def priced() -> list[Product]:
    """Goods of odd prices, every second one reduced."""
    found = []
    for place, amount in enumerate(AMOUNTS):
        before = euros(str(Decimal(amount) * 2 + 1)) if place % 2 else None
        variant = Variant(
            f"o{place}", euros(amount), f"O-{place}", compare_at=before, quantity=1, weight_grams=5
        )
        found.append(Product(f"o{place}", f"Objet {place}", (variant,)))
    return found


def without_tax(member: Any) -> None:
    """The shop tells its prices without tax from now on."""
    state = member.outlet.shop.state
    if member.outlet.platform == "shopify":
        state.shop["taxesIncluded"] = False
    else:
        state.settings["woocommerce_prices_include_tax"].value = "no"


def prices(member: Any) -> dict[str, tuple[Decimal, Decimal | None]]:
    """SKU → (price, price before)."""
    return {
        variant.sku: (variant.price.amount, variant.compare_at and variant.compare_at.amount)
        for product in member.products()
        for variant in product.variants
    }


def again(shops: Chain) -> int:
    """How many writes it takes to look at everything again, as if its rules had changed, and by single events."""
    shops.sync(Kind.STOCK)
    before = shops.dependent.writes()
    shops.change(exclude={"tags": ["nothing has this"]})
    assert {run.outcome for run in shops.sync_all()} == {RunOutcome.COMPLETED}
    for product in shops.main.products():
        shops.river.resync("lnk_1", Kind.PRODUCTS, product.id)
    shops.follow_all()
    return shops.dependent.writes() - before


@pytest.mark.parametrize("dependent", PLATFORMS)
@pytest.mark.parametrize("main", ["shopify", "woocommerce"])
def test_prices_without_tax_arrive_with_tax_and_stay(main: str, dependent: str) -> None:  # C-16, B-8
    shops = Chain.of(main, dependent, prices={"tax_rate": "20"})
    shops.main.stocked(*priced())
    without_tax(shops.main)

    assert shops.sync(Kind.PRODUCTS).counts.created == len(AMOUNTS)

    assert prices(shops.dependent) == _times(prices(shops.main), Decimal("1.2"))
    assert again(shops) == 0


@pytest.mark.parametrize("main", PLATFORMS)
@pytest.mark.parametrize("dependent", ["shopify", "woocommerce"])
def test_prices_with_tax_arrive_without_tax_and_stay(main: str, dependent: str) -> None:  # C-16, B-8
    shops = Chain.of(main, dependent, prices={"tax_rate": "20"})
    shops.main.stocked(*priced())
    without_tax(shops.dependent)

    assert shops.sync(Kind.PRODUCTS).counts.created == len(AMOUNTS)

    assert prices(shops.dependent) == _times(prices(shops.main), 1 / Decimal("1.2"))
    assert again(shops) == 0


def _times(told: dict[str, Any], factor: Decimal) -> dict[str, Any]:
    def at(amount: Decimal | None) -> Decimal | None:
        cent = Decimal("0.01")
        return amount and max((amount * factor).quantize(cent, ROUND_HALF_UP), cent)

    return {sku: (at(price), at(before)) for sku, (price, before) in told.items()}


@every_pair
def test_a_rule_with_rounding_is_written_once(main: str, dependent: str) -> None:  # C-16, B-8
    shops = Chain.of(main, dependent, prices={"factor": "1.0837", "rounding": "ending_95"})
    shops.main.stocked(*priced())

    shops.sync(Kind.PRODUCTS)

    assert all(str(price).endswith("95") for price, _ in prices(shops.dependent).values())
    assert again(shops) == 0


# --- variants that come ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("price", [True, False])
@every_pair
def test_a_variant_that_comes_has_all_that_it_needs_to_be_sold(
    main: str, dependent: str, price: bool
) -> None:  # C-6, C-10
    shops = Chain.of(main, dependent, price=price)
    shops.main.stocked(replace(SHIRT, variants=SHIRT.variants[:3]))
    shops.sync_all()
    there = shops.dependent.by_sku("SHIRT-M-BLEU")
    own = tuple(replace(each, price=euros("77.00")) for each in there.variants)
    shops.dependent.edit(replace(there, variants=own), ProductField.PRICE)
    held = shops.main.by_sku("SHIRT-M-BLEU")
    new = replace(SHIRT.variants[3], id="new-1", barcode="3017620422003", compare_at=euros("50.00"))
    fields = set(ProductField) - {ProductField.QUANTITY}
    shops.main.edit(replace(held, variants=(*held.variants, new)), *(fields & shops.main.outlet.held))
    shops.main.put(new.sku, 9)

    assert [run.outcome for run in shops.sync_all()] == [RunOutcome.COMPLETED] * 2

    found = {each.sku: each for each in shops.dependent.product(there.id).variants}
    came = found[new.sku]
    assert (came.price, came.compare_at) == (euros("41.90"), euros("50.00"))
    assert (came.barcode, came.weight_grams, came.quantity) == ("3017620422003", 300, 9)
    assert found["SHIRT-M-BLEU"].price == euros("39.90" if price else "77.00")


@every_platform
def test_a_hundred_variants_arrive_with_their_units(platform: str) -> None:  # C-6
    shops = Chain.of(other(platform), platform)
    variants = tuple(
        Variant(f"h{n}", euros("10"), f"H-{n}", quantity=n, options=(("A", str(n % 10)), ("B", str(n // 10))))
        for n in range(100)
    )
    shops.main.stocked(Product("hundred", "Cent", variants))

    assert {run.outcome for run in shops.sync_all()} == {RunOutcome.COMPLETED}

    (found,) = shops.dependent.products()
    assert {each.sku: each.quantity for each in found.variants} == {f"H-{n}": n for n in range(100)}
    assert again(shops) == 0


def test_a_fourth_option_is_told_once_and_the_rest_arrives() -> None:  # C-4, B-8
    shops = Chain.of("woocommerce", "shopify")
    options = [(("A", str(n)), ("B", "b"), ("C", "c"), ("D", "d")) for n in range(3)]
    variants = tuple(
        Variant(f"f{n}", euros("10"), f"F-{n}", quantity=n, options=each) for n, each in enumerate(options)
    )
    shops.main.stocked(Product("four", "Quatre", variants))

    shops.sync_all()
    shops.sync_all()

    (found,) = shops.dependent.products()
    assert [each.options for each in found.variants] == [each[:3] for each in options]
    assert [act.action for act in shops.told.acts] == ["options_not_held"]
    assert shops.incidents() == []


@every_platform
def test_a_product_that_begins_to_have_choices_is_not_lost_in_silence(platform: str) -> None:  # C-6, B-12
    shops = Chain.of("shopify", platform)
    (id,) = shops.main.stocked(CUP)
    shops.sync_all()
    held = shops.main.product(id)
    new = tuple(replace(each, id=f"new-{each.id}") for each in SHIRT.variants)
    fields = set(ProductField) - {ProductField.QUANTITY}
    shops.main.edit(replace(held, variants=new), *fields, without=[held.variants[0].id])
    wanted = {each.sku for each in shops.main.product(id).variants}

    runs = [*shops.sync_all(), *shops.sync_all()]

    assert {run.outcome for run in runs} == {RunOutcome.COMPLETED}
    (found,) = shops.dependent.products()
    arrived = {each.sku for each in found.variants}
    told = [act for act in shops.told.acts if act.action == "variant_not_held"]
    assert arrived == wanted or told
    assert again(shops) == 0


def test_options_that_the_shop_names_otherwise_are_told_once() -> None:  # C-10
    shops = Chain.of("woocommerce", "shopify")
    shops.main.stocked(SHIRT)
    english = {"Taille": "Size", "Couleur": "Colour"}
    theirs = tuple(
        replace(each, options=tuple((english[name], value) for name, value in each.options))
        for each in SHIRT.variants
    )
    shops.dependent.stocked(replace(SHIRT, variants=theirs))

    shops.sync_all()
    shops.sync_all()

    assert [act.action for act in shops.told.acts].count("options_not_held") == 1
    (found,) = shops.dependent.products()
    assert [name for name, _ in found.variants[0].options] == ["Size", "Colour"]


# --- units ---------------------------------------------------------------------------------------------------


@every_platform
def test_a_location_that_is_not_there_is_told_and_never_green(platform: str) -> None:  # C-7, B-12
    shops = Chain.of(other(platform), platform, stock={"default": "424242"})
    shops.main.stocked(CUP)
    shops.sync(Kind.PRODUCTS)

    run = shops.sync(Kind.STOCK)

    assert (run.outcome, run.counts.failed) == (RunOutcome.COMPLETED_WITH_ERRORS, 1)
    (incident,) = shops.incidents()
    assert "location" in incident.title
    shops.change(stock={})
    assert shops.sync(Kind.STOCK).outcome is RunOutcome.COMPLETED
    assert (shops.dependent.units("CUP-1"), shops.incidents()) == (7, [])


@every_pair
def test_a_buffer_is_held_back_and_never_more_than_there_is(main: str, dependent: str) -> None:  # C-7
    shops = Chain.of(main, dependent, stock={"buffer": 5})
    shops.main.stocked(CUP, GIFT)
    shops.main.put("GIFT-0", 3)

    shops.sync_all()

    assert (shops.dependent.units("CUP-1"), shops.dependent.units("GIFT-0")) == (2, 0)
    assert again(shops) == 0


@every_pair
def test_what_nobody_counts_stays_uncounted(main: str, dependent: str) -> None:  # C-7
    shops = Chain.of(main, dependent)
    free = replace(CUP, variants=(replace(CUP.variants[0], quantity=None),))
    shops.main.stocked(free)
    counted = shops.main.by_sku("CUP-1").variants[0].quantity is not None

    runs = [*shops.sync_all(), *shops.sync_all()]

    assert {run.outcome for run in runs} == {RunOutcome.COMPLETED}
    # A shop that counts everything has a number to tell.
    assert runs[1].counts.skipped == (0 if counted else 1)
    assert shops.dependent.units("CUP-1") in (None, 0)
