"""Half-open ranges of positions: which parts of a slice are done, and which are not."""

from collections.abc import Iterable

type Range = tuple[int, int]


def merged(done: Iterable[Range], more: Range) -> tuple[Range, ...]:
    """The ranges with one more, in order, touching and overlapping ones made one."""
    result: list[Range] = []
    for start, end in sorted((*done, more)):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return tuple(result)


def complement(done: Iterable[Range], size: int) -> list[Range]:
    """What of [0, size) is in none of the ranges, in order."""
    gaps: list[Range] = []
    at = 0
    for start, end in sorted(done):
        if start > at:
            gaps.append((at, min(start, size)))
        at = max(at, end)
    if at < size:
        gaps.append((at, size))
    return [(start, end) for start, end in gaps if start < end]
