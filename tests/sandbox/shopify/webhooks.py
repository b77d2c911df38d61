"""Signed deliveries of what happened, once each, or twice and in disorder where a test asks for it.

Source: https://shopify.dev/docs/apps/build/webhooks/delivery-structure
"""

import base64
import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.shopify.state import Event, State, stamp

PATIENCE = 5.0
"""Seconds that Shopify waits for an answer."""
TRIES = 9
"""The first and eight more."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST to a subscriber; header names as the shop sends them."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def _post(delivery: Delivery) -> int:
    try:
        answer = httpx.post(
            delivery.url,
            content=delivery.body,
            headers=dict(delivery.headers),
            timeout=PATIENCE,
            trust_env=False,
        )
    except httpx.HTTPError:
        return 0
    return answer.status_code


class Outside:
    """Delivers in the background and in order, each until it is answered with 2xx or given up.

    `post(delivery)` answers a status, 0 for none. `failed` counts what was given up. Between two tries the real
    shop waits, up to four hours in all; here it does not.
    """

    def __init__(self, post: Callable[[Delivery], int] = _post) -> None:
        self.failed = 0
        self._post = post
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="shopify-hooks")

    def soon(self, owed: Callable[[], Sequence[Delivery]]) -> None:
        """Deliver what is owed by then."""
        self._pool.submit(self._deliver, owed)

    def close(self) -> None:
        """Finish what is under way."""
        self._pool.shutdown()

    def _deliver(self, owed: Callable[[], Sequence[Delivery]]) -> None:
        for delivery in owed():
            if not any(200 <= self._post(delivery) < 300 for _ in range(TRIES)):
                self.failed += 1


class Messenger:
    """Signs what the shop tells. `family`: "x" (X-Shopify-…) or "events" (the newer names without X-)."""

    def __init__(self, domain: str, secret: str) -> None:
        self.secret = secret
        self._domain = domain

    def signed(
        self, topic: str, body: dict[str, Any], *, url: str = "", at: str = "", family: str = "x"
    ) -> Delivery:
        """A delivery of any topic, subscribed or not (the privacy topics have no subscription)."""
        raw = json.dumps(body, ensure_ascii=False).encode()
        digest = hmac.new(self.secret.encode(), raw, hashlib.sha256).digest()
        prefix = "X-Shopify-" if family == "x" else "shopify-"
        headers = {
            "Topic": topic,
            "Hmac-Sha256": base64.b64encode(digest).decode(),
            "Shop-Domain": self._domain,
            "API-Version": "2026-07",
            "Webhook-Id": str(uuid.uuid4()),
            "Event-Id": str(uuid.uuid4()),
            "Triggered-At": at,
        }
        named = {prefix + (name if family == "x" else name.lower()): text for name, text in headers.items()}
        return Delivery(url, {**named, "Content-Type": "application/json"}, raw)

    def deliveries(
        self, state: State, *, family: str = "x", duplicates: int = 0, shuffle: int | None = None
    ) -> Iterator[Delivery]:
        """What the subscribers are owed since the last time; each `1 + duplicates` times, shuffled."""
        with state.lock:
            events, state.events = state.events, []
            subscribers = list(state.shelf("WebhookSubscription").things.values())
        owed = [
            self.signed(event.topic, event.body, url=each["uri"], at=stamp(event.at), family=family)
            for event in events
            for each in subscribers
            if topic_name(event) == each["topic"]
        ]
        owed = [delivery for delivery in owed for _ in range(1 + duplicates)]
        if shuffle is not None:
            random.Random(shuffle).shuffle(owed)
        yield from owed


def topic_name(event: Event) -> str:
    """`products/update` as the API's enum has it: `PRODUCTS_UPDATE`."""
    return event.topic.replace("/", "_").upper()
