"""A product with all its variants."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from passerelle.model.money import Money


class ProductStatus(StrEnum):
    """Whether a product is for sale."""

    ACTIVE = "active"
    DRAFT = "draft"
    ARCHIVED = "archived"
    UNLISTED = "unlisted"
    """For sale to whoever has its address; in no list, no search."""


class ProductField(StrEnum):
    """What of a product may be written apart from the rest; those of its variants go with each variant."""

    TITLE = "title"
    DESCRIPTION = "description"
    HANDLE = "handle"
    VENDOR = "vendor"
    PRODUCT_TYPE = "product_type"
    TAGS = "tags"
    CATEGORIES = "categories"
    IMAGES = "images"
    STATUS = "status"
    VARIANTS = "variants"
    """Which variants there are, with their options: new ones are made, with their SKU."""
    SKU = "sku"
    BARCODE = "barcode"
    PRICE = "price"
    COMPARE_AT = "compare_at"
    WEIGHT = "weight"
    QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of a product by its URL."""

    id: str
    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """What a buyer puts in the cart. A product without choices has exactly one variant."""

    id: str
    price: Money
    sku: str = ""
    barcode: str = ""
    title: str = ""
    compare_at: Money | None = None
    quantity: int | None = None
    """Units on hand; None where the store does not track them."""
    options: tuple[tuple[str, str], ...] = ()
    """(name, value) pairs such as ("Size", "M"), in the store's order."""
    image_url: str = ""
    url: str = ""
    weight_grams: int | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product of a store. Prices are what a buyer in its default country pays, unless `tax_included` is False."""

    id: str
    title: str
    variants: tuple[Variant, ...]
    handle: str = ""
    description_html: str = ""
    vendor: str = ""
    product_type: str = ""
    url: str = ""
    images: tuple[Image, ...] = ()
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    status: ProductStatus = ProductStatus.ACTIVE
    tax_included: bool = True
    created_at: datetime | None = None
    updated_at: datetime | None = None
