"""Search criteria: nested query parameters, filters, sorting, pages, the `fields` projection and input limits."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from sandbox.magento.refusal import RefusalError, required

type Row = Mapping[str, Any]

TEXTS = frozenset({"sku"})
"""Columns whose values are compared as text, however much they look like numbers."""


@dataclass(frozen=True, slots=True)
class InputLimits:
    """Stores › Configuration › Services › Magento Web API › Web API Input Limits, switched on."""

    page: int = 300
    default_page: int = 20
    items: int = 20
    """Objects in an array of one call."""
    items_async: int = 5000


def nested(query: str) -> dict[str, Any]:
    """`a[b][0]=c` as PHP reads it: {"a": {"b": {"0": "c"}}}."""
    found: dict[str, Any] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        name = unquote_plus(name)
        keys = [name.partition("[")[0], *re.findall(r"\[([^\]]*)\]", name)]
        place = found
        for key in keys[:-1]:
            inner = place.setdefault(key, {})
            if not isinstance(inner, dict):
                inner = place[key] = {}
            place = inner
        place[keys[-1]] = unquote_plus(value)
    return found


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a search asks for."""

    groups: Sequence[Sequence[Mapping[str, str]]] = ()
    sorts: Sequence[Mapping[str, str]] = ()
    page_size: int | None = None
    current_page: int | None = None
    repeats_last_page: bool = field(default=False, compare=False)

    def told(self) -> dict[str, Any]:
        """The criteria as the answer repeats them."""
        told: dict[str, Any] = {"filter_groups": [{"filters": list(group)} for group in self.groups]}
        if self.sorts:
            told["sort_orders"] = list(self.sorts)
        if self.page_size is not None:
            told["page_size"] = self.page_size
        if self.current_page is not None:
            told["current_page"] = self.current_page
        return told

    def chosen[T](self, rows: Iterable[T], value: Callable[[T, str], Any]) -> list[T]:
        """The rows that meet every group, sorted."""
        kept = list(rows)
        for group in self.groups:
            tests = [(one["field"], _test(one)) for one in group]
            kept = [row for row in kept if any(test(value(row, name)) for name, test in tests)]
        for sort in reversed(self.sorts):
            name = sort["field"]
            order = _sortable if name not in TEXTS else _as_text
            kept.sort(key=lambda row: order(value(row, name)), reverse=sort["direction"] == "DESC")
        return kept

    def page[T](self, rows: Sequence[T]) -> Sequence[T]:
        """One page of them."""
        if not self.page_size:
            return rows
        number = max(self.current_page or 1, 1)
        last = max(-(-len(rows) // self.page_size), 1)
        if number > last and self.repeats_last_page:
            number = last
        return rows[(number - 1) * self.page_size : number * self.page_size]


def read(args: Mapping[str, Any], limits: InputLimits | None, *, repeats_last_page: bool = False) -> Criteria:
    """The criteria of a request. Raises RefusalError where there are none, or where a page is too large."""
    given = args.get("searchCriteria", args.get("search_criteria"))
    if given is None:
        raise required("searchCriteria")
    given = given if isinstance(given, Mapping) else {}
    groups = _listed(given, "filter_groups", "filterGroups")
    size = _number(given, "pageSize", "page_size")
    if limits is not None:
        size = limits.default_page if size is None else size
        if size > limits.page:
            raise RefusalError(400, "Maximum SearchCriteria pageSize is %max", {"max": limits.page})
    return Criteria(
        [[_filter(one) for one in _listed(group, "filters")] for group in groups],
        [
            {"field": str(one.get("field", "")), "direction": str(one.get("direction", "DESC")).upper()}
            for one in _listed(given, "sortOrders", "sort_orders")
        ],
        size,
        _number(given, "currentPage", "current_page"),
        repeats_last_page,
    )


def _listed(given: Any, *names: str) -> list[dict[str, Any]]:
    for name in names:
        if isinstance(given, Mapping) and isinstance(given.get(name), Mapping):
            return [one for one in given[name].values() if isinstance(one, dict)]
    return []


def _number(given: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        if name in given:
            return int(given[name])
    return None


def _filter(one: Mapping[str, Any]) -> dict[str, str]:
    kind = one.get("condition_type", one.get("conditionType", "eq"))
    return {"field": str(one.get("field", "")), "value": str(one.get("value", "")), "condition_type": kind}


def _sortable(value: Any) -> tuple[int, float, str]:
    number = _as_number(value)
    return (0, number, "") if number is not None else (1, 0.0, str(value).casefold())


def _as_number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _as_text(value: Any) -> tuple[int, float, str]:
    return 1, 0.0, str(value).casefold()


def _compare(one: Any, other: str, *, as_text: bool = False) -> int:
    left, right = _as_number(one), _as_number(other)
    if left is not None and right is not None and not as_text:
        return (left > right) - (left < right)
    texts = str(one).casefold(), other.casefold()
    return (texts[0] > texts[1]) - (texts[0] < texts[1])


def _test(one: Mapping[str, str]) -> Callable[[Any], bool]:
    """What a filter asks of a value; an unknown condition is met by nothing and refused by nobody."""
    wanted, as_text = one["value"], one["field"] in TEXTS
    if one["condition_type"] in {"in", "nin"}:
        several = {_key(part) for part in wanted.split(",")}
        inside = one["condition_type"] == "in"
        return lambda value: (value is not None and _key(value) in several) is inside
    if one["condition_type"] == "like":
        pattern = re.compile(re.escape(wanted).replace("%", ".*"), re.I)
        return lambda value: value is not None and pattern.fullmatch(str(value)) is not None
    tests: dict[str, Callable[[Any], bool]] = {
        "eq": lambda value: _key(value) == _key(wanted),
        "neq": lambda value: value is not None and _key(value) != _key(wanted),
        "gt": lambda value: value is not None and _compare(value, wanted, as_text=as_text) > 0,
        "gteq": lambda value: value is not None and _compare(value, wanted, as_text=as_text) >= 0,
        "lt": lambda value: value is not None and _compare(value, wanted, as_text=as_text) < 0,
        "lteq": lambda value: value is not None and _compare(value, wanted, as_text=as_text) <= 0,
        "null": lambda value: value is None,
        "notnull": lambda value: value is not None,
    }
    tests["from"], tests["to"] = tests["gteq"], tests["lteq"]
    return tests.get(one["condition_type"], lambda _: False)


def _key(value: Any) -> str:
    """Numbers are equal however they are written; texts without case, as the database compares them."""
    if isinstance(value, bool):
        return str(int(value))
    number = _as_number(value) if not isinstance(value, str) or value.strip().isdigit() else None
    return f"{number:g}" if number is not None and abs(number) < 100_000 else str(value).strip().casefold()


def projected(body: Any, fields: str | None) -> Any:
    """The answer with only the `fields` asked for, such as `items[id,sku],total_count`."""
    return body if not fields else _project(body, _tree(fields))


def _tree(fields: str) -> dict[str, Any]:
    root: dict[str, Any] = {}
    stack, name = [root], ""
    for sign in f"{fields},":
        if sign in ",[]":
            if name:
                stack[-1].setdefault(name, {})
            if sign == "[":
                stack.append(stack[-1][name])
            elif sign == "]" and len(stack) > 1:
                stack.pop()
            name = ""
        else:
            name += sign
    return root


def _project(body: Any, tree: Mapping[str, Any]) -> Any:
    if isinstance(body, list):
        return [_project(one, tree) for one in body]
    if not isinstance(body, dict):
        return body
    kept = {
        name: _project(body[name], inner) if inner else body[name]
        for name, inner in tree.items()
        if name in body
    }
    return kept or []
