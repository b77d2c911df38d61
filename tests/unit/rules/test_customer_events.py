"""Which events are taken, who may not be followed, who is meant, and what is told: the tables of A-19."""

from datetime import UTC, datetime, timedelta

import pytest
from passerelle.connectors.mailchimp.events import SHORT
from passerelle.rules.customer_events import (
    KEPT,
    NAMES,
    PAST,
    Denial,
    Following,
    Named,
    Privacy,
    Who,
    denial,
    expired,
    following_of,
    instant,
    known,
    meant,
    past,
    ties,
    told,
    waits_for,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_exactly_the_listed_names_are_taken():
    assert set(NAMES) == {
        "page_viewed",
        "product_viewed",
        "search_submitted",
        "product_added_to_cart",
        "checkout_contact_info_submitted",
        "checkout_address_info_submitted",
        "checkout_shipping_info_submitted",
        "payment_info_submitted",
        "checkout_started",
        "checkout_completed",
        "collection_viewed",
    }
    assert [known(name) for name in NAMES] == list(NAMES)


@pytest.mark.parametrize("name", ["", "Page_viewed", "page_viewed ", "cart_viewed", "clicked"])
def test_any_other_name_is_refused_with_those_that_are_taken(name):
    with pytest.raises(ValueError, match="one of: page_viewed, product_viewed"):
        known(name)


def test_every_name_fits_the_audience():
    told_as = [SHORT.get(name, name) for name in NAMES]
    assert all(2 <= len(name) <= 30 for name in told_as)
    assert len(set(told_as)) == len(NAMES)


@pytest.mark.parametrize(
    ("analytics", "marketing", "sale", "shop_denies", "who"),
    [
        (True, True, None, False, None),
        (True, True, True, False, None),
        (True, True, False, False, Denial.VISITOR),
        (True, False, None, False, Denial.VISITOR),
        (False, True, None, False, Denial.VISITOR),
        (False, False, None, False, Denial.VISITOR),
        (True, True, None, True, Denial.SHOP),
        (True, True, True, True, Denial.SHOP),
        (False, False, False, True, Denial.SHOP),
    ],
)
def test_a_denial_of_shop_or_visitor_drops_the_event(analytics, marketing, sale, shop_denies, who):
    assert denial(Privacy(analytics, marketing, sale), Following(denied=shop_denies)) is who


@pytest.mark.parametrize(
    ("policy", "choice"),
    [
        ({}, Following(on=True, denied=False)),
        ({"customer_events": False}, Following(on=False)),
        ({"events_denied": True}, Following(on=True, denied=True)),
    ],
)
def test_events_are_on_unless_the_link_says_otherwise(policy, choice):
    assert following_of(policy) == choice


CONTACT, CUSTOMER, CLIENT = Named(contact="c1"), Named(customer="7"), Named(client="b")


@pytest.mark.parametrize(
    ("named", "tied", "mapped", "contact", "waits"),
    [
        (CONTACT, None, {}, "c1", (Who.CONTACT, "c1")),
        (CUSTOMER, None, {"7": "c7"}, "c7", (Who.CUSTOMER, "7")),
        (CUSTOMER, None, {}, "", (Who.CUSTOMER, "7")),
        (CLIENT, None, {"7": "c7"}, "", (Who.CLIENT, "b")),
        (CLIENT, CONTACT, {}, "c1", (Who.CONTACT, "c1")),
        (CLIENT, CUSTOMER, {"7": "c7"}, "c7", (Who.CUSTOMER, "7")),
        (CLIENT, CUSTOMER, {}, "", (Who.CUSTOMER, "7")),
        (Named(customer="7", client="b"), CONTACT, {}, "", (Who.CUSTOMER, "7")),
        (Named("c1", "7", "b"), Named(contact="c2"), {"7": "c7"}, "c1", (Who.CONTACT, "c1")),
    ],
)
def test_the_events_own_word_counts_before_the_browsers(named, tied, mapped, contact, waits):
    assert meant(named, tied, mapped) == contact
    assert waits_for(named, tied) == waits


def test_a_browser_is_tied_by_an_event_that_names_both():
    assert ties(Named(contact="c", client="b"))
    assert ties(Named(customer="7", client="b"))
    assert not ties(CLIENT)
    assert not ties(Named(contact="c", customer="7"))


def test_a_clock_that_runs_ahead_is_not_believed():
    assert instant(NOW + timedelta(days=3), NOW) == NOW
    assert instant(NOW - timedelta(days=3), NOW) == NOW - timedelta(days=3)


@pytest.mark.parametrize(
    ("age", "is_past", "is_expired"),
    [
        (timedelta(0), False, False),
        (PAST, False, False),
        (PAST + timedelta(seconds=1), True, False),
        (KEPT, True, False),
        (KEPT + timedelta(seconds=1), True, True),
    ],
)
def test_an_old_event_starts_nothing_and_a_very_old_one_is_not_told(age, is_past, is_expired):
    assert past(NOW - age, NOW) is is_past
    assert expired(NOW - age, NOW) is is_expired


def test_properties_are_text_and_say_nothing_of_the_person():
    data = {
        "product_id": 7,
        "price": 12.5,
        "in_stock": True,
        "query": "socks",
        "empty": "",
        "none": None,
        "email": "ada@example.com",
        "customer_phone": "+33 1",
        "firstName": "Ada",
        "first_name": "Ada",
        "shipping_address": "1 rue",
        "url": "https://shop.example/?mail=ada@example.com&x=1",
        "encoded": "https://shop.example/?m=ada%40example.com",
        "product_name": "Socks",
    }
    assert told(data) == {
        "product_id": "7",
        "price": "12.5",
        "in_stock": "true",
        "query": "socks",
        "url": "https://shop.example/?mail=(address)&x=1",
        "encoded": "https://shop.example/?m=(address)",
        "product_name": "Socks",
    }


def test_a_long_value_is_cut():
    assert len(told({"title": "x" * 999})["title"]) == 255
