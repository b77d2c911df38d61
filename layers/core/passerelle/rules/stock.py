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
    """A rule as a link keeps it; a location that leads to none is told nowhere. Raises ValueError for a wrong buffer."""
    mapped = {str(main): str(there or "") for main, there in (words.get("locations") or {}).items()}
    buffer = int(words.get("buffer") or 0)
    if buffer < 0:
        raise ValueError("A buffer of units is not below zero.")
    return StockRule(mapped, str(words.get("default") or ""), buffer)


def units_at(level: StockLevel, rule: StockRule, default: str) -> tuple[tuple[str, int], ...] | None:
    """(location, units) for each location of the dependent store that is to be told; None where nothing is tracked.

    `default` is the dependent store's own. Where locations are mapped, those that are not are told nowhere, unless the
    rule names a default. What is oversold at one location is missing from the others that lead to the same place; less
    than no units are none (C-7). The buffer is held back once a variant, from the location that has the most.
    """
    if level.quantity is None:
        return None
    fallback = rule.default or ("" if rule.locations else default)
    told = {there: 0 for there in rule.locations.values() if there}
    for location, units in level.by_location:
        there = rule.locations.get(location, fallback)
        if there:
            told[there] = told.get(there, 0) + units
    if not level.by_location and (there := _of_only_place(level.location, rule, default)):
        told[there] = level.quantity
    shown = {where: max(0, units) for where, units in told.items()}
    return tuple(sorted(_held_back(shown, rule.buffer).items()))


def _of_only_place(location: str, rule: StockRule, default: str) -> str:
    """Where the units of a store with one place go: the only one that is mapped is meant, as a level may not name it."""
    if location not in rule.locations and len(rule.locations) == 1:
        return next(iter(rule.locations.values()))
    return rule.locations.get(location, rule.default or default)


def _held_back(told: dict[str, int], buffer: int) -> dict[str, int]:
    """Take the buffer from the fullest location first, as long as there is any."""
    left = buffer
    for where in sorted(told, key=lambda each: (-told[each], each)):
        taken = min(left, told[where])
        told[where] -= taken
        left -= taken
    return told
