"""The bad days of a simulator: what to spoil, on which calls, how often."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sandbox.calls import Asked

FOREVER = 1_000_000_000


class Mood(StrEnum):
    """What may go wrong. Options are in brackets."""

    THROTTLED = "throttled"
    """Too many requests, in the platform's own form (body=False: without a body)."""
    SLOW = "slow"
    """The answer takes `seconds` (default 3600): in process nobody sleeps: the caller's timeout decides."""
    UNAVAILABLE = "unavailable"
    """A 5xx (status=503) in the platform's own form; nothing happened at the shop."""
    TRUNCATED = "truncated"
    """The answer is cut to `share` (0.5) of its bytes; declared=True keeps the whole's Content-Length."""
    LOST_ANSWER = "lost_answer"
    """The shop does what it was asked, then the connection drops."""
    DROPPED = "dropped"
    """The connection drops before the shop sees the request."""
    FAILS_ABOVE = "fails_above"
    """A 5xx (status=500) whenever a request asks for more than `limit` objects."""
    EXPIRED_CREDENTIALS = "expired_credentials"
    """The credentials are refused from then on."""
    LYING_COUNT = "lying_count"
    """The platform's total is off by `by` (simulators that have a total read this themselves)."""
    EMPTY_PAGE = "empty_page"
    """A page that should hold objects is empty (simulators read this themselves)."""


OWN_BUSINESS = frozenset({Mood.LYING_COUNT, Mood.EMPTY_PAGE})
"""Moods that a simulator plays itself, by asking `take`."""

LASTING = frozenset({Mood.EXPIRED_CREDENTIALS, Mood.FAILS_ABOVE, Mood.LYING_COUNT})
"""Moods that last until cleared unless `times` says otherwise; the others happen once."""


@dataclass(slots=True)
class Spell:
    """One mood as it was asked for, with how often it was met and played."""

    mood: Mood
    match: re.Pattern[str]
    after: int
    times: int
    options: Mapping[str, Any]
    met: int = 0
    played: int = 0


@dataclass(slots=True)
class Hook:
    """Something to do when the n-th matching call arrives."""

    number: int
    match: re.Pattern[str]
    act: Callable[[], object]
    met: int = 0


@dataclass(slots=True)
class Moods:
    """The moods in force, in the order in which they were added; safe to use from many threads."""

    _spells: list[Spell] = field(default_factory=list)
    _hooks: list[Hook] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self, mood: Mood, match: str = "", *, after: int = 0, times: int | None = None, **options: Any
    ) -> None:
        """Spoil `times` calls whose `METHOD /path` holds the pattern `match`, after `after` that go well."""
        often = times if times is not None else (FOREVER if mood in LASTING else 1)
        with self._lock:
            self._spells.append(Spell(Mood(mood), re.compile(match), after, often, options))

    def clear(self) -> None:
        """Be well again: no moods and no hooks."""
        with self._lock:
            self._spells.clear()
            self._hooks.clear()

    def on_call(self, number: int, act: Callable[[], object], match: str = "") -> None:
        """Run `act` just before the `number`-th matching call (1 is the next) is answered, once."""
        with self._lock:
            self._hooks.append(Hook(number, re.compile(match), act))

    def arrived(self, asked: Asked) -> None:
        """Run the hooks that waited for this call."""
        with self._lock:
            due = [hook for hook in self._hooks if _meets(hook, asked) and hook.met == hook.number]
        for hook in due:
            hook.act()

    def play(self, asked: Asked, size: Callable[[Asked], int]) -> Spell | None:
        """The mood to play on this call, if any; `size` tells how many objects the call asks for."""
        with self._lock:
            met = [s for s in self._spells if s.mood not in OWN_BUSINESS and _meets(s, asked)]
            return next((_played(spell) for spell in met if _due(spell, asked, size)), None)

    def take(self, mood: Mood, asked: Asked) -> Mapping[str, Any] | None:
        """For simulators: the options of one of their own moods, if it is to be played on this call."""
        with self._lock:
            met = [s for s in self._spells if s.mood is mood and _meets(s, asked)]
            return next((_played(s).options for s in met if _due(s, asked, lambda _: 0)), None)


def _meets(waiting: Spell | Hook, asked: Asked) -> bool:
    if not waiting.match.search(asked.line):
        return False
    waiting.met += 1
    return True


def _due(spell: Spell, asked: Asked, size: Callable[[Asked], int]) -> bool:
    if spell.met <= spell.after or spell.played >= spell.times:
        return False
    return spell.mood is not Mood.FAILS_ABOVE or size(asked) > int(spell.options.get("limit", 1))


def _played(spell: Spell) -> Spell:
    spell.played += 1
    return spell
