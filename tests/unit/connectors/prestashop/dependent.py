"""A shop that is written to: goods to write, and a look at all that the shop keeps of a product."""

from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from passerelle.connectors.prestashop import Connector
from passerelle.model import Image, Kind, Money, Product, ProductField, ProductStatus, Variant
from passerelle.port import Action, Change, Outcome
from sandbox.prestashop import ALL, Shop, set_tax
from sandbox.prestashop.sample import SAMPLE_KEY

from .connecting import connect

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FRANCE = 8
HANGING = ("combinations", "stock_availables", "specific_prices", "product_customization_fields")
DATES = {"date_upd", "indexed"}


def empty_shop(languages: int = 2, version: str = "8.2.1", rate: str = "20") -> Shop:
    """A shop in Paris, without goods, that sells with that much tax."""
    shop = Shop({SAMPLE_KEY: ALL}, languages=languages, clock=lambda: NOW, version=version)
    set_tax(shop.state, 1, FRANCE, rate)
    shop.state.countries.insert({"iso_code": "FR", "active": 1, "name": "France", "id_zone": 1}, FRANCE)
    for id, (name, parent) in enumerate((("Root", 0), ("Home", 1)), 1):
        shop.state.categories.insert(
            {"id_parent": parent, "active": 1, "name": name, "link_rewrite": "c"}, id
        )
    return shop


def open_to(shop: Shop, **settings: Any) -> Connector:
    """A connector whose new products bear the shop's tax."""
    return connect(shop, **({"tax_rules_group": 1} | settings))


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def variant(id: str, price: str = "11.99", **told: Any) -> Variant:
    return Variant(id=id, price=euros(price), **({"quantity": 5} | told))


def mug(**told: Any) -> Product:
    """A product without choices."""
    whole: dict[str, Any] = {
        "id": "m1",
        "title": "Mug renard",
        "variants": (variant("v1", sku="MUG-1", barcode="3760000000017", weight_grams=350),),
        "handle": "mug-renard",
        "description_html": "<p>Été &amp; 🌿</p>",
        "vendor": "Atelier Œuvre",
        "product_type": "Mugs",
        "tags": ("renard", "cadeau"),
        "categories": ("Mugs", "Maison"),
        "status": ProductStatus.ACTIVE,
    }
    return Product(**(whole | told))


def shirt(**told: Any) -> Product:
    """A product in two sizes and two colours, one of which costs more."""
    variants = tuple(
        variant(
            f"v{size}{colour}",
            "24.99" if size == "L" else "19.99",
            sku=f"SHIRT-{size}-{colour}",
            options=(("Size", size), ("Colour", colour)),
            quantity=3,
            weight_grams=200 if size == "S" else 240,
        )
        for size in ("S", "L")
        for colour in ("Red", "Blue")
    )
    return Product(**({"id": "s1", "title": "Shirt", "variants": variants, "handle": "shirt"} | told))


def pictures(*names: str) -> tuple[Image, ...]:
    return tuple(Image(name, f"https://cdn.example/{name}.jpg") for name in names)


def create(product: Product, reference: str = "", fields: Iterable[ProductField] | None = None) -> Change:
    named = None if fields is None else frozenset(fields)
    return Change(
        product.id,
        Action.CREATE,
        product,
        reference=reference or f"passerelle:lnk_1:{product.id}",
        fields=named,
    )


def update(product: Product, id: str, *fields: ProductField, **told: Any) -> Change:
    return Change(
        product.id, Action.UPDATE, product, destination_id=id, fields=frozenset(fields) or None, **told
    )


def push(connector: Connector, change: Change) -> Outcome:
    (outcome,) = connector.push(Kind.PRODUCTS, [change])
    return outcome


def read(connector: Connector, id: str) -> Product:
    pulled = connector.pull(Kind.PRODUCTS, [id])
    assert (pulled.unreadable, pulled.missing) == ((), ())
    (found,) = pulled.objects
    assert isinstance(found, Product)
    return found


def kept(shop: Shop, id: str) -> dict[str, Any]:
    """All that the shop keeps of a product, but for the date of its last change."""
    number = int(id)
    row = shop.state.products.rows[number]
    whole: dict[str, Any] = {"product": {name: value for name, value in row.items() if name not in DATES}}
    for name in HANGING:
        table = shop.state.tables[name]
        whole[name] = {one: dict(table.rows[one]) for one in table.where("id_product", number)}
    whole["images"] = list(shop.state.images.get(number, ()))
    return deepcopy(whole)


def differences(before: dict[str, Any], after: dict[str, Any], path: str = "") -> set[str]:
    """Where two of those looks differ."""
    found = set()
    for name in before.keys() | after.keys():
        one, other = before.get(name), after.get(name)
        here = f"{path}/{name}".lstrip("/")
        if isinstance(one, dict) and isinstance(other, dict):
            found |= differences(one, other, here)
        elif one != other:
            found.add(here)
    return found
