"""Within the points of the plan: paced on what Shopify says, on a clock that only moves when somebody waits."""

from contextlib import contextmanager

import pytest
from passerelle.connectors.shopify.documents import LIST
from passerelle.model import Kind
from passerelle.port import Throttled
from sandbox.shopify.sample import catalogue


class Bucketed:
    """The simplest pace there is: it believes what it is told and waits for the rest."""

    def __init__(self, world, rate=100.0, size=2_000.0):
        self.world, self.rate, self.size = world, rate, size
        self.points, self.seen = size, world.seconds()

    def _refill(self):
        now = self.world.seconds()
        self.points = min(self.size, self.points + (now - self.seen) * self.rate)
        self.seen = now

    @contextmanager
    def slot(self, cost=1.0):
        self._refill()
        if cost > self.points:
            self.world.wait((cost - self.points) / self.rate + 0.01)
            self._refill()
        self.points -= cost
        yield

    def told(self, *, available=None, rate=None, retry_after=None, spared=None):
        self._refill()
        self.points = available if available is not None else self.points
        self.rate = rate or self.rate
        if retry_after:
            self.points = min(self.points, -retry_after * self.rate)


@pytest.fixture
def paced(world):
    world.open(rate=100, bucket=2_000)
    world.pace = Bucketed(world)
    world.connector = world.connect()
    return world


@pytest.mark.parametrize(
    ("kind", "size"), [(Kind.PRODUCTS, 4_000), (Kind.CUSTOMERS, 20_000), (Kind.ORDERS, 8_000)]
)
def test_a_full_read_stays_near_the_bound_without_one_refusal(paced, kind, size):  # G-1
    sizes = {Kind.PRODUCTS: (size, 0, 0), Kind.CUSTOMERS: (0, size, 0), Kind.ORDERS: (50, 50, size)}
    paced.shop.load(catalogue(*sizes[kind]))
    began = paced.seconds()
    pages = list(paced.pages(kind))
    whole = {thing.id for page in pages for thing in page.objects}
    rest = [entry.id for page in pages for entry in page.entries if entry.id not in whole]
    bound = max(0.0, (paced.shop.bucket.charged - 2_000) / 100)
    took = paced.seconds() - began
    longer = sum(
        1 for product in paced.shop.state.shelf("Product").things.values() if len(product["variants"]) > 100
    )
    assert not rest
    fewest = -(-size // 250) + (longer if kind is Kind.PRODUCTS else 0)
    # The last query begins when the bucket holds all that it may cost, which is more than it is charged.
    assert took <= 1.10 * bound + 1 + LIST[kind].cost / 100
    assert len(paced.shop.calls) <= 1.05 * fewest
    assert paced.shop.bucket.refused == 0


def test_another_app_that_drains_the_bucket_costs_one_refill(paced):  # G-1
    paced.shop.load(catalogue(1_000, 0, 0))
    ids = [entry.id for entry in paced.entries(Kind.PRODUCTS)]
    paced.shop.moods.on_call(2, paced.shop.bucket.drain)
    refused, done, began = 0, 0, paced.seconds()
    while done < len(ids):
        try:
            paced.connector.pull(Kind.PRODUCTS, ids[done : done + 250])
            done += 250
        except Throttled as throttled:
            refused += 1
            paced.wait(throttled.retry_after)
    assert refused == 1
    assert paced.seconds() - began <= 20
