"""Lists: which rows, in which order, which page of them, and the headers that tell how many there are.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#pagination (recorded on 10.0.2). `after` and its
kind leave the instant itself out, and read the shop's own time unless `dates_are_gmt` is true.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sandbox.woocommerce.state import Row, State

LEFT_OUT = frozenset({"trash", "auto-draft"})
"""Statuses that `any` does not mean."""
DATES = {"after": "date_created", "modified_after": "date_modified"}
DATES |= {"before": "date_created", "modified_before": "date_modified"}


def selected(state: State, rows: Sequence[Row], asked: Mapping[str, Any]) -> list[Row]:
    """The rows that the arguments ask for, in order."""
    kept = [row for row in rows if _wanted(state, row, asked)]
    orderby, descending = str(asked.get("orderby", "id")), asked.get("order") == "desc"
    if orderby == "include" and asked.get("include"):
        places = {id: place for place, id in enumerate(asked["include"])}
        return sorted(kept, key=lambda row: places[row["id"]])
    return sorted(kept, key=_by(orderby), reverse=descending)


def _by(orderby: str) -> Callable[[Row], Any]:
    match orderby:
        case "date" | "registered_date":
            return lambda row: (row["date_created"], row["id"])
        case "modified":
            return lambda row: (row["date_modified"], row["id"])
        case "title" | "name":
            return lambda row: (str(row.get("name") or row.get("username") or row["id"]), row["id"])
        case _:
            return lambda row: row["id"]


def _wanted(state: State, row: Row, asked: Mapping[str, Any]) -> bool:
    if asked.get("include") and row["id"] not in asked["include"]:
        return False
    if row["id"] in (asked.get("exclude") or ()):
        return False
    if asked.get("parent") and row["parent_id"] not in asked["parent"]:
        return False
    return _status(row, asked) and _in_time(state, row, asked) and _named(row, asked)


def _status(row: Row, asked: Mapping[str, Any]) -> bool:
    wanted = asked.get("status")
    if wanted is None or "status" not in row:
        return True
    wanted = wanted if isinstance(wanted, list) else [wanted]
    return row["status"] not in LEFT_OUT if "any" in wanted else row["status"] in wanted


def _named(row: Row, asked: Mapping[str, Any]) -> bool:
    """The filters by a word."""
    if asked.get("role") not in (None, "all") and row.get("role") != asked["role"]:
        return False
    if asked.get("email") and row.get("email", "").lower() != str(asked["email"]).lower():
        return False
    if asked.get("customer") and row.get("customer_id") != asked["customer"]:
        return False
    if asked.get("code") and row.get("code") != str(asked["code"]).lower():
        return False
    if asked.get("slug") and row.get("slug") != asked["slug"]:
        return False
    if asked.get("type") and row.get("type") != asked["type"]:
        return False
    if asked.get("product") and not any(_sells(line, asked["product"]) for line in row.get("lines", ())):
        return False
    return not asked.get("search") or _reads(row, str(asked["search"]))


def _sells(line: Row, product: int) -> bool:
    return bool(line.get("product_id") == product)


def _reads(row: Row, search: str) -> bool:
    """Whether a search finds it: of goods, all its words in the name or the texts."""
    if "short_description" not in row:
        return search.lower() in str(row).lower()
    texts = f"{row['name']} {row['description']} {row['short_description']}".lower()
    return all(word in texts for word in search.lower().split())


def _in_time(state: State, row: Row, asked: Mapping[str, Any]) -> bool:
    zone = UTC if asked.get("dates_are_gmt") else ZoneInfo(state.zone)
    for name, field in DATES.items():
        if not asked.get(name) or field not in row:
            continue
        given = datetime.fromisoformat(str(asked[name]))
        bound = given if given.tzinfo else given.replace(tzinfo=zone)
        if name.endswith("after") and not row[field] > bound:
            return False
        if name.endswith("before") and not row[field] < bound:
            return False
    return True


def page(rows: Sequence[Row], asked: Mapping[str, Any]) -> list[Row]:
    """One page; an offset goes before a page number."""
    size = int(asked.get("per_page", 10))
    start = (
        int(asked["offset"]) if asked.get("offset") is not None else (int(asked.get("page", 1)) - 1) * size
    )
    return list(rows[start : start + size])


def headers(total: int, asked: Mapping[str, Any], address: str, given: Mapping[str, Any]) -> dict[str, str]:
    """`X-WP-Total`, `X-WP-TotalPages` and the links to the pages beside."""
    pages = ceil(total / int(asked.get("per_page", 10)))
    told = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    here, links = int(asked.get("page", 1)), []
    if here > 1:
        links.append(_link(address, given, min(here - 1, max(pages, 1)), "prev"))
    if here < pages:
        links.append(_link(address, given, here + 1, "next"))
    return told | ({"Link": ", ".join(links)} if links else {})


def _link(address: str, given: Mapping[str, Any], page: int, rel: str) -> str:
    query = urlencode({**{name: _plain(value) for name, value in given.items()}, "page": page})
    return f'<{address}?{query}>; rel="{rel}"'


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return ",".join(map(str, value)) if isinstance(value, list) else value


def trimmed(told: Row, fields: str) -> Row:
    """Only the fields asked for, also `parent.child`."""
    if not fields:
        return told
    kept: Row = {}
    for name in fields.split(","):
        first, _, rest = name.strip().partition(".")
        if first not in told:
            continue
        if rest and isinstance(told[first], dict):
            inner = trimmed(told[first], rest)
            kept[first] = {**kept.get(first, {}), **inner}
        else:
            kept[first] = told[first]
    return kept


def listed(told: Row, fields: str) -> Row:
    """The same of a list, where with chosen fields the links go too."""
    return {name: value for name, value in trimmed(told, fields).items() if not fields or name != "_links"}
