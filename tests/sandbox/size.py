"""How much a sample shop holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each there are."""

    products: int
    customers: int
    orders: int


SMALL = Size(200, 300, 200)
LARGE = Size(20_000, 30_000, 10_000)
