"""Webhooks: their signature, what they tell, and keeping one a topic alive.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks. The signature is the HMAC-SHA256 of the raw
body in base64. When a webhook is made the shop asks once, unsigned, whether the address answers 200. What is called a
delivery id is one of the webhook and the second. A delivery that failed is not repeated, and the seventh failure in a
row ends the webhook; made active again it would end with the next one, so it is replaced.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import orjson

from passerelle.connectors.woocommerce.reading import instant, number, text
from passerelle.connectors.woocommerce.rest import Rest, Row, refused
from passerelle.connectors.woocommerce.settings import Settings
from passerelle.connectors.woocommerce.stock import UNSOLD, level_id
from passerelle.model import Kind
from passerelle.port import Notice, PermissionMissing, Rejected, SignatureRefused, Subscription, TopicUnknown

KINDS = {
    "product": Kind.PRODUCTS,
    "customer": Kind.CUSTOMERS,
    "order": Kind.ORDERS,
    "coupon": Kind.PROMO_CODES,
}
EVENTS = ("created", "updated", "deleted", "restored")
TOPICS = tuple(
    f"{name}.{event}" for name in KINDS for event in EVENTS if (name, event) != ("customer", "restored")
)
NAME = "Passerelle"
"""What the names of our webhooks begin with."""
PING = re.compile(rb"webhook_id=\d+")
LOOK = (
    "Look whether somebody changed the secrets of the webhooks in the shop; the daily check makes new ones."
)


def hear(settings: Settings, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> list[Notice]:
    """What a delivery tells, once its signature over the raw bytes is good; a ping tells nothing."""
    signature, topic = headers.get("x-wc-webhook-signature", ""), headers.get("x-wc-webhook-topic", "")
    if not signature and not topic and PING.fullmatch(body):
        return []
    if not _signed(signature, body, secrets):
        raise SignatureRefused("The delivery is not signed with a secret of this shop's webhooks.", LOOK)
    resource, _, event = topic.partition(".")
    kind, payload = KINDS.get(resource), _payload(topic, body)
    if kind is None or event not in EVENTS or not number(payload, "id"):
        raise TopicUnknown(f"WooCommerce's topic {topic or '(none)'} is not one that we handle.")
    if kind is Kind.CUSTOMERS and settings.role != "all" and text(payload, "role") not in {"", settings.role}:
        return []
    # The topic is not signed: only a body that holds nothing else is that of a deletion.
    deleted = event == "deleted" and payload.keys() == {"id"}
    delivery = _delivery(headers, topic, body)
    at = instant(payload.get("date_modified_gmt"))
    told = Notice(kind, _subject(payload), topic, delivery, at, deleted)
    levels = _levels(payload) if kind is Kind.PRODUCTS and not deleted else ()
    return [told, *(Notice(Kind.STOCK, id, topic, f"{delivery}:{id}", at) for id in levels)]


def _levels(payload: Row) -> list[str]:
    """The stock levels that a product's delivery may be about: its own, or those of the variations that share it.

    A variation's own number comes in a delivery of the variation.
    """
    id, type = number(payload, "id"), text(payload, "type")
    if type == "variation":
        return [level_id(number(payload, "parent_id"), id)]
    parts = payload.get("variations") or ()
    if parts or type == "variable":
        return [level_id(id, part) for part in parts] if payload.get("manage_stock") is True else []
    return [] if type in UNSOLD else [level_id(id)]


def _subject(payload: Row) -> str:
    """The id of what a delivery is about; a variation speaks for its product."""
    is_part = text(payload, "type") == "variation" and number(payload, "parent_id") > 0
    return str(number(payload, "parent_id" if is_part else "id"))


def _signed(signature: str, body: bytes, secrets: Sequence[str]) -> bool:
    """Compared in constant time; every secret is tried, so that time tells nothing of which one fits."""
    given, found = signature.encode(), False
    for secret in secrets:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        found |= hmac.compare_digest(base64.b64encode(digest), given)
    return found


def _payload(topic: str, body: bytes) -> Row:
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        payload = None
    if not isinstance(payload, dict):
        raise TopicUnknown(f"A delivery of {topic or 'no topic'} holds no JSON object.")
    return payload


def _delivery(headers: Mapping[str, str], topic: str, body: bytes) -> str:
    """The shop's own id is one of a second: within it, what tells deliveries apart is what they say."""
    named = (headers.get("x-wc-webhook-id", ""), headers.get("x-wc-webhook-delivery-id", ""), topic)
    return hashlib.sha256("|".join(named).encode() + b"\n" + body).hexdigest()


class Hooks:
    """The webhooks that are ours at one shop. `secret`: address → what they sign with there."""

    def __init__(self, rest: Rest, secret: Callable[[str], str]) -> None:
        self._rest, self._secret = rest, secret

    def found(self) -> list[Subscription]:
        """All of ours, ended ones too."""
        return [
            Subscription(text(row, "id"), text(row, "topic"), text(row, "delivery_url"), _lives(row))
            for row in self._ours()
        ]

    def make(self, url: str) -> list[Subscription]:
        """Every wanted topic at `url`; what is missing or ended is made anew, and what ended is taken away.

        The shop never tells a secret, so the living ones are given theirs again. The first answer names it.
        """
        there = [row for row in self._ours() if text(row, "delivery_url") == url]
        living = {text(row, "topic"): row for row in there if _lives(row)}
        made = self._make([topic for topic in TOPICS if topic not in living], url)
        self._change(
            "update", [{"id": number(row, "id"), "secret": self._secret(url)} for row in living.values()]
        )
        spare = [number(row, "id") for row in there if living.get(text(row, "topic")) is not row]
        self._change("delete", spare)
        ids = {topic: text(row, "id") for topic, row in {**living, **made}.items()}
        first, *others = (Subscription(ids[topic], topic, url) for topic in TOPICS)
        return [replace(first, secret=self._secret(url)), *others]

    def end(self, url: str) -> None:
        """None left at `url`."""
        ids = [number(row, "id") for row in self._ours() if text(row, "delivery_url") == url]
        self._change("delete", ids)

    def _ours(self) -> list[Row]:
        rows = self._rest.every("webhooks", fields="id,name,topic,status,delivery_url")
        return [row for row in rows if text(row, "name").startswith(NAME)]

    def _make(self, topics: Sequence[str], url: str) -> dict[str, Row]:
        shared = {"delivery_url": url, "secret": self._secret(url)}
        wanted = [{"name": f"{NAME} {topic}", "topic": topic, **shared} for topic in topics]
        return dict(zip(topics, self._change("create", wanted), strict=True))

    def _change(self, work: str, items: Sequence[Row | int]) -> list[Row]:
        """One batch. Raises Rejected for the first that is refused; one to delete may be gone already."""
        try:
            answered = self._rest.batch("webhooks", work, items) if items else []
        except PermissionMissing as lacking:
            # A shop that may only be read is asked at its times; nothing else is lost.
            remedy = "Nothing must be done: changes are found by the schedule. To hear of them at once, set the key to "
            raise Rejected(lacking.why, f"{remedy}Read/Write.", "webhook_refused") from None
        refusals = [refusal for row in answered if (refusal := refused(row)) is not None]
        if refusals and work != "delete":
            why = f"WooCommerce refuses a webhook: {refusals[0][1]}"
            raise Rejected(why, "The address must be reachable from the internet.", "webhook_refused")
        return answered


def _lives(row: Row) -> bool:
    return text(row, "status") == "active"
