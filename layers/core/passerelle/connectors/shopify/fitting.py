"""A product as Shopify can hold it; what it cannot hold is told, never dropped in silence.

Source: https://shopify.dev/docs/api/admin-graphql/2026-07/input-objects/ProductSetInput: three options, 2,048 variants,
texts of 255 signs. A product without choices has the option `Title` with the value `Default Title`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlsplit

from passerelle.model import Image, Money, Product, ProductField, Variant
from passerelle.model.riding import Beside

LONGEST, OPTIONS, VARIANTS, PICTURES, TAGS = 255, 3, 2_048, 250, 250
PLAIN = (("Title", "Default Title"),)
HANDLE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PICTURE_NAME = re.compile(r"passerelle-([0-9a-f]{20})")
ENDINGS = frozenset({"jpg", "jpeg", "png", "gif", "webp", "heic"})


class ImpossibleError(Exception):
    """Shopify cannot hold this product at all: `code`, why and remedy."""

    def __init__(self, code: str, why: str, remedy: str) -> None:
        super().__init__(why)
        self.code, self.why, self.remedy = code, why, remedy


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to be fetched; `mark` names it for good."""

    mark: str
    url: str
    alt: str
    name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant as it will be written; `id` is the source's."""

    id: str
    options: tuple[tuple[str, str], ...]
    price: str
    compare_at: str | None
    sku: str | None
    """None: too long to be written."""
    barcode: str
    grams: int | None
    quantity: int | None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A product as it will be written."""

    title: str
    description: str
    handle: str
    vendor: str
    product_type: str
    tags: tuple[str, ...]
    status: str
    pictures: tuple[Picture, ...]
    offers: tuple[Offer, ...]
    beside: tuple[Beside, ...] = field(default=())

    @property
    def options(self) -> dict[str, list[str]]:
        """Option → its values, both in order."""
        found: dict[str, list[str]] = {}
        for offer in self.offers:
            for name, value in offer.options:
                values = found.setdefault(name, [])
                if value not in values:
                    values.append(value)
        return found


def fitted(product: Product, currency: str, wants: Callable[[ProductField], bool]) -> Fitted:
    """The product in Shopify's bounds; what is not wanted of it may be anything. Raises ImpossibleError."""
    told: list[Beside] = []
    _refuse_impossible(product, wants)
    if product.categories:
        why = "Shopify's categories are those of its own taxonomy."
        told.append(Beside("categories", "categories_not_held", why=why))
    choices = _choices(product.variants, told)
    if wants(ProductField.VARIANTS) and len({key(each) for each in choices}) < len(choices):
        why = "Two variants have the same options in as many as Shopify holds."
        raise ImpossibleError("options_repeated", why, "Give each variant options of its own.")
    price = _Pricing(currency, wants)
    return Fitted(
        title=_cut("title", product.title.strip(), told),
        description=product.description_html,
        handle=_handle(product.handle, told),
        vendor=_cut("vendor", product.vendor.strip(), told),
        product_type=_cut("product_type", product.product_type.strip(), told),
        tags=_tags(product.tags, told),
        status=product.status.value.upper(),
        pictures=_pictures(product.images, told),
        offers=tuple(
            _offer(variant, options, price, told)
            for variant, options in zip(product.variants, choices, strict=True)
        ),
        beside=tuple(dict.fromkeys(told)),
    )


def _refuse_impossible(product: Product, wants: Callable[[ProductField], bool]) -> None:
    if wants(ProductField.TITLE) and not product.title.strip():
        raise ImpossibleError(
            "title_missing", "The product has no title.", "Give it one, then sync it again."
        )
    if len(product.variants) > VARIANTS:
        why = f"Shopify holds {VARIANTS} variants of a product, and this one has {len(product.variants)}."
        raise ImpossibleError("too_many_variants", why, "Split the product in two.")


def _cut(name: str, text: str, told: list[Beside]) -> str:
    if len(text) <= LONGEST:
        return text
    short = text[:LONGEST].rstrip()
    why = f"Shopify holds {LONGEST} signs here, and there are {len(text)}: the rest is cut off."
    told.append(Beside(name, f"{name}_not_held", short, why))
    return short


def _handle(handle: str, told: list[Beside]) -> str:
    if not handle or (HANDLE.fullmatch(handle) and len(handle) <= LONGEST):
        return handle
    why = "Shopify's handles are of small letters, digits and hyphens: it makes one of the title."
    told.append(Beside("handle", "handle_not_held", why=why))
    return ""


def _tags(tags: Iterable[str], told: list[Beside]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for tag in tags:
        bare = tag.strip()
        if not bare:
            continue
        if "," in bare or len(bare) > LONGEST or len(kept) >= TAGS:
            why = f"Shopify holds {TAGS} tags of {LONGEST} signs, without commas."
            told.append(Beside("tags", "tags_not_held", why=why))
        else:
            kept.setdefault(bare.casefold(), bare)
    return tuple(kept.values())


def _pictures(images: Iterable[Image], told: list[Beside]) -> tuple[Picture, ...]:
    found: dict[str, Picture] = {}
    for image in images:
        parts = urlsplit(image.url)
        ending = parts.path.rpartition(".")[2].lower()
        if parts.scheme not in {"http", "https"} or ending in {"svg", "bmp", "tif", "tiff"}:
            why = "Shopify fetches pictures from web addresses, and none of this form."
            told.append(Beside("images", "images_not_held", why=why))
        elif len(found) >= PICTURES:
            told.append(Beside("images", "images_not_held", why=f"Shopify holds {PICTURES} pictures."))
        else:
            mark = hashlib.sha256(image.url.encode()).hexdigest()[:20]
            # Shopify refuses a file name whose ending is not that of what it fetches.
            name = f"passerelle-{mark}.{ending}" if ending in ENDINGS else ""
            found.setdefault(mark, Picture(mark, image.url, image.alt[:512], name))
    return tuple(found.values())


def _choices(variants: Sequence[Variant], told: list[Beside]) -> list[tuple[tuple[str, str], ...]]:
    """The options of each variant: all have the same names, and no two the same values."""
    names: dict[str, str] = {}
    for variant in variants:
        for name, _ in variant.options:
            names.setdefault(name.strip().casefold(), name.strip()[:LONGEST])
    if not names:
        if len(variants) == 1:
            return [PLAIN]
        return [(("Title", variant.title or variant.sku or variant.id),) for variant in variants]
    if len(names) > OPTIONS:
        kept = list(names.values())[:OPTIONS]
        why = f"Shopify holds {OPTIONS} options, and there are {len(names)}."
        told.append(Beside("variants", "options_not_held", ", ".join(kept), why))
    return [_values(variant, list(names.items())[:OPTIONS]) for variant in variants]


def _values(variant: Variant, names: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    held = {name.strip().casefold(): value.strip()[:LONGEST] for name, value in variant.options}
    return tuple((name, held.get(key) or "-") for key, name in names)


def key(options: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Options to be compared: their order and case say nothing."""
    return frozenset((name.strip().casefold(), value.strip().casefold()) for name, value in options)


def _offer(
    variant: Variant, options: tuple[tuple[str, str], ...], pricing: "_Pricing", told: list[Beside]
) -> Offer:
    sku: str | None = variant.sku.strip()
    if sku and len(sku) > LONGEST:
        why = f"Shopify holds {LONGEST} signs of a SKU."
        told.append(Beside("sku", "sku_not_held", why=why))
        sku = None
    if len(variant.barcode) > LONGEST:
        told.append(Beside("barcode", "barcode_not_held", why=f"Shopify holds {LONGEST} signs of a barcode."))
    return Offer(
        id=variant.id,
        options=options,
        price=pricing.amount(variant.price, ProductField.PRICE),
        compare_at=pricing.amount(variant.compare_at, ProductField.COMPARE_AT)
        if variant.compare_at
        else None,
        sku=sku,
        barcode=variant.barcode.strip() if len(variant.barcode) <= LONGEST else "",
        grams=variant.weight_grams,
        quantity=variant.quantity,
        currency=variant.price.currency,
    )


@dataclass(frozen=True, slots=True)
class _Pricing:
    """Amounts as the shop takes them, where they are to be written."""

    currency: str
    wants: Callable[[ProductField], bool]

    def amount(self, money: Money, part: ProductField) -> str:
        """Two decimals. Raises ImpossibleError."""
        if self.wants(part) and money.currency != self.currency:
            why = f"The price is in {money.currency} and the shop sells in {self.currency}."
            raise ImpossibleError(
                "currency_differs", why, "Give the link a rule that turns one into the other."
            )
        if self.wants(part) and money.amount < 0:
            raise ImpossibleError(
                "price_negative", "A price is less than nothing.", "Correct it, then sync again."
            )
        return f"{money.amount.quantize(Decimal('0.01'), ROUND_HALF_UP)}"
