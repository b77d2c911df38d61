"""What people do with an audience's mails is told to the store, once, and to customers only (A-19)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from passerelle.memory import Mode, RunOutcome, Scope
from passerelle.model import Kind
from passerelle.port import Notice
from passerelle.privacy import document_name, honour
from passerelle.sync.request import NotYet, SwitchedOff
from sandbox.hamlet import LINK, Hamlet
from sandbox.killer import Killer
from sandbox.mailchimp import Account, Audience, Member
from sandbox.moods import Mood
from sandbox.shopify import Shop, sample
from sandbox.shopify.metafields import held
from sandbox.world import Clock

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
PEOPLE = 60
FEED = f"{LINK}.{Kind.ENGAGEMENT}"


def email(place):
    return f"person{place}@example.com"


@pytest.fixture
def here():
    """A shop and an audience in step, an hour before anything is mailed."""
    clock, audience = Clock(START), Audience()
    shop = Shop(clock=clock.epoch, now=clock)
    shop.load([sample.customer(place, consent="SUBSCRIBED") for place in range(PEOPLE)])
    made = Hamlet(shop, Account(audiences=[audience], clock=clock), clock)
    made.sync(Kind.CUSTOMERS)
    made.quiet()
    clock.sleep(3600)
    return made


def told(here, place):
    """What the shop holds of the customer at a place: key → value."""
    person = here.shop.state.shelf("Customer").things[sample.FIRST_CUSTOMER + place]
    return {name.removeprefix("passerelle.email_"): each["value"] for name, each in held(person).items()}


def writes(simulator):
    return sum(call.is_write for call in simulator.calls.all)


def lines(here):
    """The ledger's very lines."""
    return [id(each) for each in here.memory.ledger.scan(LINK, Kind.ENGAGEMENT)]


def run(here, scope=Scope.INCREMENTAL):
    here.clock.sleep(60)
    return here.sync(Kind.ENGAGEMENT, scope)


def test_what_was_received_opened_and_clicked_is_written_with_its_last_instant(here):
    campaign = here.account.reports.send(*(email(place) for place in range(3)))
    sent = here.clock.at
    campaign.opened(email(0), sent + timedelta(minutes=5))
    campaign.opened(email(0), sent + timedelta(minutes=9))
    campaign.clicked(email(1), sent + timedelta(minutes=7))
    here.clock.sleep(1800)
    done = run(here)
    assert told(here, 0) == {"received": "2026-06-01T13:00:00Z", "opened": "2026-06-01T13:09:00Z"}
    assert told(here, 1) == {"received": "2026-06-01T13:00:00Z", "clicked": "2026-06-01T13:07:00Z"}
    assert told(here, 2) == {"received": "2026-06-01T13:00:00Z"}
    assert told(here, 3) == {}
    assert (done.outcome, done.expected, done.counts.updated) == (RunOutcome.COMPLETED, 3, 3)


def test_a_second_run_writes_nothing_anywhere(here):  # A-19, B-8
    campaign = here.account.reports.send(*(email(place) for place in range(PEOPLE)))
    campaign.opened(email(7), here.clock.at)
    run(here)
    before = writes(here.shop), lines(here)
    again = run(here, Scope.FULL)
    assert (writes(here.shop), lines(here)) == before
    assert again.expected == again.counts.unchanged == PEOPLE
    assert again.outcome is RunOutcome.COMPLETED


def test_only_what_is_new_is_read_and_written(here):  # A-19, B-13
    first = here.account.reports.send(email(0), email(1))
    run(here)
    here.clock.sleep(3 * 3600)
    run(here)
    first.clicked(email(1), here.clock.at)
    before = writes(here.shop)
    done = run(here)
    assert told(here, 1) == {"received": "2026-06-01T13:00:00Z", "clicked": "2026-06-01T16:02:00Z"}
    assert (done.expected, done.counts.updated, writes(here.shop) - before) == (1, 1, 1)


def test_what_is_told_late_never_goes_back_in_time(here):
    late = here.account.reports.send(email(0))
    here.clock.sleep(600)
    here.account.reports.send(email(0)).opened(email(0), here.clock.at)
    run(here)
    late.opened(email(0), START + timedelta(minutes=61))
    run(here, Scope.FULL)
    assert told(here, 0) == {"received": "2026-06-01T13:10:00Z", "opened": "2026-06-01T13:10:00Z"}


def test_only_customers_of_the_store_are_told_of(here):
    audience = here.account.audience
    audience.seed(Member("newsletter@example.com"))
    here.account.reports.send("newsletter@example.com", email(1), bounced=[email(2)])
    done = run(here)
    assert done.expected == done.counts.updated == 1
    assert told(here, 2) == {}


def test_the_first_run_looks_back_thirty_days_and_no_further(here):
    reports = here.account.reports
    here.clock.at = START - timedelta(days=31)
    reports.send(email(0))
    here.clock.at = START - timedelta(days=29)
    reports.send(email(1))
    here.clock.at = START + timedelta(hours=1)
    run(here)
    assert told(here, 0) == {}
    assert told(here, 1) == {"received": "2026-05-03T12:00:00Z"}


def test_two_calls_a_thousand_recipients_and_then_one_a_campaign(here):
    many = [f"stranger{n}@example.com" for n in range(1_999 - PEOPLE)]
    here.account.reports.send(*(email(place) for place in range(PEOPLE)), *many)
    here.clock.sleep(3 * 3600)
    before = len(here.account.calls.all)
    run(here)
    assert len(here.account.calls.all) - before == 1 + 2 * 2
    here.clock.sleep(3 * 3600)
    before = len(here.account.calls.all)
    run(here)
    assert len(here.account.calls.all) - before == 2  # the campaigns, and the activity of one


def test_nothing_flows_before_the_customers_first_full_sync():  # A-19, B-1
    clock = Clock(START)
    shop = Shop(clock=clock.epoch, now=clock)
    here = Hamlet(shop, Account(clock=clock), clock)
    with pytest.raises(NotYet):
        here.sync(Kind.ENGAGEMENT)


def test_switched_off_nothing_is_read_or_written(here):
    here.account.reports.send(email(0))
    feeds = here.memory.feeds.held
    feeds[FEED] = replace(feeds[FEED], enabled=False)
    before = len(here.account.calls.all), len(here.shop.calls.all)
    with pytest.raises(SwitchedOff):
        here.sync(Kind.ENGAGEMENT)
    event = {"tenant": "ten_1", "feed": FEED, "trigger": "schedule", "execution": "run_clock"}
    assert here.river.plan(event, "", lambda: 900.0)["status"] == "overlapped"
    assert (len(here.account.calls.all), len(here.shop.calls.all)) == before


def test_a_customer_who_has_gone_does_not_keep_the_others_from_being_written(here):  # A-19, B-12
    here.account.reports.send(*(email(place) for place in range(PEOPLE)))
    here.shop.state.shelf("Customer").drop(sample.FIRST_CUSTOMER + 5)
    done = run(here)
    assert done.counts.updated == PEOPLE - 1
    assert (done.counts.skipped, done.counts.failed) == (1, 0)
    assert done.outcome is RunOutcome.COMPLETED
    assert told(here, 6) == {"received": "2026-06-01T13:00:00Z"}


def test_an_answer_that_was_lost_is_written_again_and_ends_the_same(here):  # A-19, B-7
    here.account.reports.send(*(email(place) for place in range(PEOPLE)))
    here.shop.moods.add(Mood.LOST_ANSWER, match=r"POST .*graphql", times=1)
    done = run(here)
    assert done.outcome is RunOutcome.COMPLETED
    assert done.expected == done.counts.settled == PEOPLE
    assert all(told(here, place) == {"received": "2026-06-01T13:00:00Z"} for place in range(PEOPLE))


def test_a_report_cut_short_is_no_success(here):  # A-19, B-14
    here.account.reports.send(*(email(place) for place in range(3)))
    here.account.moods.add(Mood.EMPTY_PAGE, match=r"GET .*/sent-to", times=50)
    done = here.work(here.river.start(FEED, scope=Scope.INCREMENTAL))
    assert (done.outcome, done.expected) == (RunOutcome.FAILED, 0)
    here.account.moods.clear()
    run(here)
    assert told(here, 2) == {"received": "2026-06-01T13:00:00Z"}


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(here):  # B-18
    here.account.reports.send(email(0))
    before = writes(here.shop)
    here.clock.sleep(60)
    begun = here.river.start(FEED, Mode.ALL, Scope.INCREMENTAL, dry_run=True)
    done = here.work(begun)
    assert done.counts.updated == 1
    assert writes(here.shop) == before
    assert told(here, 0) == {}


def test_what_is_written_makes_no_news_of_the_customers(here):
    here.account.reports.send(*(email(place) for place in range(PEOPLE)))
    run(here)
    before = writes(here.account)
    here.quiet()
    here.sync(Kind.CUSTOMERS, Scope.INCREMENTAL)
    assert writes(here.account) == before


STEPS = [("plan", 2), ("carry", 1), ("carry", 2), ("carry", 3), ("carry", 4), ("settle", 1)]


@pytest.mark.parametrize(("step", "number"), STEPS)
def test_wherever_the_worker_is_killed_it_ends_the_same(scene, step, number):  # A-19, B-7
    killer = Killer("", number)
    staged = scene(customers=4, killer=killer)
    staged.world.sync(Kind.CUSTOMERS)
    people = staged.shop.state.shelf("Customer").things.values()
    mailed = [each["email"].lower() for each in people if each["email"]]
    staged.account.reports.send(*mailed).opened(mailed[0], staged.clock.at)
    staged.clock.sleep(60)
    killer.at = step
    done = staged.world.sync(Kind.ENGAGEMENT, scope=Scope.INCREMENTAL, batch_size=2)
    assert killer.struck
    assert (done.outcome, done.expected, done.counts.settled) == (
        RunOutcome.COMPLETED,
        len(mailed),
        len(mailed),
    )
    assert [sorted(held(each)) for each in people if each["email"]] == [
        ["passerelle.email_opened", "passerelle.email_received"],
        *(["passerelle.email_received"] for _ in mailed[1:]),
    ]
    assert staged.world.memory.lease.holder(done.feed) is None


def test_redacted_people_are_left_out(scene):  # F-7
    staged = scene(customers=4)
    staged.world.sync(Kind.CUSTOMERS)
    people = [each for each in staged.shop.state.shelf("Customer").things.values() if each["email"]]
    staged.account.reports.send(*(each["email"].lower() for each in people))
    first, store = people[0]["legacyResourceId"], staged.world.stores["shopify"].id
    staged.world.memory.redactions.add(store, customer=first, contacts=frozenset())
    staged.clock.sleep(60)
    done = staged.world.sync(Kind.ENGAGEMENT, scope=Scope.INCREMENTAL)
    assert held(people[0]) == {}
    assert all(held(each) for each in people[1:])
    assert (done.counts.skipped, done.counts.updated) == (1, len(people) - 1)


def test_whoever_asks_is_told_of_mails_and_is_forgotten_with_them(scene):  # F-7
    staged = scene(customers=2)
    staged.world.sync(Kind.CUSTOMERS)
    people = list(staged.shop.state.shelf("Customer").things.values())
    campaign = staged.account.reports.send(*(each["email"].lower() for each in people))
    campaign.opened(people[0]["email"].lower(), staged.clock.at)
    staged.clock.sleep(60)
    staged.world.sync(Kind.ENGAGEMENT, scope=Scope.INCREMENTAL)
    world, store, id = staged.world, staged.world.stores["shopify"].id, people[0]["legacyResourceId"]
    link = staged.world.link.id

    def asks(topic):
        honour(world.runtime, world.tenant, store, Notice(Kind.CUSTOMERS, id, topic, topic))

    asks("customers/data_request")
    kept = orjson.loads(world.memory.manifests.get_document(store, document_name(id)))
    at = "2026-06-01T12:00:00+00:00"
    assert kept["links"][0]["mails"] == {"received": at, "opened": at, "clicked": None}
    asks("customers/redact")
    assert list(world.memory.ledger.read(link, Kind.ENGAGEMENT, [id])) == []
