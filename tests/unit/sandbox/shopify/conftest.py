"""A Shopify shop that is asked over HTTP, as any client would."""

from datetime import UTC, datetime

import httpx
import pytest
from sandbox.shopify import PATH, Shop
from sandbox.transport import InProcess


class Caller:
    """Asks the shop; its clock stands still unless it is moved."""

    def __init__(self, **options):
        self.seconds = 0.0
        self.now = datetime(2026, 6, 1, tzinfo=UTC)
        self.shop = Shop(clock=lambda: self.seconds, now=lambda: self.now, **options)
        self.http = httpx.Client(transport=InProcess({self.shop.address: self.shop}))

    def post(self, content, path=PATH, token="shpat_sandbox", kind="application/json"):
        headers = {"X-Shopify-Access-Token": token, "Content-Type": kind}
        return self.http.post(self.shop.address + path, content=content, headers=headers)

    def ask(self, query, /, **variables):
        answer = self.http.post(
            self.shop.address + PATH,
            json={"query": query, "variables": variables},
            headers={"X-Shopify-Access-Token": "shpat_sandbox"},
        )
        assert answer.status_code == 200
        return answer.json()

    def code(self, query, **variables):
        return self.ask(query, **variables)["errors"][0]["extensions"]["code"]


@pytest.fixture
def caller():
    return Caller()


@pytest.fixture
def open_shop():
    """Opens a shop with options of one's own."""
    return Caller
