"""The demo's catalogue: a main store, and two dependent stores of other accounts on other platforms.

A Shopify shop feeds a PrestaShop shop, linked by the main store's connection key, and a WooCommerce shop, invited by
its address. All three are served on this machine, with a host of pictures.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from passerelle.cli.progress import finished
from passerelle.cli.service import Service

from sandbox.outlets import OUTLETS
from sandbox.pictures import Pictures
from sandbox.prestashop.merchant import credentials as prestashop_keys
from sandbox.prestashop.sample import RECORDED_KEY, SAMPLE_KEY
from sandbox.server import serve
from sandbox.shopify import Shop, sample
from sandbox.shopify.state import gid
from sandbox.shopify.webhooks import Delivery
from sandbox.woocommerce.merchant import credentials as woocommerce_keys

MAIN = "maison-mere.myshopify.com"
TOKEN, SECRET = "shpat_catalogue", "shpss_catalogue"
FILES = "https://cdn.shopify.com"
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Now:
    """This machine's clock."""

    def __call__(self) -> datetime:
        """The instant."""
        return datetime.now(UTC)

    def epoch(self) -> float:
        """Seconds since 1970."""
        return time.time()


@dataclass(frozen=True, slots=True)
class Branches:
    """The three shops. `routes`: the public origins under which the local stage reaches them."""

    main: Shop
    dependents: Mapping[str, Any]
    """Platform → simulator."""
    credentials: Mapping[str, Mapping[str, str]]
    """Platform → the form by which its shop is connected."""
    routes: Mapping[str, str]

    def writes(self) -> dict[str, int]:
        """How many writes each dependent store took since they were last forgotten."""
        return {platform: len(shop.calls.writes) for platform, shop in self.dependents.items()}

    def forget_calls(self) -> None:
        """Begin to count anew."""
        for shop in self.dependents.values():
            shop.calls.clear()

    def price(self, platform: str, sku: str) -> str:
        """What a buyer pays for this SKU at a dependent store, as the shop keeps it."""
        if platform == "woocommerce":
            rows = self.dependents[platform].state.products.values()
            return next(str(row["regular_price"]) for row in rows if row["sku"] == sku)
        state = self.dependents[platform].state
        (id,) = state.products.where("reference", sku)
        return f"{float(state.products.rows[id]['price']) * 1.2:.2f}"


def _main(products: int) -> Shop:
    """A shop whose variants all have a SKU, as one that feeds others needs."""
    shop = Shop(MAIN, {TOKEN: Shop.ALL_SCOPES}, SECRET, rate=1_000, bucket=20_000, local_hooks=True)
    goods = [sample.product(place) for place in range(products)]
    for product in goods:
        product["status"] = "ACTIVE"
        for variant in product["variants"]:
            variant["sku"] = variant["sku"] or f"SKU-{variant['legacyResourceId']}"
    shop.load(goods)
    return shop


@contextmanager
def branches(products: int, port: int = 0) -> Iterator[Branches]:
    """Open the shops on `port` and those after it (0: any that are free) for as long as the block lasts."""
    main, now = _main(products), Now()
    prestashop = OUTLETS["prestashop"](now, "Boutique Est").shop
    prestashop.keys[RECORDED_KEY] = prestashop.keys[SAMPLE_KEY]
    woocommerce = OUTLETS["woocommerce"](now, "Boutique Ouest").shop
    with ExitStack() as stack:
        urls = [
            stack.enter_context(serve(app, port + number if port else 0)).url
            for number, app in enumerate((main, prestashop, woocommerce, Pictures()))
        ]
        keys = {
            "shopify": {"shop": MAIN, "access_token": TOKEN, "client_secret": SECRET},
            "prestashop": prestashop_keys(urls[1]),
            "woocommerce": woocommerce_keys(urls[2]),
        }
        routes = {f"https://{MAIN}": urls[0], FILES: urls[3]}
        yield Branches(main, {"prestashop": prestashop, "woocommerce": woocommerce}, keys, routes)


class Catalogue:
    """The catalogue's part of the demo, step by step, through the API. `account(name)` opens an account."""

    def __init__(self, shops: Branches, account: Callable[[str], Service]) -> None:
        self.shops = shops
        self.main, self.east, self.west = (
            account(name) for name in ("Maison Mère", "Boutique Est", "Boutique Ouest")
        )
        self.store: Mapping[str, Any] = {}
        self.links: dict[str, tuple[Service, str]] = {}
        """Platform → its account and link."""

    def connect(self) -> None:
        """Three accounts with a store each; one linked by the main store's key, the other by invitation (C-2)."""
        self.store = self._store(self.main, "shopify")
        east, west = self._store(self.east, "prestashop"), self._store(self.west, "woocommerce")
        key = self.main.get(f"/stores/{self.store['id']}/connection-key")["key"]
        everything = {"all": True, "matched": True, "quantity": True, "price": True}
        linked = self.east.post(
            "/catalogue-links",
            {
                "store": east["id"],
                "connection_key": key,
                "preferences": everything,
                "settings": {"tax_rules_group": 1},
            },
        )
        self.main.post(f"/stores/{self.store['id']}/invitations", {"url": west["url"]})
        (invitation,) = self.west.get("/invitations")["items"]
        wanted = {**everything, "prices": {"factor": "1.10", "rounding": "ending_99"}}
        accepted = self.west.post(
            f"/invitations/{invitation['id']}/accept", {"store": west["id"], "preferences": wanted}
        )
        self.links = {
            "prestashop": (self.east, linked["id"]),
            "woocommerce": (self.west, accepted["id"]),
        }

    def _store(self, here: Service, platform: str) -> Mapping[str, Any]:
        keys = dict(self.shops.credentials[platform])
        store: Mapping[str, Any] = here.post("/stores", {"platform": platform, "credentials": keys})
        return store

    def sync_all(self) -> dict[str, list[Mapping[str, Any]]]:
        """One button at the main store (C-14); platform → runs as they ended."""
        begun = self.main.post(f"/stores/{self.store['id']}/sync-all")["items"]
        parents = {each["link"]: each["sync_all"] for each in begun}
        return {platform: _runs(here, parents[link]) for platform, (here, link) in self.links.items()}

    def new_price(self, amount: str, post: Callable[[Delivery], int]) -> str:
        """The main store's owner changes a price, and its webhook is delivered; answers the SKU."""
        things = self.shops.main.state.shelf("Product").things
        alone = (each["variants"][0] for each in things.values() if len(each["variants"]) == 1)
        variant = next(each for each in alone if each["compareAtPrice"] is None)
        list(self.shops.main.deliveries())
        self.shops.main.life.edit_variant(gid("ProductVariant", variant["legacyResourceId"]), price=amount)
        for delivery in self.shops.main.deliveries():
            status = post(delivery)
            if status != 200:
                raise RuntimeError(f"the door answers {status} to a webhook")
        return str(variant["sku"])


def _runs(here: Service, sync_all: str) -> list[Mapping[str, Any]]:
    """The runs of a sync-all, once both are over: products, then stock."""

    def runs() -> list[Mapping[str, Any]]:
        return list(here.every("/runs", parent=sync_all))

    def over(seen: Sequence[Mapping[str, Any]]) -> bool:
        return {run["kind"] for run in seen} == {"products", "stock"} and finished(seen)

    return [here.get(f"/runs/{run['id']}") for run in within(runs, over)]


def within[T](look: Callable[[], T], good: Callable[[T], bool], patience: float = PATIENCE) -> T:
    """Look until what is seen is good. Raises TimeoutError with what was seen last."""
    deadline = time.monotonic() + patience
    while True:
        seen = look()
        if good(seen):
            return seen
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {patience:.0f} s; seen last: {seen!r}")
        time.sleep(0.2)
