"""Shopify's stand: a generated shop."""

import copy
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from conformance.stand import Clock, Stand
from passerelle.connectors.shopify import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import (
    Consent,
    ConsentState,
    Customer,
    Engagement,
    Kind,
    Money,
    Product,
    StockLevel,
    Variant,
)
from passerelle.port import Action, Change, ConsentChange
from sandbox.shopify import Shop, sample
from sandbox.shopify.promotions import discount
from sandbox.shopify.state import gid

TOKEN, SECRET = "shpat_0123456789abcdef", "shpss_0123456789abcdef"
DOMAIN = "sample.myshopify.com"
CROWD = 260


def make(clock: Clock) -> Stand:
    """A newly opened shop."""
    shop = Shop(DOMAIN, {TOKEN: Shop.ALL_SCOPES}, SECRET, clock=clock.epoch, now=clock.time)
    shop.load([*sample.catalogue(6, 8, 6, checkouts=3), discount(0, 3)])

    def open(client: Client) -> Connector:
        credentials = Credentials(shop=DOMAIN, access_token=TOKEN, client_secret=SECRET)
        return Connector(credentials, Settings(), client, clock=clock.epoch)

    return Stand(
        platform="shopify",
        clock=clock,
        origins={shop.address: shop},
        open=open,
        moods=shop.moods,
        held=lambda: _held(shop),
        secrets=(TOKEN, SECRET),
        crowd=Kind.CUSTOMERS,
        crowded=lambda: shop.load([sample.customer(place) for place in range(8, CROWD)]),
        drop=lambda id: shop.life.delete(gid("Customer", id)),
        join=lambda: shop.life.add(sample.customer(CROWD + 1)).rpartition("/")[2],
        makes={
            Kind.CUSTOMERS: lambda number: _customer(clock, number),
            Kind.ENGAGEMENT: lambda number: _engagement(clock, number),
            Kind.STOCK: lambda number: _level(shop, number),
            Kind.PRODUCTS: _product,
        },
        key_of=_key,
        meddles={Kind.PRODUCTS: lambda id: _meddle(shop, id)},
        deliver=lambda: _deliver(shop),
        hook_secret=SECRET,
        consents=lambda: _consents(clock, shop),
    )


def _customer(clock: Clock, number: int) -> Change:
    consent = Consent(ConsentState.SUBSCRIBED, clock.now - timedelta(days=1))
    person = Customer(f"m{number}", f"new{number}@shop.example", consent, "Ada", "Lovelace")
    return Change(person.id, Action.CREATE, person)


def _engagement(clock: Clock, number: int) -> Change:
    id = str(sample.FIRST_CUSTOMER + number)
    told = Engagement(id, f"contact{number}", clock.now - timedelta(days=2), clock.now - timedelta(days=1))
    return Change(id, Action.UPDATE, told, destination_id=id)


def _product(number: int) -> Change:
    """The first and the third have no choices, the second has two variants."""
    price, sku = Money(Decimal("12.50"), "EUR"), f"MADE-{number}"
    variants = (Variant(f"v{number}", price, sku, quantity=3),)
    if number == 2:
        variants = tuple(
            Variant(f"v{number}{size}", price, f"{sku}-{size}", title=size, options=(("Size", size),))
            for size in ("M", "XXL")
        )
    product = Product(f"p{number}", f"Cup {number}", variants, description_html="<p>A cup</p>")
    return Change(product.id, Action.CREATE, product, reference=f"passerelle:lnk:products:{product.id}")


def _meddle(shop: Shop, id: str) -> Callable[[], Any]:
    """Somebody at the shop gives a product another template, and a note of theirs."""
    product = shop.state.shelf("Product").things[int(id)]
    product["templateSuffix"] = "special"
    product["metafields_held"]["theirs.note"] = {"value": "Fragile"}

    def look() -> Any:
        held = shop.state.shelf("Product").things[int(id)]
        return {name: value for name, value in _still(held).items() if name != "title"}

    return look


def _key(kind: Kind, change: Change) -> str:
    thing = change.object
    if isinstance(thing, Product):
        return thing.variants[0].sku
    return thing.email if isinstance(thing, Customer) else change.reference


def _level(shop: Shop, number: int) -> Change:
    """New units for the n-th variant that is tracked."""
    variants = [
        variant
        for _, variant in sorted(shop.state.shelf("ProductVariant").things.items())
        if variant["inventoryItem"]["tracked"]
    ]
    id = variants[number]["legacyResourceId"]
    return Change(id, Action.UPDATE, StockLevel(id, "", 400 + number), destination_id=id)


def _held(shop: Shop) -> Any:
    kinds = ("Customer", "InventoryItem", "Product")
    return {
        kind: {number: _still(thing) for number, thing in shop.state.shelf(kind).things.items()}
        for kind in kinds
    }


def _still(thing: Any) -> Any:
    return copy.deepcopy(
        {name: value for name, value in thing.items() if name not in {"updatedAt", "createdAt"}}
    )


def _consents(clock: Clock, shop: Shop) -> Any:
    place, number = 3, sample.FIRST_CUSTOMER + 3
    shop.load([sample.customer(place, consent="NOT_SUBSCRIBED")])
    things = shop.state.shelf("Customer").things
    change = ConsentChange(str(number), Consent(ConsentState.SUBSCRIBED, clock.now))

    def others() -> Any:
        return {
            name: value for name, value in _still(things[number]).items() if name != "defaultEmailAddress"
        }

    return (
        change,
        others,
        lambda: shop.life.edit(gid("Customer", number), lastName="Married", note="Calls before noon"),
    )


def _deliver(shop: Shop) -> tuple[Mapping[str, str], bytes]:
    shop.life.edit(gid("Product", sample.FIRST_PRODUCT), title="Nouveau")
    (delivery,) = shop.deliveries()
    return delivery.headers, delivery.body
