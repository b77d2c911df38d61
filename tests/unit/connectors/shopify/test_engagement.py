"""What customers did with mails, written into their metafields."""

from datetime import UTC, datetime, timedelta

import pytest
from passerelle.connectors.shopify.engagement import NAMESPACE
from passerelle.model import Engagement, Kind
from passerelle.port import Action, Change, PermissionMissing, Result
from sandbox.shopify import Shop, sample
from sandbox.shopify.metafields import held

AT = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)


def change(place, *instants):
    id = str(sample.FIRST_CUSTOMER + place)
    return Change(id, Action.UPDATE, Engagement(id, "contact", *instants), destination_id=id)


def values(world, place):
    person = world.shop.state.shelf("Customer").things[sample.FIRST_CUSTOMER + place]
    return {name: (each["type"], each["value"]) for name, each in held(person).items()}


@pytest.fixture
def people(world):
    world.shop.load([sample.customer(place, consent="SUBSCRIBED") for place in range(300)])
    return world


def test_each_event_is_a_date_and_time_of_its_own(people):
    later = AT + timedelta(hours=1)
    (outcome,) = people.connector.push(Kind.ENGAGEMENT, [change(0, AT, later, None)])
    assert (outcome.result, outcome.destination_id) == (Result.UPDATED, str(sample.FIRST_CUSTOMER))
    assert values(people, 0) == {
        f"{NAMESPACE}.email_received": ("date_time", "2026-05-01T08:30:00Z"),
        f"{NAMESPACE}.email_opened": ("date_time", "2026-05-01T09:30:00Z"),
    }


def test_hundreds_of_customers_are_written_in_few_requests(people):
    people.shop.calls.clear()
    outcomes = people.connector.push(Kind.ENGAGEMENT, [change(place, AT, AT, AT) for place in range(300)])
    assert {outcome.result for outcome in outcomes} == {Result.UPDATED}
    assert len(people.shop.calls.all) == 2  # 38 mutations of 8 customers, 20 a request
    assert all(len(values(people, place)) == 3 for place in range(300))


def test_writing_twice_changes_nothing(people):
    changes = [change(place, AT) for place in range(30)]
    people.connector.push(Kind.ENGAGEMENT, changes)
    before = [values(people, place) for place in range(30)]
    people.connector.push(Kind.ENGAGEMENT, changes)
    assert [values(people, place) for place in range(30)] == before


def test_one_who_is_refused_does_not_keep_the_others_from_being_written(people):
    for place in (2, 11):
        people.shop.state.shelf("Customer").drop(sample.FIRST_CUSTOMER + place)
    outcomes = people.connector.push(Kind.ENGAGEMENT, [change(place, AT) for place in range(20)])
    refused = [outcome for outcome in outcomes if outcome.result is Result.REFUSED]
    assert [outcome.id for outcome in refused] == [str(sample.FIRST_CUSTOMER + place) for place in (2, 11)]
    assert {outcome.code for outcome in refused} == {"gone_since_planned"}
    assert values(people, 3)
    assert values(people, 19)


def test_an_app_without_the_scope_is_told_which_it_lacks(people):
    people.open(Shop.ALL_SCOPES - {"write_customers"})
    people.shop.load([sample.customer(0)])
    with pytest.raises(PermissionMissing, match="write_customers"):
        people.connector.push(Kind.ENGAGEMENT, [change(0, AT)])
