"""Money: a decimal amount with its currency."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217, upper case). Sums of two currencies are refused."""

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, amount: str | int | float | Decimal, currency: str) -> "Money":
        """Read an amount as a platform writes it; raise ValueError where it is no finite number."""
        try:
            value = Decimal(str(amount))
        except InvalidOperation:
            raise ValueError(f"{amount!r} is not an amount of money") from None
        if not value.is_finite():
            raise ValueError(f"{amount!r} is not an amount of money")
        return cls(value, currency.upper())

    @property
    def trimmed(self) -> "Money":
        """The same amount in two decimals, or as many more as say something."""
        places = max(2, -int(self.amount.normalize().as_tuple().exponent))
        return Money(self.amount.quantize(Decimal(1).scaleb(-places)), self.currency)

    def __add__(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)
