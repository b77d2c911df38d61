"""Canonical objects to write."""

from datetime import UTC, datetime
from decimal import Decimal

from passerelle.model import (
    Address,
    AudienceStatus,
    Cart,
    Consent,
    ConsentState,
    Customer,
    FinancialStatus,
    FulfillmentStatus,
    Image,
    Money,
    Order,
    OrderLine,
    Product,
    PromoCode,
    PromoTarget,
    PromoType,
    Variant,
)
from passerelle.port import Action, Change

HOME = Address(line1="1 rue Haute", city="Lyon", postal_code="69001", country="FR", phone="+33400000000")


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def customer(id: str = "1", email: str = "ada@shop.example", **fields) -> Customer:
    return Customer(id, email, Consent(ConsentState.NONE), **{"first_name": "Ada", **fields})


def create(person: Customer, status: AudienceStatus = AudienceStatus.SUBSCRIBED) -> Change:
    return Change(person.id, Action.CREATE, person, status=status)


def update(person: Customer, status: AudienceStatus | None = None) -> Change:
    return Change(person.id, Action.UPDATE, person, status=status)


def product(id: str = "10", **fields) -> Product:
    variants = (
        Variant(f"{id}-s", euros("12.50"), sku=f"SKU-{id}-S", options=(("Size", "S"),), quantity=3),
        Variant(f"{id}-m", euros("13"), sku=f"SKU-{id}-M", options=(("Size", "M"),), quantity=-2),
    )
    images = (Image("1", "https://shop.example/1.jpg"), Image("2", "https://shop.example/2.jpg"))
    known = {
        "title": f"Shirt {id}",
        "variants": variants,
        "images": images,
        "url": f"https://shop.example/{id}",
    }
    return Product(id, **known | fields)


def line(product_id: str = "10", variant_id: str = "10-s", **fields) -> OrderLine:
    return OrderLine(
        **{"id": "l1", "title": "Shirt", "quantity": 2, "unit_price": euros("12.50")} | fields,
        **{
            "product_id": product_id,
            "variant_id": variant_id,
        },
    )


def order(
    id: str = "500", email: str = "ada@shop.example", lines: tuple[OrderLine, ...] = (), **fields
) -> Order:
    known = {
        "number": f"#{id}",
        "status": "paid",
        "financial_status": FinancialStatus.PAID,
        "fulfillment_status": FulfillmentStatus.SHIPPED,
        "total": euros("25.00"),
        "lines": lines or (line(),),
        "placed_at": datetime(2026, 3, 1, 9, tzinfo=UTC),
        "customer_id": "1",
    }
    return Order(id=id, email=email, **known | fields)


def cart(id: str = "900", lines: tuple[OrderLine, ...] = (), **fields) -> Cart:
    known = {"email": "ada@shop.example", "total": euros("25"), "lines": lines or (line(),)}
    return Cart(id=id, **known | fields)


def promo(id: str = "77", rule_id: str = "7", **fields) -> PromoCode:
    known = {
        "code": f"CODE{id}",
        "title": "Ten percent",
        "amount": Decimal("0.1"),
        "type": PromoType.PERCENTAGE,
        "target": PromoTarget.TOTAL,
    }
    return PromoCode(id=id, rule_id=rule_id, **known | fields)


def made(item) -> Change:
    return Change(item.id, Action.CREATE, item)


def changed(item) -> Change:
    return Change(item.id, Action.UPDATE, item, destination_id=item.id)


def removed(item, destination_id: str = "") -> Change:
    return Change(item.id, Action.DELETE, None, destination_id)
