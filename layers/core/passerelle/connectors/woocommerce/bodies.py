"""Products and variations as WooCommerce wants them written, and whether they are so already.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#product-properties and …/#product-variations. The shop
fetches pictures into media of its own: which addresses they came from is noted, so that none is fetched twice.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from passerelle.connectors.woocommerce.reading import rows, text
from passerelle.connectors.woocommerce.rest import Row
from passerelle.model import Product, ProductStatus, Variant

REFERENCE = "passerelle_reference"
PICTURES = "passerelle_images"
GTIN = re.compile(r"[\d-]+")
AMOUNTS = frozenset({"regular_price", "sale_price", "weight"})


def is_simple(product: Product) -> bool:
    """Whether it is its own only variant."""
    return len(product.variants) == 1 and not product.variants[0].options


def sku_of(product: Product, reference: str) -> str:
    """The SKU of the product itself: without one of its own, our reference, by which a lost answer is found again."""
    return (product.variants[0].sku if is_simple(product) else "") or reference


def product_body(
    product: Product, reference: str, terms: Mapping[str, Sequence[int]], grams: Decimal | None
) -> Row:
    """A product without its pictures; `terms`: ids of its `categories` and `tags`."""
    body: Row = {
        "name": product.title,
        "type": "simple" if is_simple(product) else "variable",
        "status": "publish" if product.status is ProductStatus.ACTIVE else "draft",
        "description": product.description_html,
        "categories": [{"id": id} for id in terms["categories"]],
        "tags": [{"id": id} for id in terms["tags"]],
        "meta_data": [{"key": REFERENCE, "value": reference}],
    }
    if is_simple(product):
        body |= _sold(product.variants[0], grams)
    else:
        body["attributes"] = [
            {"name": name, "visible": True, "variation": True, "options": options}
            for name, options in _choices(product.variants).items()
        ]
    return body | {"sku": sku_of(product, reference)}


def variation_body(variant: Variant, grams: Decimal | None) -> Row:
    """A variation without its picture."""
    attributes = [{"name": name, "option": option} for name, option in variant.options]
    return _sold(variant, grams) | {"attributes": attributes, "meta_data": []}


def with_pictures(body: Row, addresses: Sequence[str], current: Row | None, field: str = "images") -> Row:
    """The body with pictures where they differ: those that are there stay by their id, new ones are fetched."""
    held = rows(current or {}, "images") or [
        one for one in [(current or {}).get("image")] if isinstance(one, dict)
    ]
    noted = _noted(current)
    if list(addresses) == noted:
        return body
    ids = {address: one["id"] for address, one in zip(noted, held, strict=False)}
    wanted = [{"id": ids[one]} if one in ids else {"src": one} for one in addresses]
    meta = [*body["meta_data"], {"key": PICTURES, "value": list(addresses)}]
    pictures: Row = {"images": wanted} if field == "images" else {"image": wanted[0] if wanted else None}
    return body | pictures | {"meta_data": meta}


def differs(current: Row, wanted: Row) -> bool:
    """Whether a write would change anything: the shop dates even those that do not."""
    return any(not _same(name, current.get(name), value) for name, value in wanted.items())


def options_of(row: Row) -> frozenset[tuple[str, str]]:
    """What a variation is, as a set of its options."""
    return frozenset((text(one, "name"), text(one, "option")) for one in rows(row, "attributes"))


def _sold(variant: Variant, grams: Decimal | None) -> Row:
    regular = variant.compare_at or variant.price
    body: Row = {
        "sku": variant.sku,
        "regular_price": str(regular.amount),
        "sale_price": str(variant.price.amount) if variant.compare_at else "",
        "manage_stock": variant.quantity is not None,
    }
    if variant.quantity is not None:
        body["stock_quantity"] = variant.quantity
    if variant.weight_grams is not None and grams:
        body["weight"] = format((Decimal(variant.weight_grams) / grams).normalize(), "f")
    if GTIN.fullmatch(variant.barcode):
        body["global_unique_id"] = variant.barcode
    return body


def _choices(variants: Iterable[Variant]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for variant in variants:
        for name, option in variant.options:
            if option not in found.setdefault(name, []):
                found[name].append(option)
    return found


def _noted(current: Row | None) -> list[str]:
    kept = {text(one, "key"): one.get("value") for one in rows(current or {}, "meta_data")}
    value = kept.get(PICTURES)
    return [str(one) for one in value] if isinstance(value, list) else []


def _same(name: str, current: object, wanted: object) -> bool:
    if name in AMOUNTS:
        return _amount(current) == _amount(wanted)
    if name == "meta_data":
        held = {text(one, "key"): one.get("value") for one in _rows(current)}
        return all(held.get(one["key"]) == one["value"] for one in _rows(wanted))
    if name in {"categories", "tags"}:
        return {one.get("id") for one in _rows(current)} == {one["id"] for one in _rows(wanted)} or not wanted
    if name == "attributes":
        return [_choice(one) for one in _rows(current)] == [_choice(one) for one in _rows(wanted)]
    if name in {"images", "image"}:
        return False
    return str(current or "").strip() == str(wanted or "").strip()


def _choice(row: Row) -> tuple[str, str]:
    return text(row, "name"), str(row.get("options") or row.get("option") or "")


def _rows(value: object) -> list[Row]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _amount(value: object) -> Decimal | None:
    try:
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None
