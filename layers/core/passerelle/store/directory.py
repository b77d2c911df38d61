"""Which block of the ledger holds which ids: two levels, leaves that list blocks and a root that lists leaves.

Only arithmetic, no AWS. Three things never change, and make it safe to look at an old copy. The part of the order that
a leaf answers for stays what it was when the leaf was made. The ids that a block covers, first to last, only grow. A
leaf or block that is divided is deleted in the same transaction, and its key is never used again: so what is still
there still answers for what the old copy says, and what is not there any more says that the copy is old. Ids between
two blocks belong to none: giving them one changes the leaf, under its version.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from passerelle.store.packing import id_of, pieces, place


@dataclass(frozen=True, slots=True)
class Range:
    """A block: the ids it covers, first and last, its key, and about how many entries it has."""

    first: str
    last: str
    key: str
    count: int

    @property
    def row(self) -> list[object]:
        """As it is kept."""
        return [self.first, self.last, self.key, self.count]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part of the order and the blocks in it."""

    key: str
    version: int
    ranges: tuple[Range, ...] = ()
    firsts: list[str] = field(init=False, repr=False, compare=False)
    lasts: list[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "firsts", [place(each.first) for each in self.ranges])
        object.__setattr__(self, "lasts", [place(each.last) for each in self.ranges])

    def sorted_out(self, places: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
        """Of places in order, the ids by the key of the block that covers them, and the places that none covers."""
        covered: dict[str, list[str]] = {}
        between: list[str] = []
        at = 0
        while at < len(places):
            after = bisect_right(self.firsts, places[at])
            if after and places[at] <= self.lasts[after - 1]:
                end = bisect_right(places, self.lasts[after - 1], at)
                covered[self.ranges[after - 1].key] = [id_of(each) for each in places[at:end]]
            else:
                end = _end(places, self.firsts, after, at)
                between += places[at:end]
            at = end
        return covered, between


@dataclass(frozen=True, slots=True)
class Root:
    """The leaves: where each begins, as a place, and its key. The first begins with the empty place."""

    version: int
    leaves: tuple[tuple[str, str], ...]
    starts: list[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", [start for start, _ in self.leaves])

    def key_of(self, where: str) -> str:
        """The leaf that answers for a place."""
        return self.leaves[bisect_right(self.starts, where) - 1][1]

    def after(self, key: str) -> str | None:
        """Where the next leaf begins."""
        at = next(at for at, (_, each) in enumerate(self.leaves) if each == key)
        return self.leaves[at + 1][0] if at + 1 < len(self.leaves) else None

    def sorted_out(self, places: Sequence[str]) -> dict[str, list[str]]:
        """Places in order by the key of their leaf."""
        return {self.leaves[after - 1][1]: some for after, some in _runs(places, self.starts)}

    def divided(self, key: str, into: Sequence[Leaf]) -> "Root":
        """With one leaf replaced by several."""
        leaves: list[tuple[str, str]] = []
        for start, each in self.leaves:
            if each != key:
                leaves.append((start, each))
                continue
            starts = [start, *(leaf.firsts[0] for leaf in into[1:])]
            leaves += [(begin, leaf.key) for begin, leaf in zip(starts, into, strict=True)]
        return Root(self.version + 1, tuple(leaves))


@dataclass(slots=True)
class Draft:
    """What becomes of a leaf when ids that no block covers are to have one."""

    ranges: list[Range]
    runs: list[list[str]] = field(default_factory=list)
    """Ids that get blocks of their own; the others are covered by a neighbour from now on."""

    def with_blocks(self, made: Iterable[Range]) -> list[Range]:
        """The leaf's blocks with the new ones."""
        return sorted([*self.ranges, *made], key=lambda each: place(each.first))


def draft(leaf: Leaf, places: Sequence[str], joined: int) -> Draft:
    """Find a block for places that none of the leaf covers, given in order.

    A run of ids between two blocks joins one of them where that has no more than `joined` entries with it; else it
    gets blocks of its own, so that many workers who each bring a range of new ids do not write the same block.
    """
    made = Draft(list(leaf.ranges))
    for after, some in _runs(places, leaf.firsts):
        run = [id_of(each) for each in some]
        for near in (after - 1, after):
            if 0 <= near < len(made.ranges) and made.ranges[near].count + len(run) <= joined:
                made.ranges[near] = _widened(made.ranges[near], run)
                break
        else:
            made.runs.append(run)
    return made


def _runs(places: Sequence[str], starts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Places in order by how many of the starts are not behind them."""
    at = 0
    while at < len(places):
        after = bisect_right(starts, places[at])
        end = _end(places, starts, after, at)
        yield after, list(places[at:end])
        at = end


def _end(places: Sequence[str], starts: Sequence[str], after: int, at: int) -> int:
    """The first of the places, from `at` on, that is not before the next start."""
    return bisect_left(places, starts[after], at) if after < len(starts) else len(places)


def _widened(block: Range, run: Sequence[str]) -> Range:
    first = min(block.first, run[0], key=place)
    last = max(block.last, run[-1], key=place)
    return replace(block, first=first, last=last, count=block.count + len(run))


def leaves_of(ranges: Sequence[Range], most: int) -> list[tuple[Sequence[list[object]], bytes]]:
    """The blocks of a leaf as they are kept: one page, or several where they have become too many."""
    return pieces([each.row for each in ranges], most, most // 2)
