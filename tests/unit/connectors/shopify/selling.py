"""Goods of a main store, to be written into a shop, and looks at all that the shop holds."""

import copy
from dataclasses import replace
from decimal import Decimal

from passerelle.model import Image, Kind, Money, Product, ProductField, ProductStatus, Variant
from passerelle.port import Action, Change
from sandbox.shopify.state import gid

TEXTS = frozenset({ProductField.TITLE, ProductField.DESCRIPTION, ProductField.TAGS, ProductField.STATUS})


def money(text):
    return Money(Decimal(text), "EUR")


def variant(id="a", *options, **more):
    given = {"sku": f"MADE-{id}", "quantity": 3, "weight_grams": 250, **more}
    return Variant(id, money(given.pop("price", "12.50")), options=options, **given)


def cup(id="p1", *variants, **more):
    given = {
        "title": "Tasse – 茶碗 🍵",
        "handle": "tasse",
        "description_html": "<p>Fait main</p>",
        "vendor": "Maison Ève",
        "product_type": "Cuisine",
        "tags": ("été", "neuf"),
        "images": (
            Image("1", "https://main.example/one.jpg", "Face"),
            Image("2", "https://main.example/two.png"),
        ),
        **more,
    }
    sizes = tuple(variant(f"{id}-{size}", ("Taille", size)) for size in ("M", "L"))
    return Product(id, variants=variants or sizes, **given)


def create(product, **more):
    return Change(
        product.id, Action.CREATE, product, reference=f"passerelle:lnk:products:{product.id}", **more
    )


def update(product, there, *fields, **more):
    chosen = frozenset(fields) if fields else None
    return Change(product.id, Action.UPDATE, product, there, fields=chosen, **more)


def push(world, *changes):
    return world.connector.push(Kind.PRODUCTS, list(changes))


def made(world, product):
    """The product made there: its id and its variants."""
    (outcome,) = push(world, create(product))
    return outcome.destination_id, dict(outcome.variants)


def raw(world, id):
    """All that the shop holds of a product, save dates and how far pictures are."""
    return still(world.shop.state.get(gid("Product", id)))


def still(thing):
    if isinstance(thing, dict):
        hidden = {"updatedAt", "looks_left"}
        return {name: still(value) for name, value in thing.items() if name not in hidden}
    return [still(each) for each in thing] if isinstance(thing, list) else copy.deepcopy(thing)


def read(world, id):
    (product,) = world.connector.pull(Kind.PRODUCTS, [id]).objects
    return product


def writes(world):
    return [call.note or call.path for call in world.shop.calls if call.is_write]


def as_draft(product):
    return replace(product, status=ProductStatus.DRAFT)
