"""A lease under any order of events: one holder, a token that only grows, and the dead stay dead."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from passerelle.store.repositories import Storage
from passerelle.store.resources import Resources

FEED = "lnk_1.customers"
RUNS = ("run_a", "run_b", "run_c")
_tenants = count(1)
steps = st.lists(
    st.tuples(
        st.sampled_from(["acquire", "beat", "release", "wait"]), st.sampled_from(RUNS), st.integers(0, 130)
    ),
    min_size=4,
    max_size=20,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_only_the_newest_token_holds_the_lease(  # G-6, B-9
    resources: Resources, steps: list[tuple[str, str, int]]
) -> None:
    now = [datetime(2026, 3, 1, tzinfo=UTC)]
    lease = Storage(resources, clock=lambda: now[0]).tenant(f"ten_model_{next(_tenants)}").lease
    tokens: dict[str, int] = {}
    newest, holder, until = 0, "", now[0]
    for verb, run, seconds in steps:
        alive = bool(holder) and now[0] <= until
        if verb == "wait":
            now[0] += timedelta(seconds=seconds)
        elif verb == "acquire":
            token = lease.acquire(FEED, run)
            assert (token is None) == (alive and holder != run)
            if token is not None:
                assert token > newest
                tokens[run], newest, holder, until = token, token, run, now[0] + timedelta(seconds=120)
        elif verb == "beat":
            held = bool(holder == run and tokens.get(run) == newest)
            assert lease.beat(FEED, run, tokens.get(run, 0)) == held
            until = now[0] + timedelta(seconds=120) if held else until
        else:
            lease.release(FEED, run, tokens.get(run, 0))
            holder = "" if holder == run else holder
        alive = bool(holder) and now[0] <= until
        assert lease.holder(FEED) == (holder if alive else None)


@pytest.mark.parametrize("seconds", [119, 120])
def test_a_lease_is_whole_until_its_last_second(resources: Resources, seconds: int) -> None:  # G-6
    now = [datetime(2026, 3, 1, tzinfo=UTC)]
    lease = Storage(resources, clock=lambda: now[0]).tenant(f"ten_model_{next(_tenants)}").lease
    lease.acquire(FEED, "run_a")
    now[0] += timedelta(seconds=seconds)
    assert lease.acquire(FEED, "run_b") is None
