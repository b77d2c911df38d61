"""What a sync will take, told before it starts."""

from hypothesis import given
from hypothesis import strategies as st
from passerelle.port import Limits
from passerelle.rules.estimate import Calls, calls, estimate, seconds, whole_and_rest

FREE = Limits()
PAGED = Calls(fixed=2, per_page=1, page=250, per_bulk=1, capacity=100, seconds=0.5)


def test_calls_are_pages_and_bulk_calls_and_what_is_fixed():  # B-3
    assert calls(1000, 300, PAGED) == 2 + 4 + (3 * 3 + 1)
    assert calls(0, 300, PAGED) == 3


def test_time_is_that_of_the_slower_of_rate_and_workers():  # B-3
    assert seconds(100, PAGED, FREE, workers=4) == 12.5
    assert seconds(100, PAGED, Limits(connections=2), workers=4) == 25
    assert seconds(100, PAGED, Limits(points_per_second=2, burst=20), workers=4) == 40


def test_a_feed_is_estimated_from_both_its_ends():  # B-3
    found = estimate(1000, 300, (Calls(per_object=1), FREE), (PAGED, FREE))
    assert (found.batches, found.calls, found.seconds) == (4, 1000 + 16, 125)


def test_nothing_to_do_takes_no_batch():  # B-3 E-9
    assert estimate(0, 100, (Calls(), FREE), (Calls(), FREE)).batches == 0


@given(st.integers(0, 5000), st.integers(1, 500))
def test_the_batches_hold_exactly_the_objects(objects, size):  # B-3
    batches = whole_and_rest(objects, size)
    assert sum(held * count for held, count in batches) == objects
    assert (
        sum(count for _, count in batches)
        == estimate(objects, size, (Calls(), FREE), (Calls(), FREE)).batches
    )


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 500))
def test_more_objects_never_take_less(few, more, size):  # B-3
    few, more = sorted((few, more))
    assert calls(few, size, PAGED) <= calls(more, size, PAGED)
