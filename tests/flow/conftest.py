"""Worlds to play a sync in: real connectors, strict simulators, an emulated stage, a clock that is turned."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

import boto3
import pytest
from passerelle.memory import Counts
from passerelle.store.resources import Resources
from sandbox.aws import emulated_aws
from sandbox.killer import Killer
from sandbox.left import behind
from sandbox.mailchimp import Account, Audience
from sandbox.origins import ORIGINS, Origin
from sandbox.shopify import sample
from sandbox.world import Clock, World, world


@pytest.fixture(scope="module")
def stage() -> Iterator[Resources]:
    with emulated_aws() as resources:
        yield resources


@dataclass(slots=True)
class Scene:
    """A shop linked to an audience, and the world around them."""

    shop: Any
    account: Account
    world: World
    clock: Clock
    origin: Origin
    killer: Killer = field(default_factory=Killer)

    @property
    def store(self) -> Any:
        """The e-commerce store at Mailchimp."""
        (store,) = self.account.stores.values()
        return store

    def behind(self) -> dict[str, Any]:
        """What is at both ends now."""
        return behind(self.shop, self.account)

    def person(self, place: int) -> Any:
        """Shopify's customer at a place of the sample."""
        return self.shop.state.shelf("Customer").things[sample.FIRST_CUSTOMER + place]

    def consent(self, place: int) -> str:
        """What the shop says of the customer at a place."""
        return str(self.person(place)["defaultEmailAddress"]["marketingState"])

    def incidents(self) -> list[Any]:
        """The open incidents."""
        return list(self.world.memory.incidents.list(limit=100).items)


type Stager = Callable[..., Scene]


@pytest.fixture
def scene(stage: Resources) -> Iterator[Stager]:
    """Makes a scene: `scene(products=…, customers=…, orders=…, carts=…, **settings of the link)`.

    `load`: Shopify's objects instead of a sample; `platform`: which shop.
    """
    with ExitStack() as stack:

        def make(
            products: int = 0,
            customers: int = 0,
            orders: int = 0,
            carts: int = 0,
            promo_codes: int = 0,
            *,
            platform: str = "shopify",
            audience: Audience | None = None,
            killer: Killer | None = None,
            in_flight: int = 1,
            load: list[Any] | None = None,
            at: datetime | None = None,
            **settings: Any,
        ) -> Scene:
            clock, killer = Clock(at) if at else Clock(), killer or Killer()
            origin = ORIGINS[platform](clock)
            if load is None:
                origin.fill(
                    {
                        "products": products,
                        "customers": customers,
                        "orders": orders,
                        "carts": carts,
                        "promo_codes": promo_codes,
                    }
                )
            else:
                origin.shop.load(load)
            account = Account(audiences=[audience] if audience else (), clock=clock)
            number = next(NUMBERS)
            own = replace(
                stage,
                follow_queue_url=_queue(f"follow-{number}.fifo"),
                events_queue_url=_queue(f"events-{number}.fifo"),
            )
            playing = world(own, {origin.address: origin.shop}, account, clock, killer.on_the_way, in_flight)
            here = stack.enter_context(playing)
            here.stepping = killer.stepping
            killer.at_memory(here.runtime.storage.clients)
            store = here.connect(origin.platform, origin.address, origin.credentials)
            mailchimp = here.connect("mailchimp", "https://mailchimp.com", {"api_key": account.api_key})
            here.audience_link(store, mailchimp, **settings)
            return Scene(origin.shop, account, here, clock, origin, killer)

        yield make


NUMBERS = count(1)


def _queue(name: str) -> str:
    made = boto3.client("sqs").create_queue(QueueName=name, Attributes={"FifoQueue": "true"})
    return str(made["QueueUrl"])


def everything(counts: Counts) -> int:
    """All objects that a run counted."""
    return counts.settled + counts.failed
