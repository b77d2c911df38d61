"""The recorded WooCommerce exchanges, in the order in which they were made, and how to compare with them."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.woocommerce import Key, Shop
from sandbox.woocommerce.sample import (
    READ_ONLY,
    RECORDED_KEY,
    RECORDED_SECRET,
    as_recorded,
)
from werkzeug.test import Client as WsgiClient

FIXTURES = Path(__file__).parent / "fixtures" / "woocommerce"
BASE = "http://127.0.0.1:8081"
WHEN = datetime.fromtimestamp(1795425282, UTC)
"""The instant that the recorded OAuth signature bears."""
HOOK = "http://127.0.0.1:8091/hook"
OTHER_KEYS: dict[str, tuple[str, str] | None] = {
    "51_unauth_401": None,
    "52_bad_key_401": ("ck_nobody", "cs_nobody"),
    "53_bad_secret_401": (RECORDED_KEY, "cs_wrong"),
    "54_readonly_key_write_401": (READ_ONLY, "cs_ro"),
    "55_readonly_key_read": (READ_ONLY, "cs_ro"),
    "97_store_api_public_products": None,
}
ORDER = {
    "03_webhook_create_product_updated": "03a",
    "03_webhook_create_order_created": "03b",
    "99_webhook_failing_create": "99a",
    "99_webhook_failing_after_get": "99b",
}
TOPICS = {
    "03_webhook_create_product_updated": ("product.created",),
    "03_webhook_create_order_created": ("product.deleted", "product.restored"),
    "04_webhooks_list": (
        *("order.updated", "order.deleted", "customer.created", "customer.updated", "coupon.created"),
        "action.woocommerce_low_stock",
    ),
}
"""Webhooks that were made just before an exchange, and not kept as recordings."""
UNTOLD = frozenset({"price_html", "related_ids", "generated_slug", "order_key", "payment_url"})
"""Fields that are for people or random; only their presence and type are compared."""
TIED = {
    "04_webhooks_list": "made within one second",
    "47_products_modified_after": "changed within one second",
    "48_products_fields": "made within one second",
    "55_readonly_key_read": "made within one second",
    "57_oauth1_over_http_ok": "made within one second",
    "97_store_api_public_products": "made within one second",
}
"""Lists whose rows tie in what they are sorted by: which of them come first is the database's mood."""
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def names() -> list[str]:
    """Every recorded exchange in order."""
    found = [path.stem for path in FIXTURES.glob("*.json") if not path.stem.startswith("hook_")]
    return sorted(found, key=lambda name: (ORDER.get(name, name), name))


def deliveries() -> list[str]:
    """Every recorded webhook delivery."""
    return sorted(path.stem for path in FIXTURES.glob("hook_*.json"))


def load(name: str) -> dict[str, Any]:
    """One recording."""
    whole: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return whole


def headers_of(name: str, recording: dict[str, Any]) -> dict[str, str]:
    """The request's headers with a key that opens the sandbox."""
    told = recording["request"]["headers"]
    kept = {k: v for k, v in told.items() if k != "Authorization"}
    key = OTHER_KEYS.get(name, (RECORDED_KEY, RECORDED_SECRET)) if "Authorization" in told else None
    if key is not None:
        kept["Authorization"] = "Basic " + base64.b64encode(":".join(key).encode()).decode()
    return kept


def sent(recording: dict[str, Any]) -> bytes:
    """The request's body as it went over the wire."""
    body = recording["request"]["body"]
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def replay() -> Iterator[tuple[str, Any]]:
    """Each recording's name with the simulator's answer, everything asked in order."""
    shop = as_recorded(clock=lambda: WHEN)
    shop.keys[READ_ONLY] = Key("cs_ro", "read")
    for name in names():
        _before(shop, name)
        yield name, ask(shop, name, load(name))


def ask(shop: Shop, name: str, recording: dict[str, Any]) -> Any:
    """One recorded request, to the simulator."""
    return WsgiClient(shop).open(
        recording["request"]["url"].removeprefix(BASE),
        base_url=BASE,
        method=recording["request"]["method"],
        headers=headers_of(name, recording),
        data=sent(recording),
    )


def _before(shop: Shop, name: str) -> None:
    """What happened at the shop just before, and was not recorded."""
    desk = shop.desk("https://127.0.0.1:8081")
    for topic in TOPICS.get(name, ()):
        shop.hooks.make({"name": f"lab {topic}", "topic": topic, "delivery_url": f"{HOOK}/{topic}"})
    if name == "31_products_batch_mixed_with_errors":
        for number in range(1, 26):
            bulk = {"name": f"Bulk {number:03}", "sku": f"BULK-{number:03}", "regular_price": f"{number}.10"}
            stock = {"manage_stock": True, "stock_quantity": number}
            desk.act("POST", "/wc/v3/products", {}, bulk | stock, {})
    if name == "99_webhook_failing_after_get":
        shop.hooks.post = lambda url, _headers, _body: 500 if "fail" in url else 200
        for _ in range(7):
            shop.acts.rename_product(11, "Plain mug")
            shop.deliver()


def alike(expected: Any, given: Any, at: str = "") -> None:
    """Compare two answers: the same keys and values, save what is random; dates by their form."""
    field = at.rpartition(".")[2]
    if isinstance(expected, dict) and isinstance(given, dict):
        assert sorted(expected) == sorted(given), at
        for key in expected:
            stamp = key == "value" and expected.get("key") == "_wp_trash_meta_time"
            if not (stamp or (key == "id" and "meta_data" in at)):
                alike(expected[key], given[key], f"{at}.{key}")
    elif isinstance(expected, list) and isinstance(given, list) and field not in UNTOLD:
        assert len(expected) == len(given), at
        for place, (one, other) in enumerate(zip(expected, given, strict=True)):
            alike(one, other, f"{at}[{place}]")
    elif isinstance(expected, str) and DATE.fullmatch(expected):
        assert isinstance(given, str), at
        assert DATE.fullmatch(given), at
    elif field in UNTOLD:
        assert type(expected) is type(given), at
    else:
        assert (expected, type(expected)) == (given, type(given)), at


def shapes(expected: list[Any], given: list[Any]) -> None:
    """Compare two lists by what their rows have."""
    assert len(expected) == len(given)
    assert {tuple(sorted(row)) for row in expected} == {tuple(sorted(row)) for row in given}
