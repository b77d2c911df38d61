"""The routes of WooCommerce 10.0.2 as its own index lists them, and their arguments as WordPress checks them.

Source: the recorded answer to `GET /wp-json/wc/v3`; https://developer.wordpress.org/rest-api/extending-the-rest-api/schema/
"""

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.woocommerce.refusal import RefusalError, no_route

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
VARIATIONS = "/wc/v3/variations"
"""Only of WooCommerce 10.3 and later, with the parameters of a product's own variations."""

BRANDS = "/wc/v3/products/brands"
"""Only of WooCommerce 9.6 and later."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route with what its path named. `allow`: its methods, as the header tells them."""

    pattern: str
    named: Mapping[str, str]
    endpoints: tuple[Mapping[str, Any], ...]

    @property
    def allow(self) -> str:
        """The methods in WordPress's order."""
        known = {method for endpoint in self.endpoints for method in endpoint["methods"]}
        return ", ".join(method for method in METHODS if method in known)

    def arguments(self, method: str) -> Mapping[str, Any]:
        """The arguments of a method. Raises RefusalError where the route does not know it."""
        for endpoint in self.endpoints:
            if method in endpoint["methods"]:
                return endpoint["args"] or {}
        raise no_route()


@cache
def index() -> dict[str, Any]:
    """Every route, as recorded."""
    packed = (Path(__file__).parent / "routes.json.gz").read_bytes()
    whole: dict[str, Any] = json.loads(gzip.decompress(packed))
    return whole


@cache
def _patterns() -> list[tuple[re.Pattern[str], str, tuple[Mapping[str, Any], ...]]]:
    found = [(re.compile(pattern), pattern, tuple(route["endpoints"])) for pattern, route in index().items()]
    own = index()[r"/wc/v3/products/(?P<product_id>[\d]+)/variations"]["endpoints"]
    listing = tuple({**endpoint, "methods": ["GET"]} for endpoint in own if "GET" in endpoint["methods"])
    return [*found, (re.compile(VARIATIONS), VARIATIONS, listing)]


def find(path: str, *, variations: bool, brands: bool = True) -> Route:
    """The route of a path (`/wc/v3/products`). Raises RefusalError."""
    for compiled, pattern, endpoints in _patterns():
        met = compiled.fullmatch(path)
        is_there = (variations or pattern != VARIATIONS) and (brands or not pattern.startswith(BRANDS))
        if met and is_there:
            return Route(pattern, met.groupdict(), endpoints)
    raise no_route()


def checked(given: Mapping[str, Any], arguments: Mapping[str, Any], *, query: bool) -> dict[str, Any]:
    """The known arguments, read and with their defaults; unknown ones pass as they are. Raises RefusalError."""
    missing = [name for name, rule in arguments.items() if rule.get("required") and name not in given]
    if missing:
        message = f"Missing parameter(s): {', '.join(missing)}"
        raise RefusalError("rest_missing_callback_param", message, 400, params=missing)
    read = {
        name: _read(value, arguments[name]) if query and name in arguments else value
        for name, value in given.items()
    }
    wrong = {
        name: fault
        for name, rule in arguments.items()
        if name in read and (fault := _fault(name, read[name], rule))
    }
    if wrong:
        raise _invalid(wrong)
    return {n: r["default"] for n, r in arguments.items() if "default" in r and n not in read} | read


def _invalid(wrong: Mapping[str, tuple[str, str, Any]]) -> RefusalError:
    details = {
        name: {"code": code, "message": message, "data": data}
        for name, (code, message, data) in wrong.items()
    }
    return RefusalError(
        "rest_invalid_param",
        f"Invalid parameter(s): {', '.join(wrong)}",
        400,
        params={name: message for name, (_, message, _) in wrong.items()},
        details=details,
    )


def _read(value: Any, rule: Mapping[str, Any]) -> Any:
    """A text of the query as its type wants it; what does not fit stays for the check."""
    kind = rule.get("type")
    if kind == "array":
        parts = value if isinstance(value, list) else [part for part in str(value).split(",") if part]
        return [_read(part, rule.get("items", {})) for part in parts]
    if kind == "integer" and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "boolean" and str(value).lower() in {"true", "1", "false", "0", ""}:
        return str(value).lower() in {"true", "1"}
    return value


def _fault(name: str, value: Any, rule: Mapping[str, Any]) -> tuple[str, str, Any] | None:
    """(code, message, data) of what is wrong with a value, None where nothing is."""
    kinds = rule.get("type")
    wanted = kinds if isinstance(kinds, list) else [kinds] if kinds else []
    if wanted and not any(_is(value, kind) for kind in wanted):
        return "rest_invalid_type", f"{name} is not of type {','.join(wanted)}.", {"param": name}
    if "enum" in rule and value not in rule["enum"]:
        return "rest_not_in_enum", f"{name} is not one of {_listed(rule['enum'])}.", None
    return _bounds(name, value, rule) or _format(name, value, rule) or _inside(name, value, rule)


def _inside(name: str, value: Any, rule: Mapping[str, Any]) -> tuple[str, str, Any] | None:
    if isinstance(value, list) and rule.get("items"):
        faults = (_fault(f"{name}[{at}]", one, rule["items"]) for at, one in enumerate(value))
        return next(filter(None, faults), None)
    if isinstance(value, dict) and rule.get("properties"):
        known = rule["properties"]
        faults = (_fault(f"{name}[{key}]", one, known[key]) for key, one in value.items() if key in known)
        return next(filter(None, faults), None)
    return None


def _bounds(name: str, value: Any, rule: Mapping[str, Any]) -> tuple[str, str, Any] | None:
    low, high = rule.get("minimum"), rule.get("maximum")
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    if low is not None and high is not None and not low <= value <= high:
        message = f"{name} must be between {low} (inclusive) and {high} (inclusive)"
        return "rest_out_of_bounds", message, None
    if low is not None and value < low:
        return "rest_out_of_bounds", f"{name} must be greater than or equal to {low}", None
    return None


def _format(name: str, value: Any, rule: Mapping[str, Any]) -> tuple[str, str, Any] | None:
    form = rule.get("format")
    if form == "date-time" and isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return "rest_invalid_date", "Invalid date.", None
    if form == "email" and isinstance(value, str) and "@" not in value:
        return "rest_invalid_email", "Invalid email address.", None
    if form == "uri" and isinstance(value, str) and value and not urlsplit(value).scheme:
        return "rest_invalid_uri", f"{name} is not a valid URI.", None
    return None


def _is(value: Any, kind: str) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    numeral = isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    match kind:
        case "string":
            return isinstance(value, str)
        case "integer":
            return (number and float(value).is_integer()) or (numeral and float(value).is_integer())
        case "number":
            return number or numeral
        case "boolean":
            return isinstance(value, bool) or value in (0, 1, "true", "false", "0", "1", "")
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict) or value == []
        case "null":
            return value is None
        case "date-time":
            return value is None or isinstance(value, str)
        case _:
            return True


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])}, and {words[-1]}" if len(words) > 2 else " and ".join(words)
