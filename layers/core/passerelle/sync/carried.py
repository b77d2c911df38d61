"""How a batch ended: counts that add up, and why objects were skipped."""

from collections import Counter
from dataclasses import dataclass, field

from passerelle.memory import Counts


@dataclass(slots=True)
class Carried:
    """The sum over one batch or several."""

    counts: Counts = field(default_factory=Counts)
    skipped_why: Counter[str] = field(default_factory=Counter)
    differences: list[dict[str, str]] = field(default_factory=list)
    """Dry run only: what would have been written."""
    aside: list[dict[str, str]] = field(default_factory=list)
    """Whom the guard is asked about first."""
