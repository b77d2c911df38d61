"""The ledger of consent: every status and consent written, by run and by customer, kept 25 months (A-13)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from passerelle.memory import TO_AUDIENCE, TO_STORE, ConsentEntry
from passerelle.store import cursors
from passerelle.store.consent_pages import PAGED, ConsentPages, entries_of, told_once
from passerelle.store.table import Page
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import Item, WireItem, instant

DAYS = 761
"""25 months: whoever asks within two years why they were written to gets an answer."""


class Consents:
    """Each entry is two items, one under its run and one under its customer, with the sort keys below.

    What a run writes of many at once is packed into pages of the run instead: see `consent_pages.py`. What a live
    event is about to write is an item of its own until it is answered; of a run, its slice keeps that. A repeated
    batch of a run writes the same keys again, so that nothing is doubled. The attribute `c` is the entry as JSON.
    """

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy
        self._pages = ConsentPages(tenancy)

    def record(self, entries: Sequence[ConsentEntry]) -> None:
        """Keep these; one of the same run, customer and direction is replaced by itself."""
        ttl = self._at.expiry(DAYS)
        of_runs = [entry for entry in entries if entry.run]
        if len(of_runs) < PAGED:
            of_runs = []
        else:
            self._pages.write(of_runs, ttl)
        single = [entry for entry in entries if not (of_runs and entry.run)]
        if single:
            self._at.table.batch_write(item for entry in single for item in self._items(entry, str(ttl)))

    def intend(self, feed: str, object_id: str, entries: Sequence[ConsentEntry]) -> None:
        """Before these are sent for a live event: what they are. It takes the place of what was said before."""
        pk, sk = self._of_live(feed, object_id)
        told = {"c": {"S": orjson.dumps(list(entries)).decode()}, "ttl": {"N": str(self._at.expiry(DAYS))}}
        self._at.table.batch_write([{"pk": {"S": pk}, "sk": {"S": sk}, **told}])

    def intended(self, feed: str, object_id: str) -> list[ConsentEntry]:
        """What was said of a live event and is not closed: it may have been sent."""
        found = self._at.table.batch_get([self._of_live(feed, object_id)])
        return [_read(told) for item in found for told in orjson.loads(item["c"]["S"])]

    def close(self, feed: str, object_id: str) -> None:
        """What was said of a live event is answered, and recorded where it was accepted."""
        self._at.table.batch_write(deletes=[self._of_live(feed, object_id)])

    def of_run(self, run: str) -> list[ConsentEntry]:
        """Everything that a run wrote, by customer."""
        items = self._at.table.stream(self._of_run(run))
        return told_once(entry for item in items for entry in _told(item, run))

    def of_customers(self, run: str, customers: Sequence[str]) -> list[ConsentEntry]:
        """What a run wrote of these customers."""
        pk = self._of_run(run)
        keys = [(pk, f"{each}#{way}") for each in customers for way in (TO_AUDIENCE, TO_STORE)]
        single = [_entry(item["c"]["S"]) for item in self._at.table.batch_get(keys)]
        return told_once([*single, *self._pages.of_customers(run, customers)])

    def list_run(self, run: str, limit: int = 50, cursor: str | None = None) -> Page[ConsentEntry]:
        """What a run wrote, a page at a time. The cursor is that of the table, and how much of its item was told."""
        pk = self._of_run(run)
        before, _, told = (cursor or "").partition("@")
        skip = int(told) if told.isdecimal() else 0
        page = self._at.table.query(pk, limit=limit, cursor=before or None)
        found: list[ConsentEntry] = []
        for item in page.items:
            entries = _told(item, run)
            left = limit - len(found)
            found += entries[skip : skip + left]
            if skip + left < len(entries):
                return Page(tuple(found), f"{before}@{skip + left}")
            before, skip = cursors.encode((pk, item["sk"])), 0
            if len(found) == limit:
                return Page(tuple(found), before if item is not page.items[-1] else page.cursor)
        return Page(tuple(found), page.cursor)

    def list_customer(
        self, link: str, customer: str, limit: int = 50, cursor: str | None = None
    ) -> Page[ConsentEntry]:
        """What was written for a customer of a link, newest first."""
        pk = self._of_customer(link, customer)
        before = cursors.decode(cursor, pk)[1] if cursor else ""
        known = [_entry(item["c"]) for item in self._at.table.stream(pk)]
        known += self._pages.of_customer(link, customer)
        by_key = {_when(entry): entry for entry in known}
        wanted = sorted((key for key in by_key if not before or key < before), reverse=True)
        after = cursors.encode((pk, wanted[limit - 1])) if len(wanted) > limit else None
        return Page(tuple(by_key[key] for key in wanted[:limit]), after)

    def forget(self, link: str, customer: str) -> None:
        """Delete what was written for a customer of a link, under their runs too."""
        pk = self._of_customer(link, customer)
        found = [(item["sk"], _entry(item["c"])) for item in self._at.table.stream(pk)]
        keys = [(pk, sk) for sk, _ in found]
        keys += [(self._of_run(e.run), f"{customer}#{e.direction}") for _, e in found if e.run]
        self._at.table.batch_write(deletes=keys)
        self._pages.forget(link, customer)

    def forget_pages(self, link: str) -> None:
        """Delete at once whatever runs of a link wrote of many; single customers' entries are left."""
        self._pages.forget_all(link)

    def _items(self, entry: ConsentEntry, ttl: str) -> list[WireItem]:
        body = {"c": {"S": orjson.dumps(entry).decode()}, "ttl": {"N": ttl}}
        keys = [(self._of_customer(entry.link, entry.customer), _when(entry))]
        if entry.run:
            keys.append((self._of_run(entry.run), f"{entry.customer}#{entry.direction}"))
        return [{"pk": {"S": pk}, "sk": {"S": sk}, **body} for pk, sk in keys]

    def _of_live(self, feed: str, object_id: str) -> tuple[str, str]:
        return self._at.pk("CONSENTS", "INTENDED", feed), object_id

    def _of_run(self, run: str) -> str:
        return self._pages.run_key(run)

    def _of_customer(self, link: str, customer: str) -> str:
        return self._at.pk("CONSENTS", "OF", link, customer)


def _told(item: Item, run: str) -> list[ConsentEntry]:
    """The entries of an item of a run, a page or a single one."""
    return entries_of(item, run) if "b" in item else [_entry(item["c"])]


def _when(entry: ConsentEntry) -> str:
    """What tells a customer's entries apart, in the order of time."""
    return f"{instant(entry.sent_at)}#{entry.run}#{entry.direction}"


def _entry(text: str) -> ConsentEntry:
    return _read(orjson.loads(text))


def _read(told: dict[str, Any]) -> ConsentEntry:
    instants = {name: datetime.fromisoformat(told[name]) for name in ("sent_at", "at")}
    return ConsentEntry(**told | instants)
