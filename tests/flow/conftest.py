"""Worlds to play a sync in: real connectors, strict simulators, an emulated stage, a clock that is turned."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from passerelle.memory import Counts
from passerelle.store.resources import Resources
from sandbox.aws import emulated_aws
from sandbox.mailchimp import Account, Audience
from sandbox.shopify import Shop, sample
from sandbox.world import Clock, World, world


@pytest.fixture(scope="module")
def stage() -> Iterator[Resources]:
    with emulated_aws() as resources:
        yield resources


@dataclass(slots=True)
class Scene:
    """A Shopify shop linked to an audience, and the world around them."""

    shop: Shop
    account: Account
    world: World
    clock: Clock
    things: dict[str, list[Any]] = field(default_factory=dict)


type Stager = Callable[..., Scene]


@pytest.fixture
def scene(stage: Resources) -> Iterator[Stager]:
    """Makes a scene: `scene(products=…, customers=…, orders=…, carts=…, **settings of the link)`."""
    with ExitStack() as stack:

        def make(
            products: int = 0,
            customers: int = 0,
            orders: int = 0,
            carts: int = 0,
            *,
            audience: Audience | None = None,
            transport: Any = lambda inner: inner,
            in_flight: int = 1,
            load: list[Any] | None = None,
            **settings: Any,
        ) -> Scene:
            clock = Clock()
            shop = Shop(clock=clock.epoch, now=clock)
            shop.load(load or sample.catalogue(products, customers, orders, checkouts=carts))
            account = Account(audiences=[audience] if audience else (), clock=clock)
            playing = world(
                stage,
                {shop.address: shop},
                account,
                clock,
                transport,
                in_flight,
            )
            here = stack.enter_context(playing)
            store = here.connect(
                "shopify",
                shop.address,
                {"shop": shop.domain, "access_token": "shpat_sandbox", "client_secret": "shpss_sandbox"},
            )
            mailchimp = here.connect("mailchimp", "https://mailchimp.com", {"api_key": account.api_key})
            here.audience_link(store, mailchimp, **settings)
            return Scene(shop, account, here, clock)

        yield make


def everything(counts: Counts) -> int:
    """All objects that a run counted."""
    return counts.settled + counts.failed
