"""One Mailchimp account, a connector to it, and a clock that only moves when somebody waits."""

from datetime import UTC, datetime, timedelta

import pytest
from passerelle.connectors.mailchimp import Connector, Credentials, Settings
from passerelle.http import Client
from sandbox.mailchimp import Account, Audience
from sandbox.mailchimp.batches import RESULTS
from sandbox.transport import InProcess

KEY = "0123456789abcdef0123456789abcdef-us7"


class World:
    """The account, the time, and connectors to it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
        self.waits: list[float] = []
        self.account = Account(KEY, [Audience()], clock=self.time)
        self.connector = self.connect()
        self.connector.open_backfill()
        self.account.calls.clear()

    @property
    def audience(self) -> Audience:
        return self.account.audience

    @property
    def store(self):
        return self.account.stores["shop-1"]

    def connect(self, key: str = KEY, client: Client | None = None, **settings) -> Connector:
        origins = {"https://us7.api.mailchimp.com": self.account, RESULTS: self.account}
        client = client or Client(InProcess(origins), allow_private=True, sleep=self.wait, jitter=lambda: 0.5)
        chosen = {"audience_id": self.audience.id, "store_id": "shop-1", "shop_url": "https://shop.example"}
        return Connector(
            Credentials(api_key=key),
            Settings(**chosen | settings),
            client,
            clock=self.unix_time,
        )

    def time(self) -> datetime:
        return self.now

    def unix_time(self) -> float:
        return self.now.timestamp()

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def connector(world: World) -> Connector:
    return world.connector
