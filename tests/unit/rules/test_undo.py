"""Undoing a consent: every status before and after, every state now, with and without evidence."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from passerelle.model import AudienceStatus, Consent, ConsentState
from passerelle.rules.consent import Agreed, Side
from passerelle.rules.undo import (
    ACTED,
    OPTED_OUT,
    RESTORED,
    UNDATED,
    UNPROVEN,
    Now,
    Undone,
    agreed_after,
    undo_consent,
    undo_status,
)

MC, ST = AudienceStatus, ConsentState
WRITTEN = datetime(2026, 5, 1, tzinfo=UTC)
EARLIER, LATER = WRITTEN - timedelta(days=9), WRITTEN + timedelta(days=9)
INSTANTS = (None, EARLIER, WRITTEN, LATER)
HEIGHT = {MC.SUBSCRIBED: 2, MC.PENDING: 1}
NOBODY = Consent(ST.NONE)


def now(status=MC.ABSENT, at=None, store=NOBODY):
    return Now(status, at, store)


def test_a_raised_contact_goes_back_to_what_they_were():
    there = now(MC.SUBSCRIBED, WRITTEN)
    assert undo_status(MC.TRANSACTIONAL, MC.SUBSCRIBED, WRITTEN, None, there) == Undone(MC.TRANSACTIONAL)
    assert undo_status(MC.UNSUBSCRIBED, MC.SUBSCRIBED, WRITTEN, None, there) == Undone(MC.UNSUBSCRIBED)


@pytest.mark.parametrize("made", [MC.SUBSCRIBED, MC.PENDING])
def test_a_contact_that_was_made_is_never_deleted_but_gets_no_marketing(made):
    undone = undo_status(MC.ABSENT, made, WRITTEN, None, now(made, WRITTEN))
    assert undone == Undone(MC.TRANSACTIONAL)


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (now(MC.SUBSCRIBED, LATER), ACTED),
        (now(MC.UNSUBSCRIBED, LATER), ACTED),
        (now(MC.TRANSACTIONAL), RESTORED),
        (now(MC.SUBSCRIBED), UNDATED),
    ],
)
def test_who_acted_since_or_is_in_doubt_is_left(there, why):
    assert undo_status(MC.TRANSACTIONAL, MC.SUBSCRIBED, WRITTEN, None, there) == Undone(left=why)


@pytest.mark.parametrize(
    ("opted_in_at", "store", "expected"),
    [
        (EARLIER, NOBODY, Undone(MC.SUBSCRIBED)),
        (None, NOBODY, Undone(left=UNPROVEN)),
        (EARLIER, Consent(ST.UNSUBSCRIBED, LATER), Undone(left=OPTED_OUT)),
        (EARLIER, Consent(ST.UNSUBSCRIBED), Undone(left=OPTED_OUT)),
        (EARLIER, Consent(ST.UNSUBSCRIBED, EARLIER - timedelta(days=1)), Undone(MC.SUBSCRIBED)),
    ],
)
def test_an_unsubscription_is_undone_only_on_a_shown_opt_in(opted_in_at, store, expected):
    there = now(MC.UNSUBSCRIBED, WRITTEN, store)
    assert undo_status(MC.SUBSCRIBED, MC.UNSUBSCRIBED, WRITTEN, opted_in_at, there) == expected


def test_nobody_is_ever_raised_without_a_shown_opt_in_whatever_there_is():
    stores = [Consent(state, at) for state, at in product(ST, INSTANTS)]
    for before, after, status, at, shown, store in product(MC, MC, MC, INSTANTS, (None, EARLIER), stores):
        undone = undo_status(before, after, WRITTEN, shown, Now(status, at, store))
        assert (undone.status is None) is bool(undone.left)
        if undone.status is None:
            continue
        assert status is after, "only what is still as it was written is touched"
        assert undone.status not in {MC.CLEANED, MC.ARCHIVED, MC.FORGOTTEN, MC.ABSENT}
        if HEIGHT.get(undone.status, 0) > HEIGHT.get(after, 0):
            assert (undone.status, shown) == (MC.SUBSCRIBED, EARLIER)
            assert store.state is not ST.UNSUBSCRIBED or (store.changed_at and store.changed_at < EARLIER)


def test_no_store_is_told_of_a_subscription_that_was_not_shown():
    for before, after, status, at, shown in product(ST, ST, MC, INSTANTS, (None, EARLIER)):
        undone = undo_consent(before, after, WRITTEN, shown, Now(status, None, Consent(after, at)))
        assert (undone.consent is None) is bool(undone.left)
        if undone.consent is ST.SUBSCRIBED:
            assert shown
            assert status in {MC.SUBSCRIBED, MC.PENDING, MC.TRANSACTIONAL}
        if undone.consent is not None:
            assert at is not None
            assert at <= WRITTEN


def test_what_is_undone_is_no_act_of_the_side_it_is_written_on():
    assert agreed_after(Undone(MC.TRANSACTIONAL), Side.AUDIENCE, LATER) == Agreed(
        ST.UNSUBSCRIBED, LATER, Side.STORE
    )
    assert agreed_after(Undone(consent=ST.UNSUBSCRIBED), Side.STORE, LATER) == Agreed(
        ST.UNSUBSCRIBED, LATER, Side.AUDIENCE
    )
    assert agreed_after(Undone(MC.SUBSCRIBED), Side.AUDIENCE, LATER).state is ST.SUBSCRIBED
