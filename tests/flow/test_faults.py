"""Bad days of shops and audiences: each ends in the right outcome, nothing is lost, nothing is green that is not."""

import pytest
from passerelle.memory import RunOutcome, RunStatus
from passerelle.model import Kind
from passerelle.store.records import StoreStatus
from passerelle.sync.watch import GIVEN_UP_AFTER
from sandbox.mailchimp import Audience
from sandbox.moods import Mood
from sandbox.shopify import sample

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS)
FOREVER = 100_000


def _staged(scene, kind=Kind.PRODUCTS, count=7):
    return scene(**{"customers": 4, str(kind): count})


def _whole(here, kind, **wanted):
    run = here.world.sync(kind, batch_size=3, **wanted)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert run.counts.settled == run.expected > 0
    return run


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("mood", "options"),
    [
        (Mood.THROTTLED, {}),
        (Mood.THROTTLED, {"body": False}),
        (Mood.UNAVAILABLE, {"status": 502}),
        (Mood.SLOW, {}),
        (Mood.TRUNCATED, {}),
        (Mood.TRUNCATED, {"declared": True}),
    ],
)
def test_a_passing_trouble_at_either_end_is_no_trouble_in_the_end(
    scene, kind, mood, options
):  # B-12, B-14, G-1
    calm = _staged(scene, kind, 4)
    _whole(calm, kind)
    here = _staged(scene, kind, 4)
    for end in (here.account, here.shop):
        for after in (0, 2, 4):
            end.moods.add(mood, after=after, **options)
    _whole(here, kind)
    assert here.behind() == calm.behind()
    assert [i for i in here.incidents() if i.object_id] == []


def test_an_empty_bucket_of_points_is_waited_for(scene):  # G-1
    here = _staged(scene)
    for call in (1, 2, 3):
        here.shop.moods.on_call(call, here.shop.bucket.drain)
    _whole(here, Kind.PRODUCTS)


@pytest.mark.parametrize("mood", [Mood.EMPTY_PAGE, Mood.LYING_COUNT])
def test_a_listing_that_contradicts_its_count_is_no_empty_success(scene, mood):  # B-14
    here = _staged(scene)
    here.shop.moods.add(mood, times=1)
    assert _whole(here, Kind.PRODUCTS).expected == 7


def test_a_listing_that_goes_on_contradicting_its_count_fails_the_run(scene):  # B-14
    here = _staged(scene)
    here.shop.moods.add(Mood.EMPTY_PAGE, times=FOREVER)
    run = here.world.sync(Kind.PRODUCTS)
    assert run.outcome is not RunOutcome.COMPLETED
    assert here.world.memory.feeds.get(run.feed).watermark is None
    assert [i for i in here.incidents() if i.cause.endswith(":run")]


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_shop_that_changes_while_it_is_read_loses_nothing(scene, call):  # B-15
    here = scene(products=300)
    gone = "gid://shopify/Product/7010"

    def meanwhile():
        here.shop.life.delete(gone)
        here.shop.life.edit("gid://shopify/Product/7020", title="Changed meanwhile")
        here.shop.life.add(sample.product(900))

    here.shop.moods.on_call(call, meanwhile)
    run = here.world.sync(Kind.PRODUCTS, batch_size=100)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    here.clock.sleep(300)
    again = here.world.sync(Kind.PRODUCTS, batch_size=100)
    assert again.outcome is RunOutcome.COMPLETED, again.why
    held = {key for key in here.store.products if key.isdigit()}
    assert held == {str(number) for number in here.shop.state.shelf("Product").things}
    assert here.store.products["7020"]["title"] == "Changed meanwhile"


def test_results_that_a_finished_batch_lost_are_asked_for_again(scene):  # B-12
    here = _staged(scene, Kind.PRODUCTS, 15)
    here.account.batches.lost_operations = 4
    run = here.world.sync(Kind.PRODUCTS, batch_size=15)
    assert (run.outcome, run.counts.settled) == (RunOutcome.COMPLETED, 15)


def test_what_fails_inside_a_finished_batch_is_told_and_the_rest_goes_on(scene):  # B-12
    here = scene(customers=14, audience=Audience(required=("SHOE",)))
    run = here.world.sync(Kind.CUSTOMERS, batch_size=20)
    assert run.counts.settled + run.counts.failed == run.expected
    assert run.outcome is (RunOutcome.COMPLETED_WITH_ERRORS if run.counts.failed else RunOutcome.COMPLETED)
    assert len([i for i in here.incidents() if i.object_id]) == run.counts.failed


@pytest.mark.parametrize("end", ["shop", "account"])
def test_credentials_refused_midway_stop_the_run_and_ask_once(scene, end):  # G-5
    here = _staged(scene)
    here.world.sync(Kind.PRODUCTS)
    getattr(here, end).moods.add(Mood.EXPIRED_CREDENTIALS, after=2)
    for number in range(7_000, 7_007):
        here.shop.life.edit(f"gid://shopify/Product/{number}", vendor="Someone else")
    run = here.world.sync(Kind.PRODUCTS, batch_size=2)
    assert run.outcome is RunOutcome.FAILED
    store = here.world.stores["shopify" if end == "shop" else "mailchimp"]
    other = here.world.stores["mailchimp" if end == "shop" else "shopify"]
    assert here.world.memory.stores.get(store.id).status is StoreStatus.NEEDS_REAUTH
    assert here.world.memory.stores.get(other.id).status is StoreStatus.CONNECTED
    assert len([i for i in here.incidents() if i.cause == f"{store.id}:credentials"]) == 1
    assert here.world.memory.lease.holder(run.feed) is None


@pytest.mark.parametrize(
    ("end", "status"),
    [("shop", RunStatus.FINISHED), ("account", RunStatus.SETTLING)],
    ids=["shop", "account"],
)
def test_a_shop_that_is_down_for_good_is_no_green_run_and_no_object_is_blamed(
    scene, end, status
):  # B-4, B-12
    """Where the audience itself is down, the run waits for the watch to take the syncing mark away (A-22)."""
    here = _staged(scene)
    getattr(here, end).moods.add(Mood.UNAVAILABLE, after=1, times=FOREVER)
    run = here.world.sync(Kind.PRODUCTS, batch_size=3)
    assert run.status is status
    assert [i for i in here.incidents() if i.object_id] == []
    assert [i for i in here.incidents() if i.cause.endswith(":run")]
    assert here.world.memory.feeds.get(run.feed).watermark is None
    getattr(here, end).moods.clear()
    here.world.clock.sleep(GIVEN_UP_AFTER.total_seconds() + 1)
    here.world.river.watch(run.id)
    run = here.world.memory.runs.get(run.id)
    assert run.outcome in (RunOutcome.FAILED, RunOutcome.COMPLETED_WITH_ERRORS)
    assert _whole(here, Kind.PRODUCTS).expected == 7
    assert here.incidents() == []
    assert here.store.data["is_syncing"] is False


def test_a_shop_that_is_down_at_first_and_comes_back_is_carried_whole(scene):  # B-4
    here = _staged(scene)
    here.account.moods.add(Mood.UNAVAILABLE, times=14)
    assert _whole(here, Kind.PRODUCTS).counts.created == 7


def test_rubbish_is_one_incident_each_and_the_rest_goes_on(scene):  # B-4, B-12
    goods = [sample.product(place) for place in range(5)]
    goods[1]["title"] = ""
    goods[1]["handle"] = ""
    goods[2]["variants"][0]["price"] = "a lot"
    here = scene(load=goods)
    run = here.world.sync(Kind.PRODUCTS)
    assert run.counts.settled + run.counts.failed == run.expected == 5
    assert run.counts.failed >= 1
    assert run.outcome is RunOutcome.COMPLETED_WITH_ERRORS
    blamed = [i.object_id for i in here.incidents() if i.object_id]
    assert len(blamed) == len(set(blamed)) == run.counts.failed
    assert "7002" in blamed
    assert {"7000", "7003", "7004"} <= set(here.store.products)


@pytest.mark.parametrize("email", ["no address at all", "test@example.com", "someone@example.invalid"])
def test_an_e_mail_that_is_none_is_told_and_the_rest_goes_on(scene, email):  # A-17, B-4
    people = [sample.customer(place, consent="SUBSCRIBED") for place in range(4)]
    people[2]["email"] = people[2]["defaultEmailAddress"]["emailAddress"] = email
    here = scene(load=people)
    run = here.world.sync(Kind.CUSTOMERS)
    assert run.counts.settled + run.counts.failed == run.expected == 4
    assert run.counts.created == 3
    assert all(email not in f"{i.title} {i.remedy}" for i in here.incidents())  # G-7
    again = here.world.sync(Kind.CUSTOMERS)
    assert again.counts.created == 0
