"""Goods that a merchant of a chain may have, and what of a product can be compared from shop to shop."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from typing import Any

from passerelle.model import Image, Money, Product, ProductField, Variant

from sandbox.pictures import PICTURES


def euros(amount: str) -> Money:
    """So many euros."""
    return Money(Decimal(amount), "EUR")


CUP = Product(
    "cup",
    "Tasse à café ☕ «Été»",
    (
        Variant(
            "cup",
            euros("12.50"),
            "CUP-1",
            "3017620422003",
            compare_at=euros("15.00"),
            quantity=7,
            weight_grams=250,
        ),
    ),
    description_html="<p>Une tasse <strong>blanche</strong>, cuite à 1280&nbsp;°C.</p>",
    vendor="Atelier Sud",
    product_type="Vaisselle",
    images=(Image("1", f"{PICTURES}/cup-front.png", "De face"), Image("2", f"{PICTURES}/cup-back.png")),
    tags=("cadeau", "cuisine"),
    categories=("Maison",),
)
SHIRT = Product(
    "shirt",
    "Chemise",
    tuple(
        Variant(
            f"shirt-{size}-{colour}",
            euros(price),
            f"SHIRT-{size}-{colour}".upper(),
            title=f"{size} / {colour}",
            quantity=units,
            options=(("Taille", size), ("Couleur", colour)),
            weight_grams=300,
        )
        for size, colour, price, units in (
            ("M", "bleu", "39.90", 3),
            ("M", "écru", "39.90", 0),
            ("L", "bleu", "41.90", 5),
            ("L", "écru", "41.90", 2),
        )
    ),
    description_html="<p>En lin.</p>",
    vendor="Maison du Lin",
    product_type="Vêtement",
    images=(Image("3", f"{PICTURES}/shirt.png", "La chemise"),),
    tags=("lin",),
    categories=("Mode",),
)
GIFT = Product(
    "gift",
    "Échantillon 🎁",
    (Variant("gift", euros("0.00"), "GIFT-0", quantity=100),),
    description_html="<p>" + "Très petit. " * 300 + "</p>",
)
GOODS = (CUP, SHIRT, GIFT)
SKUS = tuple(variant.sku for product in GOODS for variant in product.variants)

_OF_PRODUCT = {
    ProductField.TITLE: lambda product: product.title,
    ProductField.DESCRIPTION: lambda product: product.description_html,
    ProductField.VENDOR: lambda product: product.vendor,
    ProductField.PRODUCT_TYPE: lambda product: product.product_type,
    ProductField.TAGS: lambda product: sorted(product.tags),
    ProductField.CATEGORIES: lambda product: sorted(product.categories),
    ProductField.IMAGES: lambda product: [image.alt for image in product.images],
    ProductField.STATUS: lambda product: product.status,
}
_OF_VARIANT = {
    ProductField.PRICE: lambda variant: variant.price.amount.normalize(),
    ProductField.COMPARE_AT: lambda variant: variant.compare_at and variant.compare_at.amount.normalize(),
    ProductField.BARCODE: lambda variant: variant.barcode,
    ProductField.WEIGHT: lambda variant: variant.weight_grams,
    ProductField.QUANTITY: lambda variant: variant.quantity,
    ProductField.VARIANTS: lambda variant: sorted(variant.options),
}


def told(product: Product, fields: Collection[ProductField]) -> dict[str, Any]:
    """What a product says in these fields, its variants by their SKU."""
    found: dict[str, Any] = {
        field.value: look(product) for field, look in _OF_PRODUCT.items() if field in fields
    }
    for variant in product.variants:
        for field, look in _OF_VARIANT.items():
            if field in fields:
                found[f"{variant.sku} {field.value}"] = look(variant)
    return found


def changed(product: Product) -> Product:
    """The product as its merchant shows it now: everything about it is another."""
    variants = tuple(
        replace(
            variant,
            price=euros(str(variant.price.amount + Decimal("1.10"))),
            compare_at=None,
            weight_grams=(variant.weight_grams or 0) + 20,
        )
        for variant in product.variants
    )
    return replace(
        product,
        title=f"{product.title} II",
        description_html="<p>Tout est neuf.</p>",
        vendor="Autre maison",
        product_type="Autre",
        tags=("neuf",),
        categories=("Nouveautés",),
        images=(Image("9", f"{PICTURES}/new.png", "Neuf"),),
        variants=variants,
    )
