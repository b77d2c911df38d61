"""Strict simulators, an emulated stage and the shared pace, all on one clock that goes only when somebody waits."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from passerelle.http import Client
from passerelle.runtime import Local, Runtime
from passerelle.store.pace import SharedPace
from passerelle.store.repositories import Storage
from sandbox.aws import emulated_aws
from sandbox.mailchimp import Account
from sandbox.mailchimp.batches import RESULTS
from sandbox.transport import InProcess

from bench.engine import Engine

MAILCHIMP = "https://us1.api.mailchimp.com"
LATENCY = 0.15
"""Seconds that every call waits for its answer."""


class Clock:
    """Goes when somebody sleeps."""

    def __init__(self) -> None:
        self.at = datetime(2026, 6, 1, 12, tzinfo=UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        """Time passes, at once."""
        with self._lock:
            self.at += timedelta(seconds=max(0.0, seconds))

    def epoch(self) -> float:
        """Seconds since 1970."""
        return self.at.timestamp()


class Slow(httpx.BaseTransport):
    """The way to the shops: each call takes its time on the clock, and refusals for volume are counted."""

    def __init__(self, inner: httpx.BaseTransport, clock: Clock) -> None:
        self._inner, self._clock = inner, clock
        self.calls: dict[str, int] = {}
        self.last: dict[str, float] = {}
        """When the last answer of each host came."""
        self.elsewhere: dict[str, int] = {}
        """Calls that other hosts had got by then."""
        self.throttled = 0
        self.at_call: dict[tuple[str, int], Callable[[], object]] = {}
        """What happens before the call of that number to that host."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange."""
        host = request.url.host
        self.calls[host] = self.calls.get(host, 0) + 1
        self.at_call.pop((host, self.calls[host]), lambda: None)()
        self._clock.sleep(LATENCY)
        answer = self._inner.handle_request(request)
        self.last[host] = self._clock.epoch()
        self.elsewhere[host] = sum(self.calls.values()) - self.calls[host]
        self.throttled += answer.status_code == 429 or b'"THROTTLED"' in answer.content
        return answer


@dataclass(slots=True)
class Scene:
    """An engine with a shop and an audience."""

    engine: Engine
    clock: Clock
    way: Slow
    account: Account
    host: str

    def shop_calls(self) -> int:
        """Calls that the shop got."""
        return self.way.calls.get(self.host, 0)

    def audience_calls(self) -> int:
        """Calls that Mailchimp got, results it left elsewhere included."""
        return sum(number for host, number in self.way.calls.items() if host != self.host)

    def begin(self) -> float:
        """Forget what was counted; answers the time."""
        self.way.calls, self.way.last, self.way.throttled = {}, {}, 0
        return self.clock.epoch()

    def reading(self, began: float) -> float:
        """Seconds until the shop's last answer, less those in which others were waited for."""
        return self.way.last[self.host] - began - self.way.elsewhere[self.host] * LATENCY


@contextmanager
def scene(
    platform: str, origin: str, credentials: Mapping[str, Any], app: Callable[[Clock], Any]
) -> Iterator[tuple[Scene, Any]]:
    """A scene with one shop, made by `app(clock)`."""
    clock = Clock()
    shop = app(clock)
    account = Account(clock=clock)
    way = Slow(InProcess({MAILCHIMP: account, RESULTS: account, origin: shop}), clock)

    def client(pace: SharedPace | None = None, **_: Any) -> Client:
        if pace is not None:
            # The runtime makes the pace on the wall clock; here it keeps ours.
            pace._clock, pace._sleep = clock.epoch, clock.sleep
        return Client(way, pace=pace, allow_private=True, sleep=clock.sleep, clock=clock.epoch)

    with emulated_aws() as resources:
        runtime = Runtime(Storage(resources, clock=clock), Local(True), client, in_flight=1)
        engine = Engine(runtime, waits=clock.sleep)
        store = engine.connect(platform, origin, credentials)
        audience = engine.connect("mailchimp", "https://mailchimp.com", {"api_key": account.api_key})
        engine.to_audience(store, audience, account.audience.id)
        yield Scene(engine, clock, way, account, httpx.URL(origin).host), shop
