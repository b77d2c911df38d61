"""What a sync will take, before it starts (B-3)."""

from dataclasses import dataclass

from passerelle.port import Limits
from passerelle.rules.batching import within_bounds


@dataclass(frozen=True, slots=True)
class Calls:
    """How a platform's calls grow with the work; a batch is sent in bulk calls of `capacity` objects."""

    fixed: float = 0.0
    """Per run: checks, marks."""
    per_page: float = 0.0
    page: int = 250
    """Objects an index page holds."""
    per_bulk: float = 0.0
    capacity: int = 500
    """Objects one bulk call holds."""
    per_object: float = 0.0
    points: float = 1.0
    """What one call costs of the platform's rate."""
    seconds: float = 0.5
    """How long one call takes."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Batches and calls are counts; seconds are of wall-clock time."""

    batches: int
    calls: int
    seconds: float


def calls(objects: int, batch_size: int, table: Calls) -> int:
    """How many calls a platform gets for so many objects in batches of this size, rounded up."""
    if objects <= 0:
        return _up(table.fixed + table.per_page)
    batches = whole_and_rest(objects, within_bounds(batch_size))
    bulks = sum(count * _up(size / table.capacity) for size, count in batches)
    pages = _up(objects / table.page)
    return _up(table.fixed + table.per_page * pages + table.per_bulk * bulks + table.per_object * objects)


def whole_and_rest(objects: int, batch_size: int) -> tuple[tuple[int, int], ...]:
    """The batches as (size, how many): the whole ones, and the rest if there is one."""
    whole, rest = divmod(objects, batch_size)
    return (*(((batch_size, whole),) if whole else ()), *(((rest, 1),) if rest else ()))


def seconds(made: int, table: Calls, limits: Limits, workers: int) -> float:
    """The time so many calls take: the slower of the platform's rate and of our own workers."""
    at_once = max(1, min(workers, limits.connections or workers))
    working = made * table.seconds / at_once
    points = max(0.0, made * table.points - (limits.burst or 0.0))
    waiting = points / limits.points_per_second if limits.points_per_second else 0.0
    return max(working, waiting)


def estimate(
    objects: int,
    batch_size: int,
    source: tuple[Calls, Limits],
    destination: tuple[Calls, Limits],
    workers: int = 4,
) -> Estimate:
    """One feed's work; both ends are worked at the same time, so the slower one tells how long it takes."""
    size = within_bounds(batch_size)
    read, written = calls(objects, size, source[0]), calls(objects, size, destination[0])
    slower = max(seconds(read, *source, workers), seconds(written, *destination, workers))
    return Estimate(_up(max(0, objects) / size), read + written, slower)


def _up(amount: float) -> int:
    return int(-(-amount // 1))
