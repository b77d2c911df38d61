"""Goods to write into a sandbox shop, and what became of them there."""

import copy
from dataclasses import replace
from decimal import Decimal
from typing import Any

from passerelle.model import Image, Kind, Money, Product, ProductField, Variant
from passerelle.port import Action, Change, Outcome
from sandbox.woocommerce import Shop
from sandbox.woocommerce.sample import catalogue

from .connecting import connect

PICTURE = "https://vendor.example/a.jpg"


def empty() -> Shop:
    shop = catalogue(0, 0, 0)
    shop.state.settings["woocommerce_prices_include_tax"].value = "yes"
    return shop


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def mug(**more: Any) -> Product:
    plain = Variant(
        "v1", euros("9.90"), "MUG", "4006381333931", compare_at=euros("12.00"), quantity=4, weight_grams=400
    )
    described = Product("p1", "Mug", (plain,), description_html="<p>A mug</p>", tags=("Gift",))
    return replace(described, **{"categories": ("Cups & Co",), "images": (Image("i", PICTURE),), **more})


def shirt(*sizes: str) -> Product:
    variants = tuple(
        Variant(
            f"s{size}", euros("20.00"), f"TS-{size}", title=size, quantity=number, options=(("Size", size),)
        )
        for number, size in enumerate(sizes or ("S", "M", "L"))
    )
    return Product("p2", "Shirt", variants)


def create(product: Product) -> Change:
    return Change(product.id, Action.CREATE, product, reference=f"passerelle:lnk:products:{product.id}")


def update(product: Product, id: str) -> Change:
    return replace(create(product), action=Action.UPDATE, destination_id=id)


def push(shop: Shop, *changes: Change, kind: Kind = Kind.PRODUCTS) -> list[Outcome]:
    return connect(shop).push(kind, changes)


def pulled(shop: Shop, id: str) -> Product:
    (product,) = connect(shop).pull(Kind.PRODUCTS, [id]).objects
    assert isinstance(product, Product)
    return product


def only(product: Product, id: str, *fields: ProductField, **more: Any) -> Change:
    """An update of these fields."""
    return replace(update(product, id), fields=frozenset(fields), **more)


def held(shop: Shop) -> dict[int, dict[str, Any]]:
    """All the goods of a shop as they are, dates too."""
    return {id: copy.deepcopy(row) for id, row in shop.state.products.items()}


def told(outcome: Outcome) -> set[str]:
    """The codes of what is told beside an outcome."""
    return {each.code for each in outcome.beside}
