"""Webhooks: their signature, what they tell, and the subscriptions behind them.

Sources: https://shopify.dev/docs/apps/build/webhooks/{verify-deliveries,delivery-structure},
https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from passerelle.connectors.shopify import documents
from passerelle.connectors.shopify.admin import Admin
from passerelle.connectors.shopify.ids import number
from passerelle.connectors.shopify.listing import Listing
from passerelle.model import Kind
from passerelle.port import Notice, Rejected, SignatureRefused, Subscription, TopicUnknown

FAMILIES = ("x-shopify-", "shopify-")
"""Deliveries name their headers with the first prefix, the newer ones with the second."""

WANTED = {
    "PRODUCTS_CREATE": Kind.PRODUCTS,
    "PRODUCTS_UPDATE": Kind.PRODUCTS,
    "PRODUCTS_DELETE": Kind.PRODUCTS,
    "CUSTOMERS_CREATE": Kind.CUSTOMERS,
    "CUSTOMERS_UPDATE": Kind.CUSTOMERS,
    "CUSTOMERS_DELETE": Kind.CUSTOMERS,
    "CUSTOMERS_MERGE": Kind.CUSTOMERS,
    "CUSTOMERS_EMAIL_MARKETING_CONSENT_UPDATE": Kind.CUSTOMERS,
    "ORDERS_CREATE": Kind.ORDERS,
    "ORDERS_UPDATED": Kind.ORDERS,
    "ORDERS_CANCELLED": Kind.ORDERS,
    "ORDERS_DELETE": Kind.ORDERS,
    "CHECKOUTS_CREATE": Kind.CARTS,
    "CHECKOUTS_UPDATE": Kind.CARTS,
    "CHECKOUTS_DELETE": Kind.CARTS,
    "INVENTORY_LEVELS_CONNECT": Kind.STOCK,
    "INVENTORY_LEVELS_UPDATE": Kind.STOCK,
    "INVENTORY_LEVELS_DISCONNECT": Kind.STOCK,
    "INVENTORY_ITEMS_UPDATE": Kind.STOCK,
    "INVENTORY_ITEMS_DELETE": Kind.STOCK,
}
"""The topics that we subscribe to."""

KINDS = {
    "products": Kind.PRODUCTS,
    "customers": Kind.CUSTOMERS,
    "customers_email_marketing_consent": Kind.CUSTOMERS,
    "customers_marketing_consent": Kind.CUSTOMERS,
    "orders": Kind.ORDERS,
    "checkouts": Kind.CARTS,
    "inventory_levels": Kind.STOCK,
    "inventory_items": Kind.STOCK,
    "product": Kind.PRODUCTS,
    "customer": Kind.CUSTOMERS,
    "order": Kind.ORDERS,
    "checkout": Kind.CARTS,
}
PRIVACY = frozenset({"customers/redact", "customers/data_request", "shop/redact"})
"""Sent to every app by law, subscribed by no one."""

MERGED = "customers/merge"
"""Source: https://shopify.dev/docs/api/webhooks/latest?reference=graphql#list-of-topics-customers/merge"""

UNSIGNED = "The delivery is not signed with this app's client secret."
LOOK = "Look whether the app's client secret is the one that was given when the shop was connected."


def hear(shop: str, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> list[Notice]:
    """What a delivery tells, once its signature over the raw bytes is good.

    Of two secrets either is enough, for Shopify goes on signing with the older one for a while.
    """
    prefix = next((each for each in FAMILIES if f"{each}hmac-sha256" in headers), "")
    if not prefix or not _signed(headers[f"{prefix}hmac-sha256"], body, secrets):
        raise SignatureRefused(UNSIGNED, LOOK)
    named = {name.removeprefix(prefix): text for name, text in headers.items() if name.startswith(prefix)}
    if named.get("shop-domain", shop).lower() != shop:
        raise SignatureRefused("The delivery is of another shop.", LOOK)
    topic = _topic(named)
    payload = _payload(topic, body)
    if topic == MERGED:
        return _merged(named, payload, body)
    return [_notice(topic, named, payload, body)]


def _signed(signature: str, body: bytes, secrets: Sequence[str]) -> bool:
    """Compared in constant time; every secret is tried, so that time tells nothing of which one fits."""
    given = signature.encode()
    found = False
    for secret in secrets:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        found |= hmac.compare_digest(base64.b64encode(digest), given)
    return found


def _topic(named: Mapping[str, str]) -> str:
    topic = named.get("topic", "").strip().lower()
    action = named.get("action", "").strip().lower()
    return topic if "/" in topic or not action else f"{topic}/{action}"


def _payload(topic: str, body: bytes) -> dict[str, Any]:
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        payload = None
    if not isinstance(payload, dict):
        raise TopicUnknown(f"A delivery of {topic or 'no topic'} holds no JSON object.")
    return payload


def _notice(topic: str, named: Mapping[str, str], payload: Mapping[str, Any], body: bytes) -> Notice:
    kind = Kind.CUSTOMERS if topic in PRIVACY else KINDS.get(topic.partition("/")[0])
    identifier = _subject(topic, payload) or number(named.get("resource-id", ""))
    if kind is None or not identifier:
        raise TopicUnknown(f"Shopify's topic {topic or '(none)'} is not one that we handle.")
    return Notice(
        kind=kind,
        id=identifier,
        topic=topic,
        delivery_id=named.get("webhook-id") or hashlib.sha256(topic.encode() + b"\n" + body).hexdigest(),
        occurred_at=_instant(payload.get("updated_at")) or _instant(named.get("triggered-at")),
        deleted=topic.endswith("/delete"),
        email=str(_inside(payload, "customer", "email") or "") if topic == "customers/redact" else "",
    )


def _merged(named: Mapping[str, str], payload: Mapping[str, Any], body: bytes) -> list[Notice]:
    """Two customers became one: who is kept has changed, who is not is gone."""
    delivery = named.get("webhook-id") or hashlib.sha256(body).hexdigest()
    roles = {"kept": False, "deleted": True}
    people = {role: number(str(payload.get(f"admin_graphql_api_customer_{role}_id") or "")) for role in roles}
    if not all(people.values()):
        raise TopicUnknown(f"A delivery of {MERGED} does not name both customers.")
    at = _instant(named.get("triggered-at"))
    return [
        Notice(Kind.CUSTOMERS, people[role], MERGED, f"{delivery}:{role}", at, gone)
        for role, gone in roles.items()
    ]


def _subject(topic: str, payload: Mapping[str, Any]) -> str:
    """The number of the object that the delivery is about, empty where it names none."""
    if topic == "shop/redact":
        found = payload.get("shop_id")
    elif topic in PRIVACY:
        found = _inside(payload, "customer", "id")
    elif topic.startswith("inventory_levels/"):
        found = payload.get("inventory_item_id")
    elif topic == "orders/edited":
        found = _inside(payload, "order_edit", "order_id")
    else:
        found = payload.get("customer_id") if topic.endswith("_consent/update") else payload.get("id")
    return number(str(found)) if isinstance(found, int | str) else ""


def _inside(payload: Mapping[str, Any], part: str, name: str) -> Any:
    inner = payload.get(part)
    return inner.get(name) if isinstance(inner, Mapping) else None


def _instant(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class Subscriptions:
    """The app's subscriptions at one shop. Shopify shows an app only its own."""

    def __init__(self, admin: Admin, listing: Listing) -> None:
        self._admin = admin
        self._listing = listing

    def found(self) -> list[Subscription]:
        """All of them."""
        nodes = self._listing.walk(documents.WEBHOOKS, {})
        return [Subscription(number(node["id"]), node["topic"], node["uri"]) for node in nodes]

    def make(self, url: str) -> list[Subscription]:
        """Every wanted topic at `url`; only what is missing is made."""
        there = {each.topic: each for each in self.found() if each.url == url}
        missing = [topic for topic in WANTED if topic not in there]
        if missing:
            variables = {"uri": url, **{f"t{at}": topic for at, topic in enumerate(missing)}}
            data = self._admin.ask(documents.subscribe(len(missing)), variables)
            for at, topic in enumerate(missing):
                there[topic] = _made(topic, url, data[f"s{at}"])
        return [there[topic] for topic in WANTED]

    def end(self, url: str) -> None:
        """None left at `url`."""
        ids = [each.id for each in self.found() if each.url == url]
        if ids:
            gids = {f"d{at}": f"gid://shopify/WebhookSubscription/{each}" for at, each in enumerate(ids)}
            self._admin.ask(documents.unsubscribe(len(ids)), gids)


def _made(topic: str, url: str, answer: Mapping[str, Any]) -> Subscription:
    made, errors = answer["webhookSubscription"], answer["userErrors"]
    if made:
        return Subscription(number(made["id"]), made["topic"], made["uri"])
    if any("already been taken" in error["message"] for error in errors):
        return Subscription("", topic, url)
    raise Rejected(
        f"Shopify refuses a webhook of {topic}: {'; '.join(error['message'] for error in errors)}",
        "The address must be reachable over https from the internet.",
        "webhook_refused",
    )
