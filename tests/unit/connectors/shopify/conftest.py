"""One Shopify shop, a connector to it, and a clock that only moves when somebody waits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from passerelle.connectors.shopify import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Kind
from passerelle.port import Indexed, IndexPage, Pulled, Selection
from sandbox.shopify import Shop
from sandbox.transport import InProcess

TOKEN = "shpat_0123456789abcdef"
SECRET = "shpss_0123456789abcdef"


class Pace:
    """Notes what it is told; lets everything pass."""

    def __init__(self):
        self.told_of = []
        self.costs = []

    def slot(self, cost=1.0):
        self.costs.append(cost)
        return _Open()

    def told(self, **what):
        self.told_of.append(what)


class _Open:
    def __enter__(self):
        return None

    def __exit__(self, *_):
        return None


class World:
    """The shop, the time, and connectors to it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
        self.pace = Pace()
        self.shop = self.open()
        self.connector = self.connect()

    def open(self, scopes=None, **options) -> Shop:
        tokens = None if scopes is None else {TOKEN: scopes}
        self.shop = Shop(
            "sample.myshopify.com",
            tokens or {TOKEN: Shop.ALL_SCOPES},
            SECRET,
            clock=self.seconds,
            now=lambda: self.now,
            **options,
        )
        self.connector = self.connect()
        return self.shop

    def connect(self, **settings) -> Connector:
        client = Client(
            InProcess({self.shop.address: self.shop}), self.pace, sleep=self.wait, jitter=lambda: 0.5
        )
        credentials = Credentials(shop=self.shop.domain, access_token=TOKEN, client_secret=SECRET)
        return Connector(credentials, Settings(**settings), client, clock=self.seconds)

    def seconds(self) -> float:
        return self.now.timestamp()

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def rest(self) -> None:
        """Let the bucket fill up."""
        self.wait(60)

    def entries(self, kind: Kind, selection: Selection | None = None) -> list[Indexed]:
        return [entry for page in self.pages(kind, selection) for entry in page.entries]

    def pages(self, kind: Kind, selection: Selection | None = None) -> Iterator[IndexPage]:
        after = None
        while True:
            page = self.connector.index(kind, selection or Selection(), after)
            yield page
            after = page.after
            if after is None:
                return

    def pull(self, kind: Kind) -> Pulled:
        return self.connector.pull(kind, [entry.id for entry in self.entries(kind)])


@pytest.fixture
def world() -> World:
    return World()
