"""Shopify's search syntax: `updated_at:>='2026-01-01T00:00:00Z' AND (status:open OR -sku:A)`.

As on a real shop, an unquoted time is silently mis-parsed and an unknown field ignored: only a warning tells.
Source: https://shopify.dev/docs/api/usage/search-syntax
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

type Thing = Mapping[str, Any]
type Test = Callable[[Thing], bool]
type Reader = Callable[[Thing], Any]

TOKEN = re.compile(
    r"""\s*(?:(?P<paren>[()])|(?P<minus>-)(?=\S)
    |(?P<term>(?:(?P<field>[a-z_]+):)(?P<op>>=|<=|>|<)?(?:'(?P<single>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s()'"]+)))
    |(?P<word>[^\s()]+))""",
    re.VERBOSE,
)
DATES = {"created_at": "createdAt", "updated_at": "updatedAt", "processed_at": "processedAt"}


@dataclass(slots=True)
class Search:
    """A parsed query: the test, and the warnings that only `extensions.search` shows."""

    test: Test
    warnings: list[dict[str, str]] = field(default_factory=list)


def _number(thing: Thing) -> int:
    return int(thing["legacyResourceId"])


def _order_status(order: Thing) -> str:
    if order["cancelledAt"]:
        return "cancelled"
    return "closed" if order["closedAt"] else "open"


FIELDS: dict[str, dict[str, Reader]] = {
    "Product": {
        "status": lambda p: p["status"].lower(),
        "sku": lambda p: [v["sku"] for v in p["variants"]],
        "vendor": lambda p: p["vendor"].lower(),
        "product_type": lambda p: p["productType"].lower(),
        "title": lambda p: [p["title"], *re.findall(r"\w+", p["title"])],
        "handle": lambda p: p["handle"],
    },
    "ProductVariant": {
        "sku": lambda v: v["sku"],
        "barcode": lambda v: v["barcode"],
        "product_id": lambda v: str(v["product_id"]),
    },
    "Customer": {
        "email": lambda c: (c["email"] or "").lower(),
        "phone": lambda c: c["phone"] or "",
        "state": lambda c: c["state"].lower(),
    },
    "Order": {
        "status": _order_status,
        "financial_status": lambda o: (o["displayFinancialStatus"] or "").lower(),
        "fulfillment_status": lambda o: o["displayFulfillmentStatus"].lower(),
        "email": lambda o: (o["email"] or "").lower(),
        "name": lambda o: o["name"].lower(),
        "sku": lambda o: [line["sku"] for line in o["lineItems"]],
        "source_identifier": lambda o: o["sourceIdentifier"] or "",
    },
    "AbandonedCheckout": {
        "status": lambda c: "closed" if c["completedAt"] else "open",
        "email": lambda c: (c["email"] or "").lower(),
    },
    "DiscountNode": {
        "status": lambda d: d["discount"]["status"].lower(),
        "method": lambda d: "code" if "codes" in d["discount"] else "automatic",
    },
    "DiscountCodeNode": {"status": lambda d: d["codeDiscount"]["status"].lower()},
    "DiscountRedeemCode": {"times_used": lambda c: str(c["asyncUsageCount"])},
    "BulkOperation": {"status": lambda b: b["status"].lower(), "operation_type": lambda b: b["type"].lower()},
}


def parse(query: str, kind: str) -> Search:
    """Understand a query for objects of a type."""
    return _Parser(query, kind).search()


class _Parser:
    """Recursive descent: OR binds weaker than AND, AND is also silence between two terms."""

    def __init__(self, query: str, kind: str) -> None:
        self._tokens = [match for match in TOKEN.finditer(query.strip()) if match.group().strip()]
        self._at = 0
        self._kind = kind
        self._warnings: list[dict[str, str]] = []

    def search(self) -> Search:
        test = self._either() if self._tokens else _always
        return Search(test, self._warnings)

    def _peek(self, *words: str) -> bool:
        if self._at >= len(self._tokens):
            return False
        token = self._tokens[self._at]
        return (token["word"] or token["paren"] or token["minus"] or "") in words

    def _either(self) -> Test:
        tests = [self._both()]
        while self._peek("OR"):
            self._at += 1
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda thing: any(test(thing) for test in tests)

    def _both(self) -> Test:
        tests = [self._single()]
        while self._at < len(self._tokens) and not self._peek("OR", ")"):
            if self._peek("AND"):
                self._at += 1
            tests.append(self._single())
        return tests[0] if len(tests) == 1 else lambda thing: all(test(thing) for test in tests)

    def _single(self) -> Test:
        if self._peek("NOT", "-"):
            self._at += 1
            inner = self._single()
            return lambda thing: not inner(thing)
        if self._peek("("):
            self._at += 1
            inner = self._either()
            self._at += 1
            return inner
        token = self._tokens[self._at]
        self._at += 1
        return self._term(token) if token["term"] else _word(token["word"] or "")

    def _term(self, token: re.Match[str]) -> Test:
        name, op = token["field"], token["op"] or "="
        quoted = token["single"] if token["single"] is not None else token["double"]
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else token["bare"]
        if name == "id":
            return (
                _compare(_number, op, int(value)) if value.isdigit() else self._ignored(name, "invalid_value")
            )
        if name in DATES:
            if quoted is None and ":" in value:
                return self._ignored(name, "invalid_date")
            return self._date(name, op, value)
        reader = FIELDS.get(self._kind, {}).get(name)
        if reader is None:
            return self._ignored(name, "invalid_field")
        return _equals(reader, value)

    def _date(self, name: str, op: str, value: str) -> Test:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return self._ignored(name, "invalid_date")
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        key = DATES[name]
        return _compare(lambda thing: thing[key][:19], op, aware.astimezone(UTC).isoformat()[:19])

    def _ignored(self, name: str, code: str) -> Test:
        self._warnings.append({"field": name, "message": f"Invalid search: {code}", "code": code})
        return _always


def _always(_: Thing) -> bool:
    return True


def _word(word: str) -> Test:
    sought = word.lower()
    keys = ("title", "name", "email", "sku", "displayName")
    return lambda thing: any(sought in str(thing.get(key) or "").lower() for key in keys)


def _compare(reader: Reader, op: str, value: Any) -> Test:
    match op:
        case ">=":
            return lambda thing: bool(reader(thing) >= value)
        case "<=":
            return lambda thing: bool(reader(thing) <= value)
        case ">":
            return lambda thing: bool(reader(thing) > value)
        case "<":
            return lambda thing: bool(reader(thing) < value)
        case _:
            return lambda thing: bool(reader(thing) == value)


def _equals(reader: Reader, value: str) -> Test:
    sought = value.strip().lower()

    def test(thing: Thing) -> bool:
        held = reader(thing)
        if isinstance(held, list):
            return any(str(each or "").strip().lower() == sought for each in held)
        return str(held or "").strip().lower() == sought

    return test
