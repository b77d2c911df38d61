"""What the shop holds, as plain dictionaries in the API's own words, and what happened to it."""

import base64
import json
import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.shopify.refusal import NotInSandboxError, RefusedError
from sandbox.shopify.search import Search, parse

type Thing = dict[str, Any]
type Key = tuple[Any, int]

DEEPEST = 25_000
"""No connection can be paged past this many objects."""
SORTS = {
    "ID": "",
    "RELEVANCE": "",
    "UPDATED_AT": "updatedAt",
    "CREATED_AT": "createdAt",
    "PROCESSED_AT": "processedAt",
}


def gid(kind: str, number: int | str) -> str:
    """A global id."""
    return f"gid://shopify/{kind}/{number}"


def number(identifier: str) -> int:
    """The last part of a global id, 0 where it is none."""
    tail = identifier.rpartition("/")[2]
    return int(tail) if tail.isdigit() else 0


@dataclass(slots=True)
class Page:
    """One page of a connection, before its fields are chosen."""

    rows: Sequence[Any]
    cursor: Callable[[Any], str]
    has_next: bool
    has_previous: bool

    def info(self) -> dict[str, Any]:
        """`pageInfo`."""
        return {
            "hasNextPage": self.has_next,
            "hasPreviousPage": self.has_previous,
            "startCursor": self.cursor(self.rows[0]) if self.rows else None,
            "endCursor": self.cursor(self.rows[-1]) if self.rows else None,
        }


@dataclass(slots=True)
class Sorted:
    """What a search found, in order, as of a revision of the shelf."""

    revision: int
    keys: list[Key]
    rows: list[Thing]
    warnings: list[dict[str, str]]


@dataclass(slots=True)
class Shelf:
    """All objects of one type by number."""

    kind: str
    things: dict[int, Thing] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    revision: int = 0
    _found: dict[tuple[str, str, str], Sorted] = field(default_factory=dict)

    def put(self, thing: Thing) -> None:
        """Add or replace an object."""
        at = int(thing["legacyResourceId"])
        if at not in self.things:
            insort(self.numbers, at)
        self.things[at] = thing
        self.revision += 1

    def drop(self, at: int) -> Thing:
        """Delete an object."""
        self.numbers.remove(at)
        self.revision += 1
        return self.things.pop(at)

    def touched(self) -> None:
        """An object was changed in place."""
        self.revision += 1

    def found(self, query: str, sort: str, only: Callable[[Thing], bool] | None, mark: str) -> Sorted:
        """What a query finds, ascending; `only` (named by `mark`) hides what the token may not see."""
        known = self._found.get((query, sort, mark))
        if known is not None and known.revision == self.revision:
            return known
        if sort not in SORTS:
            raise NotInSandboxError(f"the simulator cannot sort {self.kind} by {sort}")
        search: Search = parse(query, self.kind)
        rows = [t for n in self.numbers if search.test(t := self.things[n]) and (only is None or only(t))]
        name = SORTS[sort]
        if name:
            rows.sort(key=lambda thing: (thing[name], int(thing["legacyResourceId"])))
        keys = [(thing[name] if name else 0, int(thing["legacyResourceId"])) for thing in rows]
        found = Sorted(self.revision, keys, rows, search.warnings)
        if len(self._found) > 16:
            self._found.clear()
        self._found[query, sort, mark] = found
        return found

    def page(self, found: Sorted, arguments: Mapping[str, Any], sort: str) -> Page:
        """The page asked for. Raises RefusedError past 25,000 objects."""
        if arguments.get("last") or arguments.get("before"):
            raise NotInSandboxError("the simulator pages forward only")
        keys, rows, size = found.keys, found.rows, arguments["first"]
        backwards = bool(arguments.get("reverse"))
        start = 0
        if arguments.get("after"):
            after = _uncursor(arguments["after"])
            start = len(keys) - bisect_left(keys, after) if backwards else bisect_right(keys, after)
        if start >= DEEPEST:
            raise RefusedError(
                f"Pagination is limited to {DEEPEST} objects. Narrow the query or use bulk operations.",
                "BAD_REQUEST",
            )
        chosen = rows[::-1][start : start + size] if backwards else rows[start : start + size]
        name = SORTS[sort]
        return Page(chosen, lambda thing: _cursor(thing, name), start + size < len(rows), start > 0)


def _cursor(thing: Thing, name: str) -> str:
    last = {"last_id": int(thing["legacyResourceId"]), "last_value": thing[name] if name else 0}
    return base64.b64encode(json.dumps(last).encode()).decode()


def list_page(rows: Sequence[Thing], arguments: Mapping[str, Any]) -> Page:
    """A page of objects in ascending order of id, held by another object. Raises RefusedError past 25,000."""
    if arguments.get("last") or arguments.get("before"):
        raise NotInSandboxError("the simulator pages forward only")
    keys = [(0, int(row["legacyResourceId"])) for row in rows]
    start = bisect_right(keys, _uncursor(arguments["after"])) if arguments.get("after") else 0
    if start >= DEEPEST:
        raise RefusedError(
            f"Pagination is limited to {DEEPEST} objects. Narrow the query or use bulk operations.",
            "BAD_REQUEST",
        )
    end = start + arguments["first"]
    return Page(rows[start:end], lambda row: _cursor(row, ""), end < len(rows), start > 0)


def _uncursor(text: str) -> Key:
    try:
        last = json.loads(base64.b64decode(text))
        return (last["last_value"], last["last_id"])
    except (ValueError, KeyError, TypeError):
        raise RefusedError("Invalid cursor for current pagination sort.", "BAD_REQUEST") from None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the shop tells its subscribers: topic as in the header, REST-shaped body, instant."""

    topic: str
    body: dict[str, Any]
    at: datetime


KINDS = (
    "Product",
    "ProductVariant",
    "Customer",
    "Order",
    "AbandonedCheckout",
    "DiscountNode",
    "DiscountCodeNode",
    "WebhookSubscription",
    "BulkOperation",
    "Location",
    "InventoryItem",
    "MetafieldDefinition",
)


class State:
    """The shop's memory. `lock` guards changes; readers of one request hold it too."""

    def __init__(self, clock: Callable[[], datetime], settings: Mapping[str, Any]) -> None:
        self.clock = clock
        self.shop: Thing = dict(settings)
        self.shelves = {kind: Shelf(kind) for kind in KINDS}
        self.events: list[Event] = []
        self.files: dict[str, bytes] = {}
        self.answered: dict[str, tuple[str, dict[str, Any]]] = {}
        """What requests with an idempotency key were answered, by key, each with what it asked for."""
        self.named: dict[tuple[str, str, str], Thing] = {}
        """Who has a metafield of the type `id`: namespace, key and value → the owner."""
        self.fetched: list[str] = []
        """Addresses of the pictures that the shop was asked to fetch."""
        self.looks_before_fetched = 0
        """How often a new picture is looked at before it is there."""
        self.staged: dict[str, bytes | None] = {}
        """Uploaded files by their path; None: a place that nothing was put at yet."""
        self.import_stops_after: int | None = None
        """Lines after which a bulk mutation fails; None: it does all."""
        self.lock = threading.RLock()
        self.listener: Callable[[], object] | None = None
        """Called whenever something is told, under the lock."""
        self._last = 1_000_000

    def shelf(self, kind: str) -> Shelf:
        """The objects of a type."""
        return self.shelves[kind]

    def fresh(self) -> int:
        """A number that no object has had."""
        with self.lock:
            self._last += 1
            return self._last

    def now(self) -> str:
        """The shop's time as the API writes it."""
        return stamp(self.clock())

    def load(self, kind: str, things: Sequence[Thing]) -> None:
        """Fill a shelf without telling anybody."""
        with self.lock:
            shelf = self.shelves[kind]
            for thing in things:
                shelf.put(thing)
                self._last = max(self._last, int(thing["legacyResourceId"]))

    def load_variants(self, products: Iterable[Thing]) -> None:
        """Put the variants of products and what is stocked of them where they are found."""
        variants = [variant for product in products for variant in product["variants"]]
        for variant in variants:
            variant["inventoryItem"]["variant_id"] = int(variant["legacyResourceId"])
        self.load("ProductVariant", variants)
        self.load("InventoryItem", [variant["inventoryItem"] for variant in variants])

    def drop_variant(self, variant: Thing) -> None:
        """Take a variant away, and what is stocked of it."""
        self.shelf("ProductVariant").drop(int(variant["legacyResourceId"]))
        item = self.shelf("InventoryItem").drop(int(variant["inventoryItem"]["legacyResourceId"]))
        self.tell("inventory_items/delete", {"id": int(item["legacyResourceId"])})

    def get(self, identifier: str) -> Thing | None:
        """The object with this global id."""
        kind = identifier.removeprefix("gid://shopify/").partition("/")[0]
        shelf = self.shelves.get(kind)
        return shelf.things.get(number(identifier)) if shelf else None

    def tell(self, topic: str, body: dict[str, Any]) -> None:
        """Remember an event for the subscribers."""
        self.events.append(Event(topic, body, self.clock()))
        if self.listener is not None:
            self.listener()


def stamp(moment: datetime) -> str:
    """An instant as the API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
