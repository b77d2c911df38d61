"""Magento's stand: a generated shop whose input limits are on, so that a page is soon full."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from conformance.stand import Clock, Stand
from passerelle.connectors.magento import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import (
    Address,
    Consent,
    ConsentState,
    Customer,
    FinancialStatus,
    FulfillmentStatus,
    Fulfilment,
    Kind,
    Money,
    Order,
    OrderLine,
    Product,
    StockLevel,
    Tracking,
    Variant,
)
from passerelle.port import Action, Change, ConsentChange
from sandbox.magento import EVERYTHING, InputLimits, Integration, Shop
from sandbox.magento.generate import shop_of

URL = "https://shop.example"
KEYS = Integration("ck_conformance", "cs_conformance", "at_conformance", "ats_conformance")
OF_A_WRITE = {"id", "created_at", "updated_at", "item_id", "product_id", "links", "attributes", "options"}


def make(clock: Clock) -> Stand:
    """A newly opened shop."""
    shop = shop_of(6, 8, 14, clock=clock.time, limits=InputLimits(), integrations=(KEYS,))
    shop.guard.tokens["other"] = frozenset({EVERYTHING})

    def open(client: Client) -> Connector:
        keys = {
            "consumer_key": KEYS.consumer_key,
            "consumer_secret": KEYS.consumer_secret,
            "access_token": KEYS.token,
            "access_token_secret": KEYS.token_secret,
        }
        return Connector(Credentials(url=URL, **keys), Settings(), client, clock.time)

    return Stand(
        platform="magento",
        clock=clock,
        origins={URL: shop},
        open=open,
        moods=shop.moods,
        held=lambda: _held(shop),
        secrets=(KEYS.consumer_secret, KEYS.token, KEYS.token_secret),
        crowd=Kind.CUSTOMERS,
        crowded=lambda: [_join(shop, number) for number in range(310)] and None,
        drop=lambda id: shop.state.customers.pop(int(id)) and None,
        join=lambda: _join(shop, 5_000),
        makes={
            Kind.CUSTOMERS: lambda number: _customer(clock, number),
            Kind.PRODUCTS: _product,
            Kind.STOCK: lambda number: _level(shop, number),
            Kind.ORDERS: lambda number: _order(clock, number),
            Kind.FULFILMENTS: lambda number: _parcel(shop, number),
        },
        key_of=_key,
        meddles={Kind.PRODUCTS: lambda sku: _meddle(shop, sku)},
        consents=lambda: _consents(clock, shop),
    )


def _join(shop: Shop, number: int) -> str:
    id = shop.state.number("customer")
    row: dict[str, Any] = {"id": id, "email": f"crowd{number}@shop.example", "firstname": "Ada"}
    row |= {"lastname": "Crowd", "website_id": 1, "store_id": 1, "group_id": 1, "addresses": []}
    shop.state.customers[id] = row | {"extension_attributes": {"is_subscribed": False}}
    return str(id)


def _customer(clock: Clock, number: int) -> Change:
    consent = Consent(ConsentState.SUBSCRIBED, clock.now - timedelta(days=1))
    person = Customer(f"m{number}", f"new{number}@shop.example", consent, "Ada", "Lovelace")
    return Change(person.id, Action.CREATE, person)


def _product(number: int) -> Change:
    """The first and the third have no choices, the second has two variants."""
    price = Money(Decimal("12.50"), "USD")
    sku = f"MADE-{number}"
    variants = (Variant(f"v{number}", price, sku, quantity=3),)
    if number == 2:
        variants = tuple(
            Variant(f"v{number}{size}", price, f"{sku}-{size}", title=size, options=(("Taille", size),))
            for size in ("M", "XXL")
        )
    product = Product(f"p{number}", f"Cup {number}", variants, description_html="<p>A cup</p>")
    return Change(product.id, Action.CREATE, product, reference=sku)


def _level(shop: Shop, number: int) -> Change:
    sku = sorted(row["sku"] for row in shop.state.products.values() if row["type_id"] == "simple")[number]
    level = StockLevel(f"s{number}", sku, 400 + number, by_location=(("default", 400 + number),))
    return Change(level.id, Action.UPDATE, level)


def _order(clock: Clock, number: int) -> Change:
    price = Money(Decimal(1), "USD")
    line = OrderLine(f"l{number}", "A thing", 1, price, sku="SKU-00002")
    where = Address("1 rue de l'Été", city="Paris", postal_code="75002", country="FR", phone="0102030405")
    order = Order(
        id=f"o{number}",
        number=f"o{number}",
        email=f"buyer{number}@example.com",
        status="pending",
        financial_status=FinancialStatus.PENDING,
        fulfillment_status=FulfillmentStatus.UNFULFILLED,
        total=price,
        lines=(line,),
        placed_at=clock.now,
        first_name="Ada",
        last_name="Lovelace",
        shipping_address=where,
    )
    return Change(order.id, Action.CREATE, order, reference=f"passerelle:orders:{number}")


def _parcel(shop: Shop, number: int) -> Change:
    # The orders of the sample that nobody paid or cancelled, whatever was shipped of them since.
    rows = shop.state.orders.items()
    waiting = sorted(id for id, row in rows if not row.get("total_paid") and row["state"] != "canceled")
    tracking = Tracking(f"1Z{number}", "UPS")
    parcel = Fulfilment(f"f{number}", str(waiting[number - 1]), (), (tracking,))
    return Change(parcel.id, Action.CREATE, parcel, reference=f"passerelle:fulfilments:{number}")


def _key(kind: Kind, change: Change) -> str:
    if isinstance(change.object, Customer):
        return change.object.email
    return change.reference if kind in {Kind.PRODUCTS, Kind.ORDERS} else change.id


def _held(shop: Shop) -> Any:
    state = shop.state
    skus = {id: row["sku"] for id, row in state.products.items()}
    return {
        "customers": {row["email"]: _without(row, OF_A_WRITE) for row in state.customers.values()},
        "products": {
            row["sku"]: _without(row, OF_A_WRITE) | {"links": [skus[id] for id in row["links"]]}
            for row in state.products.values()
        },
        "stock": dict(state.source_items),
        "orders": sorted(
            (row["customer_email"], row["status"], row["grand_total"], row["billing_address"].get("fax", ""))
            for row in state.orders.values()
        ),
        "shipments": [
            (row["order_id"], row["comments"][0]["comment"], [one["track_number"] for one in row["tracks"]])
            for row in state.shipments.values()
            if row["comments"]
        ],
        "options": {code: [one["label"] for one in row["options"]] for code, row in state.attributes.items()},
    }


def _without(row: Any, names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _meddle(shop: Shop, id: str) -> Callable[[], Any]:
    attributes = shop.state.products[int(id)]["attributes"]
    attributes["meta_keyword"] = "written by hand"
    return lambda: shop.state.products[int(id)]["attributes"].get("meta_keyword")


def _consents(clock: Clock, shop: Shop) -> Any:
    customers = shop.state.customers
    held = next(row for row in customers.values() if not row["extension_attributes"]["is_subscribed"])
    change = ConsentChange(str(held["id"]), Consent(ConsentState.SUBSCRIBED, clock.now))
    return (
        change,
        lambda: _without(held, {"extension_attributes", "updated_at"}),
        lambda: held.update(lastname="Married", taxvat="FR123"),
    )
