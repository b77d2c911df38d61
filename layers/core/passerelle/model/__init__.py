"""The canonical words: what a product, a customer, an order is, whatever the platform."""

from passerelle.model.cart import Cart
from passerelle.model.consent import AudienceStatus, Consent, ConsentState
from passerelle.model.contact import Contact
from passerelle.model.customer import Address, Customer
from passerelle.model.customer_event import CustomerEvent
from passerelle.model.engagement import Engagement
from passerelle.model.fulfilment import Fulfilment, Tracking
from passerelle.model.kind import Kind
from passerelle.model.money import Money
from passerelle.model.order import FinancialStatus, FulfillmentStatus, Order, OrderLine
from passerelle.model.product import Image, Product, ProductField, ProductStatus, Variant
from passerelle.model.promo import PromoCode, PromoTarget, PromoType
from passerelle.model.severity import Severity
from passerelle.model.stock import StockLevel

__all__ = [
    "Address",
    "AudienceStatus",
    "Cart",
    "Consent",
    "ConsentState",
    "Contact",
    "Customer",
    "CustomerEvent",
    "Engagement",
    "FinancialStatus",
    "FulfillmentStatus",
    "Fulfilment",
    "Image",
    "Kind",
    "Money",
    "Object",
    "Order",
    "OrderLine",
    "Product",
    "ProductField",
    "ProductStatus",
    "PromoCode",
    "PromoTarget",
    "PromoType",
    "Severity",
    "StockLevel",
    "Tracking",
    "Variant",
]

type Object = (
    Product
    | Customer
    | Contact
    | Order
    | Cart
    | StockLevel
    | PromoCode
    | CustomerEvent
    | Engagement
    | Fulfilment
)
