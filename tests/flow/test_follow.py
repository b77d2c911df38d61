"""One changed object, from the shop's webhook to the audience, and back."""

from datetime import UTC, datetime

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind
from passerelle.subscriptions import subscribe
from sandbox.killer import Killer
from sandbox.mailchimp import Member
from sandbox.shopify import sample

LAMP = "gid://shopify/Product/7000"


def _listening(scene, *, synced=True, killer=None, **wanted):
    """A scene whose shop and audience tell us what happens, after the first full syncs."""
    # Signatures carry a time that is compared with the machine's own.
    here = scene(**wanted, killer=killer, at=datetime.now(UTC))
    for store in here.world.stores.values():
        subscribe(here.world.runtime, here.world.tenant, here.world.memory.stores.get(store.id))
    kinds = [kind for kind in (Kind.PRODUCTS, Kind.CUSTOMERS) if str(kind) in wanted]
    for kind in kinds if synced else ():
        run = here.world.sync(kind)
        assert run.outcome is RunOutcome.COMPLETED, run.why
    here.clock.sleep(60)
    return here


def _told_by_shop(here, **how):
    """Deliver what the shop has to tell; answers the door's statuses."""
    store = here.world.stores["shopify"]
    return [here.world.knock(store, d.headers, d.body) for d in here.shop.deliveries(**how)]


def _told_by_audience(here):
    store = here.world.stores["mailchimp"]
    sent, here.account.hooks.sent = here.account.hooks.sent, []
    return [here.world.knock(store, d.headers, d.body) for d in sent]


def _someone(here, state):
    people = here.shop.state.shelf("Customer").things.values()
    return next(p for p in people if (p["defaultEmailAddress"] or {}).get("marketingState") == state)


def test_an_edited_product_arrives(scene):  # B-1
    here = _listening(scene, products=3)
    here.shop.life.edit(LAMP, title="Renamed")
    assert _told_by_shop(here) == [200]
    assert here.world.follow_all() == ["carried"]
    assert here.store.products["7000"]["title"] == "Renamed"


def test_a_hundred_edits_of_one_product_make_at_most_two_writes(scene):  # C-15
    here = _listening(scene, products=3)
    for number in range(100):
        here.shop.life.edit(LAMP, title=f"Title {number}")
    assert set(_told_by_shop(here)) == {200}
    here.account.calls.clear()
    here.world.follow_all()
    assert len(here.account.calls.writes) <= 2
    assert here.store.products["7000"]["title"] == "Title 99"


def test_notices_twice_and_in_disorder_end_with_the_last_state(scene):  # F-3, F-5
    here = _listening(scene, products=3)
    for number in range(5):
        here.clock.sleep(1)
        here.shop.life.edit(LAMP, title=f"Title {number}")
    _told_by_shop(here, duplicates=2, shuffle=7)
    here.account.calls.clear()
    here.world.follow_all()
    assert here.store.products["7000"]["title"] == "Title 4"
    assert len(here.account.calls.writes) == 1


def test_a_deleted_product_is_taken_out_of_the_audience_store(scene):  # B-16
    here = _listening(scene, products=3)
    here.shop.life.delete(LAMP)
    _told_by_shop(here)
    assert here.world.follow_all() == ["gone"]
    assert "7000" not in here.store.products
    assert "7001" in here.store.products


def test_what_is_told_before_the_first_full_sync_waits_for_it(scene):  # B-1
    here = _listening(scene, synced=False, products=3)
    here.shop.life.edit(LAMP, title="Renamed")
    _told_by_shop(here)
    assert here.world.follow_all() == ["held"]
    assert here.account.stores == {}
    here.world.sync(Kind.PRODUCTS)
    assert here.world.follow_all() == ["carried"]
    assert here.store.products["7000"]["title"] == "Renamed"
    assert here.world.follow_all() == []


def test_what_is_told_during_a_backfill_is_carried_and_looked_at_again_after_it(scene):  # B-1, G-2
    here = _listening(scene, products=4)
    run = here.world.start(Kind.PRODUCTS)
    here.shop.life.edit(LAMP, title="Live")
    _told_by_shop(here)
    assert here.world.follow_all() == ["carried"]
    assert here.store.products["7000"]["title"] == "Live"
    here.shop.life.edit(LAMP, title="Later still")
    here.shop.state.events.clear()
    here.world.machine({"tenant": here.world.tenant, "run": run.id})
    assert here.world.follow_all() == ["carried"]
    assert here.store.products["7000"]["title"] == "Later still"


def test_ignoring_marketing_at_checkout_leaves_a_subscriber_subscribed(scene):
    here = _listening(scene, customers=8)
    person = _someone(here, "SUBSCRIBED")
    here.shop.life.consent(person["id"], "NOT_SUBSCRIBED")
    _told_by_shop(here)
    here.world.follow_all()
    assert here.account.audience.status(person["email"]) == "subscribed"


def test_a_withdrawal_at_the_shop_reaches_the_audience_and_does_not_come_back(scene):
    here = _listening(scene, customers=8)
    person = _someone(here, "SUBSCRIBED")
    here.shop.life.consent(person["id"], "UNSUBSCRIBED")
    _told_by_shop(here)
    here.world.follow_all()
    assert here.account.audience.status(person["email"]) == "unsubscribed"
    here.shop.calls.clear()
    _told_by_audience(here)
    here.world.follow_all()
    assert here.shop.calls.writes == []


def test_an_unsubscription_in_the_audience_reaches_the_shop_and_does_not_come_back(scene):
    here = _listening(scene, customers=8)
    person = _someone(here, "SUBSCRIBED")
    here.account.audience.person_unsubscribes(person["email"])
    assert _told_by_audience(here) == [200]
    here.world.follow_all()
    assert person["defaultEmailAddress"]["marketingState"] == "UNSUBSCRIBED"
    here.account.calls.clear()
    _told_by_shop(here)
    here.world.follow_all()
    assert here.account.calls.writes == []
    assert here.account.audience.status(person["email"]) == "unsubscribed"


def test_an_opt_in_at_checkout_subscribes_a_contact_who_only_bought(scene):
    here = _listening(scene, customers=8)
    person = _someone(here, "NOT_SUBSCRIBED")
    assert here.account.audience.status(person["email"]) == "transactional"
    here.shop.life.consent(person["id"], "SUBSCRIBED")
    _told_by_shop(here)
    here.world.follow_all()
    assert here.account.audience.status(person["email"]) == "subscribed"


def test_a_newer_opt_in_of_someone_who_left_asks_them_to_confirm_once(scene):
    here = _listening(scene, customers=8)
    person = _someone(here, "SUBSCRIBED")
    here.account.audience.person_unsubscribes(person["email"])
    _told_by_audience(here)
    here.world.follow_all()
    _told_by_shop(here)
    here.world.follow_all()
    here.clock.sleep(3600)
    here.shop.life.consent(person["id"], "SUBSCRIBED")
    for _ in range(2):
        _told_by_shop(here)
        here.world.follow_all()
        here.shop.life.edit(person["id"], note="called")
    assert here.account.audience.status(person["email"]) == "pending"
    assert len(here.account.audience.confirmations) == 1


@pytest.mark.long
@pytest.mark.parametrize("state", ["SUBSCRIBED", "NOT_SUBSCRIBED"])
def test_a_worker_killed_while_following_a_new_customer_loses_nothing(scene, state):  # B-7, A-9
    expected = "subscribed" if state == "SUBSCRIBED" else "transactional"
    number, more = 0, True
    while more:
        number += 1
        here = _listening(scene, customers=2, killer=Killer("follow", number))
        person = sample.customer(900, consent=state)
        here.shop.life.add(person)
        _told_by_shop(here)
        here.world.follow_all()
        more = here.killer.struck
        here.killer.rest()
        assert here.world.lost_workers == []
        assert here.account.audience.status(person["email"]) == expected
        assert here.person(900)["defaultEmailAddress"]["marketingState"] == state
    assert number > 4


def test_one_person_with_two_accounts_is_decided_by_the_latest_act(scene):
    here = _listening(scene, customers=8)
    first = _someone(here, "SUBSCRIBED")
    twin = sample.customer(901, consent="UNSUBSCRIBED")
    twin["email"] = first["email"].upper()
    twin["defaultEmailAddress"] |= {
        "emailAddress": twin["email"],
        "marketingUpdatedAt": here.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    here.shop.life.add(twin)
    _told_by_shop(here)
    here.world.follow_all()
    assert here.account.audience.status(first["email"]) == "unsubscribed"
    emails = [member.email.lower() for member in here.account.audience.members.values()]
    assert len(emails) == len(set(emails))


def test_an_unreachable_audience_makes_the_event_come_again(scene):  # F-2
    here = _listening(scene, products=2)
    here.account.moods.add("unavailable", "PUT", times=4)
    here.shop.life.edit(LAMP, title="Renamed")
    _told_by_shop(here)
    here.world.follow_all()
    assert here.store.products["7000"]["title"] == "Renamed"


def test_a_contact_whom_no_customer_matches_is_left_alone(scene):
    here = _listening(scene, customers=3)
    here.account.audience.seed(Member("stranger@example.com"))
    here.account.audience.person_unsubscribes("stranger@example.com")
    here.shop.calls.clear()
    assert _told_by_audience(here) == [200]
    here.world.follow_all()
    assert here.shop.calls.writes == []
