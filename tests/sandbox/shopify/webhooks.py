"""Signed deliveries of what happened, once each, or twice and in disorder where a test asks for it.

Source: https://shopify.dev/docs/apps/build/webhooks/delivery-structure
"""

import base64
import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.shopify.state import Event, State, stamp


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST to a subscriber; header names as the shop sends them."""

    url: str
    headers: Mapping[str, str]
    body: bytes


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
