"""The recorded PrestaShop exchanges, in the order in which they were made, and how to compare with them."""

import base64
import json
import re
from pathlib import Path
from typing import Any

from sandbox.prestashop import ALL
from sandbox.prestashop.sample import RECORDED_KEY

FIXTURES = Path(__file__).parent / "fixtures" / "prestashop"
GET_ONLY = "LABRO0000000000000000000000000RO"
PRODUCTS_ONLY = "LABPR0000000000000000000000000PR"
KEYS = {
    RECORDED_KEY: ALL,
    GET_ONLY: {"*": frozenset({"GET"})},
    PRODUCTS_ONLY: {"products": frozenset({"GET"})},
}
OTHER_KEYS = {
    "60_no_key_401": None,
    "61_wrong_key_401": "WRONG000000000000000000000000000",
    "62_wrong_length_key_401": "short",
    "63_key_in_query": None,
    "64_no_right_method_405": GET_ONLY,
    "65_no_right_resource_401": PRODUCTS_ONLY,
}
# The recordings are numbered in the order in which they were made, save these that share a number.
ORDER = {
    "25_stock_available_put_zero": "25a",
    "25_stock_available_get_zero_json_field_missing": "25b",
    "25_stock_available_get_zero_xml": "25c",
    "25_stock_available_list_zero_json": "25d",
    "25_stock_available_patch_xml": "25e",
    "76_address_post_es_without_dni_400": "76a",
    "76_address_post": "76b",
    "76_address_post_us": "76c",
    "87_cart_post_es": "87a",
    "87_cart_post": "87b",
    "88_order_post_inactive_country_500_empty_html": "88a",
    "88_order_post": "88b",
    "99_product_delete_again_404": "99z2",
    "99_product_delete": "99z1",
    "99_product_get_after_delete_404": "99z3",
}
MASKED = {
    r"[0-9a-f]{32}": "secure keys are random",
    r"\$2y\$10\$[^\"]+": "password hashes are salted",
    r"(?<=\"reference\":\")[A-Z]{9}(?=\")": "an order's reference is random",
}


def names() -> list[str]:
    """Every two-language recording in order; those of the one-language shop are apart."""
    found = [path.stem for path in FIXTURES.glob("*.json") if not path.stem.startswith("one_language")]
    return sorted(found, key=lambda name: (ORDER.get(name, name), name))


def load(name: str) -> dict[str, Any]:
    """One recording."""
    whole: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return whole


def headers_of(name: str, recording: dict[str, Any]) -> dict[str, str]:
    """The request's headers with a key that opens the sandbox."""
    kept = {k: v for k, v in recording["request"]["headers"].items() if k != "Authorization"}
    key = OTHER_KEYS.get(name, RECORDED_KEY)
    if key is not None:
        kept["Authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
    return kept


def sent(recording: dict[str, Any]) -> bytes:
    """The request's body as it went over the wire."""
    body = recording["request"]["body"]
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def answered(recording: dict[str, Any]) -> bytes:
    """The answer's body as PHP wrote it."""
    body = recording["response"]["body"]
    if body is None:
        return bytes((recording["response"]["body_text"] or "").encode())
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/").encode()


def masked(body: bytes) -> str:
    """The body without what is random (see MASKED for why)."""
    text = body.decode()
    for pattern in MASKED:
        text = re.sub(pattern, "*", text)
    return text
