"""Amounts of money: as a platform writes them, and as they are told."""

from decimal import Decimal

import pytest
from passerelle.model import Money


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("12.500000", "12.50"),
        ("12", "12.00"),
        ("0", "0.00"),
        ("-3.1", "-3.10"),
        ("1.2345", "1.2345"),
        ("1E+3", "1000.00"),
    ],
)
def test_an_amount_is_told_in_the_decimals_that_say_something(written, told):
    trimmed = Money.parse(written, "eur").trimmed
    assert (str(trimmed.amount), trimmed.currency) == (told, "EUR")
    assert trimmed.amount == Decimal(written)


@pytest.mark.parametrize("written", ["", "cheap", "NaN", "Infinity"])
def test_what_is_no_finite_number_is_no_amount(written):
    with pytest.raises(ValueError, match="not an amount"):
        Money.parse(written, "EUR")


def test_two_currencies_are_not_added():
    with pytest.raises(ValueError, match="USD"):
        Money.parse("1", "EUR") + Money.parse("1", "USD")
