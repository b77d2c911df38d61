"""People who opt in at the audience become customers of the store, where the merchant wants it (A-20)."""

from datetime import UTC, datetime

import pytest
from passerelle.connectors import prestashop
from passerelle.http import Client
from passerelle.memory import TO_STORE, EntryState, RunOutcome, RunStatus, Scope
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


def test_who_is_made_a_customer_leaves_an_entry_with_its_evidence():
    here = _hamlet(**ON)
    here.account.audience.person_subscribes(NEW)
    here.lost()
    run = here.sync(Kind.CONTACTS, Scope.INCREMENTAL)
    (person,) = _customers(here)
    (entry,) = here.memory.consents.of_run(run.id)
    assert (entry.customer, entry.direction, entry.rule) == (person["legacyResourceId"], TO_STORE, "A-20")
    assert (entry.before, entry.after) == ("none", "subscribed")
    assert (entry.evidence["audience"], entry.evidence["store"]) == ("subscribed", "none")
    assert entry.evidence["audience_at"] == "2026-06-01T12:01:00+00:00"
    assert here.account.audience.members[entry.contact].email == NEW


def _many(here, count):
    for number in range(count):
        here.account.audience.person_subscribes(f"new{number}@example.com")
    here.lost()


def _made(here):
    return [p for p in here.shop.state.shelf("Customer").things.values() if p["email"].startswith("new")]


GUARDED = {**ON, "guard": {"most": 2, "share": 0}}


def test_more_new_customers_than_the_guard_lets_through_wait_for_a_person():
    here = _hamlet(**GUARDED)
    _many(here, 3)
    run = here.sync(Kind.CONTACTS, Scope.INCREMENTAL)
    assert (run.status, run.raises) == (RunStatus.AWAITING_APPROVAL, 3)
    assert {(each["consent_before"], each["consent_after"]) for each in here.river.raises(run.id)} == {
        ("none", "subscribed")
    }
    assert _made(here) == []
    run = here.approved(run)
    assert (run.outcome, run.counts.created) == (RunOutcome.COMPLETED, 3), run.why
    assert len(_made(here)) == 3


def test_new_customers_who_were_discarded_are_not_asked_about_again_until_they_act():
    here = _hamlet(**GUARDED)
    _many(here, 3)
    run = here.sync(Kind.CONTACTS, Scope.INCREMENTAL)
    here.river.discard(run.id)
    here.work(run)
    again = here.sync(Kind.CONTACTS)
    assert (again.outcome, again.raises, _made(here)) == (RunOutcome.COMPLETED, 0, [])
    here.clock.sleep(60)
    here.account.audience.person_unsubscribes("new0@example.com")
    here.clock.sleep(60)
    here.account.audience.person_subscribes("new0@example.com")
    here.quiet()
    assert [person["email"] for person in _made(here)] == ["new0@example.com"]


def test_undo_of_new_customers_leaves_them_there_and_subscribed_to_nothing():
    here = _hamlet(**ON)
    _many(here, 2)
    run = here.sync(Kind.CONTACTS, Scope.INCREMENTAL)
    here.clock.sleep(60)
    undo = here.work(here.river.undo(run.id))
    assert (undo.outcome, undo.counts.updated) == (RunOutcome.COMPLETED, 2), undo.why
    assert [person["defaultEmailAddress"]["marketingState"] for person in _made(here)] == ["UNSUBSCRIBED"] * 2
    here.clock.sleep(86_400)
    here.quiet()
    for kind in (Kind.CUSTOMERS, Kind.CONTACTS):
        here.sync(kind)
    assert {here.account.audience.status(f"new{number}@example.com") for number in range(2)} == {"subscribed"}


def test_whom_the_link_keeps_out_becomes_no_customer():
    rules = {"domains": ["kept-out.example"], "marketplaces": True}
    here = _hamlet(**ON, exclude=rules)
    kept_out = ("new@mail.kept-out.example", "new@marketplace.amazon.de")
    for email in (*kept_out, NEW):
        here.account.audience.person_subscribes(email)
    here.lost()
    run = here.sync(Kind.CONTACTS, Scope.INCREMENTAL)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    reasons = run.reasons(here.memory.runs.slices(run.id))
    assert (reasons["excluded_domain"], reasons["excluded_marketplace"]) == (1, 1)
    assert [person["email"] for person in _made(here)] == [NEW]


def test_whom_the_link_keeps_out_by_tag_keeps_their_consent_at_the_store():
    here = _hamlet(exclude={"tags": ["wholesale"]})
    person = next(iter(here.shop.state.shelf("Customer").things.values()))
    person["tags"] = ["Wholesale"]
    here.shop.calls.clear()
    here.account.audience.person_unsubscribes(person["email"])
    here.quiet()
    assert person["defaultEmailAddress"]["marketingState"] == "SUBSCRIBED"
    assert here.shop.calls.writes == []


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
