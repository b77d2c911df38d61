"""Only what two passes did not find has disappeared, and not too much at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.rules.disappearance import NOTHING, judge, limit


def test_a_first_pass_only_finds_candidates():  # B-16
    found = judge([("1", ""), ("2", "")], {"1"}, "run_1", whole_and_clean=True)
    assert (found.candidates, found.confirmed) == (("2",), ())


def test_a_second_pass_confirms_what_the_first_missed():  # B-16
    known = [("1", ""), ("2", "run_1"), ("3", "run_1")]
    found = judge(known, {"1", "3"}, "run_2", whole_and_clean=True)
    assert (found.candidates, found.confirmed, found.returned) == ((), ("2",), ("3",))


def test_the_same_pass_does_not_confirm_itself_when_it_is_repeated():  # B-16 B-7
    found = judge([("1", "run_1")], set(), "run_1", whole_and_clean=True)
    assert (found.candidates, found.confirmed) == (("1",), ())


def test_what_a_pass_listed_and_could_not_read_is_not_found():  # B-16
    known = [("1", "run_1"), ("2", "run_0"), ("3", "")]
    found = judge(known, {"1", "2", "3"}, "run_1", whole_and_clean=True)
    assert (found.candidates, found.confirmed, found.returned) == (("1",), (), ("2",))


def test_a_pass_that_was_cut_short_finds_nothing_missing():  # B-16
    assert judge([("1", "run_1")], set(), "run_2", whole_and_clean=False) == NOTHING


@pytest.mark.parametrize(
    ("known", "most"), [(0, 20), (10, 20), (400, 20), (419, 20), (420, 21), (10_000, 500)]
)
def test_twenty_or_five_percent_may_be_missing(known, most):  # B-16
    assert limit(known) == most


@given(st.integers(0, 900), st.integers(0, 900))
def test_too_many_missing_stops_and_confirms_nothing(known, missing):  # B-16
    missing = min(known, missing)
    ledger = [(str(id), "run_1" if id < missing else "") for id in range(known)]
    found = judge(ledger, {str(id) for id in range(missing, known)}, "run_2", whole_and_clean=True)
    assert found.too_many is (missing > limit(known))
    assert len(found.confirmed) == (0 if found.too_many else missing)
