"""The pacing rules, over every order of calls (G-1, G-2)."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.port import Limits
from passerelle.rules.pacing import (
    STARVED,
    Account,
    Bucket,
    Place,
    Slots,
    Wait,
    bucket_of,
    decide,
    pause_until,
)

RATES = st.floats(0.5, 200)
BURSTS = st.floats(1, 1000)
SHARES = st.floats(0, 0.9)
START = 1_000_000.0


class World:
    """Applies what was decided, and keeps who went when: (instant, cost, live, slot)."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.account = Account()
        self.now = START
        self.went: list[tuple[float, float, bool, int | None]] = []

    def ask(self, cost: float = 1.0, *, live: bool = False, hold: float = 1.0, chance: float = 0.0) -> bool:
        verdict = decide(self.limits, self.account, self.now, cost, live=live, chance=chance)
        if isinstance(verdict, Wait):
            return False
        bucket = bucket_of(self.limits, self.account.rate)
        self.account = replace(
            self.account,
            full_at=bucket.after(self.account.full_at, self.now, cost) if bucket else 0.0,
            leases=self.account.leases | ({} if verdict.slot is None else {verdict.slot: self.now + hold}),
            backfill_at=self.account.backfill_at if live else self.now,
        )
        self.went.append((self.now, cost, live, verdict.slot))
        return True

    @property
    def busy(self) -> int:
        return sum(until > self.now for until in self.account.leases.values())


ASKS = st.lists(
    st.tuples(st.floats(0, 3), st.floats(0.1, 400), st.booleans(), st.floats(0, 0.999)),
    min_size=1,
    max_size=60,
)


@given(RATES, BURSTS, SHARES, ASKS)
def test_no_window_ever_sees_more_points_than_burst_and_rate_allow(rate, burst, share, asks):  # G-1
    world = World(Limits(points_per_second=rate, burst=burst, live_share=share))
    for passed, cost, live, _ in asks:
        world.now += passed
        world.ask(cost, live=live)
    for first in range(len(world.went)):
        spent = 0.0
        for at, cost, *_ in world.went[first:]:
            spent += min(cost, burst)
            assert spent <= burst + rate * (at - world.went[first][0]) + 1e-6 * burst


@given(st.integers(1, 12), SHARES, ASKS)
def test_never_more_connections_than_allowed_and_never_two_in_one_slot(count, share, asks):  # G-1
    world = World(Limits(connections=count, live_share=share))
    for passed, hold, live, chance in asks:
        world.now += passed
        before = {slot: until for slot, until in world.account.leases.items() if until > world.now}
        if world.ask(live=live, hold=hold, chance=chance):
            assert world.went[-1][3] not in before
        assert world.busy <= count


@given(st.integers(2, 12), st.floats(0.01, 0.9))
def test_a_backfill_leaves_slots_for_live_events(count, share):  # G-2
    world = World(Limits(connections=count, live_share=share))
    while world.ask(hold=100.0):
        pass
    assert 1 <= world.busy < count
    assert world.ask(live=True, hold=100.0)


@given(RATES, BURSTS, st.floats(0.1, 0.9), st.floats(0.01, 1))
def test_a_backfill_leaves_points_for_live_events(rate, burst, share, part):  # G-2
    world = World(Limits(points_per_second=rate, burst=burst, live_share=share))
    world.account = Account(backfill_at=START)
    while world.ask(part * burst * (1 - share)):
        pass
    assert world.ask(burst * share * 0.999, live=True)


@given(st.integers(2, 12), st.floats(0.01, 0.9), st.floats(0, 0.999))
def test_live_events_use_common_slots_only_when_theirs_are_taken(count, share, chance):  # G-2
    kept = Slots(count, share).kept
    world = World(Limits(connections=count, live_share=share))
    while world.ask(live=True, hold=100.0, chance=chance):
        pass
    taken = [slot for *_, slot in world.went]
    assert set(taken[:kept]) == set(range(count - kept, count))
    assert 0 not in taken
    assert world.ask(live=False, hold=100.0)
    assert world.busy == count


def test_a_single_connection_is_everybodys():
    for live in (True, False):
        world = World(Limits(connections=1))
        assert world.ask(live=live)
        assert not world.ask(live=not live)


def saturated(limits: Limits, seconds: int) -> World:
    """Live events take what is left, every tenth of a second; the backfill is first only when it starves."""
    world = World(limits)
    for _ in range(seconds * 10):
        world.now += 0.1
        if world.now - world.account.backfill_at >= STARVED:
            world.ask(live=False, hold=0.5)
        while world.ask(live=True, hold=0.5):
            pass
        world.ask(live=False, hold=0.5)
    return world


@pytest.mark.parametrize(
    "limits", [Limits(connections=4), Limits(points_per_second=20, burst=20), Limits(10, 20, 20)]
)
def test_a_backfill_moves_under_any_load_of_live_events_and_stays_behind_them(limits):  # G-2
    world = saturated(limits, 60)
    backfill = [at for at, _, live, _ in world.went if not live]
    assert len(backfill) >= 60 / STARVED - 1
    assert max(later - earlier for earlier, later in pairwise(backfill)) <= STARVED + 0.5
    assert sum(live for *_, live, _ in world.went) > 2 * len(backfill)


def test_without_live_events_a_backfill_uses_the_whole_rate():
    world = World(Limits(points_per_second=10, burst=10, live_share=0.2))
    for _ in range(6000):
        world.now += 0.01
        world.ask()
    assert len(world.went) == pytest.approx(600, rel=0.03)


@given(RATES, BURSTS, SHARES, st.floats(0, 2000), st.booleans())
def test_after_an_empty_bucket_a_call_goes_within_one_refill(rate, burst, share, cost, live):  # G-1
    bucket = Bucket(rate, burst, share)
    account = Account(full_at=bucket.holding(0.0, START), backfill_at=START)
    limits = Limits(points_per_second=rate, burst=burst, live_share=share)
    verdict = decide(limits, account, START, cost, live=live, chance=0.0)
    wait = verdict.seconds if isinstance(verdict, Wait) else 0.0
    assert wait is not None
    assert wait <= burst / rate * (1 + 1e-6) + 1e-6
    later = START + wait + 1e-6
    assert isinstance(decide(limits, account, later, cost, live=live, chance=0.0), Place)


@given(st.floats(0, 1e12), st.booleans())
def test_nobody_calls_during_a_pause_and_anybody_after_it(seconds, live):  # G-1
    until = pause_until(START, seconds)
    account = Account(paused_until=until)
    limits = Limits(connections=2, points_per_second=5, burst=5)
    if until > START:
        assert decide(limits, account, (START + until) / 2, 1.0, live=live, chance=0.0) != Place(0)
        assert isinstance(decide(limits, account, START, 1.0, live=live, chance=0.0), Wait)
    assert isinstance(decide(limits, account, until, 1.0, live=live, chance=0.0), Place)
    assert until <= START + 86_400


def test_a_plan_with_another_rate_has_another_bucket():
    bucket = bucket_of(Limits(points_per_second=100, burst=2000), 200.0)
    assert bucket == Bucket(200.0, 4000.0, 0.2)
    assert bucket_of(Limits(points_per_second=100), None) == Bucket(100, 100, 0.2)
    assert bucket_of(Limits(connections=10), 5.0) is None


@given(st.floats(-10, 0))
def test_a_rate_that_makes_no_sense_is_not_believed(rate):
    assert bucket_of(Limits(points_per_second=100), rate) == Bucket(100, 100, 0.2)


@given(st.integers(1, 12), SHARES, st.floats(0, 0.999))
def test_a_slot_whose_lease_ended_is_free_again(count, share, chance):  # G-1
    account = Account(leases=dict.fromkeys(range(count), START))
    limits = Limits(connections=count, live_share=share)
    assert decide(limits, account, START - 0.001, 1.0, live=True, chance=chance) == Wait(None)
    assert isinstance(decide(limits, account, START, 1.0, live=True, chance=chance), Place)
