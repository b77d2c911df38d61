"""Whether a product of the main store is for the dependent store, and as what it is told there."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from passerelle.model import Money, Product, ProductField, ProductStatus, Variant
from passerelle.rules.matching import key_of
from passerelle.rules.preferences import Filter, Gone, Preferences
from passerelle.rules.pricing import Basis, PriceRule, price_at

FILTERED_OUT = "filtered_out"
NOT_PUBLISHED = "not_published"
ON_SALE = frozenset({ProductStatus.ACTIVE, ProductStatus.UNLISTED})
GONE_STATUS = {Gone.DRAFT: ProductStatus.DRAFT, Gone.UNPUBLISH: ProductStatus.UNLISTED}
"""Policies that are a status."""


def left_out(product: Product, preferences: Preferences) -> str:
    """Why a product is not among those that the dependent store wants; empty where it is."""
    wanted, barred = preferences.include, preferences.exclude
    if (not wanted.empty and not _is_in(product, wanted)) or _is_in(product, barred):
        return FILTERED_OUT
    return ""


def _is_in(product: Product, chosen: Filter) -> bool:
    has = (
        (product.tags, chosen.tags),
        ((product.vendor,), chosen.vendors),
        (product.categories, chosen.categories),
    )
    return any(key_of(word) in words for texts, words in has for word in texts)


def as_told(
    product: Product, fields: Collection[ProductField], rule: PriceRule, main: Basis, dependent: Basis
) -> Product:
    """The product as the dependent store is told it: its prices there, and nothing but the fields.

    What is not written is emptied, so that a change of it makes no difference; SKUs and options stay, as by them a
    variant is found again.
    """
    nothing = Money(Decimal(0), dependent.currency)

    def price(held: Money | None, field: ProductField) -> Money | None:
        return price_at(held, rule, main, dependent) if held and field in fields else None

    variants = tuple(
        replace(
            _emptied(variant, fields),
            price=price(variant.price, ProductField.PRICE) or nothing,
            compare_at=price(variant.compare_at, ProductField.COMPARE_AT),
        )
        for variant in product.variants
    )
    kept = {name: getattr(product, name) for field, name in _NAMES.items() if field in fields}
    told = Product(product.id, kept.pop("title", ""), variants, tax_included=dependent.tax_included)
    return replace(told, **kept)


_NAMES = {
    ProductField.TITLE: "title",
    ProductField.DESCRIPTION: "description_html",
    ProductField.HANDLE: "handle",
    ProductField.VENDOR: "vendor",
    ProductField.PRODUCT_TYPE: "product_type",
    ProductField.TAGS: "tags",
    ProductField.CATEGORIES: "categories",
    ProductField.IMAGES: "images",
    ProductField.STATUS: "status",
}


def _emptied(variant: Variant, fields: Collection[ProductField]) -> Variant:
    """The variant without what is not written; whether its units are tracked stays, how many there are does not."""
    return Variant(
        variant.id,
        variant.price,
        sku=variant.sku,
        barcode=variant.barcode if ProductField.BARCODE in fields else "",
        title=variant.title if ProductField.VARIANTS in fields else "",
        quantity=None if variant.quantity is None else 0,
        options=variant.options,
        image_url=variant.image_url if ProductField.IMAGES in fields else "",
        weight_grams=variant.weight_grams if ProductField.WEIGHT in fields else None,
    )
