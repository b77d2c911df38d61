"""What is to be written of a product and of its combinations: only what differs from what the shop has.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/products/ and …/combinations/. A translated
field is sent with every language that the shop has, the others as they were; what is made says the same in all.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from passerelle.connectors.prestashop.documents import Entity, Value
from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.fitting import (
    CATALOG,
    CATEGORY,
    GENERIC,
    LONGEST_REFERENCE,
    NOTHING,
    REFERENCE,
    TAG,
    TITLE,
    VENDOR,
    barcode_field,
    clean_html,
    fitted,
    our_reference,
    same_html,
    slug,
)
from passerelle.connectors.prestashop.names import Ids, Names, found
from passerelle.connectors.prestashop.options import Pairs, linked
from passerelle.connectors.prestashop.prices import Prices
from passerelle.connectors.prestashop.products import BARCODES, GRAMS, status_of
from passerelle.connectors.prestashop.reading import text
from passerelle.connectors.prestashop.taxes import SIX, rounded
from passerelle.connectors.prestashop.webservice import Row
from passerelle.connectors.prestashop.work import PLAIN, Work, alike, fitted_options
from passerelle.connectors.prestashop.writing import spoken
from passerelle.model import ProductField, ProductStatus, Variant

EVERY_NEW = {
    "state": "1",
    "minimal_quantity": "1",
    "available_for_order": "1",
    "show_price": "1",
    "condition": "new",
}
SHOWN = {
    ProductStatus.ACTIVE: ("1", "both"),
    ProductStatus.UNLISTED: ("1", "none"),
    ProductStatus.DRAFT: ("0", "both"),
    ProductStatus.ARCHIVED: ("0", "both"),
}
"""(active, visibility) of a new product; the shop has no archive."""


class Bodies:
    """Makes the entities of one push."""

    def __init__(self, facts: Facts, names: Names, prices: Prices) -> None:
        self._facts, self._names, self._prices = facts, names, prices
        self._makers: Ids = {}
        self._categories: Ids = {}
        self._tags: Ids = {}
        self._values: dict[tuple[str, str], str] = {}
        self._spoken: dict[str, str] = {}

    def learn(self, works: Iterable[Work], tags: Callable[[list[str]], Mapping[str, Row]]) -> None:
        """Find or make together all that these products name. `tags`: reads tags by id."""
        works = list(works)
        self._makers = self._names.manufacturers(
            _vendor(work) for work in works if work.names(ProductField.VENDOR)
        )
        self._categories = self._names.categories(
            name
            for work in works
            for name in (
                *(_categories(work) if work.names(ProductField.CATEGORIES) else ()),
                *((_type(work),) if work.names(ProductField.PRODUCT_TYPE) else ()),
            )
        )
        tagged = [work for work in works if work.names(ProductField.TAGS)]
        self._tags = self._names.tags(tag for work in tagged for tag in _tags(work))
        held = tags([id for work in tagged for id in linked(work.row or {}, "tags")])
        self._spoken = {id: text(row.get("id_lang")) for id, row in held.items()}
        self._values = self._names.choices(
            list(
                dict.fromkeys(
                    pair
                    for work in works
                    if work.names(ProductField.VARIANTS) and work.varied
                    for variant in work.product.variants
                    for pair in fitted_options(variant)
                )
            )
        )

    # --- the product -------------------------------------------------------------------------------------------

    def product(self, work: Work) -> Entity:
        """What is to be written of the product itself."""
        entity = Entity({} if work.row is not None else self._new(work))
        row, named = work.row or {}, work.names
        for field, write in (
            (ProductField.TITLE, self._title),
            (ProductField.HANDLE, self._handle),
            (ProductField.DESCRIPTION, self._description),
            (ProductField.VENDOR, self._vendor),
            (ProductField.CATEGORIES, self._listed),
            (ProductField.PRODUCT_TYPE, self._typed),
            (ProductField.TAGS, self._tagged),
            (ProductField.STATUS, self._status),
        ):
            if named(field):
                write(work, row, entity)
        if work.row is None:
            self._complete(work, entity)
        elif work.varied and not work.parts:
            entity.fields["product_type"] = "combinations"
        for variant in work.product.variants:
            if work.of.get(variant.id) == PLAIN:
                entity.fields |= self._own(work, variant, PLAIN, work.row)
        return entity

    def _new(self, work: Work) -> dict[str, Value]:
        kind = "combinations" if work.varied else "standard"
        fields: dict[str, Value] = {**EVERY_NEW, "product_type": kind, "price": f"{work.base:f}"}
        fields |= {"id_tax_rules_group": self._prices.group(work)}
        if work.change.reference:
            fields["supplier_reference"] = our_reference(work.change.reference)
        if work.varied and work.weight:
            fields["weight"] = f"{work.weight:f}"
        return fields

    def _complete(self, work: Work, entity: Entity) -> None:
        """What the shop demands of a product that is made, where nothing named told it."""
        title = fitted(work.product.title, CATALOG, TITLE)
        if not title:
            title = "-"
            work.tell("title", "title_not_held", "A product needs a name.", title)
        handle = slug(work.product.handle) or slug(title) or "product"
        entity.fields.setdefault("name", self._names.spread(title))
        entity.fields.setdefault("link_rewrite", self._names.spread(handle))
        # Nothing is for sale before anybody says so.
        entity.fields.setdefault("active", "0")
        listed = entity.links.get("categories") or ()
        default = entity.fields.setdefault("id_category_default", next(iter(listed), self._facts.home))
        if not listed and isinstance(default, str):
            entity.links["categories"] = [default]

    def _said(self, entity: Entity, row: Row, field: str, wanted: str) -> None:
        """Say something in the written language, and leave the others."""
        language = self._facts.written_language
        held = spoken(row.get(field)) or {language: text(row.get(field))}
        every = self._names.spread("" if row else wanted)
        entity.fields[field] = {id: held.get(id) or other for id, other in every.items()} | {language: wanted}

    def _held(self, row: Row, field: str) -> str:
        """What the shop says in the written language."""
        value = row.get(field)
        return (
            spoken(value).get(self._facts.written_language, "") if isinstance(value, list) else text(value)
        ).strip()

    def _title(self, work: Work, row: Row, entity: Entity) -> None:
        wanted, title = work.product.title.strip(), fitted(work.product.title, CATALOG, TITLE)
        if row and self._held(row, "name") == wanted:
            return
        if title != wanted:
            work.tell(
                "title", "title_not_held", "A name has 128 characters, and none of < > ; = # { }.", title
            )
        if title and (not row or self._held(row, "name") != title):
            self._said(entity, row, "name", title)

    def _handle(self, work: Work, row: Row, entity: Entity) -> None:
        handle, wanted = work.product.handle.strip(), slug(work.product.handle)
        if row and self._held(row, "link_rewrite") == handle:
            return
        if wanted != handle:
            work.tell("handle", "handle_not_held", "An address has letters, digits and dashes.", wanted)
        if wanted and (not row or self._held(row, "link_rewrite") != wanted):
            self._said(entity, row, "link_rewrite", wanted)

    def _description(self, work: Work, row: Row, entity: Entity) -> None:
        told, html = work.product.description_html.strip(), clean_html(work.product.description_html)
        held = self._held(row, "description")
        if row and same_html(told, held):
            return
        if html != told:
            work.tell("description", "description_not_held", "The shop refuses scripts, frames and forms.")
        if not same_html(html, held):
            self._said(entity, row, "description", html)

    def _vendor(self, work: Work, row: Row, entity: Entity) -> None:
        wanted = _vendor(work)
        if wanted != work.product.vendor.strip():
            work.tell(
                "vendor", "vendor_not_held", "A brand has 64 characters, and none of < > ; = # { }.", wanted
            )
        id = found(self._makers, wanted) if wanted else "0"
        if wanted and not id:
            work.tell("vendor", "vendor_not_held", "The shop refuses to make the brand.")
        elif (text(row.get("id_manufacturer")) or "0") != id:
            entity.fields["id_manufacturer"] = id

    def _listed(self, work: Work, row: Row, entity: Entity) -> None:
        wanted = _categories(work)
        ids = [id for name in wanted if (id := found(self._categories, name))]
        if wanted != [name.strip() for name in work.product.categories if name.strip()] or len(ids) < len(
            wanted
        ):
            work.tell(
                "categories", "categories_not_held", "A category has 128 characters, none of < > ; = # { }."
            )
        # A product stands somewhere: without any, under what is its first.
        default = text(row.get("id_category_default")) or self._facts.home
        ids = ids or [default]
        if (row and set(ids) != set(linked(row, "categories"))) or (not row and wanted):
            entity.links["categories"] = list(dict.fromkeys(ids))

    def _typed(self, work: Work, row: Row, entity: Entity) -> None:
        """The type is told by the category that is a product's first; there is always one."""
        id = found(self._categories, _type(work)) if _type(work) else ""
        if work.product.product_type.strip() and not id:
            work.tell("product_type", "product_type_not_held", "No category can have this name.")
        elif id and text(row.get("id_category_default")) != id:
            entity.fields["id_category_default"] = id

    def _tagged(self, work: Work, row: Row, entity: Entity) -> None:
        wanted = _tags(work)
        ids = [id for tag in wanted if (id := found(self._tags, tag))]
        if len(ids) < len([tag for tag in work.product.tags if tag.strip()]):
            work.tell("tags", "tags_not_held", "A tag has 32 characters, and none of < > = { }.")
        held = linked(row, "tags")
        others = [id for id in held if self._spoken.get(id) != self._facts.written_language]
        if {*ids, *others} != set(held):
            entity.links["tags"] = list(dict.fromkeys([*others, *ids]))

    def _status(self, work: Work, row: Row, entity: Entity) -> None:
        active, visibility = SHOWN[work.product.status]
        if work.product.status is ProductStatus.ARCHIVED:
            work.tell(
                "status", "archive_not_held", "The shop has no archive: the product is not for sale.", "draft"
            )
        if not row:
            entity.fields |= {"active": active, "visibility": visibility}
        elif active == "0":
            entity.fields |= {"active": "0"} if text(row.get("active")) == "1" else {}
        elif status_of(row) is not work.product.status:
            # One that is listed in searches only stays so.
            same = (text(row.get("visibility")) == "none") == (visibility == "none")
            entity.fields |= {"active": "1"} | ({} if same else {"visibility": visibility})

    # --- what a combination has, or a product without any ------------------------------------------------------

    def combination(self, work: Work, variant: Variant, part: str, options: Pairs) -> Entity:
        """What is to be written of a combination that is there."""
        entity = Entity(dict(self._own(work, variant, part, work.parts[part])))
        wanted = fitted_options(variant)
        if work.names(ProductField.VARIANTS) and wanted and alike(wanted) != alike(options):
            self._choose(work, variant, entity)
        return entity

    def made(self, work: Work, variant: Variant, *, first: bool) -> Entity:
        """A combination that is to be made."""
        fields: dict[str, Value] = {"id_product": work.id, "minimal_quantity": "1"}
        fields |= {"default_on": "1"} if first else {}
        entity = Entity(fields | self._own(work, variant, "", None))
        self._choose(work, variant, entity)
        return entity

    def _choose(self, work: Work, variant: Variant, entity: Entity) -> None:
        wanted = fitted_options(variant)
        if wanted != variant.options:
            work.tell(
                "options", "options_not_held", "Options have no < > = { }; names 64 characters, values 128."
            )
        entity.links["product_option_values"] = [id for pair in wanted if (id := self._values.get(pair))]

    def chosen(self, variant: Variant) -> bool:
        """Whether the shop has all that a variant is chosen by."""
        return all(pair in self._values for pair in fitted_options(variant))

    def _own(self, work: Work, variant: Variant, part: str, row: Row | None) -> dict[str, Value]:
        fields: dict[str, Value] = {}
        # What comes to a product that is there has all that makes it one, whatever is kept up to date of the others.
        comes = row is None and work.row is not None
        if comes or work.names(ProductField.SKU):
            fields |= _sku(work, variant, row or {}, REFERENCE if part == PLAIN else NOTHING)
        if comes or work.names(ProductField.BARCODE):
            fields |= _barcode(work, variant, row or {})
        if comes or work.names(ProductField.WEIGHT):
            fields |= self._weight(work, variant, row or {})
        price = self._prices.net(work, variant, part, row)
        return fields | ({"price": price} if price is not None else {})

    def _weight(self, work: Work, variant: Variant, row: Row) -> dict[str, Value]:
        unit = GRAMS.get(self._facts.configuration.get("PS_WEIGHT_UNIT", "kg").lower())
        if variant.weight_grams is None:
            return {}
        if unit is None:
            work.tell("weight", "weight_not_held", "The shop's unit of weight is not known.")
            return {}
        held = work.weight + Decimal(text(row.get("weight")) or "0")
        if row and round(held * unit) == variant.weight_grams:
            return {}
        return {"weight": f"{rounded(variant.weight_grams / unit, SIX) - work.weight:f}"}

    def weight(self, variant: Variant) -> Decimal:
        """A variant's weight in the shop's unit."""
        unit = GRAMS.get(self._facts.configuration.get("PS_WEIGHT_UNIT", "kg").lower())
        return rounded(variant.weight_grams / unit, SIX) if unit and variant.weight_grams else Decimal(0)


def _sku(work: Work, variant: Variant, row: Row, forbidden: re.Pattern[str]) -> dict[str, Value]:
    wanted = variant.sku.strip()
    if wanted != fitted(wanted, forbidden, LONGEST_REFERENCE):
        work.tell("sku", "sku_not_held", "A reference has 64 characters, and none of < > ; = { }.")
        return {}
    return {} if text(row.get("reference")) == wanted else {"reference": wanted}


def _barcode(work: Work, variant: Variant, row: Row) -> dict[str, Value]:
    """The barcode goes into the field of its form; fields that are read before that one are emptied."""
    wanted = variant.barcode.strip()
    name = barcode_field(wanted)
    if wanted and not name:
        work.tell("barcode", "barcode_not_held", "The shop holds EAN-13, UPC and ISBN.")
        return {}
    before = BARCODES[: BARCODES.index(name)] if name else BARCODES
    fields: dict[str, Value] = {other: "" for other in before if text(row.get(other))}
    return fields | ({name: wanted} if name and text(row.get(name)) != wanted else {})


def _vendor(work: Work) -> str:
    return fitted(work.product.vendor, CATALOG, VENDOR)


def _type(work: Work) -> str:
    return fitted(work.product.product_type, CATALOG, CATEGORY)


def _categories(work: Work) -> list[str]:
    names = (fitted(name, CATALOG, CATEGORY) for name in work.product.categories)
    return [name for name in names if name]


def _tags(work: Work) -> list[str]:
    """Tags that the shop can hold just so: a tag that is cut is another."""
    tags = (tag.strip() for tag in work.product.tags)
    return [tag for tag in tags if tag and fitted(tag, GENERIC, TAG) == tag]
