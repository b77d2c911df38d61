"""A Magento shop as the place where a play begins (see sandbox/origins.py)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from passerelle.model import Kind

from sandbox.magento import products
from sandbox.magento.app import TOKEN, Shop
from sandbox.magento.generate import fill
from sandbox.magento.state import Row

SEED = 1


@dataclass(slots=True)
class Origin:
    """A Magento shop with input limits off. Its customers either have the newsletter or do not."""

    clock: Callable[[], datetime]
    shop: Shop = field(init=False)
    platform: str = "magento"
    address: str = "https://magento.example"

    def __post_init__(self) -> None:
        self.shop = Shop(clock=self.clock)

    @property
    def credentials(self) -> dict[str, str]:
        """How to get in."""
        return {"url": self.address, "token": TOKEN}

    def fill(self, counts: Mapping[str, int]) -> None:
        """That many of each kind. An order and a cart are of goods and somebody's."""
        orders, carts = counts.get("orders", 0), counts.get("carts", 0)
        least = 2 if orders or carts else 0
        goods, people = (max(least, counts.get(kind, 0)) for kind in ("products", "customers"))
        codes = [f"CODE{number}" for number in range(counts.get("promo_codes", 0))]
        fill(self.shop.state, goods, people, orders, SEED, carts=carts, codes=codes)

    def _rows(self, kind: Kind) -> dict[int, Row]:
        state = self.shop.state
        if kind is Kind.PRODUCTS:
            return {id: row for id, row in state.products.items() if row["visibility"] != 1}
        if kind is Kind.CARTS:
            return {
                id: row
                for id, row in state.carts.items()
                if row["is_active"] and row["customer"] and row["items"]
            }
        rest = {Kind.CUSTOMERS: state.customers, Kind.ORDERS: state.orders, Kind.PROMO_CODES: state.coupons}
        return rest[kind]

    def ids(self, kind: Kind) -> list[str]:
        """Ids of all that is there, as the sync knows them."""
        return [str(id) for id in sorted(self._rows(kind))]

    def consent_was(self, place: int, state: str, email: str) -> None:
        """A customer who has that e-mail, and the newsletter or not: the shop knows no more."""
        row = self._person(place)
        row |= {"email": email, "extension_attributes": {"is_subscribed": state == "SUBSCRIBED"}}

    def email(self, place: int) -> str:
        """The e-mail of a customer, in lower case."""
        return str(self._person(place)["email"]).lower()

    def _person(self, place: int) -> Any:
        return self.shop.state.customers[place + 1]

    def edit(self, kind: Kind, place: int) -> None:
        """The merchant changes something that the audience is told."""
        row = self._rows(kind)[int(self.ids(kind)[place])]
        row["firstname" if kind is Kind.CUSTOMERS else "name"] = "Changed"
        self.shop.state.touch(row)

    def delete(self, kind: Kind, place: int) -> None:
        """The merchant deletes an object."""
        id = int(self.ids(kind)[place])
        if kind is Kind.PRODUCTS:
            products.delete(self.shop.state, self.shop.state.products[id]["sku"])
        else:
            del self._rows(kind)[id]

    def add(self, kind: Kind) -> None:
        """One more object appears."""
        wanted = (0, 1) if kind is Kind.CUSTOMERS else (1, 0)
        fill(self.shop.state, *wanted, 0, SEED + 1, carts=0, codes=())
