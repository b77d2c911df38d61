"""Every situation the consent rules can meet, and what becomes of one when its verdict is carried out.

A situation is a path of choices: each of its parts is chosen when somebody first looks at it, and every choice there is
gets a path of its own. What neither the rules nor the promises look at cannot matter to them, so it stays unchosen: one
path stands for all situations that differ only there. Of two instants it is chosen when they are compared which one was
first, unless what was chosen before says it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import total_ordering
from typing import ClassVar

from passerelle.model import AudienceStatus, Consent, ConsentState
from passerelle.rules.consent import (
    Agreed,
    Direction,
    InitialPolicy,
    Phase,
    Side,
    UnsubscribedBecomes,
)

AGREED_STATES = tuple(state for state in ConsentState if state is not ConsentState.NONE)


@total_ordering
class Instant:
    """An instant of a path; masks hold the numbers of those that are known to be the same, later and earlier."""

    __slots__ = ("choices", "earlier", "later", "number", "same")

    def __init__(self, choices: "Choices | None", number: int) -> None:
        self.choices, self.number = choices, number
        self.same, self.later, self.earlier = 1 << number, 0, 0

    def _to(self, other: "Instant") -> int:
        """Below 0: before the other one; 0: at once; above 0: after it."""
        if self.choices is None or other.choices is None:
            return (self.number if self.choices is None else 0) - (
                other.number if other.choices is None else 0
            )
        if self.same >> other.number & 1:
            return 0
        if self.later >> other.number & 1:
            return -1
        if self.earlier >> other.number & 1:
            return 1
        order = self.choices.choose((-1, 0, 1))
        if order == 0:
            self._is(other)
        elif order < 0:
            self._precedes(other)
        else:
            other._precedes(self)
        return order

    def _precedes(self, other: "Instant") -> None:
        low, high = self.same | self.earlier, other.same | other.later
        for each in self.choices.instants:
            if low >> each.number & 1:
                each.later |= high
            if high >> each.number & 1:
                each.earlier |= low

    def _is(self, other: "Instant") -> None:
        same = self.same | other.same
        later, earlier = self.later | other.later, self.earlier | other.earlier
        for each in self.choices.instants:
            if same >> each.number & 1:
                each.same, each.later, each.earlier = same, later, earlier
            elif earlier >> each.number & 1:
                each.later |= same | later
            elif later >> each.number & 1:
                each.earlier |= same | earlier

    def __eq__(self, other: object) -> bool:
        return other is self or (isinstance(other, Instant) and self._to(other) == 0)

    def __lt__(self, other: "Instant") -> bool:
        return other is not self and self._to(other) < 0

    __hash__ = None

    def __repr__(self) -> str:
        return f"<{self.number}: before {self.later:b}, with {self.same:b}>"


T = tuple(datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3, 4))
"""Instants for whoever tells a situation in full."""
TOUCHED, LATER = Instant(None, 1), Instant(None, 2)
"""Instants after every chosen one: of what we write, where a store moves a date of its own; and of what it dates."""


class Choices:
    """The choices made so far, repeated from a beginning that is given."""

    def __init__(self, beginning: Sequence[int]) -> None:
        self._beginning, self.taken, self.among = beginning, [], []
        self.instants: list[Instant] = []

    def choose(self, options: Sequence[object]) -> object:
        """One of these; the first one where nothing is said."""
        depth = len(self.taken)
        number = self._beginning[depth] if depth < len(self._beginning) else 0
        self.taken.append(number)
        self.among.append(len(options))
        return options[number]

    def instant(self) -> Instant | None:
        """One more instant, or none."""
        if self.choose((True, False)):
            self.instants.append(Instant(self, len(self.instants)))
            return self.instants[-1]
        return None


def paths[T](walk: Callable[[Choices], T]) -> Iterator[T]:
    """What the walk answers on every path that it can take."""
    beginning: list[int] = []
    while True:
        choices = Choices(beginning)
        yield walk(choices)
        taken, among = choices.taken, choices.among
        while taken and taken[-1] + 1 == among[-1]:
            taken.pop()
            among.pop()
        if not taken:
            return
        beginning = [*taken[:-1], taken[-1] + 1]


class Unlooked:
    """Something whose parts are chosen when they are looked at. Says what it was found to be."""

    def __init__(self, choices: Choices, **known: object) -> None:
        self.__dict__.update(known, _path=choices)

    def __getattr__(self, name: str) -> object:
        if name not in self.PARTS:
            raise AttributeError(name)
        found = self.__dict__[name] = self.PARTS[name](self, self._path)
        return found

    def __repr__(self) -> str:
        looked = {name: self.__dict__[name] for name in self.PARTS if name in self.__dict__}
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in looked.items())})"


def _any(options: Sequence[object]) -> Callable[[Unlooked, Choices], object]:
    return lambda _, choices: choices.choose(options)


def _instant(_: Unlooked, choices: Choices) -> Instant | None:
    return choices.instant()


class SomeConsent(Unlooked):
    """A store's consent. Only what bears no date has a touch, and only an opt-in a look before it."""

    PARTS: ClassVar = {
        "state": _any(tuple(ConsentState)),
        "changed_at": _instant,
        "touched_at": lambda it, choices: choices.instant() if it.changed_at is None else None,
        "since": lambda it, choices: choices.instant() if it.state is ConsentState.SUBSCRIBED else None,
    }
    shown_at = property(Consent.shown_at.fget)
    no_earlier_than = property(Consent.no_earlier_than.fget)


class SomeAgreed(Unlooked):
    """What was agreed. It counts as an Agreed, so that the rules may copy and compare it."""

    PARTS: ClassVar = {
        "state": _any(AGREED_STATES),
        "at": _instant,
        "origin": _any((None, *Side)),
        "copied_at": lambda it, choices: choices.instant() if it.origin else None,
        "seen_at": lambda it, choices: choices.instant() if it.origin is not Side.AUDIENCE else None,
        "by": _instant,
    }
    no_later_than = property(Agreed.no_later_than.fget)
    __class__ = property(lambda _: Agreed)
    __dataclass_fields__ = Agreed.__dataclass_fields__
    __hash__ = None

    def __repr__(self) -> str:
        return Unlooked.__repr__(self)

    def __eq__(self, other: object) -> bool:
        return other is self or (
            isinstance(other, Agreed)
            and all(getattr(self, name) == getattr(other, name) for name in self.PARTS)
        )


class SomePolicy(Unlooked):
    """The settings of a link."""

    PARTS: ClassVar = {
        "initial": _any(tuple(InitialPolicy)),
        "correct_store": _any((True, False)),
        "unsubscribed_becomes": _any(tuple(UnsubscribedBecomes)),
    }


class Some(Unlooked):
    """A situation. Of an event that is told by itself nothing was agreed before."""

    PARTS: ClassVar = {
        "phase": _any(tuple(Phase)),
        "direction": _any(tuple(Direction)),
        "audience": _any(tuple(AudienceStatus)),
        "status_changed_at": _instant,
        "store": lambda _, choices: SomeConsent(choices),
        "agreed": lambda _, choices: choices.choose((None, SomeAgreed(choices))),
        "double_opt_in": _any((False, True)),
        "policy": lambda _, choices: SomePolicy(choices),
        "occurred_at": lambda it, choices: choices.instant() if it.agreed is None else None,
        "looked_at": _instant,
    }


class _Become(Unlooked):
    """What another one has become: the same but for what is said."""

    def __init__(self, before: Unlooked, **changed: object) -> None:
        super().__init__(before._path, _before=before, **changed)

    def __getattr__(self, name: str) -> object:
        return getattr(self._before, name)


class Then(_Become, Some):
    """A situation that another one has become."""


class Seen(_Become, SomeConsent):
    """A consent that another one has become."""


STAMPS = ("act", "own", "none", "act told", "own told", "none told")


def carried_out(situation, verdict, stamp: str):
    """The situation after the writes, seen again by a full pass.

    `stamp` says which instant a side gives to what we wrote there: "act" (the one of the act), "own" (its own
    clock, later than all) or "none"; and "told" if it told us. A store that dates nothing shows it as a touch.
    """
    how, _, told = stamp.partition(" ")
    at = {"act": lambda: verdict.agreed_after.at if verdict.agreed_after else None,
          "own": lambda: LATER, "none": lambda: None}[how]()  # fmt: skip
    changed = {}
    written = verdict.create or verdict.write_audience
    if written:
        changed = {"audience": written, "status_changed_at": at}
    if verdict.write_store:
        undated = at is None and bool(told)
        changed["store"] = Consent(verdict.write_store, at, TOUCHED if undated else None)
    elif situation.direction is not Direction.AUDIENCE_TO_STORE:
        # The look is over: whoever opted in was seen so by now.
        changed["store"] = Seen(situation.store, since=None)
    agreed = _told(verdict, at or TOUCHED) if told else verdict.agreed_after
    return Then(situation, **changed, agreed=agreed, occurred_at=None, looked_at=LATER)


def _told(verdict, at) -> Agreed | None:
    """The same as `situation.copied`, which goes by way of the text."""
    after, side = verdict.agreed_after, Side.STORE if verdict.write_store else Side.AUDIENCE
    if after is None or after.origin in (None, side):
        return after
    return replace(after, copied_at=at)
