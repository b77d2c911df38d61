"""Products with all their variations, options, stock, pictures and prices.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#product-properties. A simple product is its own only
variant. A variation without a SKU shows its product's, and may share its stock (`manage_stock: "parent"`). Prices are
as the merchant typed them, with or without tax.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from urllib.parse import unquote

from passerelle.connectors.woocommerce.facts import Facts
from passerelle.connectors.woocommerce.reading import (
    SenselessError,
    asked_for,
    each,
    instant,
    label,
    money,
    number,
    rows,
    text,
)
from passerelle.connectors.woocommerce.rest import Rest, Row
from passerelle.connectors.woocommerce.variations import Variations
from passerelle.model import Image, Product, ProductStatus, Variant
from passerelle.port import Pulled

SOLD = "id,sku,price,regular_price,on_sale,manage_stock,stock_quantity,stock_status,weight,global_unique_id,permalink"
FIELDS = (
    f"{SOLD},name,slug,status,type,catalog_visibility,description,short_description,categories,tags,brands,images,attributes,"
    "variations,date_created_gmt,date_modified_gmt"
)
VARIATION = f"{SOLD},attributes,image,name,status"
OURS = "passerelle:"
"""What a reference of ours begins with: it stands in for the SKU of a product that has none, to be found again by."""
VISIBILITIES = frozenset({"visible", "catalog", "search"})
"""How a product may be listed; one that is `hidden` is reached by its address only."""


class Products:
    """Reads products, many at a time."""

    fields = FIELDS

    def __init__(self, rest: Rest, facts: Facts, variations: Variations) -> None:
        self._rest, self._facts, self._variations = rest, facts, variations

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The products; one in the bin counts as missing."""
        return asked_for(ids, self.read(self._rest.among("products", ids, fields=self.fields)))

    def read(self, found: Sequence[Row]) -> Pulled:
        """See reading.Reader."""
        variations = self._variations.of(named(found), VARIATION)
        torn = [text(row, "id") for row in found if _gaps(row, variations)]
        if torn:
            # Edited between the two lists, as a rule: looked at once more.
            again = {text(row, "id"): row for row in self._rest.among("products", torn, fields=FIELDS)}
            found = [again.get(text(row, "id"), row) for row in found]
            variations |= self._variations.of(named(again.values()), VARIATION)
        return each(found, lambda row: self._product(row, variations))

    def _product(self, row: Row, variations: Mapping[str, list[Row]]) -> Product | None:
        if text(row, "status") in {"trash", "auto-draft"}:
            return None
        if gaps := _gaps(row, variations):
            why = f"{gaps} of its {len(row.get('variations') or ())} variations could not be read."
            raise SenselessError(
                why, "Nothing to do if it was being edited; else save the product in the shop."
            )
        title = label(row)
        if not title:
            raise SenselessError("The product has no name.", "Give it a name in the shop.")
        parts = _offered(variations.get(text(row, "id"), []))
        names = _categories(row)
        return Product(
            id=text(row, "id"),
            title=title,
            variants=self._variants(row, parts),
            handle=unquote(text(row, "slug")),
            description_html=text(row, "description") or text(row, "short_description"),
            vendor=next((label(one) for one in rows(row, "brands")), ""),
            product_type=next(iter(names), ""),
            url=text(row, "permalink"),
            images=_images(row),
            tags=tuple(label(one) for one in rows(row, "tags")),
            categories=names,
            status=_status(row, parts),
            tax_included=self._facts.tax_included,
            created_at=instant(row.get("date_created_gmt")),
            updated_at=instant(row.get("date_modified_gmt")),
        )

    def _variants(self, row: Row, variations: Sequence[Row]) -> tuple[Variant, ...]:
        if not variations:
            return (self._variant(row, row),)
        return tuple(self._variant(row, one) for one in sorted(variations, key=lambda one: number(one, "id")))

    def _variant(self, product: Row, row: Row) -> Variant:
        price, regular = (money(row, name, self._facts.currency) for name in ("price", "regular_price"))
        is_own = row is product
        options = () if is_own else tuple(_options(row))
        return Variant(
            id=text(row, "id"),
            price=price,
            sku=own_sku(product, row),
            barcode=text(row, "global_unique_id"),
            title=" / ".join(value for _, value in options),
            compare_at=regular if regular.amount > price.amount else None,
            quantity=on_hand(product, row),
            options=options,
            image_url=_own_picture(product, row),
            url=text(row, "permalink"),
            weight_grams=self._weight(text(row, "weight") or text(product, "weight")),
        )

    def _weight(self, written: str) -> int | None:
        unit = self._facts.grams if written else None
        try:
            return int((Decimal(written) * unit).to_integral_value()) if unit else None
        except ArithmeticError:
            return None


def quantity(row: Row) -> int | None:
    """Units in stock; None where the shop keeps no count and does not call it sold out."""
    if row.get("manage_stock") and row.get("stock_quantity") is not None:
        return number(row, "stock_quantity")
    return 0 if text(row, "stock_status") == "outofstock" else None


def own_sku(product: Row, row: Row) -> str:
    """A variation's SKU; the product's, which stands in where it has none, is not its own, nor is a reference of ours."""
    sku = text(row, "sku")
    is_none = sku.startswith(OURS) or (row is not product and sku == text(product, "sku"))
    return "" if is_none else sku


def named(products: Iterable[Row]) -> dict[str, list[str]]:
    """Product id → the ids of its variations, of the products that have any."""
    return {
        text(row, "id"): [str(id) for id in row["variations"]]
        for row in products
        if text(row, "type") not in {"simple", "grouped", "external"} and row.get("variations")
    }


def on_hand(product: Row, row: Row) -> int | None:
    """Units of a product or a variation that can be had: of a variation that is switched off there are none."""
    is_off = row is not product and text(row, "status") not in {"", "publish"}
    return 0 if is_off else quantity(row)


def _offered(variations: Sequence[Row]) -> list[Row]:
    """Those that have a price, for without one nobody can buy them and it is not nothing; all where none has."""
    return [one for one in variations if text(one, "price")] or list(variations)


def _status(row: Row, parts: Sequence[Row]) -> ProductStatus:
    """What is not published, privately published, has yet to be, or has no price is a draft."""
    if text(row, "status") != "publish" or not any(text(one, "price") for one in parts or [row]):
        return ProductStatus.DRAFT
    is_hidden = text(row, "catalog_visibility") == "hidden"
    return ProductStatus.UNLISTED if is_hidden else ProductStatus.ACTIVE


def _own_picture(product: Row, row: Row) -> str:
    """The address of a variation's picture; its product's first, which stands in where it has none, is not its own."""
    image, first = row.get("image"), next(iter(rows(product, "images")), {})
    if not isinstance(image, dict) or image.get("id") == first.get("id"):
        return ""
    return text(image, "src")


def _images(row: Row) -> tuple[Image, ...]:
    return tuple(Image(text(one, "id"), text(one, "src"), text(one, "alt")) for one in rows(row, "images"))


def _gaps(row: Row, variations: Mapping[str, list[Row]]) -> int:
    """How many variations a product names that did not come."""
    wanted = named([row]).get(text(row, "id"), [])
    arrived = {text(one, "id") for one in variations.get(text(row, "id"), ())}
    return len(set(wanted) - arrived)


def _options(row: Row) -> Iterable[tuple[str, str]]:
    for one in rows(row, "attributes"):
        name, option = label(one), label(one, "option")
        if name and option:
            yield name, option


def _categories(row: Row) -> tuple[str, ...]:
    """Their names; the shop puts what is in no category into one that says so."""
    return tuple(label(one) for one in rows(row, "categories") if text(one, "slug") != "uncategorized")
