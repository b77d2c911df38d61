"""The shops a play may begin at: each platform's sample data and the acts that every shop knows, under one name."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from passerelle.model import Kind
from passerelle.runtime import platform

from sandbox.clocks import Clock
from sandbox.prestashop import ALL
from sandbox.prestashop import Shop as PrestaShopShop
from sandbox.prestashop.generate import fill
from sandbox.prestashop.rules import forget
from sandbox.prestashop.sample import SAMPLE_KEY
from sandbox.prestashop.state import RESOURCES
from sandbox.shopify import Shop as ShopifyShop
from sandbox.shopify import sample
from sandbox.shopify.promotions import discount
from sandbox.shopify.state import Thing

type Counts = Mapping[str, int]
"""Kind → how many, as `products=3`."""


class Origin(Protocol):
    """A shop on its platform. Objects are named by their place in the sample, from 0."""

    @property
    def shop(self) -> Any:
        """The simulator."""

    @property
    def platform(self) -> str:
        """The platform's key."""

    @property
    def address(self) -> str:
        """Where it is."""

    @property
    def credentials(self) -> Mapping[str, str]:
        """How to get in."""

    def fill(self, counts: Counts) -> None:
        """That many of each kind."""

    def ids(self, kind: Kind) -> list[str]:
        """Ids of all that is there, as the sync knows them."""

    def consent_was(self, place: int, state: str, email: str) -> None:
        """A customer who has that e-mail, and SUBSCRIBED, NOT_SUBSCRIBED or UNSUBSCRIBED since before the play."""

    def email(self, place: int) -> str:
        """The e-mail of a customer, in lower case."""

    def edit(self, kind: Kind, place: int) -> None:
        """The merchant changes something that the audience is told."""

    def delete(self, kind: Kind, place: int) -> None:
        """The merchant deletes an object."""

    def add(self, kind: Kind) -> None:
        """One more object appears."""


# --- Shopify -------------------------------------------------------------------------------------------------

TYPES = {
    Kind.PRODUCTS: "Product",
    Kind.CUSTOMERS: "Customer",
    Kind.ORDERS: "Order",
    Kind.CARTS: "AbandonedCheckout",
}


@dataclass(slots=True)
class Shopify:
    """A Shopify shop."""

    clock: Clock
    shop: ShopifyShop = None  # type: ignore[assignment]  # made where none is given
    platform: str = "shopify"

    def __post_init__(self) -> None:
        self.shop = self.shop or ShopifyShop(clock=self.clock.epoch, now=self.clock)

    @property
    def address(self) -> str:
        """Where it is."""
        return self.shop.address

    @property
    def credentials(self) -> dict[str, str]:
        """How to get in."""
        keys = {"access_token": "shpat_sandbox", "client_secret": "shpss_sandbox"}
        return {"shop": self.shop.domain, **keys}

    def fill(self, counts: Counts) -> None:
        """See Origin."""
        products, customers, orders = (counts.get(kind, 0) for kind in ("products", "customers", "orders"))
        self.shop.load(sample.catalogue(products, customers, orders, checkouts=counts.get("carts", 0)))
        if counts.get("promo_codes"):
            self.shop.load([discount(0, counts["promo_codes"])])

    def ids(self, kind: Kind) -> list[str]:
        """See Origin."""
        return [str(number) for number in self.shop.state.shelf(TYPES[kind]).things]

    def consent_was(self, place: int, state: str, email: str) -> None:
        """See Origin."""
        person = self._person(place)
        person["email"] = email
        person["defaultEmailAddress"] = {
            "emailAddress": email,
            "marketingState": state,
            "marketingOptInLevel": None,
            "marketingUpdatedAt": "2026-01-02T00:00:00Z",
            "validFormat": True,
        }

    def email(self, place: int) -> str:
        """See Origin."""
        return str(self._person(place)["email"]).lower()

    def _person(self, place: int) -> Thing:
        return self.shop.state.shelf("Customer").things[sample.FIRST_CUSTOMER + place]

    def _gid(self, kind: Kind, place: int) -> str:
        return f"gid://shopify/{TYPES[kind]}/{self.ids(kind)[place]}"

    def edit(self, kind: Kind, place: int) -> None:
        """See Origin."""
        changes = {"firstName": "Changed"} if kind is Kind.CUSTOMERS else {"title": "Changed"}
        self.shop.life.edit(self._gid(kind, place), **changes)

    def delete(self, kind: Kind, place: int) -> None:
        """See Origin."""
        self.shop.life.delete(self._gid(kind, place))

    def add(self, kind: Kind) -> None:
        """See Origin."""
        self.shop.life.add(sample.customer(9_000) if kind is Kind.CUSTOMERS else sample.product(9_000))


# --- PrestaShop ----------------------------------------------------------------------------------------------

TABLES = {
    Kind.PRODUCTS: "products",
    Kind.CUSTOMERS: "customers",
    Kind.ORDERS: "orders",
    Kind.CARTS: "carts",
    Kind.PROMO_CODES: "cart_rules",
}
SEED = 1


@dataclass(slots=True)
class PrestaShop:
    """A PrestaShop shop."""

    clock: Clock
    shop: PrestaShopShop = field(init=False)
    platform: str = "prestashop"
    address: str = "https://prestashop.example"

    def __post_init__(self) -> None:
        self.shop = PrestaShopShop({SAMPLE_KEY: ALL}, clock=self.clock, name="Maison Sandbox")

    @property
    def credentials(self) -> dict[str, str]:
        """How to get in."""
        return {"url": self.address, "key": SAMPLE_KEY}

    def fill(self, counts: Counts) -> None:
        """See Origin. An order and a cart are of goods and somebody's."""
        orders, carts = counts.get("orders", 0), counts.get("carts", 0)
        least = 2 if orders or carts else 0
        products, customers = (max(least, counts.get(kind, 0)) for kind in ("products", "customers"))
        codes = [f"CODE{number}" for number in range(counts.get("promo_codes", 0))]
        fill(self.shop.state, products, customers, orders, SEED, carts=carts, codes=codes)
        for id, row in self.shop.state.cart_rules:
            if row["code"]:
                self.shop.state.cart_rules.update(id, reduction_percent="10")

    def ids(self, kind: Kind) -> list[str]:
        """See Origin."""
        return [str(id) for id in self.shop.state.tables[TABLES[kind]].ids()]

    def consent_was(self, place: int, state: str, email: str) -> None:
        """See Origin."""
        asked = "0000-00-00 00:00:00" if state == "NOT_SUBSCRIBED" else "2026-01-02 01:00:00"
        wants = int(state == "SUBSCRIBED")
        self.shop.state.customers.update(
            place + 1, email=email, newsletter=wants, newsletter_date_add=asked, is_guest=0
        )

    def email(self, place: int) -> str:
        """See Origin."""
        return str(self.shop.state.customers.rows[place + 1]["email"]).lower()

    def edit(self, kind: Kind, place: int) -> None:
        """See Origin."""
        changes = {"firstname": "Changed"} if kind is Kind.CUSTOMERS else {"name": "Changed"}
        table = self.shop.state.tables[TABLES[kind]]
        table.update(table.ids()[place], **changes, date_upd=self.shop.state.now())

    def delete(self, kind: Kind, place: int) -> None:
        """See Origin."""
        name = TABLES[kind]
        forget(self.shop.state, RESOURCES[name], self.shop.state.tables[name].ids()[place])

    def add(self, kind: Kind) -> None:
        """See Origin."""
        wanted = (0, 1) if kind is Kind.CUSTOMERS else (1, 0)
        fill(self.shop.state, *wanted, 0, SEED + 1, carts=0, codes=())
        if kind is Kind.CUSTOMERS:
            id = self.shop.state.customers.ids()[-1]
            self.shop.state.customers.update(id, email="one.more@example.com")


def _found() -> dict[str, Callable[[Clock], Origin]]:
    """The origins that simulators bring along: `sandbox/<platform>/origin.py` with a class `Origin`."""
    names = sorted(each.parent.name for each in Path(__file__).parent.glob("*/origin.py"))
    return {name: importlib.import_module(f"sandbox.{name}.origin").Origin for name in names}


ORIGINS: Mapping[str, Callable[[Clock], Origin]] = {
    "shopify": Shopify,
    "prestashop": PrestaShop,
    **_found(),
}
PLATFORMS: Sequence[str] = tuple(name for name in ORIGINS if Kind.CARTS in platform(name).OFFERS)
"""Those that have every kind, and so a part in every play."""
