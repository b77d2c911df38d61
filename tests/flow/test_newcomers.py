"""People who opt in at the audience become customers of the store, where the merchant wants it (A-20)."""

from datetime import UTC, datetime

import pytest
from passerelle.connectors import prestashop
from passerelle.http import Client
from passerelle.memory import EntryState, Scope
from passerelle.model import Consent, ConsentState, Customer, Kind
from passerelle.port import Action, Change, Result
from sandbox.hamlet import LINK, Hamlet
from sandbox.mailchimp import Account, Audience, Member
from sandbox.prestashop.sample import SAMPLE_KEY, catalogue
from sandbox.shopify import Shop, sample
from sandbox.transport import InProcess
from sandbox.world import Clock

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
ON = {"new_contacts_to_store": True, "new_contacts_since": START.isoformat()}
NEW = "new@example.com"


def _hamlet(**policy):
    clock, audience = Clock(START), Audience()
    audience.clock = clock
    shop = Shop(clock=clock.epoch, now=clock)
    shop.load([sample.customer(place, consent="SUBSCRIBED") for place in range(3)])
    here = Hamlet(shop, Account(audiences=[audience], clock=clock), clock, policy=policy)
    here.sync(Kind.CUSTOMERS)
    here.quiet()
    clock.sleep(60)
    return here


def _customers(here, email=NEW):
    people = here.shop.state.shelf("Customer").things.values()
    return [person for person in people if (person["email"] or "").lower() == email]


def test_it_is_off_by_default():
    here = _hamlet()
    here.account.audience.person_subscribes(NEW)
    here.quiet()
    here.sync(Kind.CONTACTS, Scope.INCREMENTAL)
    assert _customers(here) == []


def test_a_new_contact_becomes_a_customer_with_name_and_consent():
    here = _hamlet(**ON)
    here.account.audience.person_subscribes(NEW)
    member = next(m for m in here.account.audience.members.values() if m.email == NEW)
    member.merge_fields = {"FNAME": "Ada", "LNAME": "Lovelace"}
    here.quiet()
    (person,) = _customers(here)
    assert (person["firstName"], person["lastName"]) == ("Ada", "Lovelace")
    assert person["defaultEmailAddress"]["marketingState"] == "SUBSCRIBED"
    assert person["defaultEmailAddress"]["marketingUpdatedAt"] == "2026-06-01T12:01:00Z"
    entry = here.memory.ledger.read(LINK, Kind.CONTACTS, [member.id])[member.id]
    assert (entry.state, entry.destination_id) == (EntryState.MAPPED, person["legacyResourceId"])


def test_what_was_made_does_not_come_back():
    here = _hamlet(**ON)
    here.account.audience.person_subscribes(NEW)
    here.told_by_audience()
    here.follow_all()
    here.account.calls.clear()
    here.shop.calls.clear()
    here.quiet()
    for kind in (Kind.CUSTOMERS, Kind.CONTACTS):
        here.sync(kind, Scope.INCREMENTAL)
    assert here.account.calls.writes == []
    assert here.shop.calls.writes == []
    assert len(_customers(here)) == 1


def test_a_lost_webhook_is_made_good_by_the_feed():
    here = _hamlet(**ON)
    here.account.audience.person_subscribes(NEW)
    here.lost()
    here.sync(Kind.CONTACTS, Scope.INCREMENTAL)
    assert len(_customers(here)) == 1


def test_whoever_was_there_before_it_was_turned_on_is_left_alone():
    here = _hamlet(**ON)
    old = datetime(2026, 5, 1, tzinfo=UTC)
    here.account.audience.seed(Member("old@example.com", timestamp_opt=old, last_changed=here.clock()))
    here.sync(Kind.CONTACTS, Scope.INCREMENTAL)
    assert _customers(here, "old@example.com") == []


@pytest.mark.parametrize("act", ["person_unsubscribes", "mail_bounces", "admin_deletes_permanently"])
def test_whoever_left_bounced_or_was_forgotten_becomes_no_customer(act):
    here = _hamlet(**ON)
    here.account.audience.person_subscribes(NEW)
    getattr(here.account.audience, act)(NEW)
    here.quiet()
    here.sync(Kind.CONTACTS, Scope.INCREMENTAL)
    assert _customers(here) == []


@pytest.mark.parametrize("way", ["deleted", "moved"])
def test_a_customer_who_is_gone_or_has_moved_is_not_made_again(way):
    here = _hamlet(**ON)
    new = sample.customer(77, consent="SUBSCRIBED")
    here.shop.life.add(new)
    here.quiet()
    email = new["email"].lower()
    if way == "deleted":
        here.shop.life.delete(new["id"])
    else:
        whole = {**new["defaultEmailAddress"], "emailAddress": "moved@example.com"}
        here.shop.life.edit(new["id"], email="moved@example.com", defaultEmailAddress=whole)
    here.quiet()
    assert here.account.audience.status(email) == "subscribed"
    here.sync(Kind.CONTACTS, Scope.INCREMENTAL)
    assert _customers(here, email) == []


def test_prestashop_makes_a_customer_who_is_found_again():
    shop = catalogue(1, 2, 0)
    client = Client(InProcess({"https://shop.example": shop}), allow_private=True)
    connector = prestashop.Connector(
        prestashop.Credentials(url="https://shop.example", key=SAMPLE_KEY), prestashop.Settings(), client
    )
    asked = datetime(2026, 5, 1, 10, tzinfo=UTC)
    person = Customer("c1", NEW, Consent(ConsentState.SUBSCRIBED, asked), "Ada <1>", "")
    change = Change("c1", Action.CREATE, person)
    (made,) = connector.push(Kind.CUSTOMERS, [change])
    assert made.result is Result.CREATED
    (found,) = connector.pull(Kind.CUSTOMERS, [made.destination_id]).objects
    assert (found.email, found.first_name, found.last_name, found.consent) == (
        NEW,
        "Ada",
        "-",
        person.consent,
    )
    assert connector.push(Kind.CUSTOMERS, [change])[0].result is Result.EXISTS
