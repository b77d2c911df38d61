"""What a large batch wrote of consent, packed: one item for hundreds of entries, found by run and by customer (A-13).

A row a customer, twice, is two write units each: on a first sync more than everything else together. A batch of PAGED
entries or more is written as a page of its run; beside it a signpost of the run tells which customers the page
covers, and the link remembers which of its runs have pages. A page's key is made of what is in it, so a repeated batch
writes the same page; one that was cut otherwise the second time is told once when it is read.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import groupby

from passerelle.memory import ConsentEntry
from passerelle.model.thawing import thaw
from passerelle.store.packing import opened, pieces, place, pressed
from passerelle.store.table import Key
from passerelle.store.tenancy import Tenancy
from passerelle.store.wire import Item, decode_item, encode_item, instant

PAGED = 25
"""Entries of one run from which a page is cheaper than two rows each, and batches follow the order of the ids."""
MOST = 1_000
PAGES = "~"
"""Begins the sort key of a page, behind every customer's id."""
COLUMNS = (
    *("customer", "direction"),  # by these two a page is named
    *("contact", "rule", "before", "after", "sent_at", "at", "reason", "evidence"),
)
"""What a row of a page holds, in this order."""
type Told = dict[tuple[str, str], ConsentEntry]
"""Entries of one run by customer and direction."""


class ConsentPages:
    """The pages of one tenant's runs."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._at = tenancy

    def write(self, entries: Sequence[ConsentEntry], ttl: int) -> None:
        """Keep these in pages, by run and link."""
        items: list[Item] = []
        for (run, link), some in groupby(sorted(entries, key=_order), key=_of):
            rows = [_row(entry) for entry in some]
            for part, blob in pieces(rows, MOST, MOST // 2):
                key = blake2b(pressed([row[:2] for row in part]), digest_size=12).hexdigest()
                first, last = part[0][0], part[-1][0]
                page = {"pk": self.run_key(run), "sk": f"{PAGES}{key}", "link": link, "b": blob}
                sign = {"pk": self._signs(run), "sk": key, "first": first, "last": last}
                items += [page | {"ttl": ttl}, sign | {"ttl": ttl}]
            items.append({"pk": self._runs(link), "sk": run, "ttl": ttl})
        self._at.table.batch_write(map(encode_item, items))

    def of_customers(self, run: str, customers: Iterable[str]) -> list[ConsentEntry]:
        """What the pages of a run hold of these customers."""
        wanted = set(customers)
        found = self._read(self._covering(run, wanted))
        return [e for item in found for e in entries_of(item, run) if e.customer in wanted]

    def of_customer(self, link: str, customer: str) -> list[ConsentEntry]:
        """What the pages of a link hold of a customer."""
        return [entry for run in self._runs_of(link) for entry in self.of_customers(run, [customer])]

    def forget(self, link: str, customer: str) -> None:
        """Write the pages that hold a customer anew without them."""
        for run in self._runs_of(link):
            for item in self._read(self._covering(run, {customer})):
                rows = opened(item["b"])
                kept = [row for row in rows if row[0] != customer]
                if len(kept) < len(rows):
                    self._at.table.put(item | {"b": pressed(kept)})

    def forget_all(self, link: str) -> None:
        """Delete every page of a link."""
        for run in self._runs_of(link):
            signs = [sign["sk"] for sign in self._at.table.stream(self._signs(run))]
            keys = [(self.run_key(run), f"{PAGES}{each}") for each in signs]
            keys += [(self._signs(run), each) for each in signs]
            self._at.table.batch_write(deletes=keys)
            self._at.table.delete((self._runs(link), run))

    def run_key(self, run: str) -> str:
        """The partition of a run, in which single entries lie as well."""
        return self._at.pk("CONSENTS", "RUN", run)

    def _runs_of(self, link: str) -> list[str]:
        return [item["sk"] for item in self._at.table.stream(self._runs(link))]

    def _covering(self, run: str, customers: set[str]) -> Iterator[Key]:
        places = sorted(map(place, customers))
        for sign in self._at.table.stream(self._signs(run)):
            first, last = place(sign["first"]), place(sign["last"])
            at = bisect_left(places, first)
            if at < len(places) and places[at] <= last:
                yield self.run_key(run), f"{PAGES}{sign['sk']}"

    def _read(self, keys: Iterable[Key]) -> Iterator[Item]:
        return map(decode_item, self._at.table.batch_get(keys))

    def _signs(self, run: str) -> str:
        return self._at.pk("CONSENTS", "SIGNS", run)

    def _runs(self, link: str) -> str:
        return self._at.pk("CONSENTS", "PAGED", link)


def entries_of(item: Item, run: str) -> list[ConsentEntry]:
    """The entries of a page."""
    return [_entry(row, item["link"], run) for row in opened(item["b"])]


def told_once(entries: Iterable[ConsentEntry]) -> list[ConsentEntry]:
    """The entries of one run in the order of the customers' ids; of two of one customer and direction the later."""
    found: Told = {}
    for entry in entries:
        key = (entry.customer, entry.direction)
        if key not in found or found[key].at <= entry.at:
            found[key] = entry
    return [found[key] for key in sorted(found)]


def _of(entry: ConsentEntry) -> tuple[str, str]:
    return entry.run, entry.link


def _order(entry: ConsentEntry) -> tuple[str, str, str, str]:
    return entry.run, entry.link, place(entry.customer), entry.direction


def _row(entry: ConsentEntry) -> list[object]:
    times = {"sent_at": instant(entry.sent_at), "at": instant(entry.at)}
    return [times.get(name) or getattr(entry, name) for name in COLUMNS]


def _entry(row: Sequence[object], link: str, run: str) -> ConsentEntry:
    return thaw(ConsentEntry, dict(zip(COLUMNS, row, strict=True)) | {"link": link, "run": run})
