"""The ledger over DynamoDB: per link and kind, entries in the order of their source ids, in packed blocks.

A block is one item of some 100 entries; `directory.py` says which block holds which ids and why old copies of it do no
harm. Writers are optimistic: each write names the version it was made from, and whoever comes second reads again and
brings in what is his. Blocks are divided by writing the parts first and then, in one transaction, naming them and
deleting the whole. Mappings never expire (G-8).
"""

from collections.abc import Generator, Iterator, Sequence
from itertools import batched

from passerelle.memory import Entry
from passerelle.model import Kind
from passerelle.store.blocks import AT_ONCE, Shelf
from passerelle.store.catalogue import Catalogue
from passerelle.store.directory import Leaf
from passerelle.store.merge import Merge
from passerelle.store.packing import Sizes, pack, place, places, unpack
from passerelle.store.table import Table, TableBusy
from passerelle.store.tenancy import Tenancy

ATTEMPTS = 25
"""How often a read may find that the directory has moved on."""


class DynamoLedger:
    """The ledger of one tenant."""

    def __init__(self, tenancy: Tenancy, table: Table, sizes: Sizes | None = None) -> None:
        self._tenancy = tenancy
        self._table = table
        self._sizes = sizes or Sizes()
        self._catalogues: dict[str, Catalogue] = {}

    def read(self, link: str, kind: Kind, ids: Sequence[str]) -> dict[str, Entry]:
        """The entries of these source ids, read consistently; ids never seen are absent."""
        catalogue, waiting = self._catalogue(link, kind), places(ids)
        found: dict[str, Entry] = {}
        fresh = False
        for attempt in range(ATTEMPTS):
            waiting = _look(catalogue, waiting, found, fresh=fresh) if waiting else waiting
            if not waiting:
                return found
            fresh = True
            if attempt:
                self._table.pause(attempt)
        raise TableBusy("the ledger was divided again and again while it was read")

    def record(self, link: str, kind: Kind, entries: Sequence[Entry]) -> None:
        """Write these entries whole, replacing what was there; what is there already is not written (B-8)."""
        if entries:
            changes = {entry.source_id: pack(entry) for entry in entries}
            Merge(self._catalogue(link, kind), changes).all()

    def scan(self, link: str, kind: Kind, after: str = "") -> Iterator[Entry]:
        """Every entry in order (behind an id), a few blocks at a time; at the end, dead workers' leavings are swept."""
        catalogue = self._catalogue(link, kind)
        start: str | None = place(after) + "\0" if after else ""
        while start is not None:
            found = catalogue.leaf_at(start)
            if found is None:
                return
            leaf, start_of_next = found
            reached = yield from _through(catalogue.shelf, leaf, start)
            start = start_of_next if reached is None else reached
        catalogue.shelf.sweep(catalogue.living)

    def forget(self, link: str, kind: Kind, ids: Sequence[str]) -> None:
        """Delete the entries of these source ids; those that are not there are passed over."""
        held = self.read(link, kind, ids)
        if held:
            Merge(self._catalogue(link, kind), dict.fromkeys(held)).all()

    def _catalogue(self, link: str, kind: Kind) -> Catalogue:
        pk = self._tenancy.pk("L", link, kind)
        found = self._catalogues.get(pk)
        if found is None:
            found = self._catalogues.setdefault(
                pk, Catalogue(Shelf(self._tenancy, self._table, pk, self._sizes))
            )
        return found


def _look(catalogue: Catalogue, wanted: list[str], found: dict[str, Entry], *, fresh: bool) -> list[str]:
    """Read what the directory leads to; answers the places for which it has to be read again."""
    by_block: dict[str, list[str]] = {}
    again: list[str] = []
    for part in catalogue.parts(wanted, fresh=fresh):
        covered, between = part.leaf.sorted_out(part.places)
        by_block |= covered
        if not part.fresh:
            again += between  # a block for them may have been made since
    for keys in batched(by_block, AT_ONCE, strict=False):
        blocks = catalogue.shelf.blocks(keys)
        for key in keys:
            if key not in blocks:
                again += map(place, by_block[key])
                continue
            rows = blocks[key].rows
            found.update((id, unpack(rows[id])) for id in by_block[key] if id in rows)
    return sorted(again)


def _through(shelf: Shelf, leaf: Leaf, start: str) -> Generator[Entry, None, str | None]:
    """The entries of a leaf from a place on; answers where to go on if a block was divided meanwhile, else None."""
    ahead = [each for each, last in zip(leaf.ranges, leaf.lasts, strict=True) if last >= start]
    for some in batched(ahead, AT_ONCE, strict=False):
        blocks = shelf.blocks([each.key for each in some])
        for each in some:
            block = blocks.get(each.key)
            if block is None:
                return start
            for id, row in block.rows.items():
                if place(id) >= start:
                    yield unpack(row)
            start = place(each.last) + "\0"
    return None
