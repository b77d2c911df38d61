"""A WooCommerce shop as a play may begin at it; see `origins.Origin`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from passerelle.model import Kind

from sandbox.woocommerce.app import Shop
from sandbox.woocommerce.auth import Key
from sandbox.woocommerce.goods import Goods
from sandbox.woocommerce.sample import CONSENT, RECORDED_KEY, RECORDED_SECRET, fill
from sandbox.woocommerce.state import Row

WISHES = {"SUBSCRIBED": "1", "NOT_SUBSCRIBED": "0", "UNSUBSCRIBED": "unsubscribed"}


@dataclass(slots=True)
class Origin:
    """A WooCommerce shop."""

    clock: Callable[[], datetime]
    shop: Shop = field(init=False)
    platform: str = "woocommerce"
    address: str = "https://woocommerce.example"

    def __post_init__(self) -> None:
        keys = {RECORDED_KEY: Key(RECORDED_SECRET)}
        self.shop = Shop(keys, self.clock, name="Atelier Sud", currency="EUR", country="FR")

    @property
    def credentials(self) -> dict[str, str]:
        """How to get in."""
        return {"url": self.address, "consumer_key": RECORDED_KEY, "consumer_secret": RECORDED_SECRET}

    def fill(self, counts: Mapping[str, int]) -> None:
        """See origins.Origin. An order is of goods."""
        orders = counts.get("orders", 0)
        products = max(2 if orders else 0, counts.get("products", 0))
        fill(self.shop, products, counts.get("customers", 0), orders, coupons=counts.get("promo_codes", 0))

    def ids(self, kind: Kind) -> list[str]:
        """See origins.Origin."""
        if kind is Kind.PRODUCTS:
            return [str(id) for id, row in self.shop.state.products.items() if row["type"] != "variation"]
        tables: Mapping[Kind, Mapping[int, Row]] = {
            Kind.CUSTOMERS: self.shop.state.customers,
            Kind.ORDERS: self.shop.state.orders,
            Kind.PROMO_CODES: self.shop.state.coupons,
        }
        return [str(id) for id in tables[kind]]

    def consent_was(self, place: int, state: str, email: str) -> None:
        """See origins.Origin."""
        row = self._person(place)
        row["email"] = email
        row["meta_data"] = []
        self.shop.acts.consent(row["id"], CONSENT, WISHES[state])

    def email(self, place: int) -> str:
        """See origins.Origin."""
        return str(self._person(place)["email"]).lower()

    def _person(self, place: int) -> Row:
        return list(self.shop.state.customers.values())[place]

    def edit(self, kind: Kind, place: int) -> None:
        """See origins.Origin."""
        id = int(self.ids(kind)[place])
        if kind is Kind.CUSTOMERS:
            self.shop.state.customers[id]["first_name"] = "Changed"
        else:
            Goods(self.shop.state).change(self.shop.state.products[id], {"name": "Changed"})

    def delete(self, kind: Kind, place: int) -> None:
        """See origins.Origin."""
        id = int(self.ids(kind)[place])
        if kind is Kind.CUSTOMERS:
            del self.shop.state.customers[id]
        else:
            self.shop.acts.delete_product(id)

    def add(self, kind: Kind) -> None:
        """See origins.Origin."""
        desk = self.shop.desk()
        if kind is Kind.CUSTOMERS:
            given = {"email": "one.more@example.com", "first_name": "One", "password": "x"}
            desk.act("POST", "/wc/v3/customers", {}, given, {})
        else:
            desk.act("POST", "/wc/v3/products", {}, {"name": "One more", "regular_price": "1"}, {})
