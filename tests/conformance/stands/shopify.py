"""Shopify's stand: a generated shop."""

import copy
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from conformance.stand import Clock, Stand
from passerelle.connectors.shopify import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Consent, ConsentState, Customer, Engagement, Kind, StockLevel
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
        },
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
    kinds = ("Customer", "InventoryItem")
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
