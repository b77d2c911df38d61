"""A run is completed only where its figures add up."""

from hypothesis import given
from hypothesis import strategies as st
from passerelle.rules.reconcile import Tally, conclude

few = st.integers(0, 5)
tallies = st.builds(
    Tally, few, few, few, few, st.booleans(), st.booleans(), st.sampled_from(["", "The store is gone."])
)


@given(tallies)
def test_completed_means_that_expected_is_what_was_settled_and_nothing_else_happened(tally):  # B-12
    clean = (
        tally.expected == tally.settled
        and not tally.failed
        and not tally.lost_slices
        and not (tally.cancelled or tally.truncated or tally.broken)
    )
    ending = conclude(tally)
    assert (ending.outcome == "completed") is clean
    assert ending.clean is clean
    assert bool(ending.why) is not clean


@given(tallies)
def test_a_cap_that_was_reached_never_looks_like_an_end(tally):  # B-11
    outcome = conclude(tally).outcome
    if tally.truncated:
        assert outcome in ("truncated", "cancelled", "failed")
    if tally.cancelled:
        assert outcome in ("cancelled", "failed")


def test_an_empty_run_is_a_success():  # E-9
    assert conclude(Tally(0, 0)).outcome == "completed"


def test_what_is_wrong_is_said_in_figures():  # B-12
    ending = conclude(Tally(10, 6, failed=1, lost_slices=2))
    assert ending.outcome == "completed_with_errors"
    assert ending.why == (
        "The run ended with errors: 1 of 10 objects failed, 2 slices were given up,"
        " 3 of 10 objects are not accounted for."
    )


def test_more_than_expected_is_an_error_too():  # B-12
    assert "1 objects more" in conclude(Tally(1, 2)).why
