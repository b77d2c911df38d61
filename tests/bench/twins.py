"""Two shops and a catalogue link between them on a virtual clock: what a first and an unchanged sync ask of both."""

import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import httpx
from passerelle.memory import Entry, RunOutcome
from passerelle.model import Kind
from passerelle.runtime import platform
from passerelle.store.pace import SharedPace
from sandbox.aws import emulated_aws
from sandbox.chain import Chain
from sandbox.outlets import OUTLETS, Outlet
from sandbox.shopify import sample
from sandbox.world import Clock

from bench.places import BenchError
from bench.virtual import LATENCY

MAIN, DEPENDENT = "shop-0", "shop-1"
RATE, BURST = 100.0, 2_000.0
"""Shopify's smallest plan."""
VARIANTS = 2
"""Of each product."""


@dataclass(slots=True)
class Tally:
    """What one run took. `calls`: by shop; `seconds` on the virtual clock, `cpu` with the simulators' own."""

    calls: Counter[str] = field(default_factory=Counter)
    points: float = 0.0
    refused: int = 0
    writes: int = 0
    ledger: int = 0
    """Lines written to the ledger."""
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def all(self) -> int:
        """Calls to both shops."""
        return self.calls.total()


class Counted(httpx.BaseTransport):
    """The way to the shops: each call takes its time on the clock and is counted."""

    def __init__(self, inner: httpx.BaseTransport, clock: Clock) -> None:
        self._inner, self._clock = inner, clock
        self.tally = Tally()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange."""
        self.tally.calls[request.url.host.partition(".")[0]] += 1
        self._clock.sleep(LATENCY)
        answer = self._inner.handle_request(request)
        spent = re.search(rb'"actualQueryCost": ?(\d+)', answer.content[-400:])
        self.tally.points += float(spent[1]) if spent else 0.0
        self.tally.refused += answer.status_code == 429 or b'"THROTTLED"' in answer.content
        return answer


class Noted:
    """A ledger whose written lines are counted."""

    def __init__(self, inner: Any, way: Counted) -> None:
        self._inner, self._way = inner, way
        self.read, self.scan = inner.read, inner.scan

    def record(self, link: str, kind: Kind, entries: Sequence[Entry]) -> None:
        """See memory.Ledger."""
        self._way.tally.ledger += len(entries)
        self._inner.record(link, kind, entries)


@dataclass(slots=True)
class Twins:
    """A main Shopify shop with goods, a dependent shop without, and the link."""

    chain: Chain
    way: Counted

    def sync(self, kind: Kind) -> Tally:
        """One full run; what it took."""
        tally = self.way.tally = Tally()
        written, began, cpu = self.chain.dependent.writes(), self.chain.clock.epoch(), time.process_time()
        run = self.chain.sync(kind)
        if run.outcome is not RunOutcome.COMPLETED:
            raise BenchError(f"{run.feed} ended {run.outcome}: {run.why}")
        tally.writes = self.chain.dependent.writes() - written
        tally.seconds, tally.cpu = self.chain.clock.epoch() - began, time.process_time() - cpu
        return tally


@contextmanager
def twins(dependent: str, size: int, pictures: int = 0) -> Iterator[Twins]:
    """A Shopify shop of the smallest plan with that many products, and an empty dependent on its platform."""
    clock = Clock()
    outlets = [
        OUTLETS[name](clock, f"https://shop-{place}.example")
        for place, name in enumerate(("shopify", dependent))
    ]
    for each in outlets:
        if each.platform == "shopify":
            each.shop.bucket.rate, each.shop.bucket.size = RATE, BURST
            each.shop.bucket.drain(BURST)
    outlets[0].shop.load(goods(size, pictures))
    with emulated_aws() as resources:
        table = boto3.client("dynamodb"), resources.state_table

        def paced(outlet: Outlet) -> SharedPace | None:
            limits = platform(outlet.platform).LIMITS
            if limits.points_per_second is None:
                return None
            return SharedPace(
                *table, outlet.address, limits, live=False, sleep=clock.sleep, clock=clock.epoch
            )

        chain = Chain.between(clock, outlets, {}, paced)
        way = chain.way.inner = Counted(chain.way.inner, clock)
        chain.memory = replace(chain.memory, ledger=Noted(chain.memory.ledger, way))
        yield Twins(chain, way)


def goods(size: int, pictures: int = 0) -> list[dict[str, Any]]:
    """Products on sale, each with its SKUs and units."""
    chance = random.Random(1)
    made = [sample.product(place, chance, VARIANTS) for place in range(size)]
    for place, product in enumerate(made):
        product["status"], product["media"] = "ACTIVE", product["media"][:pictures]
        for at, variant in enumerate(product["variants"]):
            variant["sku"] = f"SKU-{place}-{at}"
    return made
