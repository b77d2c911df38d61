"""Batches that find by themselves what a shop stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.rules.batching import (
    CLEAN_BATCHES,
    Lone,
    grown,
    judge_lone_failure,
    lowered,
    split,
    starting_size,
    within_bounds,
)

sizes = st.integers(1, 500)


@given(st.lists(st.text(max_size=3)))
def test_the_halves_hold_everything_in_order(ids):  # B-4
    first, second = split(ids)
    assert [*first, *second] == ids
    assert len(first) - len(second) in (0, 1)


@given(sizes)
def test_halving_ends_at_one_object(size):  # B-4
    steps = 0
    while size > 1:
        smaller = lowered(size)
        assert 1 <= smaller < size
        size, steps = smaller, steps + 1
    assert steps <= 9
    assert lowered(1) == 1


def test_a_run_starts_at_the_size_that_worked():  # B-4
    assert starting_size(0, 200) == 200
    assert starting_size(60, 200) == 60
    assert starting_size(300, 200) == 200


@pytest.mark.parametrize(("asked", "given_size"), [(-3, 1), (0, 1), (1, 1), (500, 500), (501, 500)])
def test_a_batch_has_between_1_and_500_objects(asked, given_size):  # B-4
    assert within_bounds(asked) == given_size
    assert starting_size(0, asked) == given_size


@given(sizes, st.integers(0, CLEAN_BATCHES - 1), sizes)
def test_a_ceiling_does_not_grow_before_enough_clean_batches(ceiling, clean, wanted):  # B-4
    assert grown(ceiling, clean, wanted) == (0 if ceiling >= wanted else ceiling)


@given(sizes, sizes)
def test_a_ceiling_grows_back_in_steps_until_it_limits_nothing(ceiling, wanted):  # B-4
    steps = 0
    while ceiling:
        larger = grown(ceiling, CLEAN_BATCHES, wanted)
        assert larger == 0 or ceiling < larger < wanted
        assert starting_size(larger, wanted) <= wanted
        ceiling, steps = larger, steps + 1
    assert steps <= 30
    assert starting_size(ceiling, wanted) == wanted


@given(st.integers(1, 500))
def test_whatever_the_shop_stands_the_size_settles_within_half_of_it(stands):  # B-4
    size = 500
    while size > stands:
        size = lowered(size)
    assert size <= stands < 2 * size + 2


def test_an_object_alone_is_at_fault_only_if_others_went_through():  # B-4
    assert judge_lone_failure(others_succeeded=True) is Lone.QUARANTINE
    assert judge_lone_failure(others_succeeded=False) is Lone.SHOP_DOWN
