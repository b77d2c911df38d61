"""Webhooks: a ping when one is made, deliveries that come late and together, and the end after too many failures.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks and class-wc-webhook.php (recorded on
10.0.2). A delivery that failed is not sent again; to make an ended webhook active does not forgive its failures.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.woocommerce.refusal import RefusalError, unknown
from sandbox.woocommerce.state import VERSION, Row, State
from sandbox.woocommerce.telling import Teller

MOST_FAILURES = 5
HOOKS: Mapping[str, list[str]] = {
    "coupon.created": ["woocommerce_process_shop_coupon_meta", "woocommerce_new_coupon"],
    "coupon.updated": ["woocommerce_process_shop_coupon_meta", "woocommerce_update_coupon"],
    "coupon.deleted": ["wp_trash_post"],
    "coupon.restored": ["untrashed_post"],
    "customer.created": ["user_register", "woocommerce_created_customer", "woocommerce_new_customer"],
    "customer.updated": ["profile_update", "woocommerce_update_customer"],
    "customer.deleted": ["delete_user"],
    "order.created": ["woocommerce_new_order"],
    "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "order.deleted": ["wp_trash_post", "woocommerce_trash_order"],
    "order.restored": ["untrashed_post", "woocommerce_untrash_order"],
    "product.created": [
        "woocommerce_process_product_meta",
        "woocommerce_new_product",
        "woocommerce_new_product_variation",
    ],
    "product.updated": [
        "woocommerce_process_product_meta",
        "woocommerce_update_product",
        "woocommerce_update_product_variation",
    ],
    "product.deleted": ["wp_trash_post"],
    "product.restored": ["untrashed_post"],
}

type Post = Callable[[str, Mapping[str, str], bytes], int]
"""(URL, headers, body) → the status of the answer, 0 for none."""
type Payload = Callable[[str, int], Row | None]
"""(resource, id) → what a read of it tells, None where it is gone."""


def _nobody(_url: str, _headers: Mapping[str, str], _body: bytes) -> int:
    return 200


class Hooks:
    """Keeps webhooks and delivers. `post` is how the shop reaches the world."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.post: Post = _nobody

    def make(self, given: Row) -> Row:
        """A new webhook, and its ping. Raises RefusalError."""
        _check(given)
        now = self._state.now()
        id = next(self._state.webhook_ids)
        row: Row = {"id": id, "name": given.get("name") or f"Webhook created on {now:%b %d, %Y}"}
        row |= {"status": given.get("status", "active"), "topic": given["topic"], "failures": 0}
        row |= {"delivery_url": given["delivery_url"], "secret": given.get("secret", ""), "unpinged": True}
        row |= {"date_created": now, "date_modified": None}
        self._state.webhooks[id] = row
        return row

    def change(self, row: Row, given: Row) -> Row:
        """A write to a webhook. Raises RefusalError."""
        _check(row | given)
        moved = given.get("delivery_url", row["delivery_url"]) != row["delivery_url"]
        row |= {
            key: given[key] for key in ("name", "status", "topic", "delivery_url", "secret") if key in given
        }
        row["unpinged"] = row["unpinged"] or moved
        self._saved(row)
        return row

    def found(self, id: int) -> Row:
        """A webhook by id. Raises RefusalError."""
        if id not in self._state.webhooks:
            raise unknown("shop_webhook")
        return self._state.webhooks[id]

    def ping(self, row: Row) -> None:
        """The unsigned ping, which only a plain 200 answers."""
        headers = {"User-Agent": self._agent(), "Content-Type": "application/x-www-form-urlencoded"}
        if self.post(row["delivery_url"], headers, f"webhook_id={row['id']}".encode()) == 200:
            row |= {"unpinged": False, "date_modified": self._state.now()}

    def deliver(self, payload: Payload, home: str) -> list[int]:
        """Tell what happened since, each thing once; answers the statuses."""
        due = list(dict.fromkeys(self._state.happened))
        self._state.happened.clear()
        return [
            status
            for topic, id in due
            for row in list(self._state.webhooks.values())
            if row["topic"] == topic and row["status"] == "active"
            if (status := self._delivered(row, id, payload, home)) is not None
        ]

    def told(self, row: Row, teller: Teller) -> Row:
        """A webhook in JSON; its secret is never told."""
        resource, _, event = row["topic"].partition(".")
        hooks = HOOKS.get(row["topic"], [event])
        told = {"id": row["id"], "name": row["name"], "status": row["status"], "topic": row["topic"]}
        told |= {"resource": resource, "event": event, "hooks": hooks, "delivery_url": row["delivery_url"]}
        told |= self._state.dates(row, "date_created", "date_modified")
        return told | {"_links": teller.links("webhooks", id=row["id"])}

    def _delivered(self, row: Row, id: int, payload: Payload, home: str) -> int | None:
        resource, _, event = row["topic"].partition(".")
        content: Any = {"id": id} if event == "deleted" else payload(resource, id)
        if content is None:
            return None
        body = json.dumps(content, separators=(",", ":")).replace("/", "\\/").encode()
        digest = hmac.new(row["secret"].encode(), body, hashlib.sha256).digest()
        second = f"{row['id']}{int(self._state.now().timestamp())}"
        status = self.post(
            row["delivery_url"],
            {
                "User-Agent": self._agent(),
                "Content-Type": "application/json",
                "X-WC-Webhook-Source": f"{home}/",
                "X-WC-Webhook-Topic": row["topic"],
                "X-WC-Webhook-Resource": resource,
                "X-WC-Webhook-Event": event,
                "X-WC-Webhook-Signature": base64.b64encode(digest).decode(),
                "X-WC-Webhook-ID": str(row["id"]),
                # Not of the delivery, whatever its name says: of the webhook and the second.
                "X-WC-Webhook-Delivery-ID": hashlib.md5(second.encode(), usedforsecurity=False).hexdigest(),
            },
            body,
        )
        self._judge(row, status)
        return status

    def _judge(self, row: Row, status: int) -> None:
        if 200 <= status < 303:
            row["failures"] = 0
        elif row["failures"] > MOST_FAILURES:
            row["status"] = "disabled"
        else:
            row["failures"] += 1
        self._saved(row)

    def _saved(self, row: Row) -> None:
        row["date_modified"] = self._state.now()
        if row["status"] == "active" and row["unpinged"]:
            self.ping(row)

    def _agent(self) -> str:
        return f"WooCommerce/{VERSION} Hookshot (WordPress/6.8.3)"


def _check(row: Row) -> None:
    topic, url = str(row.get("topic", "")), str(row.get("delivery_url", ""))
    if topic not in HOOKS and not topic.startswith("action."):
        message = "Webhook topic is required and must be valid."
        raise RefusalError("woocommerce_rest_shop_webhook_invalid_topic", message, 400)
    if not url.startswith(("http://", "https://")):
        message = "Webhook delivery URL must be a valid URL starting with http:// or https://."
        raise RefusalError("woocommerce_rest_shop_webhook_invalid_delivery_url", message, 400)
