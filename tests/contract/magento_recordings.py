"""The recorded Magento exchanges, in the order in which they were made, and what happened between them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from sandbox.magento import EVERYTHING, Integration, Shop
from sandbox.magento.auth import query_pairs, signature

FIXTURES = Path(__file__).parent / "fixtures" / "magento"
ORIGIN = "http://127.0.0.1:8083"
TOKEN, LIMITED = "lab-token", "lab-products-only"
INTEGRATION = Integration("lab-key", "lab-secret", "lab-access", "lab-access-secret")

# Numbered in the order in which they were made, save these.
ORDER = {
    "09_modules_no_version": "02a",
    "09_store_configs": "02b",
    "50_async_bulk_bad_202": "49a",
    "50_bulk_status_before_consumer": "49b",
    "50_bulk_status_before_consumer_detailed": "49c",
    "50_customer_create": "50",
    "50_bulk_status_after_consumer": "85a",
    "50_bulk_status_after_consumer_detailed": "85b",
}
RANDOM = {"protect_code", "bulk_uuid", "bulk_id", "data_hash", "quote_id"}
"""Keys whose values are random or count what was not recorded."""
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
WITHOUT_TOKEN = {"00_admin_token", "01_admin_token_bad_401", "04_no_token_401"}


def names() -> list[str]:
    """Every recording in order."""
    return sorted(
        (path.stem for path in FIXTURES.glob("*.json")), key=lambda name: (ORDER.get(name, name), name)
    )


def load(name: str) -> dict[str, Any]:
    """One recording."""
    whole: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return whole


def opened(clock: Any = None) -> Shop:
    """The shop as it stood before the first recorded exchange."""
    products = frozenset({"Magento_Catalog::products"})
    rights = {TOKEN: frozenset({EVERYTHING}), LIMITED: products}
    shop = Shop(rights, clock=clock, integrations=(INTEGRATION,), consumer_after=None)
    shop.guard.admins["admin"] = "Lab-Admin-12345"
    shop.guard.fixed_token = TOKEN
    return shop


def target(recording: dict[str, Any]) -> str:
    """Path and query as they were sent."""
    return str(recording["request"]["url"]).removeprefix(ORIGIN)


def headers_of(name: str, recording: dict[str, Any]) -> dict[str, str]:
    """The request's headers with a token that opens the sandbox (those that were recorded are blotted out)."""
    kept = {k: v for k, v in recording["request"]["headers"].items() if k != "Authorization"}
    if name.startswith(("07_", "08_")):
        kept["Authorization"] = _signed(recording, good=name.startswith("07_"))
    elif name not in WITHOUT_TOKEN:
        token = {"05_bad_token_401": "no-token", "06_no_right_401": LIMITED}.get(name, TOKEN)
        kept["Authorization"] = f"Bearer {token}"
    return kept


def _signed(recording: dict[str, Any], *, good: bool) -> str:
    given = {
        "oauth_consumer_key": INTEGRATION.consumer_key,
        "oauth_nonce": f"nonce-{good}",
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": "1795424000",
        "oauth_token": INTEGRATION.token,
        "oauth_version": "1.0",
    }
    parts = urlsplit(recording["request"]["url"])
    url = f"{parts.scheme}://{parts.netloc}{parts.path}"
    method = recording["request"]["method"] if good else "PUT"
    made = signature(INTEGRATION, method, url, [*given.items(), *query_pairs(parts.query)])
    return "OAuth " + ", ".join(
        f'{k}="{quote(v, safe="")}"' for k, v in (given | {"oauth_signature": made}).items()
    )


def sent(recording: dict[str, Any]) -> bytes:
    """The request's body as it went over the wire."""
    body = recording["request"]["body"]
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def before(name: str, ask: Callable[[str, str, Any], None]) -> None:
    """What was done between the recorded exchanges and not recorded itself; `ask(method, path, body)`."""
    if name == "24_configurable_create":
        child = load("23_child_create_S")["request"]["body"]["product"]
        for size, option in (("M", "5"), ("L", "6")):
            chosen = [{"attribute_code": "lab_size", "value": option}]
            body = child | {"sku": f"TS-{size}", "name": f"Tee {size}", "custom_attributes": chosen}
            ask("POST", "products", {"product": body})
    if name == "27_configurable_get":
        for size in "ML":
            ask("POST", "configurable-products/TS/child", {"childSku": f"TS-{size}"})
    if name == "30_products_page1_size5":
        for number in range(1, 24):
            ask("POST", "products", {"product": _bulk(number)})


def _bulk(number: int) -> dict[str, Any]:
    stock = {"stock_item": {"qty": 1, "is_in_stock": True}}
    row: dict[str, Any] = {"sku": f"BULK-{number:03}", "name": f"Bulk {number}", "attribute_set_id": 4}
    row |= {"price": number, "status": 1, "visibility": 4, "type_id": "simple", "weight": 0.4}
    return row | {"extension_attributes": stock}


def settled(value: Any, key: str = "") -> Any:
    """An answer without what is random; lists of attributes in one order, which the server does not keep."""
    if isinstance(value, dict):
        return {name: "*" if name in RANDOM else settled(one, name) for name, one in value.items()}
    if isinstance(value, list):
        rows = [settled(one) for one in value]
        return (
            sorted(rows, key=lambda row: str(row["attribute_code"])) if key == "custom_attributes" else rows
        )
    if isinstance(value, str) and key in {"serialized_data", "result_serialized_data", "meta_information"}:
        return settled(json.loads(value))
    return TIME.sub("*", value) if isinstance(value, str) else value
