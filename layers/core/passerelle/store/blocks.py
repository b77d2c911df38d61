"""The items of one ledger in its table: the root, the leaves of the directory, and the blocks of entries.

All lie in one partition, under `ROOT`, `L#<key>` and `B#<key>`, with a version `v` and a packed `e`. A key begins with
the millisecond it was made in. What no directory names is an orphan of a worker that died: it is never read, and
swept away once it is older than any worker can live.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from passerelle.store.directory import Leaf, Range, Root
from passerelle.store.packing import Row, Sizes, opened, pressed
from passerelle.store.table import Action, Table
from passerelle.store.tenancy import Tenancy, instant_of
from passerelle.store.wire import WireItem, encode_item

AT_ONCE = 50
"""Blocks read in one go, so that memory stays flat."""
KEPT = 64
"""Blocks remembered between a read and the write that follows it."""
ORPHANED = timedelta(hours=1)
"""A worker lives 15 minutes at most: a block that no directory names by then will never be named."""
ROOT = "ROOT"
SAME = "#v = :v"
NEW = "attribute_not_exists(#pk)"


@dataclass(frozen=True, slots=True)
class Block:
    """Entries by source id, in order."""

    key: str
    version: int
    rows: dict[str, Row]


class Shelf:
    """The items of one link and kind."""

    def __init__(self, tenancy: Tenancy, table: Table, pk: str, sizes: Sizes) -> None:
        self.table = table
        self.sizes = sizes
        self._tenancy = tenancy
        self._pk = pk
        self._kept: OrderedDict[str, Block] = OrderedDict()
        self._lock = threading.Lock()

    def new_key(self) -> str:
        """A key that was never used."""
        return self._tenancy.moment()

    # --- reading ------------------------------------------------------------------------------------------

    def root(self) -> Root | None:
        """The root, or None where nothing was ever recorded."""
        (item,) = self.table.batch_get([(self._pk, ROOT)]) or (None,)
        if item is None:
            return None
        return Root(_version(item), tuple((start, key) for start, key in _opened(item)))

    def leaves(self, keys: Iterable[str]) -> dict[str, Leaf]:
        """Those of the leaves that are there."""
        found = self.table.batch_get((self._pk, f"L#{key}") for key in keys)
        leaves = (
            Leaf(_key(item), _version(item), tuple(Range(*row) for row in _opened(item))) for item in found
        )
        return {leaf.key: leaf for leaf in leaves}

    def blocks(self, keys: Sequence[str]) -> dict[str, Block]:
        """Those of the blocks that are there, remembered for a write that may follow."""
        found = self.table.batch_get((self._pk, f"B#{key}") for key in keys)
        blocks = {_key(item): _block(item) for item in found}
        for block in blocks.values():
            self.remember(block)
        return blocks

    def remembered(self, key: str) -> Block | None:
        """The block as it was last seen."""
        return self._kept.get(key)

    def remember(self, block: Block) -> None:
        """Keep what was seen or written, for a while."""
        with self._lock:
            before = self._kept.get(block.key)
            if before is None or before.version <= block.version:
                self._kept[block.key] = block
                self._kept.move_to_end(block.key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def forget(self, key: str) -> None:
        """What was seen has turned out to be old."""
        with self._lock:
            self._kept.pop(key, None)

    # --- writing ------------------------------------------------------------------------------------------

    def put_block(self, block: Block, blob: bytes) -> None:
        """Write a block over its last version. Raises ConditionFailed."""
        item = self._item(f"B#{block.key}", block.version, blob)
        self.table.put(item, *_over(block.version))
        self.remember(block)

    def put_new_blocks(self, blocks: Sequence[tuple[Block, bytes]]) -> None:
        """Write blocks that nobody knows of yet."""
        self.table.batch_write(
            encode_item(self._item(f"B#{each.key}", each.version, blob)) for each, blob in blocks
        )
        for block, _ in blocks:
            self.remember(block)

    def putting_root(self, root: Root) -> Action:
        """The root over its last version, or as the first, as part of a transaction."""
        item = self._item(ROOT, root.version, pressed(root.leaves))
        return self.table.putting(item, *_over(root.version) or (NEW,))

    def putting_leaf(self, leaf: Leaf, blob: bytes) -> Action:
        """A leaf over its last version, or a new one, as part of a transaction."""
        return self.table.putting(self._item(f"L#{leaf.key}", leaf.version, blob), *_over(leaf.version))

    def put_leaf(self, leaf: Leaf, blob: bytes) -> None:
        """The same alone. Raises ConditionFailed."""
        self.table.put(self._item(f"L#{leaf.key}", leaf.version, blob), *_over(leaf.version))

    def deleting(self, part: Leaf | Block) -> Action:
        """Delete what was divided, if it still is what was read."""
        sort = "L" if isinstance(part, Leaf) else "B"
        return self.table.deleting((self._pk, f"{sort}#{part.key}"), SAME, {"v": part.version})

    def sweep(self, living: Callable[[], set[str]]) -> int:
        """Delete what no directory names, an hour after it was made; answers how many. `living` is asked last."""
        before = self._tenancy.clock() - ORPHANED
        old = [name for name in self._names() if name != ROOT and instant_of(name[2:]) < before]
        alive = living() if old else set()
        orphans = [(self._pk, name) for name in old if name[2:] not in alive]
        self.table.batch_write(deletes=orphans)
        return len(orphans)

    def _names(self) -> list[str]:
        names: list[str] = []
        start: WireItem | None = None
        while True:
            items, start = self.table.page(self._pk, start=start, only="#sk")
            names += [item["sk"]["S"] for item in items]
            if not start:
                return names

    def _item(self, name: str, version: int, blob: bytes) -> dict[str, object]:
        return {"pk": self._pk, "sk": name, "v": version, "e": blob}


def _over(version: int) -> tuple[str, dict[str, object]] | tuple[()]:
    """The condition that what is there is the version before; none for what is new under a key of its own."""
    return (SAME, {"v": version - 1}) if version > 1 else ()


def _key(item: WireItem) -> str:
    return str(item["sk"]["S"][2:])


def _version(item: WireItem) -> int:
    return int(item["v"]["N"])


def _opened(item: WireItem) -> list[Any]:
    return opened(bytes(item["e"]["B"]))


def _block(item: WireItem) -> Block:
    return Block(_key(item), _version(item), {row[0]: row for row in _opened(item)})
