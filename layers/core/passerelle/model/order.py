"""An order placed at a store."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from passerelle.model.customer import Address
from passerelle.model.money import Money


class FinancialStatus(StrEnum):
    """How far an order is paid."""

    PENDING = "pending"
    PAID = "paid"
    PARTIALLY_PAID = "partially_paid"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"
    CANCELLED = "cancelled"


class FulfillmentStatus(StrEnum):
    """How far an order is shipped."""

    UNFULFILLED = "unfulfilled"
    PARTIAL = "partial"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order or a cart; product and variant ids are empty where the store has deleted them."""

    id: str
    title: str
    quantity: int
    unit_price: Money
    product_id: str = ""
    variant_id: str = ""
    sku: str = ""
    discount: Money | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands now. `email` is the buyer's, in lower case, also for a guest without a customer id."""

    id: str
    number: str
    email: str
    status: str
    """The store's own current status, by which orders are chosen: the platform's key, in lower case."""
    financial_status: FinancialStatus
    fulfillment_status: FulfillmentStatus
    total: Money
    lines: tuple[OrderLine, ...]
    placed_at: datetime
    customer_id: str = ""
    first_name: str = ""
    last_name: str = ""
    tax: Money | None = None
    shipping: Money | None = None
    discount: Money | None = None
    promo_codes: tuple[str, ...] = ()
    billing_address: Address | None = None
    shipping_address: Address | None = None
    url: str = ""
    landing_site: str = ""
    cancelled_at: datetime | None = None
    updated_at: datetime | None = None
