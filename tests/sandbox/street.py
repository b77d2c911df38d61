"""A street of sandbox shops, served on this machine: a merchant a platform, and a Mailchimp account, with sample data.

A platform has a shop here when its simulator has a `merchant.py`: NAME, ORIGIN (the public origin under which the
shop is known; empty: it is reached where it is served), `open_shop(size)` and `credentials(url)`.
"""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.mailchimp import Account, Audience
from sandbox.mailchimp.batches import RESULTS
from sandbox.server import serve
from sandbox.size import Size

MAILCHIMP = "https://us1.api.mailchimp.com"
USUAL = ("prestashop", "shopify")
ALL = tuple(sorted(each.parent.name for each in Path(__file__).parent.glob("*/merchant.py")))


@dataclass(frozen=True, slots=True)
class Merchant:
    """One merchant: their shop (a simulator), how it is connected, and the audience it fills."""

    name: str
    platform: str
    credentials: Mapping[str, str]
    audience: str
    shop: Any


@dataclass(frozen=True, slots=True)
class Street:
    """The shops that are open. `routes`: the public origins under which the local stage reaches them."""

    merchants: tuple[Merchant, ...]
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
def street(size: Size, port: int = 0, spare: int = 0, platforms: Sequence[str] = USUAL) -> Iterator[Street]:
    """Open the shops on `port` and those after it (0: any that are free) for as long as the block lasts.

    `spare`: how many audiences there are beside the merchants' own.
    """
    owners = [importlib.import_module(f"sandbox.{platform}.merchant") for platform in platforms]
    account = _account([owner.NAME for owner in owners], spare)
    shops = [owner.open_shop(size) for owner in owners]
    with ExitStack() as stack:
        *urls, mailchimp = (
            stack.enter_context(serve(app, port + number if port else 0)).url
            for number, app in enumerate((*shops, account))
        )
        told = zip(platforms, owners, account.audiences, shops, urls, strict=False)
        merchants = tuple(
            Merchant(owner.NAME, platform, owner.credentials(url), audience, shop)
            for platform, owner, audience, shop, url in told
        )
        public = {owner.ORIGIN: url for owner, url in zip(owners, urls, strict=True) if owner.ORIGIN}
        yield Street(merchants, account, {**public, MAILCHIMP: mailchimp, RESULTS: mailchimp})


def _account(owners: Sequence[str], spare: int) -> Account:
    names = [*owners, *(f"Spare {number + 1}" for number in range(spare))]
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
