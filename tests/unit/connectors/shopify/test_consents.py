"""Consents written at the shop."""

from datetime import UTC, datetime

import pytest
from passerelle.connectors.shopify import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Consent, ConsentState, Kind
from passerelle.port import ConsentChange, PermissionMissing, Result, Unavailable, WritesBlocked
from sandbox.moods import Mood
from sandbox.shopify.sample import customer
from sandbox.transport import InProcess

AT = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def change(place, state, at=AT):
    return ConsentChange(str(20_000 + place), Consent(state, at))


@pytest.mark.parametrize("state", [ConsentState.SUBSCRIBED, ConsentState.UNSUBSCRIBED, ConsentState.PENDING])
def test_a_consent_is_written_with_the_instant_of_the_act(world, state):
    world.shop.load([customer(1, consent="NOT_SUBSCRIBED")])
    [outcome] = world.connector.push_consent([change(1, state)])
    assert outcome.result is Result.UPDATED
    [found] = world.connector.pull(Kind.CUSTOMERS, ["20001"]).objects
    assert found.consent == Consent(state, AT)
    assert outcome.consent_at == found.consent.shown_at


@pytest.mark.parametrize("state", [ConsentState.NOT_SUBSCRIBED, ConsentState.NONE])
def test_what_shopify_does_not_take_is_refused_without_a_call(world, state):
    [outcome] = world.connector.push_consent([change(1, state)])
    assert (outcome.result, outcome.code) == (Result.REFUSED, "consent_state_unwritable")
    assert len(world.shop.calls) == 0


def test_a_refusal_of_one_harms_no_other(world):
    world.shop.load([customer(1, consent="NOT_SUBSCRIBED"), customer(2, consent="NONE")])
    late = datetime(2027, 1, 1, tzinfo=UTC)
    changes = [
        change(2, ConsentState.SUBSCRIBED),
        change(99, ConsentState.SUBSCRIBED),
        change(1, ConsentState.NONE),
        change(1, ConsentState.SUBSCRIBED, late),
        change(1, ConsentState.SUBSCRIBED),
    ]
    outcomes = world.connector.push_consent(changes)
    assert [outcome.id for outcome in outcomes] == ["20002", "20099", "20001", "20001", "20001"]
    assert [outcome.code for outcome in outcomes] == [
        "customer_without_email",
        "customer_not_found",
        "consent_state_unwritable",
        "consent_invalid",
        "",
    ]
    assert all(outcome.why and outcome.remedy for outcome in outcomes[:4])
    assert outcomes[4].result is Result.UPDATED


def test_refusals_name_no_one(world):  # G-7
    world.shop.load([customer(2, consent="NONE")])
    [outcome] = world.connector.push_consent([change(2, ConsentState.SUBSCRIBED)])
    held = world.shop.state.shelf("Customer").things[20_002]
    assert held["lastName"] not in outcome.why + outcome.remedy


def test_many_consents_fit_in_few_requests(world):
    world.open(rate=10_000, bucket=10_000)
    world.shop.load([customer(place, consent="SUBSCRIBED") for place in range(250)])
    outcomes = world.connector.push_consent(
        [change(place, ConsentState.UNSUBSCRIBED) for place in range(250)]
    )
    assert len(outcomes) == 250
    assert all(outcome.result is Result.UPDATED for outcome in outcomes)
    assert len(world.shop.calls) == 4


def test_writing_the_same_consent_twice_changes_nothing(world):
    world.shop.load([customer(1, consent="SUBSCRIBED")])
    world.connector.push_consent([change(1, ConsentState.UNSUBSCRIBED)])
    before = dict(world.shop.state.shelf("Customer").things[20_001]["defaultEmailAddress"])
    world.connector.push_consent([change(1, ConsentState.UNSUBSCRIBED)])
    assert world.shop.state.shelf("Customer").things[20_001]["defaultEmailAddress"] == before


def test_an_answer_lost_on_the_way_is_not_taken_for_a_success(world):
    world.shop.load([customer(1, consent="SUBSCRIBED")])
    world.shop.moods.add(Mood.LOST_ANSWER, times=9)
    with pytest.raises(Unavailable):
        world.connector.push_consent([change(1, ConsentState.UNSUBSCRIBED)])


def test_a_token_that_may_not_write_is_a_missing_permission(world):
    world.open(["read_customers"])
    world.shop.load([customer(1, consent="SUBSCRIBED")])
    with pytest.raises(PermissionMissing, match="write_customers"):
        world.connector.push_consent([change(1, ConsentState.UNSUBSCRIBED)])


def test_a_client_in_test_mode_sends_no_consent(world):  # E-2
    client = Client(InProcess({world.shop.address: world.shop}), writes_blocked=True)
    keys = {"access_token": next(iter(world.shop.tokens)), "client_secret": "shpss_12345678"}
    connector = Connector(Credentials(shop=world.shop.domain, **keys), Settings(), client)
    assert connector.check().name
    with pytest.raises(WritesBlocked):
        connector.push_consent([change(1, ConsentState.UNSUBSCRIBED)])
    assert not world.shop.calls.writes
