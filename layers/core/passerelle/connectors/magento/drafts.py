"""What has to be sent of a product so that the fields named are as they should be, and nothing else.

Source: https://developer.adobe.com/commerce/webapi/rest/ (catalogProductRepositoryV1). A save leaves what is not sent;
an attribute that is sent empty is taken away. A field that is as it should be is not sent.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from passerelle.connectors.magento.categories import Categories
from passerelle.connectors.magento.facts import VENDOR, Facts
from passerelle.connectors.magento.matching import variant_name
from passerelle.connectors.magento.options import value_of
from passerelle.connectors.magento.pictures import Pictures
from passerelle.connectors.magento.pricing import wanted_prices
from passerelle.connectors.magento.products import GRAMS, Products, label_of
from passerelle.connectors.magento.reading import attributes, text
from passerelle.connectors.magento.rest import Row
from passerelle.connectors.magento.settings import Settings
from passerelle.connectors.magento.work import LONGEST, Sold, Work
from passerelle.model import Image, ProductField, ProductStatus, Variant

LONGEST_NAME = 255
ENABLED, DISABLED = 1, 2


@dataclass(slots=True)
class Draft:
    """What is sent of one of the shop's products."""

    sku: str
    id: int = 0
    """Given where the SKU changes."""
    plain: dict[str, Any] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    """Custom attributes."""
    extension: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.plain or self.own or self.extension or self.id)

    @property
    def body(self) -> dict[str, Any]:
        """As it is sent."""
        body = {"sku": self.sku, **({"id": self.id} if self.id else {}), **self.plain}
        if self.own:
            own = [{"attribute_code": code, "value": value} for code, value in self.own.items()]
            body["custom_attributes"] = own
        return {"product": body | ({"extension_attributes": self.extension} if self.extension else {})}

    @property
    def weight(self) -> int:
        """Characters of the pictures that it holds."""
        entries = self.plain.get("media_gallery_entries") or ()
        return sum(len(one["content"]["base64_encoded_data"]) for one in entries if "content" in one)

    @property
    def price(self) -> float | None:
        """The price, where nothing else is sent."""
        return (
            self.plain["price"] if self.plain.keys() == {"price"} and not self.own | self.extension else None
        )


class Drafts:
    """Makes drafts."""

    def __init__(
        self, facts: Facts, settings: Settings, products: Products, pictures: Pictures, places: Categories
    ) -> None:
        self._facts, self._settings, self._products = facts, settings, products
        self._pictures, self._categories = pictures, places

    # --- what a buyer reads ----------------------------------------------------------------------------------

    def shown(self, work: Work, draft: Draft, taken: Mapping[str, str]) -> None:
        """What only a product has that is shown by itself; `taken`: address → id of who has it."""
        product, own = work.product, attributes(work.row or {})
        if work.wants(ProductField.TITLE):
            title = product.title[:LONGEST_NAME]
            if title != product.title:
                work.tell(
                    ProductField.TITLE, "title_not_held", f"A title has {LONGEST_NAME} characters at most."
                )
            if title and title != text((work.row or {}).get("name")):
                draft.plain["name"] = title
        description = product.description_html.strip()
        if work.wants(ProductField.DESCRIPTION) and description != text(own.get("description")):
            draft.own["description"] = description
        self._handle(work, draft, text(own.get("url_key")), taken)
        self._vendor(work, draft, own)
        if work.wants(ProductField.CATEGORIES):
            self._categories.put(work, draft.extension)
        if work.wants(ProductField.IMAGES):
            self._gallery(work, draft, product.images, work.row)
        self._status(work, draft)
        for named, told in (
            (ProductField.TAGS, product.tags),
            (ProductField.PRODUCT_TYPE, product.product_type),
        ):
            if told and work.wants(named):
                work.tell(named, f"{named.value}_not_held", f"Magento has no place for {_WORDS[named]}.")

    def _handle(self, work: Work, draft: Draft, held: str, taken: Mapping[str, str]) -> None:
        key = wanted_handle(work)
        if not key or key == held:
            return
        if taken.get(key, work.change.id) not in {work.change.id, work.id}:
            if work.product.handle and work.wants(ProductField.HANDLE):
                work.tell(ProductField.HANDLE, "handle_taken", f"Another product has the address {key}.")
            return
        draft.own["url_key"] = key

    def _vendor(self, work: Work, draft: Draft, own: Mapping[str, Any]) -> None:
        if not work.wants(ProductField.VENDOR):
            return
        vendor = work.product.vendor
        if not vendor and not own.get(VENDOR):
            return
        attribute = self._facts.attributes().get(VENDOR)
        if label_of(attribute, own.get(VENDOR)).casefold() == vendor.casefold():
            return
        if attribute is None:
            work.tell(ProductField.VENDOR, "vendor_not_held", f"The shop has no attribute {VENDOR}.")
            return
        draft.own[VENDOR] = value_of(attribute, vendor) if vendor else ""

    def _status(self, work: Work, draft: Draft) -> None:
        if not work.wants(ProductField.STATUS):
            if work.row is None:
                draft.plain["status"] = DISABLED
            return
        status = work.product.status
        wanted = ENABLED if status is ProductStatus.ACTIVE else DISABLED
        if status not in {ProductStatus.ACTIVE, ProductStatus.DRAFT}:
            why = f"Magento knows nothing that is {status.value}: it is switched off there."
            work.tell(ProductField.STATUS, "status_not_held", why, ProductStatus.DRAFT.value)
        if str(wanted) != text((work.row or {}).get("status")):
            draft.plain["status"] = wanted

    def _gallery(self, work: Work, draft: Draft, images: tuple[Image, ...], row: Row | None) -> None:
        gallery, left = self._pictures.gallery(images, (row or {}).get("media_gallery_entries") or ())
        if gallery is not None:
            draft.plain["media_gallery_entries"] = gallery
        work.left += [each for each in left if each not in work.left]

    # --- what a buyer puts in the cart -----------------------------------------------------------------------

    def sold(self, work: Work, each: Sold, draft: Draft) -> None:
        """What a variant has, be it a product by itself or one of several."""
        variant, row = each.variant, each.row
        own = attributes(row or {})
        # What comes to a product that is there has all that makes it one, whatever is kept up to date of the others.
        comes = row is None and work.row is not None
        if row is not None and work.wants(ProductField.SKU) and variant.sku.strip() not in {"", each.sku}:
            self._rename(work, each, draft)
        if variant.barcode and (comes or work.wants(ProductField.BARCODE)):
            self._barcode(work, variant, own, draft)
        self._price(work, each, own, draft)
        unit = GRAMS.get(text(self._facts.config.get("weight_unit")).lower())
        if variant.weight_grams is None or not (comes or work.wants(ProductField.WEIGHT)):
            pass
        elif unit is None:
            work.tell(ProductField.WEIGHT, "weight_not_held", "The unit of the shop's weights is not known.")
        else:
            weight = round(Decimal(variant.weight_grams) / unit, 4)
            if row is None or weight != round(Decimal(text(row.get("weight")) or 0), 4):
                draft.plain["weight"] = float(weight)
        if work.varied and variant.image_url and work.wants(ProductField.IMAGES):
            self._gallery(work, draft, (Image("", variant.image_url),), row)

    def _rename(self, work: Work, each: Sold, draft: Draft) -> None:
        sku = each.variant.sku.strip()
        if len(sku) > LONGEST:
            work.tell(ProductField.SKU, "sku_not_held", f"A SKU has {LONGEST} characters at most.", each.sku)
        else:
            draft.id, draft.sku = int(each.id), sku

    def _barcode(self, work: Work, variant: Variant, own: Mapping[str, Any], draft: Draft) -> None:
        code = self._settings.barcode
        if not code:
            work.tell(ProductField.BARCODE, "barcode_not_held", "The link names no attribute for barcodes.")
        elif text(own.get(code)) != variant.barcode:
            draft.own[code] = variant.barcode

    def _price(self, work: Work, each: Sold, own: Mapping[str, Any], draft: Draft) -> None:
        held = self._products.prices(each.row) if each.row is not None else None
        paid, regular = wanted_prices(
            each.variant,
            (held[0].amount, held[1].amount) if held else None,
            price=work.wants(ProductField.PRICE),
            compare_at=work.wants(ProductField.COMPARE_AT) or (held is None and work.row is not None),
        )
        if held is not None and (paid, regular) == (held[0].amount, held[1].amount):
            return
        if held is None or regular != held[1].amount:
            draft.plain["price"] = float(regular)
        if paid < regular:
            draft.own["special_price"] = f"{paid:f}"
            if not self._products.holds(own):
                draft.own |= {"special_from_date": "", "special_to_date": ""}
        elif text(own.get("special_price")):
            draft.own["special_price"] = ""

    # --- what only a new product is told ---------------------------------------------------------------------

    def begin(self, work: Work, draft: Draft, variant: Variant | None) -> None:
        """Where it is sold, what it is, and how many there are. No variant: the frame around several."""
        shown = variant is None or not work.varied
        name = work.product.title[:LONGEST_NAME] if shown or variant is None else variant_name(work, variant)
        draft.plain |= {"name": name, "attribute_set_id": self._settings.attribute_set}
        draft.plain |= {
            "visibility": 4 if shown else 1,
            "type_id": "configurable" if variant is None else "simple",
        }
        draft.plain.setdefault("status", ENABLED)
        draft.own.setdefault("url_key", key_of(draft.sku))
        draft.extension["website_ids"] = [self._facts.config.get("website_id")]
        draft.extension["stock_item"] = (
            {"is_in_stock": True} if variant is None else self._begun(work, variant)
        )
        known = self._facts.attributes() if work.codes else {}
        for name, value in variant.options if variant is not None and work.varied else ():
            attribute = known[work.codes[name]]
            draft.own[text(attribute.get("attribute_code"))] = value_of(attribute, value)

    def _begun(self, work: Work, variant: Variant) -> dict[str, Any]:
        quantity = variant.quantity if work.wants(ProductField.QUANTITY) else 0
        if variant.quantity is None:
            return {"is_in_stock": True, "manage_stock": False, "use_config_manage_stock": False}
        if self._facts.sources is not None and self._facts.default_source != "default":
            return {"is_in_stock": True}
        return {"qty": quantity or 0, "is_in_stock": bool(quantity and quantity > 0)}


_WORDS = {ProductField.TAGS: "tags", ProductField.PRODUCT_TYPE: "a type of product"}


def wanted_handle(work: Work) -> str:
    """The part of the address that a product should get; empty: the one it has, or one made of its SKU."""
    if work.product.handle and work.wants(ProductField.HANDLE):
        return key_of(work.product.handle)
    return key_of(work.product.title) if work.row is None and work.varied else ""


def key_of(words: str) -> str:
    """Words as a part of an address: those of a SKU are nobody else's."""
    plain = unicodedata.normalize("NFKD", words.lower()).encode("ascii", "ignore").decode()
    return "-".join("".join(sign if sign.isalnum() else " " for sign in plain).split())
