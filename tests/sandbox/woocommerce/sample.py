"""Shops to play with: the one that the recordings were made of, and generated ones of any size."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from sandbox.woocommerce.app import Shop
from sandbox.woocommerce.auth import Key
from sandbox.woocommerce.goods import Goods
from sandbox.woocommerce.people import People
from sandbox.woocommerce.state import Row
from sandbox.woocommerce.telling import Teller
from sandbox.woocommerce.trade import Trade

RECORDED_KEY = "ck_a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4"
RECORDED_SECRET = "cs_1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d"
READ_ONLY = "ck_readonly"
CONSENT = "mailchimp_woocommerce_is_subscribed"
"""Where Mailchimp's own plugin keeps what a customer ticked."""


def as_recorded(clock: Callable[[], datetime] | None = None) -> Shop:
    """A shop of 10.0.2 on its first day, as it stood before the first recorded write."""
    shop = Shop({RECORDED_KEY: Key(RECORDED_SECRET)}, clock, variations=False, name="Sync Lab")
    teller = Teller(shop.state, "https://127.0.0.1:8081")
    shop.state.user_ids = count(1)
    admin = {"email": "admin@example.com", "username": "admin", "password": "x"}
    People(shop.state, teller).make(admin, "administrator")["date_modified"] = None
    shop.state.happened.clear()
    return shop


def catalogue(
    products: int = 40,
    customers: int = 60,
    orders: int = 30,
    seed: int = 1,
    *,
    coupons: int = 4,
    clock: Callable[[], datetime] | None = None,
    variations: bool = True,
) -> Shop:
    """A generated shop, equal for equal arguments and clock; about a third of the products has variations."""
    shop = Shop(
        {RECORDED_KEY: Key(RECORDED_SECRET)},
        clock,
        variations=variations,
        name="Atelier Sud",
        currency="EUR",
        country="FR",
        zone="Europe/Paris",
    )
    fill(shop, products, customers, orders, seed, coupons=coupons)
    return shop


def fill(shop: Shop, products: int, customers: int, orders: int, seed: int = 1, *, coupons: int = 4) -> None:
    """Put goods, people, orders and coupons into a shop; nothing of it is told by webhook."""
    _Filling(shop, Random(seed)).all(products, customers, orders, coupons)
    shop.state.happened.clear()


NOUNS = ("Mug", "Écharpe", "Affiche", "Carnet", "T-shirt", "Bougie", "手ぬぐい", "Lampe", "Świeca")
KINDS = ("renard", "ours brun", "Straße", "Łódź", "& moi", "d'hiver", "«nuit»", "100 %", "🌿")
FIRST = ("Ana", "Zoë", "Jürgen", "Łukasz", "José", "Chloé", "Søren")
LAST = ("Gómez", "Müller", "D'Angelo", "Lefèvre", "Nowak", "Ó Briain")
SIZES, COLOURS = ("S", "M", "L"), ("Rouge", "Bleu", "Noir")
TURNS = ("processing", "completed", "on-hold", "pending", "cancelled", "completed", "failed")


class _Filling:
    def __init__(self, shop: Shop, chance: Random) -> None:
        self._state, self._chance = shop.state, chance
        self._desk = shop.desk()
        self._goods = Goods(shop.state)
        self._people = People(shop.state, Teller(shop.state, "https://shop.example"))
        self._trade = Trade(shop.state, self._goods)
        self._made: list[tuple[int, int]] = []

    def all(self, products: int, customers: int, orders: int, coupons: int) -> None:
        state = self._state
        state.taxes[next(state.tax_ids)] = _rate("FR", 20)
        for number in range(products):
            self._product(number)
        people = [self._customer(number) for number in range(customers)]
        for number in range(coupons):
            self._desk.act("POST", "/wc/v3/coupons", {}, _coupon(number), {})
        for number in range(orders):
            self._order(number, people)

    def _product(self, number: int) -> None:
        chance = self._chance
        price = f"{chance.randint(3, 90)}.{chance.choice(('00', '50', '90'))}"
        given: Row = {
            "name": f"{chance.choice(NOUNS)} {chance.choice(KINDS)} {number}",
            "sku": f"W-{number:05}",
        }
        given |= {
            "regular_price": price,
            "description": "<p>Made by hand &amp; with care</p>",
            "weight": "0.4",
        }
        given |= {"images": [{"src": f"https://images.example/{number}.jpg"}] if number % 2 else []}
        if number % 3:
            given |= {"manage_stock": number % 5 > 0, "stock_quantity": number % 17}
            row = self._goods.make(given)
            self._made.append((row["id"], 0))
            return
        attributes = [("Taille", SIZES), ("Couleur", COLOURS[: 1 + number % 3])]
        given |= {"type": "variable"}
        given["attributes"] = [
            {"name": name, "visible": True, "variation": True, "options": list(options)}
            for name, options in attributes
        ]
        parent = self._goods.make(given)
        for place, (size, colour) in enumerate((s, c) for s in SIZES for c in attributes[1][1]):
            chosen = [{"name": "Taille", "option": size}, {"name": "Couleur", "option": colour}]
            own: Row = {"sku": f"W-{number:05}-{place}", "regular_price": price, "attributes": chosen}
            own |= {"manage_stock": True, "stock_quantity": chance.randint(0, 30)}
            self._made.append((parent["id"], self._goods.make(own, parent["id"])["id"]))

    def _customer(self, number: int) -> Row:
        chance = self._chance
        first, last = chance.choice(FIRST), chance.choice(LAST)
        email = f"person{number}@customers.example"
        address = {
            "first_name": first,
            "last_name": last,
            "address_1": f"{number} rue du Port",
            "city": "Lyon",
        }
        address |= {"postcode": "69001", "country": "FR", "phone": "+33 6 00 00 00 00"}
        given: Row = {"email": email, "first_name": first, "last_name": last, "billing": address}
        given |= {"shipping": address, "password": "x"}
        if number % 4:
            wish = ("1", "0", "unsubscribed")[number % 3]
            given["meta_data"] = [{"key": CONSENT, "value": wish}]
        row = self._people.make(given)
        row["date_created"] = self._state.now() - timedelta(days=400 - number % 300)
        return row

    def _order(self, number: int, people: list[Row]) -> None:
        chance = self._chance
        buyer = people[number % len(people)] if people and number % 4 else None
        guest = {"email": f"guest{number}@customers.example", "first_name": "Guest", "country": "FR"}
        billing: dict[str, Any] = {**buyer["billing"], "email": buyer["email"]} if buyer else guest
        given: Row = {"billing": billing, "status": TURNS[number % len(TURNS)]}
        given |= {"customer_id": buyer["id"] if buyer else 0}
        chosen = [chance.choice(self._made) for _ in range(1 + number % 3)] if self._made else []
        given["line_items"] = [
            {"product_id": id, "variation_id": variation, "quantity": 1 + number % 2}
            for id, variation in chosen
        ]
        given["shipping_lines"] = [{"method_id": "flat_rate", "method_title": "Flat", "total": "5.00"}]
        row = self._trade.make(given)
        row["date_created"] = self._state.now() - timedelta(days=number % 200, minutes=number)


def _rate(country: str, percent: int) -> Row:
    return {"country": country, "name": "TVA", "rate": Decimal(percent), "shipping": True}


def _coupon(number: int) -> Row:
    given: Row = {"code": f"Code-{number}", "amount": str(5 + number)}
    return given | {"discount_type": ("percent", "fixed_cart", "fixed_product")[number % 3]}
