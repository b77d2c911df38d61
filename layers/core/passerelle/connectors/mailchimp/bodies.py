"""Canonical objects in Mailchimp's words. What is empty is left out, so that it clears nothing there.

Source: https://mailchimp.com/developer/marketing/api/ecommerce-products/ and its siblings.
"""

import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from passerelle.connectors.mailchimp import fitting
from passerelle.connectors.mailchimp.census import subscriber_hash
from passerelle.connectors.mailchimp.fitting import fitted
from passerelle.connectors.mailchimp.form import Settings
from passerelle.model import (
    Address,
    Cart,
    Customer,
    FinancialStatus,
    FulfillmentStatus,
    Money,
    Order,
    OrderLine,
    Product,
    ProductStatus,
    PromoCode,
    Variant,
)

type Body = dict[str, Any]
type Held = Mapping[str, Sequence[str]]
"""Product → its variants, as Mailchimp holds them."""

PLACEHOLDER = "passerelle-no-longer-sold"
"""The product of lines whose own is deleted or unknown."""

_PAID = {
    FinancialStatus.PENDING: "pending",
    FinancialStatus.PARTIALLY_PAID: "pending",
    FinancialStatus.PAID: "paid",
    FinancialStatus.PARTIALLY_REFUNDED: "paid",
    FinancialStatus.REFUNDED: "refunded",
    FinancialStatus.CANCELLED: "cancelled",
}
_SHIPPED = {FulfillmentStatus.SHIPPED: "shipped", FulfillmentStatus.PARTIAL: "partial"}


def filled(body: Mapping[str, Any]) -> Body:
    """Without what is empty; zero and False are values."""
    return {name: value for name, value in body.items() if value not in (None, "", {}, [])}


def key(id: str) -> str:
    """A source's id as a part of a path: short, of plain characters; distinct ids stay distinct."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,50}", id):
        return id
    digest = hashlib.blake2b(id.encode(), digest_size=8).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', id)[-32:]}-{digest}"


# --- contacts ----------------------------------------------------------------------------------------------


def profile(customer: Customer, settings: Settings) -> Body:
    """Merge fields and language: nothing empty, no incomplete address (A-16), never a status."""
    tags = fitted(_by_tag(customer, settings), settings.merge_types)
    return filled({"merge_fields": filled(tags), "language": customer.language or settings.language})


def unfit(customer: Customer, settings: Settings) -> tuple[str, ...]:
    """The merge tags left out because the value does not fit the field's type."""
    return fitting.unfit(_by_tag(customer, settings), settings.merge_types)


def _by_tag(customer: Customer, settings: Settings) -> Body:
    address = customer.address
    values: Body = {
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "phone": customer.phone or (address.phone if address else ""),
        "company": customer.company or (address.company if address else ""),
        "birthday": customer.birthday,
        "address": _merge_address(address) if address and address.complete else None,
    }
    return {tag: values[name] for name, tag in settings.merge_fields.items()}


def _merge_address(address: Address) -> Body:
    return filled(
        {
            "addr1": address.line1,
            "addr2": address.line2,
            "city": address.city,
            "state": address.region,
            "zip": address.postal_code,
            "country": address.country,
        }
    )


# --- products ----------------------------------------------------------------------------------------------


def product(item: Product, settings: Settings) -> Body:
    """A product with every variant (A-24)."""
    images = {"all": item.images, "first": item.images[:1], "none": ()}[settings.images]
    body = {
        "id": key(item.id),
        "title": item.title or item.handle or item.id,
        "handle": item.handle,
        "url": item.url,
        "description": _text(item.description_html),
        "type": item.product_type,
        "vendor": item.vendor,
        "image_url": images[0].url if images else "",
        "images": [{"id": key(image.id), "url": image.url} for image in images],
        "published_at_foreign": stamp(item.created_at),
    }
    return {**filled(body), "variants": [_variant(item, variant, settings) for variant in item.variants]}


def _variant(item: Product, variant: Variant, settings: Settings) -> Body:
    title = variant.title or " / ".join(value for _, value in variant.options) or item.title or variant.id
    return filled(
        {
            "id": key(variant.id),
            "title": title,
            "sku": variant.sku,
            "price": number(variant.price),
            "inventory_quantity": None if variant.quantity is None else max(0, variant.quantity),
            "image_url": "" if settings.images == "none" else variant.image_url,
            "url": variant.url or item.url,
            "visibility": "visible" if item.status is ProductStatus.ACTIVE else "hidden",
        }
    )


def placeholder() -> Body:
    """The product that stands in for those no longer sold."""
    title = "Product no longer sold"
    return {"id": PLACEHOLDER, "title": title, "variants": [{"id": PLACEHOLDER, "title": title}]}


# --- orders and carts --------------------------------------------------------------------------------------


def order(item: Order, held: Held | None = None) -> Body:
    """An order; with `held`, lines of products that Mailchimp does not hold go to the placeholder."""
    body = {
        "id": key(item.id),
        "currency_code": item.total.currency,
        "order_total": number(item.total),
        "tax_total": number(item.tax),
        "shipping_total": number(item.shipping),
        "discount_total": number(item.discount),
        "financial_status": _PAID[item.financial_status],
        "fulfillment_status": _SHIPPED.get(item.fulfillment_status, ""),
        "order_url": item.url,
        "landing_site": item.landing_site,
        "processed_at_foreign": stamp(item.placed_at),
        "cancelled_at_foreign": stamp(item.cancelled_at),
        "updated_at_foreign": stamp(item.updated_at),
        "promos": _promos(item),
        "billing_address": _postal(item.billing_address),
        "shipping_address": _postal(item.shipping_address),
    }
    return {**filled(body), "customer": _buyer(item), "lines": lines(item.lines, held)}


def cart(item: Cart, held: Held | None = None) -> Body:
    """A cart, as it is made."""
    body = {
        "id": key(item.id),
        "currency_code": item.total.currency,
        "order_total": number(item.total),
        "checkout_url": item.url,
    }
    return {**filled(body), "customer": _buyer(item), "lines": lines(item.lines, held)}


def changed_cart(body: Body) -> Body:
    """The same cart as a change of it: ids are in the path, or cannot be changed."""
    customer = {
        name: value for name, value in body["customer"].items() if name not in {"id", "email_address"}
    }
    parts = [{name: value for name, value in line.items() if name != "id"} for line in body["lines"]]
    return {**{k: v for k, v in body.items() if k != "id"}, "customer": customer, "lines": parts}


def lines(items: Sequence[OrderLine], held: Held | None) -> list[Body]:
    """The lines; without `held`, what has ids is believed to be at Mailchimp."""
    return [
        filled(
            {
                "id": key(line.id) if line.id else str(position),
                **_what(line, held),
                "quantity": line.quantity,
                "price": number(line.unit_price),
            }
        )
        for position, line in enumerate(items, 1)
        if line.quantity > 0
    ]


def stands_in(body: Body) -> int:
    """How many lines of a body are on the placeholder."""
    return sum(line["product_id"] == PLACEHOLDER for line in body["lines"])


def _what(line: OrderLine, held: Held | None) -> Body:
    product_id = key(line.product_id) if line.product_id else PLACEHOLDER
    variant_id = key(line.variant_id or line.product_id) if line.product_id else PLACEHOLDER
    if held is not None and product_id != PLACEHOLDER:
        variants = held.get(product_id, ())
        if variant_id not in variants:
            only = variants[0] if len(variants) == 1 and not line.variant_id else None
            product_id, variant_id = (product_id, only) if only else (PLACEHOLDER, PLACEHOLDER)
    return {"product_id": product_id, "product_variant_id": variant_id}


def _buyer(item: Order | Cart) -> Body:
    id = key(item.customer_id) if item.customer_id else subscriber_hash(item.email)
    return _person(id, item)


def shopper(item: Customer) -> Body:
    """A customer as the buyer of their orders."""
    return _person(key(item.id), item)


def _person(id: str, item: Order | Cart | Customer) -> Body:
    """A buyer. No order says yes in a person's name: `opt_in_status` is always False."""
    names = {"first_name": item.first_name, "last_name": item.last_name}
    return {**filled({"id": id, "email_address": item.email, **names}), "opt_in_status": False}


def _promos(item: Order) -> list[Body]:
    """What one code took off; where there are several, nobody can say which took what."""
    if len(item.promo_codes) != 1 or item.discount is None:
        return []
    return [{"code": item.promo_codes[0], "amount_discounted": number(item.discount), "type": "fixed"}]


def _postal(address: Address | None) -> Body | None:
    if address is None or not address.complete:
        return None
    return filled(
        {
            "name": f"{address.first_name} {address.last_name}".strip(),
            "address1": address.line1,
            "address2": address.line2,
            "city": address.city,
            "province": address.region,
            "postal_code": address.postal_code,
            "country_code": address.country,
            "company": address.company,
        }
    )


# --- promo codes -------------------------------------------------------------------------------------------


def promo_rule(item: PromoCode) -> Body:
    """The rule behind a code."""
    body = {
        "id": key(item.rule_id),
        "title": item.title,
        "description": item.title or item.code,
        "starts_at": stamp(item.starts_at),
        "ends_at": stamp(item.ends_at),
        "type": item.type.value,
        "target": item.target.value,
        "updated_at_foreign": stamp(item.updated_at),
    }
    return {**filled(body), "amount": float(item.amount), "enabled": item.enabled}


def promo_code(item: PromoCode, shop_url: str) -> Body:
    """The code itself; Mailchimp wants an address where it is redeemed."""
    body = {"id": key(item.id), "code": item.code, "redemption_url": item.url or shop_url}
    return {**body, "usage_count": item.usage_count, "enabled": item.enabled}


# --- values ------------------------------------------------------------------------------------------------


def number(money: Money | None) -> float | None:
    """An amount: Mailchimp takes numbers only."""
    return None if money is None else float(money.amount)


def stamp(instant: datetime | None) -> str:
    """An instant in UTC; empty where there is none."""
    return instant.astimezone(UTC).isoformat(timespec="seconds") if instant else ""


def _text(markup: str) -> str:
    """The words of a description."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup))).strip()
