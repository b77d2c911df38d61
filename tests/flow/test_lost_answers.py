"""A write happens and its answer is lost, or a call never arrives: the end is the same, and nothing is there twice."""

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind, Severity
from sandbox.hamlet import hamlet_of
from sandbox.mailchimp import Audience, Member
from sandbox.moods import Mood
from sandbox.origins import PLATFORMS

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS, Kind.PROMO_CODES)
LOST = (Mood.LOST_ANSWER, Mood.DROPPED)
WRITES = "^(POST|PUT|PATCH|DELETE) /3.0"
STATES = (*3 * ("SUBSCRIBED",), *2 * ("NOT_SUBSCRIBED",), "UNSUBSCRIBED")


def _staged(platform, kind, count=3, *, double_optin=False):
    wanted = {"customers": len(STATES), str(kind): len(STATES) if kind is Kind.CUSTOMERS else count}
    here = hamlet_of(platform, wanted, Audience(double_optin=double_optin))
    for place, state in enumerate(STATES):
        here.origin.consent_was(place, state, f"Person{place}@Example.com")
    if kind is Kind.CUSTOMERS and not double_optin:
        # The shop still believes this one: it is to be told.
        gone = Member("person0@example.com", "unsubscribed", last_changed=here.clock())
        here.account.audience.seed(gone)
    here.account.calls.clear()
    here.shop.calls.clear()
    return here


def _calm(platform, kind, batch_size, **options):
    here = _staged(platform, kind, **options)
    run = here.sync(kind, batch_size=batch_size)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    return here, run


def _ends_alike(here, run, calm, calm_run):
    assert here.behind() == calm.behind()
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert run.expected == run.counts.settled == calm_run.expected
    assert {i.severity for i in here.incidents() if i.object_id} <= {Severity.INFO}


@pytest.mark.parametrize("mood", LOST)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_one_lost_write_at_the_audience_changes_nothing_in_the_end(platform, kind, mood):  # B-7
    calm, calm_run = _calm(platform, kind, 2)
    for place in range(len(calm.account.calls.writes)):
        here = _staged(platform, kind)
        here.account.moods.add(mood, WRITES, after=place)
        _ends_alike(here, here.sync(kind, batch_size=2), calm, calm_run)


@pytest.mark.parametrize("mood", LOST)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", [Kind.PRODUCTS, Kind.CARTS])
def test_a_batch_handed_in_and_never_acknowledged_is_handed_in_again(platform, kind, mood):  # B-7
    calm, calm_run = _calm(platform, kind, 20, count=15)
    here = _staged(platform, kind, count=15)
    here.account.moods.add(mood, "POST /3.0/batches")
    _ends_alike(here, here.sync(kind, batch_size=20), calm, calm_run)


@pytest.mark.parametrize("mood", LOST)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_one_lost_call_at_the_shop_changes_nothing_in_the_end(platform, kind, mood):  # B-7, A-4
    calm, calm_run = _calm(platform, kind, 3)
    assert bool(calm.shop.calls.writes) is (kind is Kind.CUSTOMERS), "a consent is written at the shop"
    for place in range(len(calm.shop.calls)):
        here = _staged(platform, kind)
        here.shop.moods.add(mood, after=place)
        _ends_alike(here, here.sync(kind, batch_size=3), calm, calm_run)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_lost_answer_makes_no_second_confirmation_mail(platform):  # B-7, A-1
    calm, calm_run = _calm(platform, Kind.CUSTOMERS, 3, double_optin=True)
    assert calm.account.audience.confirmations
    for place in range(len(calm.account.calls.writes)):
        here = _staged(platform, Kind.CUSTOMERS, double_optin=True)
        here.account.moods.add(Mood.LOST_ANSWER, WRITES, after=place)
        _ends_alike(here, here.sync(Kind.CUSTOMERS, batch_size=3), calm, calm_run)


@pytest.mark.parametrize("mood", LOST)
def test_a_lost_answer_to_a_live_event_is_followed_again(scene, mood):  # B-7
    here = scene(products=3)
    here.world.sync(Kind.PRODUCTS)
    here.shop.life.edit("gid://shopify/Product/7001", title="Renamed")
    here.account.moods.add(mood, WRITES, times=8)
    here.world.river.resync(here.world.link.id, Kind.PRODUCTS, "7001")
    assert here.world.follow_all() == ["carried"]
    assert here.store.products["7001"]["title"] == "Renamed"
