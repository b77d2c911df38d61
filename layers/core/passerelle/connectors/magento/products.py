"""Products with every variant: a configurable product with its children, or a product that is its own only variant.

Source: https://developer.adobe.com/commerce/webapi/rest/ (catalogProductRepositoryV1, configurable products). Lists
carry no stock (recorded on 2.4.7); children are products of their own, mostly not visible by themselves, and those are
no products here. Prices are the catalogue's; whether tax is in them is a setting of the link, for the API does not tell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from passerelle.connectors.magento.facts import VENDOR, Facts, links
from passerelle.connectors.magento.reading import (
    SenselessError,
    amount,
    as_money,
    attributes,
    extension,
    instant,
    sorted_out,
    text,
)
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.connectors.magento.settings import Settings
from passerelle.connectors.magento.signing import escaped
from passerelle.connectors.magento.stock import COUNTED, HIDDEN, Stock
from passerelle.model import Image, Money, Product, ProductStatus, Variant
from passerelle.port import Pulled

GRAMS = {"lbs": Decimal("453.59237"), "kgs": Decimal(1000)}


@dataclass(frozen=True, slots=True)
class Parts:
    """What hangs on the products of one pull."""

    children: Mapping[str, Row]
    """Rows of variants by id."""
    named: Mapping[str, Sequence[str]]
    """Product id → ids of its variants."""
    stock: Mapping[str, int | None]
    attributes: Mapping[str, Row]


class Products:
    """Reads products, many at a time."""

    def __init__(
        self, rest: Rest, facts: Facts, stock: Stock, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._rest, self._facts, self._stock = rest, facts, stock
        self._settings, self._clock = settings, clock

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The products; one that is no longer shown by itself counts as missing."""
        return self.made(ids, self._rest.among("products", "entity_id", ids))

    def made(
        self,
        ids: Sequence[str],
        rows: Sequence[Row],
        near: Mapping[str, Row] | None = None,
        stock: Mapping[str, int] | None = None,
    ) -> Pulled:
        """The products that these rows tell of.

        `near`: products by id that may be their variants, themselves included; `stock`: units of all that are near, by
        SKU in lower case. What is in neither is asked for.
        """
        shown = [row for row in rows if text(row.get("visibility")) != HIDDEN]
        parts = self._parts(shown, near or {}, stock or {})
        return sorted_out(ids, rows, lambda row: self._product(row, parts))

    def _parts(self, rows: Sequence[Row], near: Mapping[str, Row], stock: Mapping[str, int]) -> Parts:
        here = {**near, **{str(row.get("id")): row for row in rows}}
        varied = [row for row in rows if row.get("type_id") == "configurable"]
        named: dict[str, list[str]] = {}
        given: dict[str, Row] = {}
        for row in varied:
            if "configurable_product_links" in extension(row):
                named[str(row["id"])] = [str(id) for id in links(row)]
            else:  # Versions before 2.4 leave them out of lists.
                found = self._rest.get(f"configurable-products/{escaped(text(row['sku']))}/children")
                given |= {str(child["id"]): child for child in found}
                named[str(row["id"])] = [str(child["id"]) for child in found]
        known = here | given
        absent = [id for ids in named.values() for id in ids if id not in known]
        known |= {str(row["id"]): row for row in self._rest.among("products", "entity_id", absent)}
        sold = [row for id, row in known.items() if row.get("type_id") in COUNTED and id not in near]
        self._expect(rows, named, known)
        found = self._stock.quantities(text(row.get("sku")) for row in sold) if sold else {}
        return Parts(
            known,
            named,
            {**stock, **found},
            self._facts.attributes() if varied or any(attributes(row).get(VENDOR) for row in rows) else {},
        )

    def _expect(
        self, rows: Sequence[Row], named: Mapping[str, Sequence[str]], known: Mapping[str, Row]
    ) -> None:
        """See that the categories and options that these products name are known by their words."""
        owns = {str(row["id"]): attributes(row) for row in rows}
        self._facts.expect(str(id) for own in owns.values() for id in own.get("category_ids") or ())
        options = {(VENDOR, text(own[VENDOR])) for own in owns.values() if own.get(VENDOR)}
        for row in rows:
            kids = [attributes(known[id]) for id in named.get(str(row["id"]), ()) if id in known]
            for choice in choices_of(row) if kids else ():
                attribute = self._facts.attributes().get(str(choice.get("attribute_id")), {})
                code = text(attribute.get("attribute_code"))
                options |= {(code, text(own[code])) for own in kids if own.get(code)}
        if options:
            self._facts.expect(options=options)

    def _product(self, row: Row, parts: Parts) -> Product | None:
        if text(row.get("visibility")) == HIDDEN:
            return None
        id, own, title = str(row["id"]), attributes(row), text(row.get("name"))
        if not title:
            raise SenselessError("The product has no name.", "Give it a name in the link's store view.")
        categories = tuple(self._categories(own))
        return Product(
            id=id,
            title=title,
            variants=self._variants(row, parts),
            handle=text(own.get("url_key")),
            description_html=text(own.get("description")),
            vendor=label_of(parts.attributes.get(VENDOR), own.get(VENDOR)),
            product_type=categories[0] if categories else "",
            url=self._page(id),
            images=tuple(self._images(row)),
            categories=categories,
            status=ProductStatus.ACTIVE if text(row.get("status")) == "1" else ProductStatus.DRAFT,
            tax_included=self._settings.prices_include_tax,
            created_at=instant(row.get("created_at")),
            updated_at=instant(row.get("updated_at")),
        )

    def _categories(self, own: Mapping[str, Any]) -> list[str]:
        ids = own.get("category_ids") or ()
        names = self._facts.categories if ids else {}
        return [name for id in ids if (name := names.get(str(id), ""))]

    def _variants(self, row: Row, parts: Parts) -> tuple[Variant, ...]:
        named = parts.named.get(str(row["id"]), ())
        absent = [id for id in named if id not in parts.children]
        if absent:
            why = f"Only {len(named) - len(absent)} of its {len(named)} variants could be read."
            raise SenselessError(why, "Nothing to do if it was being edited; else repair it in the shop.")
        children = [parts.children[id] for id in sorted(named, key=int)]
        return tuple(self._variant(row, child, parts) for child in children or [row])

    def _variant(self, row: Row, child: Row, parts: Parts) -> Variant:
        own = attributes(child)
        price, regular = self.prices(child)
        options = tuple(options_of(row, own, parts.attributes)) if child is not row else ()
        images = self._images(child) if child is not row else []
        return Variant(
            id=str(child["id"]),
            price=price,
            sku=text(child.get("sku")),
            barcode=text(own.get(self._settings.barcode)) if self._settings.barcode else "",
            title=" / ".join(value for _, value in options),
            compare_at=regular if regular.amount > price.amount else None,
            quantity=_quantity(row, child, parts),
            options=options,
            image_url=images[0].url if images else "",
            url=self._page(str(row["id"])),
            weight_grams=self._weight(child),
        )

    def prices(self, row: Row) -> tuple[Money, Money]:
        """(what is paid now, what it costs without a special price)."""
        own = attributes(row)
        regular = amount(row, "price")
        special = amount(own, "special_price") if text(own.get("special_price")) else regular
        holds = special < regular and self.holds(own)
        currency = self._facts.currency
        return as_money(special if holds else regular, currency), as_money(regular, currency)

    def holds(self, own: Mapping[str, Any]) -> bool:
        """Whether a special price holds today, by the shop's calendar: both days are part of it."""
        now = self._clock().astimezone(self._facts.zone).replace(tzinfo=UTC)
        start, end = instant(own.get("special_from_date")), instant(own.get("special_to_date"))
        return (start is None or now >= start) and (end is None or now < end + timedelta(days=1))

    def _images(self, row: Row) -> list[Image]:
        entries = row.get("media_gallery_entries") or ()
        shown = [one for one in entries if one.get("media_type") == "image" and not one.get("disabled")]
        return [
            Image(
                str(one.get("id")), f"{self._facts.media}catalog/product{one['file']}", text(one.get("label"))
            )
            for one in sorted(shown, key=lambda one: int(one.get("position") or 0))
            if one.get("file")
        ]

    def _weight(self, row: Row) -> int | None:
        unit = GRAMS.get(text(self._facts.config.get("weight_unit")).lower())
        weight = amount(row, "weight")
        return round(weight * unit) if unit and weight else None

    def _page(self, id: str) -> str:
        """An address that works whether or not the shop rewrites them."""
        return f"{self._facts.pages}catalog/product/view/id/{id}"


def _quantity(row: Row, child: Row, parts: Parts) -> int | None:
    """Units on hand; none of a variant that is switched off, and no number for what is made of other products."""
    if child.get("type_id") not in COUNTED:
        return 0 if child.get("type_id") == "configurable" else None
    # A product that is switched off says so by itself; its variants have no other way.
    on = child is row or text(child.get("status")) == "1"
    return parts.stock.get(text(child.get("sku")).casefold(), 0) if on else 0


def choices_of(row: Row) -> list[Row]:
    """What the variants of a configurable product are told apart by, in its order."""
    found = extension(row).get("configurable_product_options") or ()
    return sorted(found, key=lambda one: int(one.get("position") or 0))


def options_of(row: Row, own: Mapping[str, Any], known: Mapping[str, Row]) -> list[tuple[str, str]]:
    """(name, value) of the choices of a configurable product that a variant with these attributes stands for."""
    found = []
    for choice in choices_of(row):
        attribute = known.get(str(choice.get("attribute_id")), {})
        name = text(choice.get("label")) or text(attribute.get("default_frontend_label"))
        found.append((name, label_of(attribute, own.get(text(attribute.get("attribute_code"))))))
    return [pair for pair in found if all(pair)]


def label_of(attribute: Row | None, value: object) -> str:
    """The words of an attribute's chosen option; the value itself where it is no option."""
    chosen = text(value)
    for option in (attribute or {}).get("options") or ():
        if chosen and text(option.get("value")) == chosen:
            return text(option.get("label"))
    return ""
