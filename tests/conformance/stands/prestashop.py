"""PrestaShop's stand: a generated shop in Paris."""

from datetime import timedelta
from typing import Any

from conformance.stand import Clock, Stand
from passerelle.connectors.prestashop import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Consent, ConsentState, Customer, Kind
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
        makes={Kind.CUSTOMERS: lambda number: _customer(clock, number)},
        consents=lambda: _consents(clock, shop),
    )


def _join(shop: Shop, number: int) -> str:
    row = {"email": f"crowd{number}@shop.example", "firstname": "Ada", "lastname": "Crowd", "active": "1"}
    return str(shop.state.customers.insert(row))


def _customer(clock: Clock, number: int) -> Change:
    consent = Consent(ConsentState.SUBSCRIBED, clock.now - timedelta(days=1))
    person = Customer(f"m{number}", f"new{number}@shop.example", consent, "Ada", "Lovelace")
    return Change(person.id, Action.CREATE, person)


def _held(shop: Shop) -> Any:
    return {id: _without(row, OF_A_WRITE) for id, row in shop.state.customers}


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
