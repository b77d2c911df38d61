"""Who is who: changed addresses, two accounts, merged and deleted customers, guests."""

from datetime import UTC, datetime, timedelta

import pytest
from passerelle.memory import EntryState, RunOutcome
from passerelle.model import Kind
from sandbox.hearing import listen, lost, quiet, told_by_audience, told_by_shop
from sandbox.mailchimp import Member
from sandbox.shopify import sample


def _synced(scene, **wanted):
    here = scene(at=datetime.now(UTC), **{"customers": 20, **wanted})
    listen(here)
    run = here.world.sync(Kind.CUSTOMERS)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    quiet(here)
    here.clock.sleep(60)
    return here


def _someone(here, state="SUBSCRIBED", skip=0):
    people = here.shop.state.shelf("Customer").things.values()
    return [p for p in people if (p["defaultEmailAddress"] or {}).get("marketingState") == state][skip]


def _moves(here, person, email):
    here.shop.life.edit(
        person["id"],
        email=email,
        defaultEmailAddress={**person["defaultEmailAddress"], "emailAddress": email},
    )


def _entry(here, person):
    id = person["legacyResourceId"]
    return here.world.memory.ledger.read(here.world.link.id, Kind.CUSTOMERS, [id])[id]


def test_a_changed_address_is_a_new_contact_and_the_old_one_stays_as_it_is(scene):
    here = _synced(scene)
    person = _someone(here)
    old = person["email"]
    before = vars_of(here, old)
    _moves(here, person, "new.address@example.com")
    quiet(here)
    assert here.account.audience.status("new.address@example.com") == "subscribed"
    assert vars_of(here, old) == before
    member = next(m for m in here.account.audience.members.values() if m.email == "new.address@example.com")
    assert _entry(here, person).destination_id == member.id


def vars_of(here, email):
    """All that the audience holds of an address."""
    member = next(m for m in here.account.audience.members.values() if m.email.lower() == email.lower())
    return (member.status, dict(member.merge_fields), member.last_changed)


def test_whoever_left_under_the_old_address_is_not_subscribed_under_the_new(scene):
    here = _synced(scene)
    person = _someone(here)
    here.account.audience.person_unsubscribes(person["email"])
    lost(here)
    here.clock.sleep(60)
    _moves(here, person, "new.address@example.com")
    quiet(here)
    assert here.account.audience.status("new.address@example.com") == "transactional"


def test_an_opt_in_after_the_move_counts(scene):
    here = _synced(scene)
    person = _someone(here)
    here.account.audience.person_unsubscribes(person["email"])
    lost(here)
    _moves(here, person, "new.address@example.com")
    quiet(here)
    here.clock.sleep(3600)
    here.shop.life.consent(person["id"], "SUBSCRIBED")
    quiet(here)
    assert here.account.audience.status("new.address@example.com") == "subscribed"


def test_a_move_to_an_address_that_the_audience_knows_brings_its_own_consent(scene):
    here = _synced(scene)
    person = _someone(here)
    here.account.audience.seed(
        Member("known@example.com", "unsubscribed", last_changed=here.clock() - timedelta(minutes=5))
    )
    _moves(here, person, "known@example.com")
    quiet(here)
    assert here.account.audience.status("known@example.com") == "unsubscribed"
    assert person["defaultEmailAddress"]["marketingState"] == "UNSUBSCRIBED"


@pytest.mark.parametrize("first", ["shop", "audience"])
def test_a_yes_under_the_new_address_reaches_the_shop_whoever_tells_first(scene, first):
    here = _synced(scene, customers=8)
    person = _someone(here)
    _moves(here, person, "new.address@example.com")
    here.clock.sleep(60)
    here.shop.life.consent(person["id"], "UNSUBSCRIBED")
    here.clock.sleep(60)
    here.account.audience.person_subscribes("new.address@example.com")
    tellings = [told_by_shop, told_by_audience]
    for told in tellings if first == "shop" else reversed(tellings):
        told(here)
        here.world.follow_all()
    quiet(here)
    assert here.account.audience.status("new.address@example.com") == "subscribed"
    assert person["defaultEmailAddress"]["marketingState"] == "SUBSCRIBED"


def test_of_two_merged_customers_one_is_kept_and_the_others_contact_stays(scene):
    here = _synced(scene)
    kept, other = _someone(here), _someone(here, skip=1)
    before = here.account.audience.status(other["email"])
    here.shop.life.merge(kept["id"], other["id"])
    assert told_by_shop(here) == [200]
    assert sorted(here.world.follow_all()) == ["carried", "gone"]
    assert _entry(here, other).state is EntryState.GONE
    assert _entry(here, kept).state is EntryState.MAPPED
    assert here.account.audience.status(other["email"]) == before


def test_a_merge_whose_delivery_was_lost_is_found_by_the_next_full_sync(scene):  # A-15, B-16
    here = _synced(scene)
    kept, other = _someone(here), _someone(here, skip=1)
    here.shop.life.merge(kept["id"], other["id"])
    lost(here)
    here.world.sync(Kind.CUSTOMERS)
    assert _entry(here, other).state is EntryState.GONE


def test_a_deleted_customers_contact_stays(scene):  # A-14, B-16
    here = _synced(scene)
    person = _someone(here)
    here.shop.life.delete(person["id"])
    quiet(here)
    assert here.account.audience.status(person["email"]) == "subscribed"
    assert _entry(here, person).state is EntryState.GONE


def test_an_unsubscription_reaches_both_accounts_of_one_person(scene):
    here = _synced(scene)
    first = _someone(here)
    twin = sample.customer(902, consent="SUBSCRIBED")
    twin["email"] = twin["defaultEmailAddress"]["emailAddress"] = first["email"].upper()
    here.shop.life.add(twin)
    quiet(here)
    here.clock.sleep(60)
    here.account.audience.person_unsubscribes(first["email"])
    quiet(here)
    states = {p["defaultEmailAddress"]["marketingState"] for p in (first, here.person(902))}
    assert states == {"UNSUBSCRIBED"}


def test_a_guest_who_buys_is_written_to_about_the_purchase_only(scene):
    here = _synced(scene, products=3, orders=6)
    order = next(iter(here.shop.state.shelf("Order").things.values()))
    order.update(customer_id=None, email="Guest@Example.com")
    here.shop.state.shelf("Order").touched()
    here.world.sync(Kind.PRODUCTS)
    run = here.world.sync(Kind.ORDERS)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert here.account.audience.status("guest@example.com") in ("transactional", "absent")
    customer = here.store.orders[order["legacyResourceId"]]["customer"]
    assert customer.get("opt_in_status", False) is False
