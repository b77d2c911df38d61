"""A promo code with the rule behind it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class PromoType(StrEnum):
    """Whether the amount is a sum of money or a share (0.1 is 10 %)."""

    FIXED = "fixed"
    PERCENTAGE = "percentage"


class PromoTarget(StrEnum):
    """What the discount applies to."""

    PER_ITEM = "per_item"
    TOTAL = "total"
    SHIPPING = "shipping"


@dataclass(frozen=True, slots=True)
class PromoCode:
    """One code that a buyer may type, with the rule it belongs to."""

    id: str
    rule_id: str
    code: str
    title: str
    amount: Decimal
    type: PromoType
    target: PromoTarget
    url: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    enabled: bool = True
    usage_count: int = 0
    updated_at: datetime | None = None
