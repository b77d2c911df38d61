"""Bad days of shops and audiences: each ends in the right outcome, nothing is lost, nothing is green that is not."""

import pytest
from passerelle.memory import RunOutcome, RunStatus
from passerelle.model import Kind, Severity
from passerelle.store.records import StoreStatus
from passerelle.sync.watch import GIVEN_UP_AFTER
from sandbox.hamlet import LINK, hamlet_of
from sandbox.mailchimp import Audience
from sandbox.moods import Mood
from sandbox.origins import PLATFORMS
from sandbox.shopify import sample

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS, Kind.PROMO_CODES)
FOREVER = 100_000


def _staged(platform, kind=Kind.PRODUCTS, count=7, audience=None):
    return hamlet_of(platform, {"customers": 4, str(kind): count}, audience)


def _on_the_stage(scene, platform, kind=Kind.PRODUCTS, count=7):
    return scene(**{"customers": 4, "platform": platform, str(kind): count})


def _whole(here, kind):
    run = here.sync(kind, batch_size=3)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert run.counts.settled == run.expected > 0
    return run


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("end", ["shop", "account"])
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
    platform, kind, end, mood, options
):  # B-12, B-14, G-1
    """Shopify's throttling is a THROTTLED in a 200, the others' a 429."""
    calm = _staged(platform, kind, 4)
    _whole(calm, kind)
    for spoilt in ((0,), (1, 2), (3, 5), (4, 6, 8)):
        here = _staged(platform, kind, 4)
        for after in spoilt:
            getattr(here, end).moods.add(mood, after=after, **options)
        _whole(here, kind)
        assert here.behind() == calm.behind()
        assert {i.severity for i in here.incidents() if i.object_id} <= {Severity.INFO}


def test_an_empty_bucket_of_points_is_waited_for():  # G-1
    here = _staged("shopify")
    for call in (1, 2, 3):
        here.shop.moods.on_call(call, here.shop.bucket.drain)
    _whole(here, Kind.PRODUCTS)


@pytest.mark.parametrize(
    ("platform", "mood"),
    [
        ("shopify", Mood.EMPTY_PAGE),
        ("shopify", Mood.LYING_COUNT),
        ("prestashop", Mood.EMPTY_PAGE),
    ],
)
@pytest.mark.parametrize("kind", [Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS])
def test_a_listing_that_contradicts_itself_is_no_empty_success(platform, mood, kind):  # B-14
    """PrestaShop has no total: there an empty page is asked again whether anything comes after it."""
    here = _staged(platform, kind)
    match = {"products": "products", "customers": "customers", "orders": "orders"}[kind]
    here.shop.moods.add(mood, match if platform == "prestashop" else "", times=1)
    assert _whole(here, kind).expected == 7


def test_a_listing_that_goes_on_contradicting_its_count_fails_the_run():  # B-14
    here = _staged("shopify")
    here.shop.moods.add(Mood.EMPTY_PAGE, times=FOREVER)
    run = here.sync(Kind.PRODUCTS)
    assert run.outcome is not RunOutcome.COMPLETED
    assert here.memory.feeds.get(run.feed).watermark is None
    assert [i for i in here.incidents() if i.cause.endswith(":run")]


def _member(here, email):
    return next(m for m in here.account.audience.members.values() if m.email.lower() == email)


PAGE = {"shopify": 250, "prestashop": 1_000}
"""Ids in a page of the index."""


@pytest.mark.parametrize(
    ("platform", "call"),
    [*(("shopify", call) for call in (1, 2)), *(("prestashop", call) for call in (1, 2, 3, 4))],
)
def test_a_shop_that_changes_while_it_is_read_loses_nothing(platform, call):  # B-15
    here = hamlet_of(platform, {"customers": PAGE[platform] + 50})
    gone, changed = here.origin.ids(Kind.CUSTOMERS)[10], []

    def meanwhile():
        here.origin.edit(Kind.CUSTOMERS, 20)
        here.origin.delete(Kind.CUSTOMERS, 10)
        here.origin.add(Kind.CUSTOMERS)

    here.shop.moods.on_call(
        call, lambda: changed.append(meanwhile()), "" if platform == "shopify" else "/api/customers"
    )
    run = here.sync(Kind.CUSTOMERS)
    assert (run.outcome, len(changed)) == (RunOutcome.COMPLETED, 1), run.why
    here.clock.sleep(300)
    again = here.sync(Kind.CUSTOMERS)
    assert again.outcome is RunOutcome.COMPLETED, again.why
    there = here.origin.ids(Kind.CUSTOMERS)
    assert gone not in there
    kept = here.memory.ledger.read(LINK, Kind.CUSTOMERS, there)
    assert set(kept) == set(there)
    assert _member(here, here.origin.email(20)).merge_fields["FNAME"] == "Changed"


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize(
    ("platform", "kind"),
    [
        *((platform, kind) for platform in PLATFORMS for kind in KINDS if kind is not Kind.PROMO_CODES),
        # A Shopify code leaves with its discount: test_promo_codes.py.
        ("prestashop", Kind.PROMO_CODES),
    ],
)
def test_what_leaves_while_it_is_read_is_skipped_and_the_rest_goes_on(platform, kind, call):  # B-12, B-15
    here = _staged(platform, kind)
    here.shop.moods.on_call(call, lambda: here.origin.delete(kind, 3))
    run = here.sync(kind, batch_size=3)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert run.counts.settled == run.expected >= 5
    assert {i.severity for i in here.incidents() if i.object_id} <= {Severity.INFO}


# --- what fails inside a batch that finished --------------------------------------------------------------------


@pytest.mark.parametrize("platform", PLATFORMS)
def test_results_that_a_finished_batch_lost_are_asked_for_again(platform):  # B-12
    here = _staged(platform, Kind.PRODUCTS, 15)
    here.account.batches.lost_operations = 4
    run = here.sync(Kind.PRODUCTS, batch_size=15)
    assert (run.outcome, run.counts.settled) == (RunOutcome.COMPLETED, 15)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", [Kind.PRODUCTS, Kind.ORDERS])
def test_an_operation_refused_inside_a_finished_batch_is_one_incident_and_the_rest_goes_on(
    platform, kind
):  # B-4, B-12
    here = _staged(platform, kind, 15)
    bad = here.origin.ids(kind)[4]
    here.account.batches.spoils = lambda path: 400 if path.rstrip("/").endswith(f"/{bad}") else 0
    here.account.moods.add(Mood.UNAVAILABLE, f"/{kind}/{bad}$", times=0)
    run = here.sync(kind, batch_size=15)
    assert (run.counts.settled, run.counts.failed) == (run.expected - 1, 1)
    assert run.outcome is RunOutcome.COMPLETED_WITH_ERRORS
    assert [i.object_id for i in here.incidents() if i.object_id] == [bad]
    here.account.batches.spoils = lambda _path: 0


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", [Kind.PRODUCTS, Kind.ORDERS])
def test_operations_that_fail_for_a_moment_inside_a_finished_batch_are_sent_again(platform, kind):  # B-12
    here = _staged(platform, kind, 15)
    left = iter([500, 503, 500])
    here.account.batches.spoils = lambda _path: next(left, 0)
    run = here.sync(kind, batch_size=15)
    assert (run.outcome, run.counts.settled) == (RunOutcome.COMPLETED, run.expected), run.why
    assert [i for i in here.incidents() if i.object_id] == []


@pytest.mark.parametrize("platform", PLATFORMS)
def test_contacts_refused_inside_a_batch_are_told_and_the_rest_goes_on(platform):  # B-12
    here = hamlet_of(platform, {"customers": 14}, Audience(required=("SHOE",)))
    run = here.sync(Kind.CUSTOMERS, batch_size=20)
    assert run.counts.failed > 0
    assert run.counts.settled + run.counts.failed == run.expected
    assert run.outcome is RunOutcome.COMPLETED_WITH_ERRORS
    assert len([i for i in here.incidents() if i.object_id]) == run.counts.failed


# --- who does not let us in, or is not there --------------------------------------------------------------------


def _midway(platform, end, calls):
    """After how many calls an end is lost: a Shopify shop of one page is read in a single one."""
    return 0 if (platform, end) == ("shopify", "shop") else calls


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("end", ["shop", "account"])
def test_credentials_refused_midway_stop_the_run_and_ask_once(scene, platform, end):  # G-5
    here = _on_the_stage(scene, platform, count=4)
    here.world.sync(Kind.PRODUCTS)
    getattr(here, end).moods.add(Mood.EXPIRED_CREDENTIALS, after=_midway(platform, end, 2))
    for place in range(4):
        here.origin.edit(Kind.PRODUCTS, place)
    run = here.world.sync(Kind.PRODUCTS, batch_size=2)
    assert run.outcome is RunOutcome.FAILED
    store, other = here.world.stores[platform], here.world.stores["mailchimp"]
    if end == "account":
        store, other = other, store
    assert here.world.memory.stores.get(store.id).status is StoreStatus.NEEDS_REAUTH
    assert here.world.memory.stores.get(other.id).status is StoreStatus.CONNECTED
    assert len([i for i in here.incidents() if i.cause == f"{store.id}:credentials"]) == 1
    assert here.world.memory.lease.holder(run.feed) is None


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("end", "status"),
    [("shop", RunStatus.FINISHED), ("account", RunStatus.SETTLING)],
    ids=["shop", "account"],
)
def test_a_shop_that_is_down_for_good_is_no_green_run_and_no_object_is_blamed(
    platform, end, status
):  # B-4, B-12
    """Where the audience itself is down, the run waits for the watch to take the syncing mark away (A-22)."""
    here = _staged(platform)
    getattr(here, end).moods.add(Mood.UNAVAILABLE, after=_midway(platform, end, 1), times=FOREVER)
    run = here.sync(Kind.PRODUCTS, batch_size=3)
    assert run.status is status
    assert [i for i in here.incidents() if i.object_id] == []
    assert [i for i in here.incidents() if i.cause.endswith(":run")]
    assert here.memory.feeds.get(run.feed).watermark is None
    getattr(here, end).moods.clear()
    here.clock.sleep(GIVEN_UP_AFTER.total_seconds() + 1)
    here.river.watch(run.id)
    run = here.memory.runs.get(run.id)
    assert run.outcome in (RunOutcome.FAILED, RunOutcome.COMPLETED_WITH_ERRORS)
    assert _whole(here, Kind.PRODUCTS).expected == 7
    assert here.incidents() == []
    assert here.store.data["is_syncing"] is False


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_shop_that_is_down_at_first_and_comes_back_is_carried_whole(platform):  # B-4
    here = _staged(platform)
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
