"""The ledger of consent: every status and consent written, by run and by customer, kept 25 months (A-13)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from passerelle.memory import TO_AUDIENCE, TO_STORE, ConsentEntry
from passerelle.store.table import Page
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import WireItem, instant

DAYS = 761
"""25 months: whoever asks within two years why they were written to gets an answer."""


class Consents:
    """Each entry is two items, one under its run and one under its customer, with the sort keys below.

    What a live event is about to write is an item of its own until it is answered; of a run, its slice keeps that.
    A repeated batch of a run writes the same keys again, so that nothing is doubled. The attribute `c` is the entry
    as JSON.
    """

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy

    def record(self, entries: Sequence[ConsentEntry]) -> None:
        """Keep these; one of the same run, customer and direction is replaced by itself."""
        if entries:
            ttl = str(self._at.expiry(DAYS))
            self._at.table.batch_write(item for entry in entries for item in self._items(entry, ttl))

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
        return [_entry(item["c"]) for item in self._at.table.stream(self._of_run(run))]

    def of_customers(self, run: str, customers: Sequence[str]) -> list[ConsentEntry]:
        """What a run wrote of these customers."""
        pk = self._of_run(run)
        keys = [(pk, f"{each}#{way}") for each in customers for way in (TO_AUDIENCE, TO_STORE)]
        return [_entry(item["c"]["S"]) for item in self._at.table.batch_get(keys)]

    def list_run(self, run: str, limit: int = 50, cursor: str | None = None) -> Page[ConsentEntry]:
        """What a run wrote, a page at a time, by customer."""
        page = self._at.table.query(self._of_run(run), limit=limit, cursor=cursor)
        return Page(tuple(_entry(item["c"]) for item in page.items), page.cursor)

    def list_customer(
        self, link: str, customer: str, limit: int = 50, cursor: str | None = None
    ) -> Page[ConsentEntry]:
        """What was written for a customer of a link, newest first."""
        pk = self._of_customer(link, customer)
        page = self._at.table.query(pk, limit=limit, cursor=cursor, newest_first=True)
        return Page(tuple(_entry(item["c"]) for item in page.items), page.cursor)

    def forget(self, link: str, customer: str) -> None:
        """Delete what was written for a customer of a link, under their runs too."""
        pk = self._of_customer(link, customer)
        found = [(item["sk"], _entry(item["c"])) for item in self._at.table.stream(pk)]
        keys = [(pk, sk) for sk, _ in found]
        keys += [(self._of_run(e.run), f"{customer}#{e.direction}") for _, e in found if e.run]
        self._at.table.batch_write(deletes=keys)

    def _items(self, entry: ConsentEntry, ttl: str) -> list[WireItem]:
        body = {"c": {"S": orjson.dumps(entry).decode()}, "ttl": {"N": ttl}}
        when = f"{instant(entry.sent_at)}#{entry.run}#{entry.direction}"
        keys = [(self._of_customer(entry.link, entry.customer), when)]
        if entry.run:
            keys.append((self._of_run(entry.run), f"{entry.customer}#{entry.direction}"))
        return [{"pk": {"S": pk}, "sk": {"S": sk}, **body} for pk, sk in keys]

    def _of_live(self, feed: str, object_id: str) -> tuple[str, str]:
        return self._at.pk("CONSENTS", "INTENDED", feed), object_id

    def _of_run(self, run: str) -> str:
        return self._at.pk("CONSENTS", "RUN", run)

    def _of_customer(self, link: str, customer: str) -> str:
        return self._at.pk("CONSENTS", "OF", link, customer)


def _entry(text: str) -> ConsentEntry:
    return _read(orjson.loads(text))


def _read(told: dict[str, Any]) -> ConsentEntry:
    instants = {name: datetime.fromisoformat(told[name]) for name in ("sent_at", "at")}
    return ConsentEntry(**told | instants)
