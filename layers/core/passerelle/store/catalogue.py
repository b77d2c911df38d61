"""The directory of one ledger as this process last saw it, looked up again where it has turned out to be old."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from passerelle.store.blocks import Block, Shelf
from passerelle.store.directory import Leaf, Range, Root, leaves_of
from passerelle.store.table import ATTEMPTS, ConditionFailed, TableBusy


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf and those of the places asked for that it answers for; `fresh` if it was read just now."""

    leaf: Leaf
    places: list[str]
    fresh: bool


class Catalogue:
    """Used by several threads: what is remembered is only ever replaced whole, and old copies do no harm."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._root: Root | None = None
        self._leaves: dict[str, Leaf] = {}

    def parts(self, places: Sequence[str], *, fresh: bool) -> list[Part]:
        """The leaves that answer for these places, given in order; none where nothing was ever recorded."""
        root, renewed = self._root, self._root is None
        for attempt in range(ATTEMPTS):
            root = self._read_root() if renewed else root
            if root is None:
                return []
            found = self._parts(root.sorted_out(places), fresh=fresh)
            if found is not None:
                return found
            renewed = True  # a leaf was divided: the root says what became of it
            if attempt:
                self.shelf.table.pause(attempt)
        raise TableBusy("the ledger's directory was divided again and again while it was read")

    def _read_root(self) -> Root | None:
        self._root = self.shelf.root()
        return self._root

    def _parts(self, wanted: dict[str, list[str]], *, fresh: bool) -> list[Part] | None:
        """A part for each leaf; None if one of them is not there any more."""
        seen = {} if fresh else {key: self._leaves[key] for key in wanted if key in self._leaves}
        read = self.shelf.leaves(key for key in wanted if key not in seen) if wanted.keys() - seen else {}
        self._leaves.update(read)
        leaves = seen | read
        if wanted.keys() - leaves:
            for key in wanted.keys() - leaves:
                self._leaves.pop(key, None)
            return None
        return [Part(leaves[key], some, key in read) for key, some in wanted.items()]

    def blank(self, places: list[str]) -> Part:
        """What stands for the directory of a ledger that has none: whoever commits it first makes it for all."""
        return Part(Leaf(self.shelf.new_key(), 0), places, fresh=True)

    def commit(self, leaf: Leaf, ranges: Sequence[Range], instead_of: Block | None = None) -> None:
        """Give the leaf these blocks; a block that was divided into them is deleted in the same step.

        Raises ConditionFailed: the leaf, the root or the block is not any more what was read.
        """
        pages = leaves_of(ranges, self.shelf.sizes.leaf)
        try:
            if len(pages) > 1 or not leaf.version:
                self._divide(leaf, ranges, pages, instead_of)
                return
            after, blob = Leaf(leaf.key, leaf.version + 1, tuple(ranges)), pages[0][1]
            if instead_of is None:
                self.shelf.put_leaf(after, blob)
            else:
                gone = self.shelf.deleting(instead_of)
                self.shelf.table.transact([self.shelf.putting_leaf(after, blob), gone])
        except ConditionFailed:
            self._leaves.pop(leaf.key, None)
            raise
        self._leaves[leaf.key] = after

    def _divide(
        self,
        leaf: Leaf,
        ranges: Sequence[Range],
        pages: Sequence[tuple[Sequence[list[object]], bytes]],
        instead_of: Block | None,
    ) -> None:
        """Write new leaves, let the root name them and delete the old one, all or nothing."""
        root = self._read_root() if leaf.version else Root(0, (("", leaf.key),))
        if root is None or leaf.key not in (key for _, key in root.leaves):
            raise ConditionFailed("the leaf was divided by somebody else")
        rest = iter(ranges)
        made = [Leaf(self.shelf.new_key(), 1, tuple(islice(rest, len(page)))) for page, _ in pages]
        after = root.divided(leaf.key, made)
        new = [self.shelf.putting_leaf(each, blob) for each, (_, blob) in zip(made, pages, strict=True)]
        old = [part for part in (leaf, instead_of) if part is not None and part.version]
        self._root = None
        self.shelf.table.transact([*new, self.shelf.putting_root(after), *map(self.shelf.deleting, old)])
        self._root = after
        self._leaves.pop(leaf.key, None)
        self._leaves.update((each.key, each) for each in made)

    def leaf_at(self, where: str) -> tuple[Leaf, str | None] | None:
        """The leaf that answers for a place, read now, and where the next begins; None where there is nothing."""
        for attempt in range(ATTEMPTS):
            root = self._read_root()
            if root is None:
                return None
            key = root.key_of(where)
            leaf = self.shelf.leaves([key]).get(key)
            if leaf:
                return leaf, root.after(key)
            self.shelf.table.pause(attempt)
        raise TableBusy("the ledger's directory was divided again and again while it was read")

    def walk(self, where: str = "") -> Iterator[tuple[Leaf, str]]:
        """Every leaf from a place on, each with the place that it was asked for."""
        start: str | None = where
        while start is not None:
            found = self.leaf_at(start)
            if found is None:
                return
            leaf, following = found
            yield leaf, start
            start = following

    def living(self) -> set[str]:
        """The keys of all leaves and blocks that the directory names."""
        keys: set[str] = set()
        for leaf, _ in self.walk():
            keys.add(leaf.key)
            keys.update(each.key for each in leaf.ranges)
        return keys
