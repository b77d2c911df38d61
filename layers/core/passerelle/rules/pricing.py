"""What a price of the main store is at the dependent store: factor, currency, tax, rounding (C-16)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from passerelle.model import Money

CENT = Decimal("0.01")
DECIMALS: Mapping[str, int] = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Currencies whose smallest unit is not a hundredth (ISO 4217)."""


class Rounding(StrEnum):
    """To what a calculated price is rounded: to the currency's smallest unit, or to an ending."""

    NONE = "none"
    UNIT = "unit"
    """To whole units, the nearest."""
    ENDING_99 = "ending_99"
    """To the next price that ends in ,99, the nearest above or equal."""
    ENDING_95 = "ending_95"
    UP = "up"
    """To whole units, up."""
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class PriceRule:
    """How prices are changed on the way; by default they are not."""

    factor: Decimal | None = None
    """What each price is multiplied by, an exchange rate included; None: not set, which is no rate of one to one."""
    currency: str = ""
    """The currency that the factor leads to; empty: the main store's own."""
    rounding: Rounding = Rounding.NONE
    tax_rate: Decimal | None = None
    """Per cent, where one store tells prices with tax and the other without; None: not known."""


def price_rule_of(words: Mapping[str, Any]) -> PriceRule:
    """A rule as a link keeps it. Raises ValueError for what is no number, and for one that gives goods away."""
    factor, rate = _number(words.get("factor")), _number(words.get("tax_rate"))
    if factor is not None and factor <= 0:
        raise ValueError("The factor of prices is above zero.")
    if rate is not None and rate < 0:
        raise ValueError("A tax rate is not below zero.")
    currency = str(words.get("currency") or "").strip().upper()
    return PriceRule(factor, currency, Rounding(words.get("rounding") or Rounding.NONE), rate)


def _number(written: Any) -> Decimal | None:
    if written is None:
        return None
    try:
        number = Decimal(str(written))
    except InvalidOperation:
        raise ValueError(f"{written!r} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{written!r} is not a number")
    return number


@dataclass(frozen=True, slots=True)
class Basis:
    """What prices are told in."""

    currency: str
    tax_included: bool


def obstacle(rule: PriceRule, main: Basis, dependent: Basis) -> tuple[str, str, str] | None:
    """Why prices cannot be told at the dependent store: (code, why, remedy), or None."""
    told = rule.currency or main.currency
    if told == dependent.currency and rule.factor is None:
        told = main.currency  # without an exchange rate prices stay what they are
    if told != dependent.currency:
        why = f"Prices come in {told} and the store sells in {dependent.currency}."
        remedy = (
            f"Set the link's price rule: currency {dependent.currency}, and the exchange rate as its factor."
        )
        return "currency_differs", why, remedy
    if main.tax_included is not dependent.tax_included and rule.tax_rate is None:
        has, wants = ("with", "without") if main.tax_included else ("without", "with")
        why = f"Prices come {has} tax and the store tells them {wants}."
        return "tax_rate_missing", why, "Set the tax rate (per cent) in the link's price rule."
    return None


def price_at(price: Money, rule: PriceRule, main: Basis, dependent: Basis) -> Money:
    """The price as the dependent store is told it, as it is where nothing changes it. `obstacle` must have found none."""
    amount = price.amount * (rule.factor or 1)
    if main.tax_included is not dependent.tax_included and rule.tax_rate is not None:
        with_tax = 1 + rule.tax_rate / 100
        amount = amount / with_tax if main.tax_included else amount * with_tax
    if amount == price.amount and rule.rounding is Rounding.NONE and main.currency == dependent.currency:
        return price
    return Money(_rounded(amount, rule.rounding, dependent.currency), dependent.currency)


def _rounded(amount: Decimal, rounding: Rounding, currency: str) -> Decimal:
    """To the currency's smallest unit first, so that 9.9900001 ends in ,99. No rounding makes a price free."""
    smallest = Decimal(1).scaleb(-DECIMALS.get(currency, 2))
    exact = amount.quantize(smallest, ROUND_HALF_UP)
    if amount <= 0:
        return exact + 0  # which takes the sign from a zero
    exact = max(exact, smallest)
    if rounding is Rounding.NONE:
        return exact
    if rounding in _ENDINGS and smallest <= CENT:
        ending = _ENDINGS[rounding]
        return ((exact - ending).quantize(Decimal(1), ROUND_CEILING) + ending).quantize(smallest)
    whole = exact.quantize(Decimal(1), _WHOLE.get(rounding, ROUND_HALF_UP))
    return whole.quantize(smallest) if whole else exact


_ENDINGS = {Rounding.ENDING_99: Decimal("0.99"), Rounding.ENDING_95: Decimal("0.95")}
_WHOLE = {Rounding.UNIT: ROUND_HALF_UP, Rounding.UP: ROUND_CEILING, Rounding.DOWN: ROUND_FLOOR}
