"""A cart: an order that has not been placed."""

from dataclasses import dataclass
from datetime import datetime

from passerelle.model.money import Money
from passerelle.model.order import OrderLine


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart whose buyer is known by e-mail (lower case; empty where unknown)."""

    id: str
    email: str
    total: Money
    lines: tuple[OrderLine, ...]
    customer_id: str = ""
    first_name: str = ""
    last_name: str = ""
    url: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
