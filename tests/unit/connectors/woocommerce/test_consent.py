"""Consent in customers' meta data: what counts as evidence, and that writing it twice changes nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from passerelle.connectors.woocommerce.consents import NOTE
from passerelle.model import Consent, ConsentState, Customer, Engagement, Kind
from passerelle.port import Action, Change, ConsentChange, Result, Unavailable
from sandbox.moods import Mood
from sandbox.woocommerce import Shop
from sandbox.woocommerce.sample import CONSENT, catalogue

from .connecting import connect

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def shop_with(value: Any, key: str = CONSENT) -> tuple[Shop, str]:
    shop = catalogue(0, 1, 0)
    (id,) = shop.state.customers
    shop.state.customers[id]["meta_data"] = []
    if value is not None:
        shop.acts.consent(id, key, value)
    return shop, str(id)


def consent(shop: Shop, id: str, **settings: Any) -> Consent:
    (person,) = connect(shop, **settings).pull(Kind.CUSTOMERS, [id]).objects
    assert isinstance(person, Customer)
    return person.consent


def kept(shop: Shop, id: str) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in shop.state.customers[int(id)]["meta_data"]}


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (None, ConsentState.NONE),
        ("", ConsentState.NOT_SUBSCRIBED),
        ("0", ConsentState.NOT_SUBSCRIBED),
        ("no", ConsentState.NOT_SUBSCRIBED),
        ("1", ConsentState.SUBSCRIBED),
        ("Yes", ConsentState.SUBSCRIBED),
        (True, ConsentState.SUBSCRIBED),
        ("subscribed", ConsentState.SUBSCRIBED),
        ("pending", ConsentState.PENDING),
        ("unsubscribed", ConsentState.UNSUBSCRIBED),
        ("perhaps", ConsentState.NONE),
        (["yes"], ConsentState.NOT_SUBSCRIBED),
    ],
)
def test_only_a_plain_yes_is_evidence(value: Any, state: ConsentState) -> None:
    shop, id = shop_with(value)
    assert consent(shop, id) == Consent(state)


def test_another_key_may_hold_it() -> None:
    shop, id = shop_with("yes", "marketing_opt_in")
    assert consent(shop, id).state is ConsentState.NONE
    assert consent(shop, id, consent_key="marketing_opt_in").state is ConsentState.SUBSCRIBED


@pytest.mark.parametrize("state", [ConsentState.SUBSCRIBED, ConsentState.UNSUBSCRIBED])
def test_a_consent_that_was_written_is_read_back_with_its_day(state: ConsentState) -> None:
    shop, id = shop_with(None)
    change = ConsentChange(id, Consent(state, AT))
    (outcome,) = connect(shop).push_consent([change])
    assert (outcome.result, consent(shop, id)) == (Result.UPDATED, Consent(state, AT))
    before = len(shop.calls.writes)
    (again,) = connect(shop).push_consent([change])
    assert (again.result, len(shop.calls.writes)) == (Result.UNCHANGED, before)


def test_it_is_written_in_the_words_that_the_shop_uses() -> None:
    shop, id = shop_with("no", "opt_in")
    connect(shop, consent_key="opt_in").push_consent(
        [ConsentChange(id, Consent(ConsentState.SUBSCRIBED, AT))]
    )
    assert kept(shop, id) == {"opt_in": "yes", NOTE: f"subscribed@{AT.isoformat()}"}


def test_who_acts_in_the_shop_after_us_is_believed() -> None:
    shop, id = shop_with(None)
    connect(shop).push_consent([ConsentChange(id, Consent(ConsentState.SUBSCRIBED, AT))])
    shop.acts.consent(int(id), CONSENT, "0")
    assert consent(shop, id) == Consent(ConsentState.UNSUBSCRIBED)
    shop.acts.consent(int(id), CONSENT, "1")
    assert consent(shop, id).state is ConsentState.SUBSCRIBED


def test_who_is_gone_and_what_cannot_be_held_is_refused_alone() -> None:
    shop, id = shop_with("0")
    wanted = [
        ConsentChange(id, Consent(ConsentState.SUBSCRIBED, AT)),
        ConsentChange("999", Consent(ConsentState.SUBSCRIBED, AT)),
        ConsentChange("998", Consent(ConsentState.PENDING)),
    ]
    outcomes = connect(shop).push_consent(wanted)
    assert [(one.result, one.code) for one in outcomes] == [
        (Result.UPDATED, ""),
        (Result.REFUSED, "missing"),
        (Result.REFUSED, "consent_state_unwritable"),
    ]


def test_two_hundred_consents_take_two_reads_and_two_writes() -> None:
    shop = catalogue(0, 200, 0)
    wanted = [ConsentChange(str(id), Consent(ConsentState.UNSUBSCRIBED, AT)) for id in shop.state.customers]
    for row in shop.state.customers.values():
        row["meta_data"] = []
    outcomes = connect(shop).push_consent(wanted)
    assert {one.result for one in outcomes} == {Result.UPDATED}
    assert (len(shop.calls), len(shop.calls.writes)) == (4, 2)


def test_after_a_lost_answer_the_same_change_finds_itself_done() -> None:  # B-7
    shop, id = shop_with(None)
    change = ConsentChange(id, Consent(ConsentState.SUBSCRIBED, AT))
    shop.moods.add(Mood.LOST_ANSWER, "POST /wp-json/wc/v3/customers/batch")
    with pytest.raises(Unavailable):
        connect(shop).push_consent([change])
    assert connect(shop).push_consent([change])[0].result is Result.UNCHANGED


# --- people who opted in elsewhere -----------------------------------------------------------------------------


def newcomer(id: str, email: str) -> Change:
    wish = Consent(ConsentState.SUBSCRIBED, AT)
    return Change(id, Action.CREATE, Customer(id, email, wish, "Ada", "Lovelace"))


def test_a_newcomer_becomes_a_customer_who_is_subscribed() -> None:
    shop = catalogue(0, 0, 0)
    (outcome,) = connect(shop).push(Kind.CUSTOMERS, [newcomer("m1", "ada@customers.example")])
    assert outcome.result is Result.CREATED
    (person,) = connect(shop).pull(Kind.CUSTOMERS, [outcome.destination_id]).objects
    assert isinstance(person, Customer)
    assert (person.first_name, person.consent) == ("Ada", Consent(ConsentState.SUBSCRIBED, AT))


def test_an_account_that_is_there_already_is_left_alone() -> None:
    shop = catalogue(0, 2, 0)
    changes = [newcomer("m1", "person1@customers.example"), newcomer("m2", "new@customers.example")]
    outcomes = connect(shop).push(Kind.CUSTOMERS, changes)
    assert [one.result for one in outcomes] == [Result.EXISTS, Result.CREATED]
    again = connect(shop).push(Kind.CUSTOMERS, changes)
    assert [one.result for one in again] == [Result.EXISTS, Result.EXISTS]


def test_a_refused_newcomer_is_told_without_the_address() -> None:  # G-7
    (outcome,) = connect(catalogue(0, 0, 0)).push(Kind.CUSTOMERS, [newcomer("m1", "no-address")])
    assert (outcome.result, outcome.code) == (Result.REFUSED, "customer_refused")
    assert "no-address" not in outcome.why


# --- what they do with mails -----------------------------------------------------------------------------------


def test_what_people_do_with_mails_is_kept_with_them_and_twice_is_as_once() -> None:
    shop, id = shop_with(None)
    changes = [
        Change("c1", Action.UPDATE, Engagement("c1", "m1", received_at=AT, opened_at=AT), id),
        Change("c2", Action.UPDATE, Engagement("c2", "m2", clicked_at=AT), "999"),
    ]
    first, gone = connect(shop).push(Kind.ENGAGEMENT, changes)
    assert (first.result, gone.code) == (Result.UPDATED, "gone_since_planned")
    instant = "2026-05-01T12:00:00Z"
    assert kept(shop, id) == {"passerelle_email_received": instant, "passerelle_email_opened": instant}
    before = len(shop.calls.writes)
    assert connect(shop).push(Kind.ENGAGEMENT, changes)[0].result is Result.UNCHANGED
    assert len(shop.calls.writes) == before
