"""How batches tune themselves to what a shop stands."""

from collections.abc import Sequence
from enum import StrEnum

SMALLEST, LARGEST = 1, 500
CLEAN_BATCHES = 10
"""Batches in a row that must go through before a higher ceiling is tried: a thousand objects at 100 a batch,
against the one failed call that a try too bold costs."""
GROWTH = 4
"""A ceiling grows by a quarter: a limit lies between what worked and twice that, so four steps reach it."""


def within_bounds(size: int) -> int:
    """The nearest batch size that may be (1 to 500)."""
    return max(SMALLEST, min(LARGEST, size))


def split[T](ids: Sequence[T]) -> tuple[Sequence[T], Sequence[T]]:
    """The two halves of a batch that failed, in order; of one id, the second half is empty."""
    middle = (len(ids) + 1) // 2
    return ids[:middle], ids[middle:]


def lowered(size_that_failed: int) -> int:
    """The size to go on with after a failure for size or time: half, and at least one."""
    return max(SMALLEST, size_that_failed // 2)


def starting_size(ceiling: int, wanted: int) -> int:
    """The size a run starts with: the wanted one, or the smaller ceiling that is remembered (0: none)."""
    wanted = within_bounds(wanted)
    return min(ceiling, wanted) if ceiling > 0 else wanted


def grown(ceiling: int, clean_batches: int, wanted: int) -> int:
    """The ceiling after this many clean batches in a row; 0 once it is no limit to the wanted size any more.

    It stays as it is before CLEAN_BATCHES, then grows by a quarter, at least by one.
    """
    if ceiling <= 0 or ceiling >= within_bounds(wanted):
        return 0
    if clean_batches < CLEAN_BATCHES:
        return ceiling
    larger = ceiling + max(1, ceiling // GROWTH)
    return 0 if larger >= within_bounds(wanted) else larger


class Lone(StrEnum):
    """What a failure of one object alone means."""

    QUARANTINE = "quarantine"
    SHOP_DOWN = "shop_down"


def judge_lone_failure(*, others_succeeded: bool) -> Lone:
    """An object that fails alone is at fault only if another at the same shop succeeded meanwhile (B-4)."""
    return Lone.QUARANTINE if others_succeeded else Lone.SHOP_DOWN
