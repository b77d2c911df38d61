"""Turns what Shopify gives into canonical objects; ValueError names the field that makes no sense, never its value.

Sources: https://shopify.dev/docs/api/admin-graphql/2026-07/objects/{Product,Customer,Order,AbandonedCheckout}
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from passerelle.connectors.shopify.ids import number
from passerelle.connectors.shopify.listing import order_status
from passerelle.model import (
    Address,
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
    ProductStatus,
    Variant,
)
from passerelle.port import PermissionMissing

type Raw = dict[str, Any]

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
CONSENTS = {
    "SUBSCRIBED": ConsentState.SUBSCRIBED,
    "NOT_SUBSCRIBED": ConsentState.NOT_SUBSCRIBED,
    "UNSUBSCRIBED": ConsentState.UNSUBSCRIBED,
    "PENDING": ConsentState.PENDING,
    # No mail can reach an invalid address and an erased person has none: neither is a wish of theirs.
    "INVALID": ConsentState.NONE,
    "REDACTED": ConsentState.NONE,
}
PRODUCT_STATUSES = {
    "ACTIVE": ProductStatus.ACTIVE,
    "UNLISTED": ProductStatus.UNLISTED,
    "DRAFT": ProductStatus.DRAFT,
    "ARCHIVED": ProductStatus.ARCHIVED,
}
PAYMENTS = {
    "AUTHORIZED": FinancialStatus.PENDING,
    "EXPIRED": FinancialStatus.CANCELLED,
    "PAID": FinancialStatus.PAID,
    "PARTIALLY_PAID": FinancialStatus.PARTIALLY_PAID,
    "PARTIALLY_REFUNDED": FinancialStatus.PARTIALLY_REFUNDED,
    "PENDING": FinancialStatus.PENDING,
    "REFUNDED": FinancialStatus.REFUNDED,
    "VOIDED": FinancialStatus.CANCELLED,
}
SHIPMENTS = {
    "FULFILLED": FulfillmentStatus.SHIPPED,
    "PARTIALLY_FULFILLED": FulfillmentStatus.PARTIAL,
}
MANY = 10
PROTECTED = "It lacks access to protected customer data."
ASK = "Ask Shopify for access to protected customer data (Partner dashboard, the app, API access), then sync again."
GRAMS = {
    "GRAMS": Decimal(1),
    "KILOGRAMS": Decimal(1000),
    "OUNCES": Decimal("28.349523125"),
    "POUNDS": Decimal("453.59237"),
}


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What the shop says once for all prices."""

    currency: str
    tax_included: bool = True


def product(raw: Raw, shop: ShopFacts) -> Product:
    """A product with the variants in `raw["variants"]`, all of them by now."""
    if not (raw["title"] or "").strip():
        raise ValueError("title")
    images = tuple(_image(each) for each in raw["media"] if each.get("image"))
    variants = tuple(variant(each, shop, raw["onlineStoreUrl"] or "") for each in raw["variants"])
    if not variants:
        raise ValueError("variants")
    return Product(
        id=number(raw["id"]),
        title=raw["title"],
        variants=variants,
        handle=raw["handle"] or "",
        description_html=raw["descriptionHtml"] or "",
        vendor=raw["vendor"] or "",
        product_type=raw["productType"] or "",
        url=raw["onlineStoreUrl"] or "",
        images=images,
        tags=tuple(raw["tags"] or ()),
        categories=(raw["category"]["name"],) if raw.get("category") else (),
        status=PRODUCT_STATUSES.get(raw["status"], ProductStatus.DRAFT),
        tax_included=shop.tax_included,
        created_at=moment(raw, "createdAt"),
        updated_at=moment(raw, "updatedAt"),
    )


def _image(raw: Raw) -> Image:
    return Image(number(raw["id"]), raw["image"]["url"], raw.get("alt") or "")


def variant(raw: Raw, shop: ShopFacts, page: str) -> Variant:
    """A variant; `page` is its product's page at the shop, empty where it has none."""
    item = raw["inventoryItem"]
    compare = raw["compareAtPrice"]
    return Variant(
        id=number(raw["id"]),
        price=_amount(raw["price"], shop.currency, "price"),
        sku=raw["sku"] or "",
        barcode=raw["barcode"] or "",
        title=raw["title"] or "",
        compare_at=_amount(compare, shop.currency, "compareAtPrice") if compare is not None else None,
        quantity=raw["inventoryQuantity"] if item["tracked"] else None,
        options=_options(raw["selectedOptions"]),
        image_url=(raw["image"] or {}).get("url") or "",
        url=f"{page}?variant={number(raw['id'])}" if page else "",
        weight_grams=grams((item.get("measurement") or {}).get("weight")),
    )


def _options(chosen: Sequence[Raw]) -> tuple[tuple[str, str], ...]:
    """What a product without choices has is Shopify's way of saying so, and no choice."""
    told = tuple((each["name"], each["value"]) for each in chosen)
    return () if told == (("Title", "Default Title"),) else told


def grams(weight: Raw | None) -> int | None:
    """A weight in whole grams; None where none was given, which Shopify tells as 0."""
    if not weight or weight["unit"] not in GRAMS:
        return None
    return int((Decimal(str(weight["value"])) * GRAMS[weight["unit"]]).to_integral_value()) or None


def hidden(raw: Raw) -> bool:
    """Whether Shopify shows nothing of this person: they were erased, or all are hidden from the app."""
    names = ("firstName", "lastName", "defaultEmailAddress", "defaultPhoneNumber")
    return all(raw[name] is None for name in names)


def refuse_hidden(people: Sequence[Raw]) -> None:
    """Raise PermissionMissing where many customers in a row show nothing: an erased person here and there is none.

    Source: https://shopify.dev/docs/apps/launch/protected-customer-data
    """
    if len(people) >= MANY and all(hidden(raw) for raw in people):
        raise PermissionMissing(
            f"Shopify hides all customers' names and addresses from this app. {PROTECTED}", ASK
        )


def customer(raw: Raw) -> Customer:
    """A customer with the consents behind the default e-mail address and telephone."""
    email, phone, home = raw["defaultEmailAddress"], raw["defaultPhoneNumber"], raw["defaultAddress"]
    return Customer(
        id=number(raw["id"]),
        email=_email(email["emailAddress"] if email else None),
        consent=_consent(email) if email else Consent(ConsentState.NONE),
        first_name=raw["firstName"] or "",
        last_name=raw["lastName"] or "",
        phone=(phone or {}).get("phoneNumber") or "",
        company=(home or {}).get("company") or "",
        language=(raw["locale"] or "").partition("-")[0].lower(),
        address=address(home),
        tags=tuple(raw["tags"] or ()),
        sms_consent=_consent(phone) if phone else None,
        created_at=moment(raw, "createdAt"),
        updated_at=moment(raw, "updatedAt"),
    )


def _consent(raw: Raw) -> Consent:
    state = CONSENTS.get(raw["marketingState"])
    if state is None:
        raise ValueError("marketingState")
    return Consent(state, moment(raw, "marketingUpdatedAt"))


def _email(text: str | None) -> str:
    cleaned = (text or "").strip().lower()
    if cleaned and not EMAIL.fullmatch(cleaned):
        raise ValueError("e-mail address")
    return cleaned


def address(raw: Raw | None) -> Address | None:
    """A postal address, None where there is none."""
    if raw is None:
        return None
    return Address(
        line1=raw["address1"] or "",
        line2=raw["address2"] or "",
        city=raw["city"] or "",
        region=raw["provinceCode"] or raw["province"] or "",
        postal_code=raw["zip"] or "",
        country=raw["countryCodeV2"] or "",
        company=raw["company"] or "",
        phone=raw["phone"] or "",
        first_name=raw["firstName"] or "",
        last_name=raw["lastName"] or "",
    )


def order(raw: Raw) -> Order:
    """An order with the lines in `raw["lineItems"]`; its sums are those before returns, in the shop's currency."""
    buyer, home, sent = raw["customer"], raw["billingAddress"], raw["shippingAddress"]
    named = buyer or home or sent or {}
    placed = moment(raw, "processedAt") or moment(raw, "createdAt")
    if placed is None:
        raise ValueError("processedAt")
    return Order(
        id=number(raw["id"]),
        number=raw["name"],
        email=_email(raw["email"]),
        status=order_status(raw),
        financial_status=_payment(raw),
        fulfillment_status=SHIPMENTS.get(raw["displayFulfillmentStatus"], FulfillmentStatus.UNFULFILLED),
        total=_bag(raw, "totalPriceSet"),
        lines=tuple(_line(each) for each in raw["lineItems"]),
        placed_at=placed,
        customer_id=number(buyer["id"]) if buyer else "",
        first_name=named.get("firstName") or "",
        last_name=named.get("lastName") or "",
        tax=_bag(raw, "totalTaxSet") if raw["totalTaxSet"] else None,
        shipping=_bag(raw, "totalShippingPriceSet"),
        discount=_bag(raw, "totalDiscountsSet") if raw["totalDiscountsSet"] else None,
        promo_codes=tuple(raw["discountCodes"]),
        billing_address=address(home),
        shipping_address=address(sent),
        cancelled_at=moment(raw, "cancelledAt"),
        updated_at=moment(raw, "updatedAt"),
    )


def _payment(raw: Raw) -> FinancialStatus:
    status = PAYMENTS.get(raw["displayFinancialStatus"] or "PENDING")
    if status is None:
        raise ValueError("displayFinancialStatus")
    if raw["cancelledAt"] and status is not FinancialStatus.REFUNDED:
        return FinancialStatus.CANCELLED
    return status


def _line(raw: Raw) -> OrderLine:
    return OrderLine(
        id=number(raw["id"]),
        title=raw["title"] or "",
        quantity=int(raw["quantity"]),
        unit_price=_bag(raw, "originalUnitPriceSet"),
        product_id=number(raw["product"]["id"]) if raw["product"] else "",
        variant_id=number(raw["variant"]["id"]) if raw["variant"] else "",
        sku=raw["sku"] or "",
        discount=_bag(raw, "totalDiscountSet") if raw.get("totalDiscountSet") else None,
    )


def cart(raw: Raw) -> Cart:
    """An abandoned checkout; its buyer's e-mail is known only where a customer is."""
    buyer = raw["customer"] or {}
    email = buyer.get("defaultEmailAddress") or {}
    return Cart(
        id=number(raw["id"]),
        email=_email(email.get("emailAddress")),
        total=_bag(raw, "totalPriceSet"),
        lines=tuple(_line(each) for each in raw["lineItems"]),
        customer_id=number(buyer["id"]) if buyer else "",
        first_name=buyer.get("firstName") or "",
        last_name=buyer.get("lastName") or "",
        url=raw["abandonedCheckoutUrl"],
        created_at=moment(raw, "createdAt"),
        updated_at=moment(raw, "updatedAt"),
    )


def _bag(raw: Raw, name: str) -> Money:
    money = raw[name]["shopMoney"]
    return _amount(money["amount"], money["currencyCode"], name)


def _amount(text: str, currency: str, name: str) -> Money:
    try:
        return Money.parse(text, currency)
    except ValueError:
        raise ValueError(name) from None


def moment(raw: Raw, name: str) -> datetime | None:
    """An instant, aware UTC; None where Shopify has none."""
    if not raw[name]:
        return None
    try:
        return datetime.fromisoformat(raw[name]).astimezone(UTC)
    except ValueError:
        raise ValueError(name) from None


def flattened(raw: Raw, connections: Sequence[str]) -> Raw:
    """`raw` with its connections as plain lists."""
    return {**raw, **{name: raw[name]["nodes"] for name in connections if name in raw}}
