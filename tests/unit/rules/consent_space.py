"""Every situation the consent rules can meet, and what becomes of one when its verdict is carried out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

from passerelle.model import AudienceStatus, Consent, ConsentState
from passerelle.rules.consent import (
    Agreed,
    Direction,
    InitialPolicy,
    Phase,
    Policy,
    Side,
    Situation,
    UnsubscribedBecomes,
    Verdict,
)
from passerelle.rules.situation import copied

T = (
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 2, 1, tzinfo=UTC),
    datetime(2026, 3, 1, tzinfo=UTC),
    datetime(2026, 4, 1, tzinfo=UTC),
)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
LEFT = datetime(2025, 12, 1, tzinfo=UTC)
"""The instant of a copy that its side no longer shows."""
TOUCHED = datetime(2026, 12, 1, tzinfo=UTC)
POLICIES = tuple(
    Policy(initial, correct, becomes)
    for initial, correct, becomes in product(InitialPolicy, (True, False), UnsubscribedBecomes)
)


def orders(count: int) -> list[tuple[datetime | None, ...]]:
    """Every way so many instants can lie to each other (older, equal, newer), each known or not."""
    found = set()
    for ranks in product((None, *range(count)), repeat=count):
        known = sorted({rank for rank in ranks if rank is not None})
        found.add(tuple(None if rank is None else known.index(rank) for rank in ranks))
    return [
        tuple(None if rank is None else T[rank] for rank in ranks)
        for ranks in sorted(found, key=lambda each: [-1 if rank is None else rank for rank in each])
    ]


AGREED_ORIGINS = (None, Side.STORE, Side.AUDIENCE)
AGREED_STATES = tuple(state for state in ConsentState if state is not ConsentState.NONE)


def without_history(status: AudienceStatus) -> Iterator[Situation]:
    """Nothing agreed yet: every combination, with every order of status, consent and event times."""
    times = orders(3)
    for phase, direction, state, policy, double in product(
        Phase, Direction, ConsentState, POLICIES, (False, True)
    ):
        for at_audience, at_store, occurred in times:
            yield Situation(
                phase,
                direction,
                status,
                at_audience,
                Consent(state, at_store),
                None,
                double,
                policy,
                occurred,
            )


type Marks = tuple[datetime | None, datetime | None, datetime | None]
"""What our copy bore when we left it, what an undated store shows of any touch, and what it showed when it was agreed."""


def marks(agreed: Agreed, at_audience: datetime | None, at_store: datetime | None) -> Iterator[Marks]:
    """All that the rules can tell: a value is as it was agreed, touched since, or nobody knows."""
    undated = ((None, None), (TOUCHED, None), (TOUCHED, TOUCHED), (TOUCHED, LEFT))
    own = undated if at_store is None else undated[:1]
    if agreed.origin is None:
        yield from ((None, touched, seen) for touched, seen in own)
    elif agreed.origin is Side.STORE:
        copied = dict.fromkeys((None, LEFT, at_audience, *((LATER,) if agreed.at is None else ())))
        yield from ((copy, touched, seen) for copy in copied for touched, seen in own)
    else:
        yield from ((copy, None, None) for copy in dict.fromkeys((None, LEFT, at_store)))
        if at_store is None:
            yield from ((copy, TOUCHED, None) for copy in (None, LEFT, TOUCHED))


def with_history(status: AudienceStatus) -> Iterator[Situation]:
    """Something agreed before, from either side: every combination, with every order of the three times, and with our
    copy of it, or the store's undated act, untouched, touched, or nobody knows."""
    times = orders(3)
    for phase, direction, state, policy, double in product(
        Phase, Direction, ConsentState, POLICIES, (False, True)
    ):
        for (at_audience, at_store, at), agreed, origin in product(times, AGREED_STATES, AGREED_ORIGINS):
            before = Agreed(agreed, at, origin)
            for copied_at, touched_at, seen_at in marks(before, at_audience, at_store):
                yield Situation(
                    phase,
                    direction,
                    status,
                    at_audience,
                    Consent(state, at_store, touched_at),
                    replace(before, copied_at=copied_at, seen_at=seen_at),
                    double,
                    policy,
                )


def carried_out(situation: Situation, verdict: Verdict, stamp: str) -> Situation:
    """The situation after the writes, seen again by a full pass.

    `stamp` says which instant a side gives to what we wrote there: "act" (the one of the act), "own" (its own
    clock, later than all) or "none"; and "told" if it told us. A store that dates nothing shows it as a touch.
    """
    how, _, told = stamp.partition(" ")
    at = {"act": verdict.agreed_after.at if verdict.agreed_after else None, "own": LATER, "none": None}[how]
    status, store = situation.audience, situation.store
    changed_at = situation.status_changed_at
    written = verdict.create or verdict.write_audience
    if written:
        status, changed_at = written, at
    if verdict.write_store:
        store = (
            Consent(verdict.write_store, at)
            if at or not told
            else Consent(verdict.write_store, None, TOUCHED)
        )
    return replace(
        situation,
        audience=status,
        status_changed_at=changed_at,
        store=store,
        agreed=_told(verdict, at or TOUCHED) if told else verdict.agreed_after,
        occurred_at=None,
    )


def _told(verdict: Verdict, at: datetime | None) -> Agreed | None:
    side = Side.STORE if verdict.write_store else Side.AUDIENCE
    after = copied(str(verdict.agreed_after or ""), side, at)
    return Agreed.parse(after)
