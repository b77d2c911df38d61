"""Products and variations as WooCommerce wants them written: of what is wanted, only that which is not so already.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#product-properties and …/#product-variations. The shop
dates even a write that changes nothing. A price that was higher before is its `regular_price`, and the price to pay the
`sale_price`, which counts only where it is lower.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from passerelle.connectors.woocommerce.jobs import REFERENCE, Job, is_simple, option_of
from passerelle.connectors.woocommerce.pictures import REFUSED, kept
from passerelle.connectors.woocommerce.products import OURS, VISIBILITIES, quantity
from passerelle.connectors.woocommerce.reading import label, rows, text
from passerelle.connectors.woocommerce.rest import Row
from passerelle.model import Product, ProductField, ProductStatus, Variant

GTIN = re.compile(r"[\d-]+")
AMOUNTS = frozenset({"regular_price", "sale_price", "weight"})
LONGEST_SKU = 100
"""Characters of a SKU by which the shop finds it."""
GRAIN = Decimal("0.000001")
NAMES = {ProductField.CATEGORIES: "categories", ProductField.TAGS: "tags", ProductField.VENDOR: "brands"}


def product_body(job: Job) -> Row:
    """What is to be written of a product itself, without its pictures, its labels, and what is sold."""
    product, fields, row = job.product, job.fields, job.row
    wanted: Row = {}
    if ProductField.TITLE in fields or not row:
        wanted["name"] = product.title
    if ProductField.DESCRIPTION in fields:
        wanted["description"] = product.description_html
    if ProductField.HANDLE in fields and product.handle and not _has_handle(row, product.handle):
        wanted["slug"] = product.handle
    if ProductField.STATUS in fields:
        wanted |= _status(product.status, row)
    if not row:
        wanted |= {"type": "simple" if is_simple(product) else "variable"}
        wanted["meta_data"] = [{"key": REFERENCE, "value": job.change.reference}]
        if ProductField.PRODUCT_TYPE in fields:
            tell_type(job)
        return wanted
    if ProductField.PRODUCT_TYPE in fields:
        tell_type(job)
    return changed(row, wanted)


def tell_type(job: Job) -> None:
    """A type has no place of its own: a product's first category reads as it."""
    type = job.product.product_type
    if type and type.casefold() not in {name.casefold() for name in job.product.categories}:
        job.tell("product_type", "product_type_not_held", "", "WooCommerce knows categories, and no type.")


def label_names(job: Job) -> dict[str, list[str]]:
    """`categories`, `tags` and `brands` that are not as they are wanted, by name."""
    product, fields = job.product, job.fields
    told = {
        ProductField.CATEGORIES: product.categories,
        ProductField.TAGS: product.tags,
        ProductField.VENDOR: (product.vendor,) if product.vendor else (),
    }
    found: dict[str, list[str]] = {}
    for field, names in told.items():
        held = {label(one).casefold() for one in rows(job.row, NAMES[field])}
        wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
        if field in fields and {name.casefold() for name in wanted} != held:
            found[NAMES[field]] = wanted
    if not found.get("categories", True):
        # A product is always in some category: one that is in none at its source stays where it is.
        del found["categories"]
    return found


def sold(job: Job, variant: Variant, current: Row, grams: Decimal | None) -> Row:
    """What is to be written of one variant; `current`: the product or variation that it is, empty for a new one."""
    wanted = _price(variant, job.fields, current) | _weight(job, variant, grams)
    if ProductField.SKU in job.fields:
        wanted |= _sku(job, variant, current)
    if ProductField.BARCODE in job.fields:
        wanted |= _barcode(job, variant, current)
    if not current:
        wanted["manage_stock"] = variant.quantity is not None
        if variant.quantity is not None:
            wanted["stock_quantity"] = variant.quantity if ProductField.QUANTITY in job.fields else 0
        return wanted
    wanted = changed(current, wanted)
    if ProductField.QUANTITY in job.fields and variant.quantity is not None:
        if not current.get("manage_stock"):
            job.tell(
                "quantity", "stock_not_tracked", "", "The shop keeps no count of it, and that is left so."
            )
        elif quantity(current) != variant.quantity:
            wanted |= {"stock_quantity": variant.quantity}
            wanted |= {} if current["manage_stock"] is True else {"manage_stock": True}
    return wanted


def changed(current: Row, wanted: Row) -> Row:
    """Of what is wanted, that which is not so already."""
    return {name: value for name, value in wanted.items() if not _same(name, current.get(name), value)}


def noted(body: Row, key: str, value: Any) -> Row:
    """The body with a note of ours in the meta data; those of others stay without being named."""
    held = [one for one in body.get("meta_data", ()) if one["key"] != key]
    return body | {"meta_data": [*held, {"key": key, "value": value}]}


# --- options -------------------------------------------------------------------------------------------------


def attributes(row: Row, variants: Iterable[Variant]) -> list[Row] | None:
    """A product's attributes with the options of these variants; None where they are all there.

    The shop replaces the whole list: what others added goes along as it is.
    """
    held = [dict(one) for one in rows(row, "attributes")]
    by_name = {label(one).casefold(): one for one in held}
    is_same = bool(row)
    for name, options in _choices(variants).items():
        one = by_name.get(name.strip().casefold())
        if one is None:
            one = {"name": name, "position": len(held), "visible": True, "variation": True, "options": []}
            held.append(one)
            is_same = False
        known = {str(option).strip().casefold() for option in one.get("options") or ()}
        new = [option for option in options if option.strip().casefold() not in known]
        if new or not one.get("variation"):
            one |= {"variation": True, "options": [*(one.get("options") or ()), *new]}
            is_same = False
    return None if is_same else [_attribute(one) for one in held]


def picked(row: Row, variant: Variant) -> list[Row]:
    """A variation's options, under the names and ids that its product has them by."""
    by_name = {label(one).casefold(): one for one in rows(row, "attributes")}
    found: list[Row] = []
    for name, value in variant.options:
        option = option_of(value)
        one = by_name.get(name.strip().casefold(), {})
        found.append(
            ({"id": one["id"]} if one.get("id") else {"name": one.get("name") or name}) | {"option": option}
        )
    return found


def _attribute(row: Row) -> Row:
    """As it is written back: the shop's own ones by their id."""
    named: Row = {"id": row["id"]} if row.get("id") else {"name": row["name"]}
    return named | {key: row[key] for key in ("position", "visible", "variation", "options") if key in row}


def _choices(variants: Iterable[Variant]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for variant in variants:
        for name, value in variant.options:
            option = option_of(value)
            if option not in found.setdefault(name, []):
                found[name].append(option)
    return found


# --- one field -----------------------------------------------------------------------------------------------


def _status(status: ProductStatus, row: Row) -> Row:
    """As near as the shop has it. What is not published stays in the state that somebody gave it."""
    published = {"status": "publish"}
    if status is ProductStatus.UNLISTED:
        return published | {"catalog_visibility": "hidden"}
    if status is ProductStatus.ACTIVE:
        is_hidden = text(row, "catalog_visibility") not in VISIBILITIES if row else False
        return published | ({"catalog_visibility": "visible"} if is_hidden else {})
    is_out = bool(row) and text(row, "status") != "publish"
    return {} if is_out else {"status": "draft"}


def _has_handle(row: Row, handle: str) -> bool:
    """Whether it is so already, or with the number that the shop puts behind one that is taken."""
    held = unquote(text(row, "slug")).casefold()
    return re.fullmatch(rf"{re.escape(handle.casefold())}(-\d+)?", held) is not None


def _price(variant: Variant, fields: frozenset[ProductField], row: Row) -> Row:
    named = fields & {ProductField.PRICE, ProductField.COMPARE_AT}
    on_sale = amount(row.get("sale_price")) if row.get("on_sale") else None
    regular = amount(row.get("regular_price"))
    price: Decimal | None = variant.price.amount
    if ProductField.PRICE not in named:
        price = regular if on_sale is None else on_sale
    if not named or price is None:
        return {}
    if ProductField.COMPARE_AT in named:
        before = variant.compare_at.amount if variant.compare_at else None
    elif on_sale is None:
        # No sale, or one to come, which is somebody's own.
        return {"regular_price": str(price)}
    else:
        before = regular
    if before is None or before <= price:
        return {"regular_price": str(price), "sale_price": ""}
    begins_now = {} if on_sale is not None else {"date_on_sale_from": "", "date_on_sale_to": ""}
    return {"regular_price": str(before), "sale_price": str(price)} | (begins_now if row else {})


def _weight(job: Job, variant: Variant, grams: Decimal | None) -> Row:
    if ProductField.WEIGHT not in job.fields or variant.weight_grams is None:
        return {}
    if not grams:
        job.tell("weight", "weight_not_held", "", "The unit of the shop's weights is not one that we know.")
        return {}
    return {"weight": format((variant.weight_grams / grams).quantize(GRAIN).normalize(), "f")}


def _sku(job: Job, variant: Variant, row: Row) -> Row:
    sku = variant.sku.strip()
    if len(sku) > LONGEST_SKU:
        job.tell(
            "sku", "sku_not_held", sku[:LONGEST_SKU], f"WooCommerce finds none over {LONGEST_SKU} characters."
        )
        return {}
    if not sku and (not row or text(row, "sku").startswith(OURS)):
        return {}
    return {"sku": sku}


def _barcode(job: Job, variant: Variant, row: Row) -> Row:
    barcode = variant.barcode.strip()
    is_old = bool(row) and "global_unique_id" not in row
    if barcode and (is_old or not GTIN.fullmatch(barcode) or barcode in kept(row, REFUSED)):
        job.tell(
            "barcode", "barcode_not_held", barcode, "The shop takes digits, and each for one thing only."
        )
        return {}
    return {} if is_old or (not row and not barcode) else {"global_unique_id": barcode}


def amount(value: object) -> Decimal | None:
    """An amount as the shop writes it; None for none."""
    try:
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None


def _same(name: str, current: object, wanted: object) -> bool:
    if name in AMOUNTS:
        return amount(current) == amount(wanted)
    if name == "name":
        return label({"name": current}) == str(wanted).strip()
    return str(current or "").strip() == str(wanted or "").strip()


def sku_of(product: Product, reference: str) -> str:
    """The SKU of a new product itself: without one of its own, our reference, by which a lost answer is found again."""
    own = product.variants[0].sku.strip() if is_simple(product) else ""
    return own if own and len(own) <= LONGEST_SKU else reference
