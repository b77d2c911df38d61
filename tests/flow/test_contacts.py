"""The way back: what people do in the audience reaches the store, by webhook or, where one is lost, by the feed."""

from datetime import UTC, datetime, timedelta

import pytest
from passerelle.memory import RunOutcome, Scope
from passerelle.model import Kind
from passerelle.sync.request import NotYet
from sandbox.hearing import listen, lost, told_by_shop
from sandbox.mailchimp import Member


def _synced(scene, *, customers=8, **wanted):
    here = scene(customers=customers, at=datetime.now(UTC), **wanted)
    listen(here)
    run = here.world.sync(Kind.CUSTOMERS)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    here.clock.sleep(600)
    return here


def _ticks(here, kind=Kind.CONTACTS):
    """The feed's schedule starts a run; answers it as it ended."""
    feed = here.world.feed(kind)
    here.world.machine(
        {
            "tenant": here.world.tenant,
            "feed": feed,
            "trigger": "schedule",
            "execution": f"tick-{here.clock().timestamp()}",
        }
    )
    return here.world.memory.runs.latest(feed)


def _someone(here, state="SUBSCRIBED", skip=0):
    people = here.shop.state.shelf("Customer").things.values()
    return [p for p in people if (p["defaultEmailAddress"] or {}).get("marketingState") == state][skip]


def _state(person):
    return person["defaultEmailAddress"]["marketingState"]


def test_an_unsubscription_whose_webhook_was_lost_is_found_by_the_feed(scene):  # A-6, F-6
    here = _synced(scene)
    person = _someone(here)
    here.account.audience.person_unsubscribes(person["email"])
    lost(here)
    run = _ticks(here)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert run.scope is Scope.INCREMENTAL
    assert _state(person) == "UNSUBSCRIBED"
    assert run.counts.updated == 1


def test_a_subscription_by_form_whose_webhook_was_lost_is_found_by_the_feed(scene):
    here = _synced(scene)
    person = _someone(here, "NOT_SUBSCRIBED")
    here.account.audience.person_subscribes(person["email"])
    lost(here)
    _ticks(here)
    assert _state(person) == "SUBSCRIBED"


def test_what_the_feed_wrote_at_the_shop_does_not_come_back(scene):
    here = _synced(scene)
    here.account.audience.person_unsubscribes(_someone(here)["email"])
    lost(here)
    _ticks(here)
    here.account.calls.clear()
    told_by_shop(here)
    here.world.follow_all()
    assert here.account.calls.writes == []


def test_a_second_run_over_the_same_window_writes_nothing(scene):  # A-11, B-8
    here = _synced(scene)
    here.account.audience.person_unsubscribes(_someone(here)["email"])
    lost(here)
    _ticks(here)
    here.shop.calls.clear()
    here.clock.sleep(30)
    run = _ticks(here)
    assert run.counts.updated == run.counts.failed == 0
    assert here.shop.calls.writes == []


def test_the_first_run_corrects_nobody_that_the_first_sync_left_alone(scene):
    here = _synced(scene, customers=30)
    before = here.behind()
    here.shop.calls.clear()
    here.account.calls.clear()
    run = _ticks(here)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert run.expected > 0
    assert here.shop.calls.writes == here.account.calls.writes == []
    assert here.behind() == before


def test_the_feed_begins_with_the_end_of_the_customers_first_sync(scene):  # B-1
    here = scene(customers=3, at=datetime.now(UTC))
    with pytest.raises(NotYet):
        here.world.sync(Kind.CONTACTS)
    assert _ticks(here) is None
    run = here.world.sync(Kind.CUSTOMERS)
    feed = here.world.memory.feeds.get(here.world.feed(Kind.CONTACTS))
    assert feed.first_full_at is not None
    assert feed.watermark == run.watermark < run.started_at + timedelta(seconds=1)


def test_a_contact_without_a_customer_is_skipped_and_says_so(scene):
    here = _synced(scene)
    here.account.audience.seed(Member("stranger@example.com", last_changed=here.clock()))
    here.shop.calls.clear()
    run = _ticks(here)
    slices = here.world.memory.runs.slices(run.id)
    assert sum(piece.skipped_why.get("no_customer", 0) for piece in slices) == 1
    assert here.shop.calls.writes == []


def test_many_contacts_are_read_by_page_and_their_customers_in_bulk(scene):
    here = _synced(scene, customers=120)
    people = [p for p in here.shop.state.shelf("Customer").things.values() if p["email"]]
    subscribed = [p for p in people if _state(p) == "SUBSCRIBED"]
    for person in subscribed:
        here.account.audience.person_unsubscribes(person["email"])
    lost(here)
    here.account.calls.clear()
    here.shop.calls.clear()
    _ticks(here)
    assert {_state(person) for person in subscribed} == {"UNSUBSCRIBED"}
    assert len(here.account.calls) <= 6
    assert len(here.shop.calls) <= 8


def test_a_dry_run_of_the_feed_tells_what_it_would_write_and_writes_nothing(scene):  # B-18
    here = _synced(scene)
    person = _someone(here)
    here.account.audience.person_unsubscribes(person["email"])
    lost(here)
    run = here.world.sync(Kind.CONTACTS, scope=Scope.INCREMENTAL, dry_run=True)
    assert run.counts.updated == 1
    assert [d["status_after"] for d in here.world.river.differences(run.id)] == ["unsubscribed"]
    assert _state(person) == "SUBSCRIBED"


def test_a_bounce_is_told_to_the_shop_and_is_never_undone(scene):
    here = _synced(scene)
    person = _someone(here)
    here.account.audience.mail_bounces(person["email"])
    lost(here)
    _ticks(here)
    assert _state(person) == "UNSUBSCRIBED"
    here.clock.sleep(3600)
    here.shop.life.consent(person["id"], "SUBSCRIBED")
    told_by_shop(here)
    here.world.follow_all()
    assert here.account.audience.status(person["email"]) == "cleaned"
