"""Bulk exports: Shopify writes the whole selection into one JSONL file, outside the rate limit.

The file is read as it arrives into a small database on disk, because children may stand anywhere after (or before)
their parents; then the objects come out one by one. Memory stays flat, the disk holds one file's lines.
Source: https://shopify.dev/docs/api/usage/bulk-operations/queries
"""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from passerelle.connectors.shopify import documents, stock
from passerelle.connectors.shopify.admin import Admin, Data
from passerelle.connectors.shopify.listing import query
from passerelle.connectors.shopify.places import Places
from passerelle.connectors.shopify.pulling import facts, readable
from passerelle.connectors.shopify.reading import MANY, Raw, moment, refuse_hidden
from passerelle.model import Kind, Object, StockLevel
from passerelle.port import (
    Export,
    Incomplete,
    PermissionMissing,
    Rejected,
    Selection,
    Throttled,
    Unavailable,
    Unreadable,
)

RUNNING = frozenset({"CREATED", "RUNNING"})
CHUNK = 2_000
FRESH = 60.0
"""Seconds within which a running export of the same query is taken for our own."""
AGAIN = "Start the export again; if it fails again, sync without it."
FIELDS = {
    Kind.PRODUCTS: documents.PRODUCT_FIELDS,
    Kind.CUSTOMERS: documents.CUSTOMER_FIELDS,
    Kind.ORDERS: documents.ORDER_FIELDS,
}
"""A bulk query has no variables, so pictures are taken as uploaded unless the settings say otherwise."""


def text(kind: Kind, selection: Selection, image: Raw | None, *, several: bool = False) -> str:
    """The query of an export: the same fields that a pull reads. `several`: units are told by location."""
    if kind is Kind.STOCK:
        return f"{{ inventoryItems {{ edges {{ node {{ {stock.exported_fields(several=several)} }} }} }} }}"
    root = documents.ROOTS[kind].connection
    asked = query(kind, selection)
    arguments = f"(query: {orjson.dumps(asked).decode()})" if asked else ""
    children = _children(kind).replace("(transform: $image)", _transform(image))
    inside = f"__typename {FIELDS[kind]}{children}"
    return f"{{ {root}{arguments} {{ edges {{ node {{ {inside} }} }} }} }}"


def _children(kind: Kind) -> str:
    variants = f" variants {{ edges {{ node {{ __typename {documents.VARIANT_FIELDS} }} }} }}"
    media = """ media { edges { node { __typename ... on MediaImage {
  id alt image { url(transform: $image) } } } } }"""
    lines = f" lineItems {{ edges {{ node {{ __typename {documents.ORDER_LINE_FIELDS} }} }} }}"
    return {Kind.PRODUCTS: media + variants, Kind.ORDERS: lines}.get(kind, "")


def _transform(image: Raw | None) -> str:
    if not image:
        return ""
    return f"(transform: {{{', '.join(f'{name}: {value}' for name, value in sorted(image.items()))}}})"


class Exports:
    """One shop's exports."""

    def __init__(self, admin: Admin, image: Raw | None, clock: Callable[[], float], places: Places) -> None:
        self._admin, self._places = admin, places
        self._image = image
        self._clock = clock
        self._over: dict[str, Data] = {}
        """What the last look found of exports that are complete, by handle."""

    def start(self, kind: Kind, selection: Selection) -> Export:
        """Start an export, or take up the same one where it was started a moment ago and its answer was lost.

        An older one is left alone: what changed since it began would be missing.
        """
        if kind not in FIELDS and kind is not Kind.STOCK:
            raise Rejected(f"Shopify's bulk export has no {kind}.", "Sync them page by page.", "no_export")
        wanted = text(kind, selection, self._image, several=self._several(kind))
        for known in self._admin.ask(documents.RECENT_BULK)["bulkOperations"]["nodes"]:
            if known["status"] in RUNNING and known["query"] == wanted and self._is_fresh(known):
                return Export(known["id"])
        answer = self._admin.ask(documents.RUN_BULK, {"query": wanted})["bulkOperationRunQuery"]
        errors = answer["userErrors"]
        if not errors:
            return Export(answer["bulkOperation"]["id"])
        codes = {error["code"] for error in errors}
        if codes & {"LIMIT_REACHED", "OPERATION_IN_PROGRESS"}:
            raise Throttled("Five exports of this shop are running already.", 30.0)
        raise Rejected("Shopify refuses the export.", "Sync without it.", "export_refused")

    def _several(self, kind: Kind) -> bool:
        return kind is Kind.STOCK and self._places.several

    def _is_fresh(self, known: Data) -> bool:
        began = moment(known, "createdAt")
        return began is not None and self._clock() - began.timestamp() <= FRESH

    def look(self, export: Export) -> Export:
        """Whether it is ready. Raises Unavailable where it failed, PermissionMissing where a scope lacks."""
        self._over.pop(export.handle, None)
        data = self._state(export)
        ready = data["bulkOperation"]["status"] == "COMPLETED"
        if ready:
            self._over[export.handle] = data
        return Export(export.handle, ready)

    def _state(self, export: Export) -> Data:
        data = self._admin.ask(documents.BULK, {"id": export.handle})
        state = data["bulkOperation"]
        if state is None:
            raise Unavailable("Shopify does not know this export any more.", AGAIN)
        if state["errorCode"] == "ACCESS_DENIED":
            raise PermissionMissing(
                "The app may not read all that the export holds.", "Give it the scopes it needs."
            )
        broken = state["status"] in {"FAILED", "CANCELED", "CANCELING", "EXPIRED"} or state["errorCode"]
        if broken or state["partialDataUrl"]:
            reason = str(state["errorCode"] or state["status"]).lower()
            raise Unavailable(f"Shopify's export ended before its end ({reason}).", AGAIN)
        return data

    def read(self, kind: Kind, export: Export) -> Iterator[Object | Unreadable]:
        """The objects, streamed. Raises Incomplete if the file holds fewer lines than Shopify counted."""
        data = self._over.pop(export.handle, None) or self._state(export)
        state = data["bulkOperation"]
        if state["status"] != "COMPLETED":
            raise Unavailable("Shopify's export is not ready yet.", "Nothing to do: it is looked at again.")
        shop = facts(data)
        with (
            tempfile.TemporaryDirectory(prefix="export-") as folder,
            Spool(Path(folder) / "lines.db") as spool,
        ):
            if state["url"]:
                self._download(state["url"], spool)
            spool.check(int(state["objectCount"]), int(state["rootObjectCount"]))
            if kind is Kind.CUSTOMERS:
                refuse_hidden(list(islice(spool.objects(kind), MANY)))
            if kind is Kind.STOCK:
                yield from self._levels(spool)
                return
            for raw in spool.objects(kind):
                yield readable(kind, raw, shop)

    def _levels(self, spool: "Spool") -> Iterator[StockLevel]:
        several = self._several(Kind.STOCK)
        told = (stock.exported(raw, several=several) for raw in spool.objects(Kind.STOCK))
        return (each for each in told if each is not None)

    def _download(self, url: str, spool: "Spool") -> None:
        with self._admin.client.stream("GET", url) as download:
            try:
                spool.fill(download.lines())
            except sqlite3.OperationalError as error:
                raise Unavailable(
                    f"The export's file cannot be kept while it is read ({error}).",
                    "Give the planning function more temporary storage, or sync page by page.",
                ) from None


class Spool:
    """The lines of one file on disk, found again by parent."""

    def __init__(self, file: Path) -> None:
        self._base = sqlite3.connect(file, isolation_level=None)
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("PRAGMA synchronous = OFF")
        self._base.execute("CREATE TABLE roots (place INTEGER PRIMARY KEY, id TEXT, line BLOB)")
        self._base.execute("CREATE TABLE children (parent TEXT, place INTEGER, line BLOB)")

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def fill(self, lines: Iterator[bytes]) -> None:
        """Keep every line, roots apart from children, in the order in which they came."""
        roots: list[tuple[int, str, bytes]] = []
        children: list[tuple[str, int, bytes]] = []
        self._base.execute("BEGIN")
        for place, line in enumerate(lines):
            raw = _line(line)
            if "__parentId" in raw:
                children.append((raw["__parentId"], place, line))
            else:
                roots.append((place, raw["id"], line))
            if len(roots) + len(children) >= CHUNK:
                self._store(roots, children)
        self._store(roots, children)
        self._base.execute("COMMIT")
        self._base.execute("CREATE INDEX by_parent ON children (parent, place)")

    def _store(self, roots: list[tuple[int, str, bytes]], children: list[tuple[str, int, bytes]]) -> None:
        self._base.executemany("INSERT INTO roots VALUES (?, ?, ?)", roots)
        self._base.executemany("INSERT INTO children VALUES (?, ?, ?)", children)
        roots.clear()
        children.clear()

    def check(self, lines: int, roots: int) -> None:
        """Compare with what Shopify counted, and find children whose parent is nowhere."""
        [(found, nested)] = self._base.execute(
            "SELECT (SELECT count(*) FROM roots), (SELECT count(*) FROM children)"
        )
        [(orphans,)] = self._base.execute(
            "SELECT count(*) FROM children WHERE parent NOT IN (SELECT id FROM roots)"
        )
        if found != roots or found + nested != lines or orphans:
            raise Incomplete(
                f"Shopify counted {roots} objects in {lines} lines, and the file holds {found} in {found + nested} "
                f"({orphans} without their parent).",
                AGAIN,
            )

    def objects(self, kind: Kind) -> Iterator[Raw]:
        """Each object with its children as lists."""
        for identifier, line in self._base.execute("SELECT id, line FROM roots ORDER BY place"):
            rows = self._base.execute(
                "SELECT line FROM children WHERE parent = ? ORDER BY place", (identifier,)
            )
            nested = [orjson.loads(row) for (row,) in rows]
            yield {**orjson.loads(line), **_sorted(kind, nested)}


def _line(line: bytes) -> dict[str, Any]:
    try:
        raw = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Incomplete("The export's file holds a line that is no JSON.", AGAIN) from None
    if not isinstance(raw, dict) or not ("id" in raw or "__parentId" in raw):
        raise Incomplete("The export's file holds a line without an id.", AGAIN)
    return raw


def _sorted(kind: Kind, nested: list[Raw]) -> Raw:
    names = {"ProductVariant": "variants", "LineItem": "lineItems", "InventoryLevel": "inventoryLevels"}
    held: Raw = {
        Kind.PRODUCTS: {"variants": [], "media": []},
        Kind.ORDERS: {"lineItems": []},
        Kind.STOCK: {"variants": [], "inventoryLevels": []},
    }.get(kind, {})
    for child in nested:
        held.setdefault(names.get(child["__typename"], "media"), []).append(child)
    return held
