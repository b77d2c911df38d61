"""How many units of a variant the dependent store shows, and where (C-7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from passerelle.model import StockLevel


@dataclass(frozen=True, slots=True)
class StockRule:
    """How units are told: where those of which location go, and how many are held back."""

    locations: Mapping[str, str] = field(default_factory=dict)
    """Location of the main store → location of the dependent store; several may lead to one."""
    default: str = ""
    """The location of the dependent store that gets what is not mapped; empty: the store's own default."""
    buffer: int = 0
    """Units of each variant that are never shown."""


def stock_rule_of(words: Mapping[str, Any]) -> StockRule:
    """A rule as a link keeps it."""
    mapped = {str(main): str(dependent) for main, dependent in (words.get("locations") or {}).items()}
    return StockRule(mapped, str(words.get("default", "")), int(words.get("buffer", 0)))


def units_at(level: StockLevel, rule: StockRule, default: str) -> tuple[tuple[str, int], ...] | None:
    """(location, units) for each location of the dependent store that is to be told; None where nothing is tracked.

    `default` is the dependent store's own. Where locations are mapped, those that are not are told nowhere, unless the
    rule names a default. A negative number of units is none (C-7); the buffer is held back once a variant, from the
    location that has the most.
    """
    if level.quantity is None:
        return None
    fallback = rule.default or ("" if rule.locations else default)
    held = level.by_location or (("", level.quantity),)
    told: dict[str, int] = {}
    for location, units in held:
        there = rule.locations.get(location, fallback if level.by_location else fallback or default)
        if there:
            told[there] = told.get(there, 0) + units
    for location in rule.locations.values():
        told.setdefault(location, 0)
    return tuple(
        sorted(_held_back({where: max(0, units) for where, units in told.items()}, rule.buffer).items())
    )


def _held_back(told: dict[str, int], buffer: int) -> dict[str, int]:
    """Take the buffer from the fullest location first, as long as there is any."""
    left = buffer
    for where in sorted(told, key=lambda each: (-told[each], each)):
        taken = min(left, told[where])
        told[where] -= taken
        left -= taken
    return told
