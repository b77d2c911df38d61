"""PrestaShop's stand: a generated shop in Paris."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from conformance.stand import Clock, Stand
from passerelle.connectors.prestashop import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import (
    Consent,
    ConsentState,
    Customer,
    Kind,
    Money,
    Product,
    StockLevel,
    Variant,
)
from passerelle.port import Action, Change, ConsentChange
from sandbox.prestashop import Shop
from sandbox.prestashop.sample import SAMPLE_KEY, catalogue

URL = "https://shop.example"
OF_A_WRITE = {"date_add", "date_upd", "passwd", "secure_key", "last_passwd_gen", "newsletter_date_add"}
CONSENT = {"newsletter", "newsletter_date_add", "ip_registration_newsletter", "date_upd"}


def make(clock: Clock) -> Stand:
    """A newly opened shop."""
    shop = catalogue(6, 8, 6, clock=clock.time)

    def open(client: Client) -> Connector:
        return Connector(Credentials(url=URL, key=SAMPLE_KEY), Settings(), client)

    return Stand(
        platform="prestashop",
        clock=clock,
        origins={URL: shop},
        open=open,
        moods=shop.moods,
        held=lambda: _held(shop),
        secrets=(SAMPLE_KEY,),
        crowd=Kind.CUSTOMERS,
        crowded=lambda: [_join(shop, number) for number in range(1_010)] and None,
        drop=lambda id: shop.state.customers.remove(int(id)),
        join=lambda: _join(shop, 5_000),
        makes={
            Kind.CUSTOMERS: lambda number: _customer(clock, number),
            Kind.PRODUCTS: _product,
            Kind.STOCK: lambda number: _level(shop, number),
        },
        key_of=_key,
        meddles={Kind.PRODUCTS: lambda id: _meddle(shop, int(id))},
        consents=lambda: _consents(clock, shop),
    )


def _join(shop: Shop, number: int) -> str:
    row = {"email": f"crowd{number}@shop.example", "firstname": "Ada", "lastname": "Crowd", "active": "1"}
    return str(shop.state.customers.insert(row))


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
            Variant(f"v{number}{size}", price, f"{sku}-{size}", title=size, options=(("Taille", size),))
            for size in ("M", "XXL")
        )
    product = Product(f"p{number}", f"Cup {number}", variants, description_html="<p>A cup</p>")
    return Change(product.id, Action.CREATE, product, reference=f"passerelle:lnk:products:{product.id}")


def _level(shop: Shop, number: int) -> Change:
    rows = [row for _, row in shop.state.stock_availables if row["id_product_attribute"] != "0"]
    product = rows[number]["id_product"]
    level = StockLevel(f"s{number}", "", 400 + number, product_id=product)
    return Change(level.id, Action.UPDATE, level, f"{product}-{rows[number]['id_product_attribute']}")


def _key(kind: Kind, change: Change) -> str:
    if isinstance(change.object, Customer):
        return change.object.email
    return change.reference if kind is Kind.PRODUCTS else change.id


def _meddle(shop: Shop, id: int) -> Callable[[], Any]:
    shop.state.products.update(id, meta_title="Written by hand", mpn="M-1")
    return lambda: [shop.state.products.rows[id][name] for name in ("meta_title", "mpn", "date_add")]


def _held(shop: Shop) -> Any:
    kept = ("customers", "products", "combinations", "stock_availables", "specific_prices", "categories")
    tables = {name: shop.state.tables[name] for name in kept}
    return {name: {id: _without(row, OF_A_WRITE) for id, row in table} for name, table in tables.items()}


def _without(row: Any, names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _consents(clock: Clock, shop: Shop) -> Any:
    customers = shop.state.customers
    id = next(id for id, row in customers if row["newsletter"] == "0" and row["deleted"] == "0")
    change = ConsentChange(str(id), Consent(ConsentState.SUBSCRIBED, clock.now))
    return (
        change,
        lambda: _without(customers.rows[id], CONSENT),
        lambda: customers.update(id, lastname="Married", note="Calls before noon"),
    )
