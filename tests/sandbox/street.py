"""A street of sandbox shops, served on this machine: PrestaShop, Shopify and a Mailchimp account, with sample data."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.mailchimp import Account, Audience
from sandbox.mailchimp.batches import RESULTS
from sandbox.prestashop import Shop as PrestaShop
from sandbox.prestashop.generate import fill
from sandbox.prestashop.sample import RECORDED_KEY, as_recorded
from sandbox.server import serve
from sandbox.shopify import Shop as Shopify
from sandbox.shopify import sample
from sandbox.shopify.shop import ALL_SCOPES

MAILCHIMP = "https://us1.api.mailchimp.com"
SHOPIFY = "atelier-nord.myshopify.com"
TOKEN, SECRET = "shpat_sandbox", "shpss_sandbox"


@dataclass(frozen=True, slots=True)
class Size:
    """How much each shop holds."""

    products: int
    customers: int
    orders: int


SMALL = Size(200, 300, 200)
LARGE = Size(20_000, 30_000, 10_000)


@dataclass(frozen=True, slots=True)
class Merchant:
    """One merchant: their shop, how it is connected, and the audience it fills."""

    name: str
    platform: str
    credentials: Mapping[str, str]
    audience: str
    shop: PrestaShop | Shopify


@dataclass(frozen=True, slots=True)
class Street:
    """The shops that are open. `routes`: the public origins under which the local stage reaches them."""

    merchants: tuple[Merchant, Merchant]
    account: Account
    routes: Mapping[str, str]

    def forget_calls(self) -> None:
        """Begin to count anew."""
        for app in (self.account, *(merchant.shop for merchant in self.merchants)):
            app.calls.clear()

    def writes(self) -> dict[str, int]:
        """How many writes each of the destinations took since: the audience, and the shops' consents."""
        shops = {merchant.platform: len(merchant.shop.calls.writes) for merchant in self.merchants}
        return {"mailchimp": len(self.account.calls.writes), **shops}


@contextmanager
def street(size: Size, port: int = 0, spare: int = 0) -> Iterator[Street]:
    """Open the shops on `port` and the two after it (0: any that are free) for as long as the block lasts.

    `spare`: how many audiences there are beside the merchants' own.
    """
    prestashop, shopify, account = _prestashop(size), _shopify(size), _account(spare)
    with ExitStack() as stack:
        first, second, third = (
            stack.enter_context(serve(app, port + number if port else 0)).url
            for number, app in enumerate((prestashop, shopify, account))
        )
        audiences = list(account.audiences)
        keys = {"url": first, "key": RECORDED_KEY}
        secrets = {"shop": SHOPIFY, "access_token": TOKEN, "client_secret": SECRET}
        yield Street(
            (
                Merchant("Maison Lumière", "prestashop", keys, audiences[0], prestashop),
                Merchant("Atelier Nord", "shopify", secrets, audiences[1], shopify),
            ),
            account,
            {f"https://{SHOPIFY}": second, MAILCHIMP: third, RESULTS: third},
        )


def _prestashop(size: Size) -> PrestaShop:
    """The catalogue recorded from a real shop, and a generated one beside it."""
    shop = as_recorded(clock=lambda: datetime.now(UTC))
    fill(shop.state, size.products, size.customers, size.orders, 1)
    return shop


def _shopify(size: Size) -> Shopify:
    shop = Shopify(SHOPIFY, {TOKEN: ALL_SCOPES}, SECRET, rate=1_000, bucket=20_000, local_hooks=True)
    shop.load(sample.catalogue(size.products, size.customers, size.orders, checkouts=size.orders // 20))
    return shop


def _account(spare: int) -> Account:
    names = ["Lumière", "Nord", *(f"Spare {number + 1}" for number in range(spare))]
    return Account(audiences=[Audience(f"a{number:09}", name) for number, name in enumerate(names, 1)])


def held(street: Street, merchant: Merchant, store_id: str) -> dict[str, Any]:
    """What the audience and its e-commerce store hold of a merchant."""
    store = street.account.stores[store_id]
    return {
        "contacts": len(street.account.audiences[merchant.audience].members),
        "products": sum(not key.startswith("passerelle") for key in store.products),
        "orders": len(store.orders),
        "carts": len(store.carts),
    }
