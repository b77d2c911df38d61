"""Which objects a run takes, and from when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.port import Selection
from passerelle.rules.selection import mode_skip, moved, order_skip, watermark

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
instants = st.none() | st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("mode", "mapped", "why"),
    [
        ("all", True, None),
        ("all", False, None),
        ("new", True, "already_mapped"),
        ("new", False, None),
        ("update", True, None),
        ("update", False, "not_mapped"),
    ],
)
def test_a_mode_takes_the_unmapped_the_mapped_or_both(mode, mapped, why):  # B-5
    assert mode_skip(mode, mapped=mapped) == why


def test_a_mode_that_does_not_exist_is_refused():  # B-5
    with pytest.raises(ValueError, match="all, new or update"):
        mode_skip("newest", mapped=False)


def test_an_order_is_chosen_by_the_status_it_has_now():  # B-6
    chosen = Selection(statuses=frozenset({"paid", "shipped"}))
    assert order_skip("paid", NOON, chosen) is None
    assert order_skip("cancelled", NOON, chosen) == "status_left_selection"
    assert order_skip("anything", NOON, Selection()) is None


@pytest.mark.parametrize(
    ("placed", "why"),
    [
        (NOON - SECOND, "outside_period"),
        (NOON, None),
        (NOON + 60 * SECOND, None),
        (NOON + 61 * SECOND, "outside_period"),
    ],
)
def test_the_period_includes_both_its_ends(placed, why):  # B-6
    assert order_skip("paid", placed, Selection(placed_from=NOON, placed_until=NOON + 60 * SECOND)) == why


def test_the_watermark_lies_before_the_first_read_by_the_lookback():  # B-13
    assert watermark(NOON) == NOON - timedelta(seconds=120)
    assert watermark(NOON, timedelta(seconds=5)) == NOON - 5 * SECOND
    assert watermark(NOON, timedelta(seconds=-5)) == NOON
    with pytest.raises(ValueError, match="time zone"):
        watermark(NOON.replace(tzinfo=None))


@given(instants, instants)
def test_a_watermark_never_moves_back(current, candidate):  # B-13
    after = moved(current, candidate)
    assert after in (current, candidate)
    assert current is None or after >= current
    assert candidate is None or after >= candidate
