"""The statements about consent, one by one, as a person would tell them."""

from dataclasses import replace
from pathlib import Path

import pytest
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
    decide,
)
from passerelle.rules.consent_facts import Facts
from passerelle.rules.consent_rows import ROWS, Row
from passerelle.rules.consent_table import rendered
from unit.rules.consent_space import Choices, Some, T, paths

MC, ST = AudienceStatus, ConsentState
SUBSCRIBED_BEFORE = Agreed(ST.SUBSCRIBED, T[0])


def situation(phase, audience, store, *, at=None, store_at=None, **rest):
    direction = rest.pop("direction", Direction.FULL)
    return Situation(phase, direction, audience, at, Consent(store, store_at), **rest)


def initial(audience, store, **rest):
    return decide(situation(Phase.INITIAL, audience, store, **rest))


def ongoing(audience, store, **rest):
    return decide(situation(Phase.ONGOING, audience, store, **rest))


def writes(verdict):
    return verdict.create, verdict.write_audience, verdict.write_store


def test_a_new_customer_who_opted_in_is_created_subscribed():
    assert writes(initial(MC.ABSENT, ST.SUBSCRIBED)) == (MC.SUBSCRIBED, None, None)


def test_a_double_opt_in_audience_gets_the_new_contact_pending():
    assert writes(initial(MC.ABSENT, ST.SUBSCRIBED, double_opt_in=True)) == (MC.PENDING, None, None)


@pytest.mark.parametrize("store", [ST.NOT_SUBSCRIBED, ST.NONE, ST.PENDING])
def test_a_customer_who_never_opted_in_is_created_transactional(store):
    assert writes(initial(MC.ABSENT, store)) == (MC.TRANSACTIONAL, None, None)


@pytest.mark.parametrize("becomes", UnsubscribedBecomes)
def test_a_customer_who_withdrew_is_created_as_the_policy_says(becomes):
    verdict = initial(MC.ABSENT, ST.UNSUBSCRIBED, policy=Policy(unsubscribed_becomes=becomes))
    assert writes(verdict) == (MC(becomes.value), None, None)


@pytest.mark.parametrize("store", [ST.NOT_SUBSCRIBED, ST.NONE, ST.PENDING])
def test_at_the_initial_sync_a_subscribed_contact_makes_the_customer_subscribed(store):
    assert writes(initial(MC.SUBSCRIBED, store)) == (None, None, ST.SUBSCRIBED)


def test_the_audience_wins_over_an_older_withdrawal_at_the_store():
    verdict = initial(MC.SUBSCRIBED, ST.UNSUBSCRIBED, at=T[1], store_at=T[0])
    assert writes(verdict) == (None, None, ST.SUBSCRIBED)


@pytest.mark.parametrize(("at", "store_at"), [(T[0], T[1]), (T[0], T[0]), (None, T[0]), (T[0], None)])
def test_a_withdrawal_not_known_to_be_older_is_left_alone_on_both_sides(at, store_at):  # A-3 A-10
    verdict = initial(MC.SUBSCRIBED, ST.UNSUBSCRIBED, at=at, store_at=store_at)
    assert writes(verdict) == (None, None, None)
    assert verdict.skip == "sides_differ"


def test_the_policy_can_let_the_stores_withdrawal_win():
    policy = Policy(InitialPolicy.STORE_UNSUBSCRIBE_WINS)
    verdict = initial(MC.SUBSCRIBED, ST.UNSUBSCRIBED, at=T[1], store_at=T[0], policy=policy)
    assert writes(verdict) == (None, MC.UNSUBSCRIBED, None)


@pytest.mark.parametrize("status", [MC.UNSUBSCRIBED, MC.CLEANED, MC.ARCHIVED])
def test_at_the_initial_sync_an_opt_out_stays_and_the_store_is_corrected(status):
    verdict = initial(status, ST.SUBSCRIBED, at=T[0], store_at=T[1])
    assert writes(verdict) == (None, None, ST.UNSUBSCRIBED)
    assert verdict.profile


def test_a_contact_that_has_not_confirmed_makes_the_customer_pending():
    assert writes(initial(MC.PENDING, ST.SUBSCRIBED)) == (None, None, ST.PENDING)


@pytest.mark.parametrize("status", [MC.UNSUBSCRIBED, MC.CLEANED, MC.ARCHIVED, MC.PENDING])
def test_the_policy_can_leave_the_store_uncorrected(status):
    verdict = initial(status, ST.SUBSCRIBED, policy=Policy(correct_store=False))
    assert writes(verdict) == (None, None, None)
    assert verdict.skip == status.value


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("store", ConsentState)
def test_a_forgotten_contact_is_never_created_again(phase, store):
    verdict = decide(situation(phase, MC.FORGOTTEN, store))
    assert writes(verdict) == (None, None, None)
    assert verdict.skip == "forgotten"
    assert not verdict.profile


@pytest.mark.parametrize("store", [ST.NOT_SUBSCRIBED, ST.NONE])
@pytest.mark.parametrize("agreed", [None, SUBSCRIBED_BEFORE])
def test_declining_or_ignoring_marketing_at_checkout_keeps_the_subscription(store, agreed):
    verdict = ongoing(
        MC.SUBSCRIBED, store, at=T[0], store_at=T[2], agreed=agreed, direction=Direction.STORE_TO_AUDIENCE
    )
    assert writes(verdict) == (None, None, None)
    assert verdict.rule == "A-5"


@pytest.mark.parametrize("store_at", [T[1], None])
def test_a_withdrawal_at_the_store_reaches_the_audience(store_at):
    verdict = ongoing(MC.SUBSCRIBED, ST.UNSUBSCRIBED, at=T[0], store_at=store_at, agreed=SUBSCRIBED_BEFORE)
    assert writes(verdict) == (None, MC.UNSUBSCRIBED, None)


@pytest.mark.parametrize("at", [T[1], None])
def test_a_withdrawal_in_the_audience_reaches_the_store(at):
    verdict = ongoing(MC.UNSUBSCRIBED, ST.SUBSCRIBED, at=at, store_at=T[0], agreed=SUBSCRIBED_BEFORE)
    assert writes(verdict) == (None, None, ST.UNSUBSCRIBED)


def test_subscribing_by_hand_in_the_audience_reaches_the_store():
    agreed = Agreed(ST.UNSUBSCRIBED, T[0], Side.STORE)
    verdict = ongoing(
        MC.SUBSCRIBED,
        ST.UNSUBSCRIBED,
        at=T[1],
        store_at=T[0],
        agreed=agreed,
        direction=Direction.AUDIENCE_TO_STORE,
    )
    assert writes(verdict) == (None, None, ST.SUBSCRIBED)


def test_an_opt_in_at_checkout_subscribes_a_transactional_contact():
    verdict = ongoing(MC.TRANSACTIONAL, ST.SUBSCRIBED, store_at=T[1], direction=Direction.STORE_TO_AUDIENCE)
    assert writes(verdict) == (None, MC.SUBSCRIBED, None)
    assert verdict.rule == "A-7"


def test_an_opt_in_newer_than_the_opt_out_subscribes_again():
    agreed = Agreed(ST.UNSUBSCRIBED, T[0], Side.AUDIENCE)
    verdict = ongoing(MC.UNSUBSCRIBED, ST.SUBSCRIBED, at=T[0], store_at=T[1], agreed=agreed)
    assert writes(verdict) == (None, MC.SUBSCRIBED, None)
    assert verdict.rule == "A-8"


def test_after_a_compliance_answer_nothing_is_asked_a_second_time():
    first = ongoing(MC.UNSUBSCRIBED, ST.SUBSCRIBED, at=T[0], store_at=T[1])
    assert first.write_audience is MC.SUBSCRIBED
    for left_as in (MC.PENDING, MC.UNSUBSCRIBED):
        again = ongoing(left_as, ST.SUBSCRIBED, at=T[0], store_at=T[1], agreed=first.agreed_after)
        assert writes(again) == (None, None, None)


def test_a_new_customer_is_subscribed_only_on_an_opt_in():
    assert ongoing(MC.ABSENT, ST.SUBSCRIBED).create is MC.SUBSCRIBED
    assert {ongoing(MC.ABSENT, store).create for store in ConsentState if store is not ST.SUBSCRIBED} == {
        MC.TRANSACTIONAL
    }


@pytest.mark.parametrize("store_at", [T[0], T[1], None])
def test_an_opt_in_not_newer_than_the_opt_out_never_subscribes_again(store_at):
    verdict = ongoing(MC.UNSUBSCRIBED, ST.SUBSCRIBED, at=T[1], store_at=store_at)
    assert verdict.write_audience is None


def test_an_event_older_than_the_opt_out_never_subscribes_again():
    late = {"at": T[1], "store_at": T[2], "direction": Direction.STORE_TO_AUDIENCE}
    assert ongoing(MC.UNSUBSCRIBED, ST.SUBSCRIBED, occurred_at=T[0], **late).write_audience is None
    assert ongoing(MC.UNSUBSCRIBED, ST.SUBSCRIBED, occurred_at=T[2], **late).write_audience is MC.SUBSCRIBED


def test_a_remembered_opt_out_outlives_the_contact():
    agreed = Agreed(ST.UNSUBSCRIBED, T[1], Side.AUDIENCE)
    for status in (MC.ABSENT, MC.TRANSACTIONAL):
        verdict = ongoing(status, ST.SUBSCRIBED, store_at=T[0], agreed=agreed)
        assert MC.SUBSCRIBED not in writes(verdict)
        assert verdict.agreed_after == agreed


@pytest.mark.parametrize("phase", Phase)
def test_a_cleaned_contact_is_never_subscribed_again(phase):
    verdict = decide(situation(phase, MC.CLEANED, ST.SUBSCRIBED, at=T[0], store_at=T[2]))
    assert verdict.write_audience is None
    assert verdict.create is None


def test_what_came_from_the_audience_does_not_come_back_as_a_change_of_the_store():
    told = ongoing(MC.UNSUBSCRIBED, ST.SUBSCRIBED, at=T[1], store_at=T[0], agreed=SUBSCRIBED_BEFORE)
    assert told.write_store is ST.UNSUBSCRIBED
    # The person comes back by a form of the audience; the store's echo of the withdrawal is heard only now.
    echo = ongoing(
        MC.SUBSCRIBED,
        ST.UNSUBSCRIBED,
        at=T[2],
        store_at=T[3],
        agreed=told.agreed_after,
        direction=Direction.STORE_TO_AUDIENCE,
    )
    assert writes(echo) == (None, None, None)


def test_a_subscription_we_wrote_does_not_outweigh_a_withdrawal_made_before_it_arrived():  # A-23 A-10
    # Opted in at the store at T0, written to the audience at T2; withdrawn at the store at T1.
    agreed = Agreed(ST.SUBSCRIBED, T[0], Side.STORE)
    verdict = ongoing(MC.SUBSCRIBED, ST.UNSUBSCRIBED, at=T[2], store_at=T[1], agreed=agreed)
    assert writes(verdict) == (None, MC.UNSUBSCRIBED, None)


def test_an_opt_in_made_while_we_wrote_an_older_withdrawal_is_newer_than_that():  # A-8 A-10
    # Withdrawn at the store at T0, ticked again at T1; the withdrawal reached the audience at T2, and nobody touched it.
    agreed = Agreed(ST.UNSUBSCRIBED, T[0], Side.STORE, T[2])
    told = {"store_at": T[1], "agreed": agreed}
    assert ongoing(MC.UNSUBSCRIBED, ST.SUBSCRIBED, at=T[2], **told).write_audience is MC.SUBSCRIBED
    assert ongoing(MC.UNSUBSCRIBED, ST.SUBSCRIBED, at=T[3], **told).write_store is ST.UNSUBSCRIBED


@pytest.mark.parametrize(("origin", "left"), [(Side.AUDIENCE, {}), (Side.STORE, {"seen_at": T[1]})])
def test_a_store_without_dates_takes_an_opt_in_while_nobody_touched_it_and_else_the_withdrawal_wins(
    origin, left
):  # A-6 A-10
    agreed = Agreed(ST.UNSUBSCRIBED, None, origin, T[1], **left)
    for touched_at, expected in ((T[1], (None, None, ST.SUBSCRIBED)), (T[2], (None, MC.UNSUBSCRIBED, None))):
        store = Consent(ST.UNSUBSCRIBED, None, touched_at)
        seen = Situation(Phase.ONGOING, Direction.FULL, MC.SUBSCRIBED, T[3], store, agreed)
        assert writes(decide(seen)) == expected


def test_what_an_undated_store_did_before_both_sides_agreed_again_holds_no_later_opt_in_back():
    agreed = Agreed(ST.UNSUBSCRIBED, T[0], Side.AUDIENCE, T[0])
    store = Consent(ST.UNSUBSCRIBED, None, T[1])
    both = Situation(Phase.ONGOING, Direction.FULL, MC.UNSUBSCRIBED, T[0], store, agreed)
    after = replace(both, audience=MC.SUBSCRIBED, status_changed_at=T[2], agreed=decide(both).agreed_after)
    assert decide(after).write_store is ST.SUBSCRIBED


def test_an_opt_in_travels_only_the_way_of_its_event():
    heard = {"at": T[1], "store_at": T[2]}
    from_audience = ongoing(MC.UNSUBSCRIBED, ST.SUBSCRIBED, direction=Direction.AUDIENCE_TO_STORE, **heard)
    assert writes(from_audience) == (None, None, None)


@pytest.mark.parametrize(
    "agreed",
    [
        Agreed(ST.SUBSCRIBED),
        Agreed(ST.UNSUBSCRIBED, T[0]),
        Agreed(ST.PENDING, T[0], Side.STORE),
        Agreed(ST.NOT_SUBSCRIBED, None, Side.AUDIENCE),
        Agreed(ST.UNSUBSCRIBED, T[0], Side.AUDIENCE, T[1]),
        Agreed(ST.UNSUBSCRIBED, None, Side.STORE, T[1], T[2]),
    ],
)
def test_what_was_agreed_survives_the_ledger_as_text(agreed):
    assert Agreed.parse(str(agreed)) == agreed
    assert Agreed.parse("") is None


def test_every_row_of_the_table_decides_somewhere_and_every_situation_has_a_row():
    def walk(choices: Choices) -> Row:
        situation = Some(choices)
        facts = Facts(situation)
        sides = situation.phase, situation.audience, situation.store.state
        return next(
            row
            for row in ROWS
            if all(one in of for one, of in zip(sides, (row.phases, row.audience, row.store), strict=True))
            and all(test(facts) for test in row.when)
        )

    assert {id(row) for row in paths(walk)} == {id(row) for row in ROWS}


def test_the_printed_table_is_fresh():
    page = Path(__file__).parents[3] / "docs" / "consent.md"
    assert page.read_text() == rendered(), "run python -m passerelle.rules.consent_table > docs/consent.md"


def test_a_shorter_event_time_only_ever_ages_an_opt_in():
    base = situation(Phase.ONGOING, MC.UNSUBSCRIBED, ST.SUBSCRIBED, at=T[1], store_at=None)
    assert decide(replace(base, occurred_at=T[3])).write_audience is None


SEEN_OUT = Agreed(ST.UNSUBSCRIBED, None, Side.STORE, copied_at=T[2], seen_at=T[1])
"""A withdrawal that the store does not date: the audience has our copy of it."""


def came_back(status, at, agreed):
    """Opted in at a store that keeps the first date, after we had seen it withdrawn in February."""
    store = Consent(ST.SUBSCRIBED, T[0], since=T[1])
    return decide(Situation(Phase.ONGOING, Direction.FULL, status, at, store, agreed))


def test_a_store_that_keeps_the_first_date_is_believed_when_we_saw_it_withdrawn_before():
    assert writes(came_back(MC.UNSUBSCRIBED, T[2], SEEN_OUT)) == (None, MC.SUBSCRIBED, None)
    older = Agreed(ST.UNSUBSCRIBED, T[0], Side.AUDIENCE, copied_at=T[1])
    assert writes(came_back(MC.UNSUBSCRIBED, T[0], older)) == (None, MC.SUBSCRIBED, None)
    assert writes(came_back(MC.TRANSACTIONAL, None, SEEN_OUT)) == (None, MC.SUBSCRIBED, None)


@pytest.mark.parametrize("at", [T[1], T[3], None], ids=["at once", "later", "unknown"])
def test_a_withdrawal_in_the_audience_that_may_be_newer_wins_on_both_sides(at):
    assert writes(came_back(MC.UNSUBSCRIBED, at, SEEN_OUT)) == (None, None, ST.UNSUBSCRIBED)
    theirs = Agreed(ST.UNSUBSCRIBED, at, Side.AUDIENCE)
    assert writes(came_back(MC.ABSENT, None, theirs)) == (MC.TRANSACTIONAL, None, ST.UNSUBSCRIBED)


def test_what_the_first_sync_left_is_lifted_by_a_later_opt_in_in_the_audience_and_ended_by_no_touch():
    aside = Agreed(ST.UNSUBSCRIBED, T[0], Side.STORE, seen_at=T[1], by=T[2])

    def now(at, touched):
        store = Consent(ST.UNSUBSCRIBED, touched_at=touched)
        return decide(
            Situation(Phase.ONGOING, Direction.FULL, MC.SUBSCRIBED, at, store, aside, looked_at=T[3])
        )

    assert writes(now(T[3], T[1])) == (None, None, ST.SUBSCRIBED)
    assert writes(now(T[0], T[3])) == (None, None, None)
    assert now(T[0], T[3]).agreed_after == replace(aside, seen_at=T[3], by=T[3])
    assert writes(now(T[3], T[2])) == (None, MC.UNSUBSCRIBED, None)


def test_what_is_agreed_is_read_as_it_was_written():
    whole = Agreed(ST.UNSUBSCRIBED, T[0], Side.STORE, T[1], T[2], T[3])
    assert Agreed.parse(str(whole)) == whole
    assert Agreed.parse(str(replace(whole, by=None))) == replace(whole, by=None)
