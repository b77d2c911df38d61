"""The guard: who counts as raised, and how many a run may raise without asking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.model import AudienceStatus, ConsentState
from passerelle.rules.guard import RAISED, Guard, guard_of, raises

MC, ST = AudienceStatus, ConsentState
PEOPLE = st.integers(min_value=0, max_value=10_000_000)
GUARDS = st.builds(Guard, most=PEOPLE, share=st.floats(min_value=0, max_value=1))


@pytest.mark.parametrize(
    ("guard", "audience", "raised", "stops"),
    [
        (Guard(), 0, 500, False),
        (Guard(), 0, 501, True),
        (Guard(), 4_000, 500, False),
        (Guard(), 100_000, 10_000, False),
        (Guard(), 100_000, 10_001, True),
        (Guard(most=0), 1_000, 100, False),
        (Guard(most=0), 1_000, 101, True),
        (Guard(most=0), 0, 1, True),
        (Guard(share=0), 100_000, 501, True),
        (Guard(most=0, share=0), 10, 1_000_000, False),
    ],
)
def test_the_larger_of_a_number_and_a_share_is_let_through(guard, audience, raised, stops):
    assert guard.stops(raised, audience) is stops


@given(GUARDS, PEOPLE, PEOPLE)
def test_a_guard_that_stops_some_stops_more_and_never_nobody(guard, raised, audience):
    assert not guard.stops(0, audience)
    if guard.stops(raised, audience):
        assert guard.stops(raised + 1, audience)
        assert raised > guard.most
        assert raised > audience * guard.share - 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, Guard(500, 0.1)),
        ({"guard": {}}, Guard(500, 0.1)),
        ({"guard": {"most": 0}}, Guard(0, 0.1)),
        ({"guard": {"share": 0}}, Guard(500, 0.0)),
        ({"guard": {"most": 0, "share": 0}, "guard_first": True}, Guard(0, 0.0, True)),
    ],
)
def test_what_a_policy_does_not_say_is_guarded_as_by_default(words, expected):
    assert guard_of(words) == expected
    assert guard_of(words).off is (expected.most == 0 and expected.share == 0)


@pytest.mark.parametrize("guard", [{"most": -1}, {"share": 1.5}, {"share": -0.1}, {"most": "many"}, 500])
def test_a_guard_that_makes_no_sense_is_refused(guard):
    with pytest.raises(ValueError, match=r"."):
        guard_of({"guard": guard})


@pytest.mark.parametrize("status", AudienceStatus)
def test_an_existing_contact_is_raised_by_what_brings_marketing_mail(status):
    raised = raises(creates=False, status=status, consent=None, creates_count=False)
    assert raised is (status in {MC.SUBSCRIBED, MC.PENDING})
    assert raised is (status in RAISED)


@pytest.mark.parametrize("counted", [True, False])
def test_a_new_contact_is_raised_only_where_creates_are_counted(counted):
    assert raises(creates=True, status=MC.SUBSCRIBED, consent=None, creates_count=counted) is counted
    assert not raises(creates=True, status=MC.TRANSACTIONAL, consent=None, creates_count=counted)


@pytest.mark.parametrize("state", ConsentState)
def test_a_customer_is_raised_by_a_subscription_at_the_store(state):
    raised = raises(creates=False, status=None, consent=state, creates_count=False)
    assert raised is (state is ST.SUBSCRIBED)
