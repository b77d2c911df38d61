"""Prices on their way to another store: every rule, every kind of currency, both ways of tax."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.model import Money
from passerelle.rules.pricing import (
    DECIMALS,
    Basis,
    PriceRule,
    Rounding,
    obstacle,
    price_at,
    price_rule_of,
)

D = Decimal
EUR, NET = Basis("EUR", tax_included=True), Basis("EUR", tax_included=False)
CURRENCIES = ("EUR", "USD", "JPY", "KWD", "XAF", "TND", "ZZZ")
AMOUNTS = st.decimals(min_value=D("-9999"), max_value=D("999999"), places=3)
POSITIVE = st.decimals(min_value=D("0.001"), max_value=D("999999"), places=3)
FACTORS = st.decimals(min_value=D("0.0001"), max_value=D("2000"), places=4)
RATES = st.none() | st.decimals(min_value=0, max_value=100, places=2)
BASES = st.builds(Basis, st.sampled_from(CURRENCIES), st.booleans())
RULES = st.builds(
    PriceRule,
    st.none() | FACTORS,
    st.sampled_from(("", *CURRENCIES)),
    st.sampled_from(Rounding),
    RATES,
)


def told(amount, rule, main=EUR, dependent=EUR):
    return price_at(Money(D(amount), main.currency), rule, main, dependent)


def smallest(currency):
    return D(1).scaleb(-DECIMALS.get(currency, 2))


@given(AMOUNTS, BASES)
def test_by_default_a_price_is_not_changed(amount, basis):  # C-16
    price = Money(amount, basis.currency)
    assert obstacle(price_rule_of({}), basis, basis) is None
    assert price_at(price, price_rule_of({}), basis, basis) is price


@given(AMOUNTS, BASES, RATES)
def test_a_rule_that_says_nothing_new_changes_nothing(amount, basis, rate):  # C-16
    price = Money(amount, basis.currency)
    assert price_at(price, PriceRule(D(1), basis.currency, tax_rate=rate), basis, basis) is price


@pytest.mark.parametrize(
    ("amount", "words", "dependent", "expected"),
    [
        ("10.00", {"factor": "1.1"}, "EUR", "11.00"),
        ("9.99", {"factor": 1.0835}, "EUR", "10.82"),
        ("0.005", {"factor": 1, "rounding": "none"}, "EUR", "0.005"),
        ("9.99", {"factor": "1.08", "currency": " usd "}, "USD", "10.79"),
        ("9.99", {"factor": "163.27", "currency": "jpy"}, "JPY", "1631"),
        ("9.99", {"factor": 1, "currency": "JPY"}, "JPY", "10"),
        ("9.99", {"factor": "0.3345", "currency": "KWD"}, "KWD", "3.342"),
        ("9.99", {"factor": "655.957", "currency": "XAF"}, "XAF", "6553"),
        ("9.99", {"factor": "655.957", "currency": "XAF", "rounding": "ending_99"}, "XAF", "6553"),
        ("10.00", {"rounding": "ending_99"}, "EUR", "10.99"),
        ("10.99", {"rounding": "ending_99"}, "EUR", "10.99"),
        ("11.00", {"rounding": "ending_95"}, "EUR", "11.95"),
        ("10.96", {"rounding": "ending_95"}, "EUR", "11.95"),
        ("0.10", {"rounding": "ending_95"}, "EUR", "0.95"),
        ("3.991", {"factor": 1, "currency": "KWD", "rounding": "ending_99"}, "KWD", "4.990"),
        ("10.49", {"rounding": "unit"}, "EUR", "10.00"),
        ("10.50", {"rounding": "unit"}, "EUR", "11.00"),
        ("10.01", {"rounding": "up"}, "EUR", "11.00"),
        ("10.99", {"rounding": "down"}, "EUR", "10.00"),
        ("0.00", {"factor": 3, "rounding": "ending_99"}, "EUR", "0.00"),
        ("-5.50", {"factor": 2, "rounding": "unit"}, "EUR", "-11.00"),
        ("-0.001", {"factor": "1.1"}, "EUR", "0.00"),
    ],
)
def test_a_price_by_its_rule(amount, words, dependent, expected):  # C-16
    rule, basis = price_rule_of(words), Basis(dependent, tax_included=True)
    found = told(amount, rule, dependent=basis)
    assert str(found.amount) == expected  # decimals and sign included
    assert found.currency == dependent


@pytest.mark.parametrize(
    ("amount", "main", "dependent", "rate", "expected"),
    [
        ("12.00", EUR, NET, "20", "10.00"),
        ("10.00", NET, EUR, "20", "12.00"),
        ("10.00", EUR, NET, "5.5", "9.48"),
        ("9.48", NET, EUR, "5.5", "10.00"),
        ("10.00", EUR, NET, "0", "10.00"),
        ("10.00", EUR, EUR, "20", "10.00"),
        ("10.00", NET, NET, "20", "10.00"),
    ],
)
def test_tax_is_added_or_taken_out_only_where_the_stores_differ(amount, main, dependent, rate, expected):
    # C-16
    assert told(amount, price_rule_of({"tax_rate": rate}), main, dependent).amount == D(expected)


def test_what_is_calculated_is_an_ending_as_soon_as_a_buyer_would_see_it():  # C-16
    ending = PriceRule(D(1), rounding=Rounding.ENDING_99, tax_rate=D(20))
    assert told("11.99", ending, EUR, NET).amount == D("9.99")  # 9.99166…
    up = PriceRule(D(1), rounding=Rounding.UP, tax_rate=D(7))
    assert told("10.70", up, EUR, NET).amount == D("10.00")
    third = PriceRule(D("0.3333"), rounding=Rounding.UP)
    assert told("30.00", third).amount == D("10.00")  # 9.999


@given(POSITIVE, RULES, BASES, BASES)
def test_a_price_that_is_one_never_becomes_free(amount, rule, main, dependent):  # C-16
    assert price_at(Money(amount, main.currency), rule, main, dependent).amount > 0


@given(AMOUNTS, RULES, BASES, BASES)
def test_without_an_obstacle_a_price_is_in_the_currency_of_the_store(amount, rule, main, dependent):  # C-16
    if obstacle(rule, main, dependent):
        return
    assert price_at(Money(amount, main.currency), rule, main, dependent).currency == dependent.currency
    assert main.currency == dependent.currency or (
        rule.currency == dependent.currency and rule.factor is not None
    )
    assert main.tax_included is dependent.tax_included or rule.tax_rate is not None


@given(AMOUNTS, FACTORS, BASES, BASES, RATES)
def test_a_calculated_price_is_off_by_half_of_the_smallest_unit_at_most(
    amount, factor, main, dependent, rate
):  # C-16
    rule = PriceRule(factor, dependent.currency, tax_rate=rate)
    exact = amount * factor
    if rate is not None and main.tax_included and not dependent.tax_included:
        exact /= 1 + rate / 100
    if rate is not None and dependent.tax_included and not main.tax_included:
        exact *= 1 + rate / 100
    unit = smallest(dependent.currency)
    found = price_at(Money(amount, main.currency), rule, main, dependent).amount
    if 0 < exact < unit:
        assert found == unit
    elif exact != amount or main.currency != dependent.currency:
        assert abs(found - exact) <= unit / 2
        assert found == found.quantize(unit)
    else:
        assert found == amount


@given(AMOUNTS, AMOUNTS, RULES, BASES, BASES)
def test_what_is_dearer_stays_at_least_as_dear(one, other, rule, main, dependent):  # C-16
    low, high = (
        price_at(Money(each, main.currency), rule, main, dependent).amount for each in sorted((one, other))
    )
    assert low <= high


@given(POSITIVE, FACTORS, st.sampled_from([Rounding.ENDING_99, Rounding.ENDING_95]))
def test_an_ending_is_the_next_one_and_is_kept(amount, factor, rounding):  # C-16
    rule = PriceRule(factor, rounding=rounding)
    found = told(amount, rule).amount
    ending = {Rounding.ENDING_99: D("0.99"), Rounding.ENDING_95: D("0.95")}[rounding]
    assert found % 1 == ending
    assert D("-0.005") <= found - amount * factor <= 1
    assert told(found, PriceRule(rounding=rounding)).amount == found


@pytest.mark.parametrize(
    ("words", "main", "dependent", "code"),
    [
        ({}, EUR, EUR, None),
        ({}, EUR, Basis("USD", True), "currency_differs"),
        ({"factor": "1.08"}, EUR, Basis("USD", True), "currency_differs"),
        ({"currency": "USD"}, EUR, Basis("USD", True), "currency_differs"),
        ({"currency": "USD", "factor": "1.08"}, EUR, Basis("USD", True), None),
        ({"currency": "USD", "factor": 1}, EUR, Basis("USD", True), None),
        ({"currency": "GBP", "factor": "0.86"}, EUR, Basis("USD", True), "currency_differs"),
        ({"currency": "USD", "factor": "1.08"}, EUR, EUR, "currency_differs"),
        ({"currency": "EUR"}, EUR, EUR, None),
        ({"currency": "EUR"}, EUR, Basis("", True), "currency_differs"),
        ({}, EUR, NET, "tax_rate_missing"),
        ({}, NET, EUR, "tax_rate_missing"),
        ({"tax_rate": 0}, NET, EUR, None),
        ({"tax_rate": 20}, EUR, NET, None),
    ],
)
def test_what_stands_in_the_way_of_a_price(words, main, dependent, code):  # C-16
    found = obstacle(price_rule_of(words), main, dependent)
    assert (found[0] if found else None) == code


def test_an_obstacle_says_what_to_set():  # C-16
    _, why, remedy = obstacle(price_rule_of({"currency": "USD"}), EUR, Basis("USD", True))
    assert "EUR" in why
    assert "USD" in why
    assert "exchange rate" in remedy
    assert "without tax" not in why
    assert "with tax and the store tells them without" in obstacle(PriceRule(), EUR, NET)[1]
    assert "without tax and the store tells them with" in obstacle(PriceRule(), NET, EUR)[1]


@pytest.mark.parametrize("factor", [0, "0.000", -1, "nan", "Infinity", "", "1,1", "ten", True])
def test_a_factor_that_is_no_number_or_gives_goods_away_is_refused(factor):  # C-16
    with pytest.raises(ValueError, match=r"number|above zero"):
        price_rule_of({"factor": factor})


@pytest.mark.parametrize("rate", [-1, "-100", "nan", "20 %"])
def test_a_tax_rate_that_is_none_is_refused(rate):  # C-16
    with pytest.raises(ValueError, match=r"number|below zero"):
        price_rule_of({"tax_rate": rate})


def test_what_is_kept_as_nothing_is_nothing():  # C-16
    nothing = {"factor": None, "currency": None, "rounding": None, "tax_rate": None}
    assert price_rule_of(nothing) == PriceRule()
