"""WooCommerce's stand: a generated shop over https."""

import copy
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from conformance.stand import Clock, Stand
from passerelle.connectors.woocommerce import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import (
    Address,
    Consent,
    ConsentState,
    Customer,
    Engagement,
    FinancialStatus,
    FulfillmentStatus,
    Kind,
    Money,
    Order,
    OrderLine,
    Product,
    StockLevel,
    Variant,
)
from passerelle.port import Action, Change, ConsentChange
from sandbox.woocommerce import Shop
from sandbox.woocommerce.sample import RECORDED_KEY, RECORDED_SECRET, catalogue

URL = "https://shop.example"
CROWD = 130
OF_A_WRITE = {"id", "date_created", "date_modified", "parent_id", "order_key", "cart_hash", "number"}


def make(clock: Clock) -> Stand:
    """A newly opened shop."""
    shop = catalogue(8, 8, 6, clock=clock.time)
    # What is written here is priced with tax.
    shop.state.settings["woocommerce_prices_include_tax"].value = "yes"

    def open(client: Client) -> Connector:
        keys = {"consumer_key": RECORDED_KEY, "consumer_secret": RECORDED_SECRET}
        return Connector(Credentials(url=URL, **keys), Settings(), client, clock.epoch)

    return Stand(
        platform="woocommerce",
        clock=clock,
        origins={URL: shop},
        open=open,
        moods=shop.moods,
        held=lambda: _held(shop),
        secrets=(RECORDED_SECRET,),
        crowd=Kind.CUSTOMERS,
        crowded=lambda: [_join(shop, number) for number in range(CROWD)] and None,
        drop=lambda id: shop.state.customers.pop(int(id)) and None,
        join=lambda: _join(shop, 5_000),
        makes={
            Kind.CUSTOMERS: lambda number: _customer(clock, number),
            Kind.PRODUCTS: _product,
            Kind.STOCK: lambda number: _level(shop, number),
            Kind.ORDERS: lambda number: _order(clock, shop, number),
            Kind.ENGAGEMENT: lambda number: _engagement(clock, shop, number),
        },
        key_of=_key,
        meddles={Kind.PRODUCTS: lambda id: _meddle(shop, int(id))},
        deliver=lambda: _deliver(shop),
        consents=lambda: _consents(clock, shop),
    )


def _join(shop: Shop, number: int) -> str:
    given = {"email": f"crowd{number}@shop.example", "first_name": "Ada", "password": "x"}
    return str(shop.desk().act("POST", "/wc/v3/customers", {}, given, {}).body["id"])


def _customer(clock: Clock, number: int) -> Change:
    consent = Consent(ConsentState.SUBSCRIBED, clock.now - timedelta(days=1))
    person = Customer(f"m{number}", f"new{number}@shop.example", consent, "Ada", "Lovelace")
    return Change(person.id, Action.CREATE, person)


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


def _simple(shop: Shop) -> list[tuple[int, str]]:
    rows = sorted(shop.state.products.items())
    return [
        (id, row["sku"]) for id, row in rows if row["type"] == "simple" and row["sku"] and row["manage_stock"]
    ]


def _level(shop: Shop, number: int) -> Change:
    id, sku = _simple(shop)[number]
    return Change(sku, Action.UPDATE, StockLevel(sku, sku, 400 + number), f"{id}-0")


def _order(clock: Clock, shop: Shop, number: int) -> Change:
    price, (_, sku) = Money(Decimal(5), "EUR"), _simple(shop)[0]
    order = Order(
        id=f"o{number}",
        number=f"100{number}",
        email=f"buyer{number}@example.com",
        status="paid",
        financial_status=FinancialStatus.PAID,
        fulfillment_status=FulfillmentStatus.UNFULFILLED,
        total=price,
        lines=(OrderLine(f"l{number}", "A thing", 1, price, sku=sku),),
        placed_at=clock.now,
        shipping_address=Address("1 rue du Port", city="Lyon", postal_code="69001", country="FR"),
    )
    return Change(order.id, Action.CREATE, order, reference=f"passerelle:lnk:orders:{order.id}")


def _engagement(clock: Clock, shop: Shop, number: int) -> Change:
    id = str(sorted(shop.state.customers)[number])
    told = Engagement(id, f"contact{number}", clock.now - timedelta(days=2), clock.now - timedelta(days=1))
    return Change(id, Action.UPDATE, told, destination_id=id)


def _key(kind: Kind, change: Change) -> str:
    thing = change.object
    if isinstance(thing, Customer):
        return thing.email
    if isinstance(thing, Product):
        return thing.variants[0].sku
    return thing.sku if isinstance(thing, StockLevel) else change.reference


def _held(shop: Shop) -> Any:
    state = shop.state
    tables = {"customers": state.customers, "products": state.products, "orders": state.orders}
    return {
        name: [_without(row, OF_A_WRITE) for _, row in sorted(rows.items())] for name, rows in tables.items()
    }


def _without(row: Any, names: set[str]) -> dict[str, Any]:
    return copy.deepcopy({name: value for name, value in row.items() if name not in names})


def _deliver(shop: Shop) -> tuple[Mapping[str, str], bytes]:
    heard: list[tuple[Mapping[str, str], bytes]] = []

    def post(_url: str, headers: Mapping[str, str], body: bytes) -> int:
        heard.append((dict(headers), body))
        return 200

    shop.hooks.post = post
    shop.deliver()
    heard.clear()
    shop.acts.rename_product(_simple(shop)[0][0], "Nouveau")
    shop.deliver()
    return heard[-1]


def _meddle(shop: Shop, id: int) -> Callable[[], Any]:
    row = shop.state.products[id]
    own = {"purchase_note": "Handle with care", "menu_order": 7, "sold_individually": True}
    row.update(own)
    row["meta_data"] = shop.state.meta([{"key": "_of_a_plugin", "value": "kept"}], row["meta_data"])
    return lambda: (
        {name: shop.state.products[id][name] for name in own},
        [one["value"] for one in shop.state.products[id]["meta_data"] if one["key"] == "_of_a_plugin"],
    )


def _consents(clock: Clock, shop: Shop) -> Any:
    id, row = next((id, row) for id, row in shop.state.customers.items() if not row["meta_data"])
    change = ConsentChange(str(id), Consent(ConsentState.SUBSCRIBED, clock.now))
    return (
        change,
        lambda: _without(row, {"meta_data", "date_modified"}),
        lambda: row.update(last_name="Married"),
    )
