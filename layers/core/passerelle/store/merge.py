"""Bringing changes into the blocks of the ledger, whoever else writes there at the same time.

Work goes in rounds over what is still to be done, and each round begins with what the directory says: ids that a block
covers are merged into it; for ids that none covers, blocks are written first and then named. A worker that dies in
between leaves blocks that nobody names, and no id half done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

from passerelle.store.blocks import AT_ONCE, Block
from passerelle.store.catalogue import Catalogue, Part
from passerelle.store.directory import Range, draft
from passerelle.store.packing import Change, Row, id_of, merged, pieces, places
from passerelle.store.table import ConditionFailed, TableBusy

ATTEMPTS = 25
"""How often a round may find that somebody was first."""

type Pieces = list[tuple[Sequence[Row], bytes]]
type Work = tuple[Block, list[str], bool]
"""A block, the ids that change in it, and whether it was read just now."""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A block that has to be divided: what it becomes, and the ids that changed in it."""

    block: Block
    ids: list[str]
    pieces: Pieces


class Merge:
    """The changes of one call, by source id."""

    def __init__(self, catalogue: Catalogue, changes: Mapping[str, Change]) -> None:
        self._catalogue, self._shelf = catalogue, catalogue.shelf
        self._waiting = dict(changes)
        self._removing = None in self._waiting.values()
        self._stored: dict[tuple[str, ...], list[Range]] = {}
        """Blocks written but not yet named, by what is in them: a second try names them instead of writing more."""
        self._fresh = False

    def all(self) -> None:
        """Until every change is in its block. Raises TableBusy if others are always first."""
        conflicts = 0
        while self._waiting:
            if self._round():
                continue
            conflicts += 1
            if conflicts == ATTEMPTS:
                raise TableBusy(f"{len(self._waiting)} entries found the ledger changed {ATTEMPTS} times")
            self._shelf.table.pause(conflicts - 1)

    def _round(self) -> bool:
        """Do what can be done by what the directory says now; False if somebody was first."""
        fresh, self._fresh = self._fresh, False
        where = places(self._waiting)
        parts = self._catalogue.parts(where, fresh=fresh) or [self._catalogue.blank(where)]
        clean = [self._part(part) for part in parts]
        self._fresh = self._fresh or not all(clean)
        return all(clean)

    def _part(self, part: Part) -> bool:
        covered, between = part.leaf.sorted_out(part.places)
        try:
            if between:
                self._between(part, between)
                return True
            return self._covered(covered)
        except ConditionFailed:
            return False

    def _done(self, ids: Sequence[str]) -> None:
        for id in ids:
            del self._waiting[id]

    # --- ids that no block covers -------------------------------------------------------------------------

    def _between(self, part: Part, between: list[str]) -> None:
        """Write their blocks, then name them by the latest directory, or let neighbours cover them."""
        if self._removing:
            between = self._still_to_add(part, between)
        if not between:
            return
        plan = draft(part.leaf, between, self._shelf.sizes.joined)
        new = [run for run in plan.runs if tuple(run) not in self._stored]
        if new:
            self._store({tuple(run): self._pieces([self._row(id) for id in run]) for run in new})
            return
        made = [each for run in plan.runs for each in self._stored[tuple(run)]]
        self._catalogue.commit(part.leaf, plan.with_blocks(made))
        for run in plan.runs:
            self._done(run)

    def _still_to_add(self, part: Part, between: list[str]) -> list[str]:
        """Without those to be removed: what no block covers is not there, if the directory is not an old one."""
        gone = [id_of(each) for each in between if self._waiting[id_of(each)] is None]
        if part.fresh:
            self._done(gone)
        elif gone:
            self._fresh = True
        return [each for each in between if self._waiting.get(id_of(each)) is not None]

    def _pieces(self, rows: Sequence[Row]) -> Pieces:
        return pieces(rows, self._shelf.sizes.most, self._shelf.sizes.target)

    def _row(self, id: str) -> Row:
        row = self._waiting[id]
        if row is None:
            raise LookupError("an entry that is to be removed needs no block")
        return row

    def _store(self, parts: Mapping[tuple[str, ...], Pieces]) -> None:
        """Write new blocks, in as few calls as there can be."""
        made: list[tuple[Block, bytes]] = []
        for name, each in parts.items():
            blocks = [Block(self._shelf.new_key(), 1, {row[0]: row for row in rows}) for rows, _ in each]
            made += [(block, blob) for block, (_, blob) in zip(blocks, each, strict=True)]
            self._stored[name] = [
                Range(rows[0][0], rows[-1][0], block.key, len(rows))
                for block, (rows, _) in zip(blocks, each, strict=True)
            ]
        self._shelf.put_new_blocks(made)

    # --- ids that a block covers --------------------------------------------------------------------------

    def _covered(self, covered: Mapping[str, list[str]]) -> bool:
        """Merge into each block, several at once; those that become too large are divided one by one."""
        clean = True
        for some in batched(covered.items(), AT_ONCE, strict=False):
            known = {key: block for key, _ in some if (block := self._shelf.remembered(key))}
            unknown = [key for key, _ in some if key not in known]
            read = self._shelf.blocks(unknown) if unknown else {}
            work = [
                ((known | read)[key], ids, key in read) for key, ids in some if key in known or key in read
            ]
            clean = clean and len(work) == len(some)
            answers = (
                map(self._write, work) if len(work) < 2 else self._shelf.table.pool.map(self._write, work)
            )
            for (_, ids, _), answer in zip(work, answers, strict=True):
                if isinstance(answer, TooLarge):
                    self._divide(answer)
                elif answer:
                    self._done(ids)
                clean = clean and answer is not False
        return clean

    def _write(self, work: Work) -> bool | TooLarge:
        """Merge into one block; False if it is not any more what was read."""
        block, ids, fresh = work
        changes = {id: self._waiting[id] for id in ids}
        rows = merged(block.rows, changes)
        if rows is None and not fresh:
            now = self._shelf.blocks([block.key]).get(block.key)
            if now is None:
                return self._old(block)
            block, rows = now, merged(now.rows, changes)
        if rows is None:
            return True
        parts = self._pieces(list(rows.values()))
        if len(parts) > 1:
            return TooLarge(block, ids, parts)
        try:
            self._shelf.put_block(Block(block.key, block.version + 1, rows), parts[0][1])
        except ConditionFailed:
            return self._old(block)
        return True

    def _old(self, block: Block) -> bool:
        self._shelf.forget(block.key)
        return False

    def _divide(self, large: TooLarge) -> None:
        """Write the parts; then, in one step, name them and delete the whole. Raises ConditionFailed."""
        block = large.block
        name = (block.key, str(block.version), *large.ids)
        if name not in self._stored:
            self._store({name: large.pieces})
        made = self._stored[name]
        (part,) = self._catalogue.parts(places(large.ids[:1]), fresh=True)
        others = [each for each in part.leaf.ranges if each.key != block.key]
        if len(others) == len(part.leaf.ranges):
            self._shelf.forget(block.key)
            raise ConditionFailed("the block was divided by somebody else")
        at = part.leaf.ranges.index(next(each for each in part.leaf.ranges if each.key == block.key))
        try:
            self._catalogue.commit(part.leaf, [*others[:at], *made, *others[at:]], instead_of=block)
        except ConditionFailed:
            self._shelf.forget(block.key)
            raise
        self._done(large.ids)
