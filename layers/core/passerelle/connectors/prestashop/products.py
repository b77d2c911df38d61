"""Products with all their combinations, options, stock, pictures and the prices a buyer sees.

Source: https://devdocs.prestashop-project.org/8/webservice/resources/products/ and …/combinations/. The price of a
product is its base without tax, that of a combination an impact on it; `price[name][use_tax]` makes the shop
calculate what the buyer pays (recorded on 8.2.1). Where a shop does not, prices are without tax and say so.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from passerelle.connectors.prestashop.facts import Facts
from passerelle.connectors.prestashop.options import Options, linked
from passerelle.connectors.prestashop.reading import (
    SenselessError,
    flag,
    instant,
    money,
    number,
    sorted_out,
    text,
)
from passerelle.connectors.prestashop.settings import Settings
from passerelle.connectors.prestashop.webservice import Row, Webservice
from passerelle.model import Image, Money, Product, ProductStatus, Variant
from passerelle.port import PermissionMissing, Pulled

STOCK_FIELDS = "id,id_product,id_product_attribute,id_shop,quantity"
BARCODES = ("ean13", "upc", "isbn")
"""Fields of a barcode; the first that holds one tells it."""
GRAMS = {
    "kg": Decimal(1000),
    "g": Decimal(1),
    "lb": Decimal("453.59237"),
    "lbs": Decimal("453.59237"),
    "oz": Decimal("28.349523"),
}


def variant_id(product: object, combination: object) -> str:
    """A variant's id: PrestaShop has none for a product without combinations, so both ids make it (`12-0`)."""
    return f"{product}-{text(combination) or '0'}"


def status_of(row: Row) -> ProductStatus:
    """An active product that is shown nowhere is sold to whoever has its address; what is not active is a draft."""
    if not flag(row, "active"):
        return ProductStatus.DRAFT
    hidden = text(row.get("visibility")) == "none"
    return ProductStatus.UNLISTED if hidden else ProductStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class Parts:
    """What hangs on the products of one pull, by product id."""

    combinations: Mapping[str, list[Row]]
    stock: Mapping[str, list[Row]]

    def calculated(self, row: Row) -> bool:
        """Whether the shop calculated the prices of a product and of all its combinations."""
        return all("final" in one for one in (row, *self.combinations.get(str(row["id"]), ())))

    def refuse_gaps(self, row: Row) -> None:
        """Raise SenselessError where the shop names parts of a product that it does not give."""
        id = str(row["id"])
        for name, rows in (("combinations", self.combinations), ("stock_availables", self.stock)):
            named, arrived = linked(row, name), {str(one.get("id")) for one in rows.get(id, ())}
            if not set(named) <= arrived:
                why = f"Only {len(arrived.intersection(named))} of its {len(named)} {name} could be read."
                raise SenselessError(why, "Nothing to do if it was being edited; else repair it in the shop.")


class Products:
    """Reads products, many at a time."""

    def __init__(self, service: Webservice, facts: Facts, settings: Settings) -> None:
        self._service, self._facts, self._settings = service, facts, settings
        self._options = Options(facts)

    def pull(self, ids: Sequence[str]) -> Pulled:
        """The products; a draft that was never saved in the back office counts as missing."""
        extra = {**self._facts.prices, **self._facts.in_language}
        rows = self._service.entities("products", ids, **extra)
        parts = Parts(
            self._hanging("combinations", rows, "full", extra),
            self._hanging("stock_availables", rows, STOCK_FIELDS, {}),
        )
        self._learn_names(rows, parts)
        return sorted_out(ids, rows, lambda row: self._product(row, parts))

    def _hanging(
        self, resource: str, products: Sequence[Row], display: str, extra: Mapping[str, str]
    ) -> dict[str, list[Row]]:
        """Rows by product id; those that a product names but that did not come are asked for once more."""
        ids = [str(row.get("id")) for row in products]
        rows = self._service.among(resource, "id_product", ids, display, **extra)
        arrived = {str(row.get("id")) for row in rows}
        absent = [id for row in products for id in linked(row, resource) if id not in arrived]
        rows += self._service.among(resource, "id", absent, display, **extra)
        hanging: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            hanging[text(row.get("id_product"))].append(row)
        return hanging

    def _learn_names(self, rows: Sequence[Row], parts: Parts) -> None:
        """Read the names that this pull needs, together."""
        self._options.learn(row for many in parts.combinations.values() for row in many)
        self._tags([id for row in rows for id in linked(row, "tags")])
        self._categories(
            [id for row in rows for id in (*linked(row, "categories"), text(row.get("id_category_default")))]
        )

    def _categories(self, ids: Sequence[str]) -> dict[str, Row]:
        return self._facts.named("categories", ids, "id,name")

    def _tags(self, ids: Sequence[str]) -> dict[str, Row]:
        """Tags by id; none where the key may not read them, which the connection check tells."""
        try:
            return self._facts.named("tags", ids, "id,id_lang,name")
        except PermissionMissing:
            return {}

    def _tag_names(self, ids: Sequence[str]) -> list[str]:
        """Names of the tags that are in the language of titles."""
        known, language = self._tags(()), self._facts.language
        rows = [row for id in ids if (row := known.get(id))]
        return [text(row.get("name")) for row in rows if language in {"", text(row.get("id_lang"))}]

    def _category_names(self, ids: Sequence[str]) -> list[str]:
        known = self._categories(())
        return [name for id in ids if (name := text(known.get(id, {}).get("name"), self._facts.language))]

    def _product(self, row: Row, parts: Parts) -> Product | None:
        if str(row.get("state", "1")) == "0":
            return None
        id, language = str(row["id"]), self._facts.language
        title = text(row.get("name"), language)
        if not title:
            raise SenselessError("The product has no name.", "Give it a name in the link's language.")
        return Product(
            id=id,
            title=title,
            variants=self._variants(row, parts),
            handle=text(row.get("link_rewrite"), language),
            description_html=text(row.get("description"), language),
            vendor=text(row.get("manufacturer_name")),
            product_type="".join(self._category_names([text(row.get("id_category_default"))])),
            url=self._page(id),
            images=tuple(Image(n, self._picture(n)) for n in linked(row, "images")),
            tags=tuple(self._tag_names(linked(row, "tags"))),
            categories=tuple(self._category_names(linked(row, "categories"))),
            status=status_of(row),
            tax_included=parts.calculated(row),
            created_at=instant(row.get("date_add"), self._facts.zone),
            updated_at=instant(row.get("date_upd"), self._facts.zone),
        )

    def _variants(self, row: Row, parts: Parts) -> tuple[Variant, ...]:
        parts.refuse_gaps(row)
        found = parts.combinations.get(str(row["id"]), [])
        combinations = sorted(found, key=lambda one: number(one, "id"))
        return tuple(self._variant(row, one, parts) for one in combinations or [{}])

    def _variant(self, row: Row, combination: Row, parts: Parts) -> Variant:
        id = str(row["id"])
        own = combination or row
        price, regular = self._prices(row, combination, parts)
        images = linked(combination, "images")
        options = self._options.of(combination)
        return Variant(
            id=variant_id(id, combination.get("id")),
            price=price,
            sku=text(own.get("reference")),
            barcode=next(filter(None, (text(own.get(name)) for name in BARCODES)), ""),
            title=" / ".join(value for _, value in options),
            compare_at=regular if regular.amount > price.amount else None,
            quantity=self._quantity(row, text(combination.get("id")) or "0", parts.stock.get(id, ())),
            options=options,
            image_url=self._picture(images[0]) if images else "",
            url=self._page(id, text(combination.get("id"))),
            weight_grams=self._weight(row, combination),
        )

    def _prices(self, row: Row, combination: Row, parts: Parts) -> tuple[Money, Money]:
        """(what the buyer pays, what it costs unreduced)."""
        currency = self._facts.currency
        base = money(row, "price", currency) + money(combination, "price", currency)
        own = combination or row
        if not parts.calculated(row):
            return base, base
        final = money(own, "final", currency)
        return final, money(own, "regular", currency) if "regular" in own else final

    def _quantity(self, row: Row, combination: str, stock: Sequence[Row]) -> int | None:
        """Units of the row of this shop, or of its group. No row counts as none: it must not sell what is unknown."""
        if not self._facts.counts_stock:
            return None
        shop = str(self._settings.shop or text(row.get("id_shop_default")) or "1")
        rows = {
            text(one.get("id_shop")): one
            for one in stock
            if text(one.get("id_product_attribute")) == combination
        }
        found = rows.get(shop) or rows.get("0") or {}
        return number(found, "quantity")

    def _weight(self, row: Row, combination: Row) -> int | None:
        unit = GRAMS.get(self._facts.configuration.get("PS_WEIGHT_UNIT", "kg").lower())
        whole = money(row, "weight", "XXX").amount + money(combination, "weight", "XXX").amount
        return round(whole * unit) if unit and whole else None

    def _page(self, product: str, combination: str = "") -> str:
        """An address that works whether or not the shop rewrites them."""
        chosen = f"&id_product_attribute={combination}" if combination else ""
        return f"{self._service.url}/index.php?controller=product&id_product={product}{chosen}"

    def _picture(self, id: str) -> str:
        """Where PrestaShop keeps a picture: one folder a digit."""
        size = f"-{self._settings.image_format}" if self._settings.image_format else ""
        return f"{self._service.url}/img/p/{'/'.join(id)}/{id}{size}.jpg"
