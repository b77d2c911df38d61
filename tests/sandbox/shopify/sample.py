"""Generated shops: the same seed gives the same shop.

Beside the usual they hold what breaks connectors: other scripts, free products, 120 variants, guests, lines
of deleted products, every consent state, erased people.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.shopify.state import Thing, gid, stamp

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_PRODUCT, FIRST_VARIANT, FIRST_CUSTOMER, FIRST_ORDER, FIRST_CHECKOUT = (
    7_000,
    400_000,
    20_000,
    50_000,
    90_000,
)
NOUNS = ("Lampe", "Théière", "Écharpe", "Tasse", "Couverture", "Gießkanne", "茶碗", "Кружка", "كوب", "Chaise")
ADJECTIVES = (
    "bleue",
    "légère",
    "en lin",
    "d’été",
    "n° 5",
    "à carreaux",
    "groß",
    "🌿 bio",
    "& Co",
    "<petite>",
)
FIRST = ("Zoé", "Anaïs", "Jürgen", "Łukasz", "O'Neil", "María", "美咲", "Ali", "Nora", "Søren")
LAST = ("Dupont", "Müller", "d’Arc", "Nguyễn", "Øster", "Smith-Jones", "佐藤", "Garcia", "Ivanov", "Le Goff")
CONSENTS = ("SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED", "PENDING", "INVALID", "REDACTED", "NONE")
WEIGHTS = (40, 30, 15, 6, 3, 2, 4)
PAID = ("PAID", "PAID", "PENDING", "AUTHORIZED", "PARTIALLY_REFUNDED", "REFUNDED", "VOIDED", "PARTIALLY_PAID")
SHIPPED = ("FULFILLED", "UNFULFILLED", "PARTIALLY_FULFILLED", "IN_PROGRESS", "ON_HOLD")


def catalogue(products: int, customers: int, orders: int, seed: int = 1, checkouts: int = 0) -> list[Thing]:
    """A shop's objects, to be given to `Shop.load`."""
    chance = random.Random(seed)
    goods = [product(place, chance) for place in range(products)]
    people = [customer(place, chance) for place in range(customers)]
    sales = [order(place, goods, people, chance) for place in range(orders)]
    carts = [checkout(place, goods, people, chance) for place in range(checkouts)]
    return [*goods, *people, *sales, *carts]


def product(place: int, chance: random.Random | None = None, variants: int | None = None) -> Thing:
    """The product at a place in the catalogue; its number is FIRST_PRODUCT + place."""
    chance = chance or random.Random(place)
    at, number = EPOCH + timedelta(minutes=place), FIRST_PRODUCT + place
    title = f"{chance.choice(NOUNS)} {chance.choice(ADJECTIVES)} {place}"
    many = variants if variants is not None else (120 if place % 97 == 96 else chance.choice((1, 1, 2, 3, 4)))
    handle = f"product-{place}"
    status = "ACTIVE" if place % 11 else chance.choice(("DRAFT", "ARCHIVED", "ACTIVE", "UNLISTED"))
    return {
        "__typename": "Product",
        "id": gid("Product", number),
        "legacyResourceId": str(number),
        "title": title,
        "handle": handle,
        "descriptionHtml": f"<p>{title} – fait main, «&nbsp;solide&nbsp;».</p>",
        "vendor": chance.choice(("Atelier Nord", "Maison Ève", "")),
        "productType": chance.choice(("Maison", "Mode", "")),
        "status": status,
        "tags": sorted(chance.sample(("été", "promo", "neuf", "bio"), chance.randint(0, 3))),
        "createdAt": stamp(at),
        "updatedAt": stamp(at + timedelta(hours=1)),
        "onlineStoreUrl": f"https://sample.example/products/{handle}" if status == "ACTIVE" else None,
        "category": {"id": gid("TaxonomyCategory", "hg-3"), "name": "Décor"} if place % 3 else None,
        "options": _options(number, many),
        "media": [_media(number * 10 + each) for each in range(chance.randint(0, 3))],
        "variants": [_variant(number, place, each, many, chance) for each in range(many)],
    }


def _options(number: int, many: int) -> list[Thing]:
    name = "Title" if many == 1 else "Taille"
    values = ["Default Title"] if many == 1 else [f"T{each}" for each in range(many)]
    return [{"id": gid("ProductOption", number), "name": name, "position": 1, "values": values}]


def _media(number: int) -> Thing:
    url = f"https://cdn.shopify.com/s/files/1/0001/{number}.png?v=1"
    image = {
        "id": gid("ImageSource", number),
        "url": url,
        "altText": "Vue de face",
        "width": 800,
        "height": 800,
    }
    return {
        "__typename": "MediaImage",
        "id": gid("MediaImage", number),
        "alt": "Vue de face",
        "mediaContentType": "IMAGE",
        "status": "READY",
        "image": image,
        "preview": {"image": image, "status": "READY"},
    }


def _variant(product: int, place: int, position: int, many: int, chance: random.Random) -> Thing:
    at = EPOCH + timedelta(minutes=place)
    place = place * 128 + position
    number = FIRST_VARIANT + place
    price = "0.00" if chance.random() < 0.03 else f"{chance.randint(1, 30_000) / 100:.2f}"
    label = "Default Title" if many == 1 else f"T{position}"
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", number),
        "legacyResourceId": str(number),
        "product_id": product,
        "title": label,
        "displayName": label,
        "position": position + 1,
        "sku": f"SKU-{place}" if chance.random() > 0.02 else chance.choice(("", None)),
        "barcode": f"40{place:011d}" if place % 2 else None,
        "price": price,
        "compareAtPrice": f"{float(price) * 1.2:.2f}" if place % 5 == 0 else None,
        "inventoryQuantity": chance.randint(-2, 90),
        "inventoryPolicy": "DENY",
        "taxable": True,
        "availableForSale": True,
        "selectedOptions": [{"name": "Title" if many == 1 else "Taille", "value": label}],
        "image": None,
        "createdAt": stamp(at),
        "updatedAt": stamp(at + timedelta(hours=1)),
        "inventoryItem": _stock(number, chance),
    }


def _stock(number: int, chance: random.Random) -> Thing:
    weight = {"unit": chance.choice(("KILOGRAMS", "GRAMS", "POUNDS")), "value": round(chance.random() * 3, 3)}
    return {
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", number),
        "legacyResourceId": str(number),
        "tracked": chance.random() > 0.1,
        "measurement": {"id": gid("InventoryItemMeasurement", number), "weight": weight},
    }


def customer(place: int, chance: random.Random | None = None, consent: str | None = None) -> Thing:
    """The customer at a place; `consent` is one of CONSENTS (NONE: no e-mail address, REDACTED: erased)."""
    chance = chance or random.Random(place)
    at, number = EPOCH + timedelta(minutes=place), FIRST_CUSTOMER + place
    state = consent or chance.choices(CONSENTS, WEIGHTS)[0]
    erased = state == "REDACTED"
    email = None if state in {"NONE", "REDACTED"} else f"Person{place}@Example.com"
    phone = f"+3361{place:07d}" if place % 4 == 0 and not erased else None
    first, last = (None, None) if erased else (chance.choice(FIRST), chance.choice(LAST))
    return {
        "__typename": "Customer",
        "id": gid("Customer", number),
        "legacyResourceId": str(number),
        "firstName": first,
        "lastName": last,
        "displayName": " ".join(filter(None, (first, last))) or email or "",
        "email": email,
        "phone": phone,
        "locale": chance.choice(("fr", "en", "de-DE", "ja")),
        "state": "ENABLED" if place % 2 else "DISABLED",
        "tags": ["vip"] if place % 9 == 0 else [],
        "note": None,
        "defaultEmailAddress": _email(email, state, at) if email else None,
        "defaultPhoneNumber": _phone(phone, at) if phone else None,
        "defaultAddress": None if erased or place % 5 == 0 else address(number, first, last),
        "numberOfOrders": "0",
        "createdAt": stamp(at),
        "updatedAt": stamp(at + timedelta(hours=2)),
    }


def _email(email: str, state: str, at: datetime) -> Thing:
    acted = state in {"SUBSCRIBED", "UNSUBSCRIBED", "PENDING"}
    return {
        "emailAddress": email,
        "marketingState": state,
        "marketingOptInLevel": "SINGLE_OPT_IN" if state == "SUBSCRIBED" else None,
        "marketingUpdatedAt": stamp(at + timedelta(hours=1)) if acted else None,
        "validFormat": state != "INVALID",
    }


def _phone(phone: str, at: datetime) -> Thing:
    return {
        "phoneNumber": phone,
        "marketingState": "NOT_SUBSCRIBED",
        "marketingOptInLevel": None,
        "marketingUpdatedAt": None,
    }


def address(number: int, first: str | None, last: str | None) -> Thing:
    """A postal address."""
    return {
        "id": gid("MailingAddress", number),
        "address1": "5 rue de l’Église",
        "address2": None,
        "city": "Saint-Étienne",
        "company": "ACME" if number % 3 == 0 else None,
        "countryCodeV2": "FR",
        "firstName": first,
        "lastName": last,
        "phone": None,
        "province": None,
        "provinceCode": None,
        "zip": "42000",
    }


def order(
    place: int, goods: Sequence[Thing], people: Sequence[Thing], chance: random.Random | None = None
) -> Thing:
    """The order at a place: one in six by a guest, one line in twelve of a product that was deleted since."""
    chance = chance or random.Random(place)
    number = FIRST_ORDER + place
    buyer = chance.choice(people) if people and place % 6 else None
    home = address(number, "Zoé", "d’Arc")
    lines = [_line(number * 10 + each, goods, chance) for each in range(chance.randint(1, 4))]
    return {
        "__typename": "Order",
        "id": gid("Order", number),
        "legacyResourceId": str(number),
        "name": f"#{1001 + place}",
        "number": 1001 + place,
        "email": buyer["email"] if buyer else f"Guest{place}@Example.com",
        "phone": None,
        "customer_id": int(buyer["legacyResourceId"]) if buyer else None,
        "customerLocale": "fr",
        **_course(place, chance),
        **_sums(lines),
        "discountCodes": ["BIENVENUE10"] if place % 4 == 0 else [],
        "statusPageUrl": f"https://sample.example/orders/{number}",
        "sourceIdentifier": None,
        "sourceName": "web",
        "billingAddress": home,
        "shippingAddress": home if place % 7 else None,
        "lineItems": lines,
    }


def _course(place: int, chance: random.Random) -> Thing:
    """How far an order is paid, shipped and closed, and when."""
    at, cancelled = EPOCH + timedelta(hours=place % 7000), place % 13 == 12
    return {
        "displayFinancialStatus": "VOIDED" if cancelled else chance.choice(PAID),
        "displayFulfillmentStatus": "UNFULFILLED" if cancelled else chance.choice(SHIPPED),
        "cancelledAt": stamp(at + timedelta(hours=3)) if cancelled else None,
        "closedAt": None,
        "createdAt": stamp(at),
        "processedAt": stamp(at),
        "updatedAt": stamp(at + timedelta(hours=4)),
    }


def _sums(lines: Sequence[Thing]) -> Thing:
    goods = sum(float(line["originalUnitPriceSet"]) * line["quantity"] for line in lines)
    return {
        "currencyCode": "EUR",
        "taxesIncluded": True,
        "totalPriceSet": f"{goods + 4.9:.2f}",
        "totalTaxSet": f"{(goods + 4.9) / 6:.2f}",
        "totalShippingPriceSet": "4.90",
        "totalDiscountsSet": "0.00",
    }


def _line(number: int, goods: Sequence[Thing], chance: random.Random) -> Thing:
    gone = not goods or chance.random() < 0.08
    bought = None if gone else chance.choice(goods)
    variant: Thing | None = chance.choice(bought["variants"]) if bought else None
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", number),
        "title": bought["title"] if bought else "Un article retiré",
        "name": bought["title"] if bought else "Un article retiré",
        "quantity": chance.randint(1, 3),
        "currentQuantity": 1,
        "sku": variant["sku"] if variant else "GONE-1",
        "variantTitle": variant["title"] if variant else None,
        "product_id": int(bought["legacyResourceId"]) if bought else 1,
        "variant_id": int(variant["legacyResourceId"]) if variant else 1,
        "originalUnitPriceSet": variant["price"] if variant else "12.50",
        "totalDiscountSet": "0.00",
    }


def checkout(
    place: int, goods: Sequence[Thing], people: Sequence[Thing], chance: random.Random | None = None
) -> Thing:
    """An abandoned checkout; every fifth was completed since."""
    chance = chance or random.Random(place)
    at, number = EPOCH + timedelta(hours=place), FIRST_CHECKOUT + place
    buyer = chance.choice(people) if people else None
    lines: list[dict[str, Any]] = [_line(number * 10 + each, goods, chance) for each in range(2)]
    total = sum(float(line["originalUnitPriceSet"]) * line["quantity"] for line in lines)
    for line in lines:
        line["__typename"] = "AbandonedCheckoutLineItem"
        line["id"] = line["id"].replace("LineItem", "AbandonedCheckoutLineItem")
    return {
        "__typename": "AbandonedCheckout",
        "id": gid("AbandonedCheckout", number),
        "legacyResourceId": str(number),
        "name": f"#{number}",
        "email": buyer["email"] if buyer else None,
        "customer_id": int(buyer["legacyResourceId"]) if buyer else None,
        "abandonedCheckoutUrl": f"https://sample.example/checkouts/{number}/recover",
        "totalPriceSet": f"{total:.2f}",
        "completedAt": stamp(at + timedelta(days=1)) if place % 5 == 4 else None,
        "createdAt": stamp(at),
        "updatedAt": stamp(at + timedelta(minutes=5)),
        "billingAddress": None,
        "shippingAddress": None,
        "lineItems": lines,
    }
