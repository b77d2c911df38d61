"""Prices written to a shop come back to the cent, whatever its taxes, and reductions are what they were."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from passerelle.model import Money, Product, ProductField
from passerelle.port import Result
from sandbox.prestashop import Shop, set_tax

from .dependent import (
    FRANCE,
    create,
    differences,
    empty_shop,
    euros,
    kept,
    mug,
    open_to,
    push,
    read,
    shirt,
    update,
)

F = ProductField
CENTS = st.integers(min_value=0, max_value=9_999_999).map(lambda n: f"{Decimal(n) / 100:.2f}")
RATES = st.sampled_from(["0", "2.1", "5.5", "7.7", "10", "19", "19.6", "20", "21", "25", "8.875"])
NEVER = "0000-00-00 00:00:00"


def priced(price: str, before: str = "") -> Product:
    only = replace(mug().variants[0], price=euros(price), compare_at=euros(before) if before else None)
    return replace(mug(), variants=(only,))


def of(shop: Shop, id: str) -> list[tuple[str, str]]:
    told = read(open_to(shop), id).variants
    return [(str(v.price.amount), str(v.compare_at.amount) if v.compare_at else "") for v in told]


@settings(max_examples=60, deadline=None)
@example("0.00", "0.01", "2.1")
@given(price=CENTS, before=CENTS, rate=RATES)
def test_odd_cents_come_back_as_they_were_told(price: str, before: str, rate: str) -> None:
    shop = empty_shop(languages=1, rate=rate)
    outcome = push(open_to(shop), create(priced(price, before)))
    higher = before if Decimal(before) > Decimal(price) else ""
    assert of(shop, outcome.destination_id) == [(price, higher)]
    again = push(open_to(shop), update(priced(price, before), outcome.destination_id))
    assert again.result is Result.UNCHANGED


@settings(max_examples=30, deadline=None)
@given(prices=st.lists(CENTS, min_size=4, max_size=4), rate=RATES)
def test_odd_cents_of_variants_come_back_as_they_were_told(prices: list[str], rate: str) -> None:
    shop = empty_shop(languages=1, rate=rate)
    variants = tuple(replace(v, price=euros(p)) for v, p in zip(shirt().variants, prices, strict=True))
    outcome = push(open_to(shop), create(replace(shirt(), variants=variants)))
    assert [price for price, _ in of(shop, outcome.destination_id)] == prices


def test_taxes_upon_taxes_are_taken_off_too() -> None:
    shop = empty_shop(rate="20")
    for behaviour in (1, 2):
        set_tax(shop.state, 4, FRANCE, "8.25", 1 if behaviour == 1 else 2)
    set_tax(shop.state, 4, FRANCE, "1.5", 1)
    outcome = push(open_to(shop, tax_rules_group=4), create(priced("99.99", "123.45")))
    assert of(shop, outcome.destination_id) == [("99.99", "123.45")]


def test_a_new_product_gets_the_tax_rules_that_most_have() -> None:
    shop = empty_shop()
    set_tax(shop.state, 2, FRANCE, "5.5")
    for group in (1, 2, 2):
        shop.state.products.insert({"name": "Old", "price": 1, "state": 1, "id_tax_rules_group": group})
    outcome = push(open_to(shop, tax_rules_group=None), create(priced("10.01")))
    assert shop.state.products.rows[int(outcome.destination_id)]["id_tax_rules_group"] == "2"
    assert of(shop, outcome.destination_id) == [("10.01", "")]


def test_a_price_of_a_product_with_other_taxes_is_worked_out_with_those() -> None:
    shop = empty_shop()
    set_tax(shop.state, 2, FRANCE, "5.5")
    id = push(open_to(shop), create(priced("11.99"))).destination_id
    shop.state.products.update(int(id), id_tax_rules_group=2)
    push(open_to(shop), update(priced("11.97"), id, F.PRICE))
    assert of(shop, id) == [("11.97", "")]


def test_prices_hold_the_taxes_of_the_country_that_the_link_names() -> None:
    shop = empty_shop()
    shop.state.countries.insert({"iso_code": "DE", "active": 1, "name": "Deutschland"}, 1)
    set_tax(shop.state, 1, 1, "19")
    connector = open_to(shop, country="de")
    id = push(connector, create(priced("14.99"))).destination_id
    assert read(connector, id).variants[0].price == euros("14.99")
    assert of(shop, id) == [("15.12", "")]


def test_a_shop_without_taxes_is_written_without() -> None:
    shop = empty_shop()
    setting = shop.state.configurations.where("name", "PS_TAX")[0]
    shop.state.configurations.update(setting, value="0")
    id = push(open_to(shop), create(priced("14.99"))).destination_id
    assert of(shop, id) == [("14.99", "")]
    assert shop.state.products.rows[int(id)]["price"] == "14.990000"


def test_prices_of_another_kind_or_currency_are_refused_and_nothing_else_asks() -> None:
    shop = empty_shop()
    net = replace(mug(), tax_included=False)
    assert push(open_to(shop), create(net)).code == "tax_differs"
    dollars = replace(mug(), variants=(replace(mug().variants[0], price=Money(Decimal(5), "USD")),))
    assert push(open_to(shop), create(dollars)).code == "currency_differs"
    assert not shop.state.products.rows
    id = push(open_to(shop), create(mug())).destination_id
    assert push(open_to(shop), update(replace(dollars, title="Neu"), id, F.TITLE)).result is Result.UPDATED


def test_the_terms_tell_the_same_as_the_products() -> None:
    shop = empty_shop()
    id = push(open_to(shop), create(mug())).destination_id
    assert open_to(shop).terms().tax_included is read(open_to(shop), id).tax_included is True


@pytest.mark.parametrize(
    ("fields", "price", "before", "now"),
    [
        ((F.PRICE,), "8.00", "", ("8.00", "15.00")),
        ((F.PRICE,), "16.00", "", ("16.00", "")),
        ((F.COMPARE_AT,), "1.00", "20.00", ("10.00", "20.00")),
        ((F.COMPARE_AT,), "1.00", "", ("10.00", "")),
        ((F.PRICE, F.COMPARE_AT), "7.00", "9.00", ("7.00", "9.00")),
        ((F.PRICE, F.COMPARE_AT), "7.00", "", ("7.00", "")),
    ],
)
def test_price_and_price_before_are_written_apart(
    fields: tuple[F, ...], price: str, before: str, now: tuple[str, str]
) -> None:
    shop = empty_shop()
    id = push(open_to(shop), create(priced("10.00", "15.00"))).destination_id
    assert of(shop, id) == [("10.00", "15.00")]
    push(open_to(shop), update(priced(price, before), id, *fields))
    assert of(shop, id) == [now]
    assert push(open_to(shop), update(priced(price, before), id, *fields)).result is Result.UNCHANGED


def test_a_reduction_in_per_cent_on_the_whole_product_is_shadowed_for_one_combination() -> None:
    shop = empty_shop()
    id = push(open_to(shop), create(shirt())).destination_id
    everybody = dict.fromkeys(
        ("id_shop", "id_cart", "id_currency", "id_country", "id_group", "id_customer"), 0
    )
    row = {"id_product": id, "price": -1, "from_quantity": 1, "reduction": "0.5", "reduction_tax": 1}
    dates = {"from": NEVER, "to": NEVER, "reduction_type": "percentage"}
    shop.state.specific_prices.insert(everybody | row | dates)
    before = kept(shop, id)
    one = replace(shirt(), variants=shirt().variants[:1])
    push(open_to(shop), update(one, id, F.PRICE, F.COMPARE_AT))
    assert of(shop, id)[0] == ("19.99", "")
    assert of(shop, id)[1:] == [("9.99", "19.99"), ("12.50", "24.99"), ("12.50", "24.99")]
    assert {path.partition("/")[0] for path in differences(before, kept(shop, id))} == {"specific_prices"}


def test_promotions_of_the_shops_own_stay_and_are_told() -> None:
    shop = empty_shop()
    id = push(open_to(shop), create(mug())).destination_id
    everybody = dict.fromkeys(("id_shop", "id_cart", "id_currency", "id_country", "id_customer"), 0)
    row = {
        "id_product": id,
        "price": -1,
        "from_quantity": 1,
        "reduction": "2",
        "reduction_tax": 1,
        "id_group": 3,
    }
    shop.state.specific_prices.insert(
        everybody | row | {"from": NEVER, "to": NEVER, "reduction_type": "amount"}
    )
    before = kept(shop, id)
    outcome = push(open_to(shop), update(priced("9.00"), id, F.PRICE))
    assert [each.code for each in outcome.beside] == ["price_reduced_there"]
    assert differences(before, kept(shop, id)) == {"product/price"}


def test_a_price_with_an_eco_tax_is_left_and_told() -> None:
    shop = empty_shop()
    id = push(open_to(shop), create(mug())).destination_id
    shop.state.products.update(int(id), ecotax="0.5")
    before = kept(shop, id)
    outcome = push(open_to(shop), update(priced("9.00"), id, F.PRICE))
    assert (outcome.result, outcome.beside[0].code) == (Result.UNCHANGED, "price_not_held")
    assert kept(shop, id) == before
