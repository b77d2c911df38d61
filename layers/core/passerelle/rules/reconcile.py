"""How a run ended, from what was expected and what became of it (B-11, B-12)."""

from dataclasses import dataclass
from typing import Literal

type Ended = Literal["completed", "completed_with_errors", "truncated", "cancelled", "failed"]


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of a run. `settled` is created + updated + unchanged + skipped."""

    expected: int
    settled: int
    failed: int = 0
    lost_slices: int = 0
    """Slices whose worker gave up for good."""
    cancelled: bool = False
    truncated: bool = False
    """A cap (pages, time, plan) was reached before the end."""
    broken: str = ""
    """Why the run as a whole could not go on, in words; empty if it could."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The outcome and, unless it is `completed`, why, for a person."""

    outcome: Ended
    why: str = ""

    @property
    def clean(self) -> bool:
        """Whether a watermark may move and a disappearance be believed."""
        return self.outcome == "completed"


def conclude(tally: Tally) -> Ending:
    """The run's outcome: `completed` only where the sum is exact and nothing failed."""
    gap = _gap(tally)
    if tally.broken:
        return Ending("failed", tally.broken)
    if tally.cancelled:
        return Ending("cancelled", _sentence("The run was cancelled", gap))
    if tally.truncated:
        return Ending("truncated", _sentence("A limit was reached before the end; resume the run", gap))
    if gap:
        return Ending("completed_with_errors", _sentence("The run ended with errors", gap))
    return Ending("completed")


def _gap(tally: Tally) -> list[str]:
    missing = tally.expected - tally.settled - tally.failed
    parts = []
    if tally.failed:
        parts.append(f"{tally.failed} of {tally.expected} objects failed")
    if tally.lost_slices:
        parts.append(f"{tally.lost_slices} slices were given up")
    if missing > 0:
        parts.append(f"{missing} of {tally.expected} objects are not accounted for")
    if missing < 0:
        parts.append(f"{-missing} objects more than the {tally.expected} expected were handled")
    return parts


def _sentence(start: str, parts: list[str]) -> str:
    return f"{start}: {', '.join(parts)}." if parts else f"{start}."
