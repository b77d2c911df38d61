"""A write happens and its answer is lost, or a call never arrives: the end is the same, and nothing is there twice."""

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind
from sandbox.mailchimp import Audience, Member
from sandbox.moods import Mood

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS)
WRITES = "^(POST|PUT|PATCH|DELETE) /3.0"


def _staged(scene, kind, count=3, *, double_optin=False):
    wanted = {"customers": 6, str(kind): count if kind is not Kind.CUSTOMERS else 6}
    here = scene(**wanted, audience=Audience(double_optin=double_optin))
    if kind is Kind.CUSTOMERS and not double_optin:
        # The shop still believes this one: it is to be told.
        here.account.audience.seed(
            *(
                Member(here.person(place)["email"].lower(), "unsubscribed", last_changed=here.clock())
                for place in _with_state(here, "SUBSCRIBED")[:1]
            )
        )
    return here


def _with_state(here, state):
    return [
        place
        for place in range(6)
        if (here.person(place)["defaultEmailAddress"] or {}).get("marketingState") == state
    ]


def _calm(scene, kind, batch_size, **options):
    here = _staged(scene, kind, **options)
    here.account.calls.clear()
    here.shop.calls.clear()
    run = here.world.sync(kind, batch_size=batch_size)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    return here, run


def _ends_alike(here, run, calm, calm_run):
    assert here.behind() == calm.behind()
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert run.expected == run.counts.settled == calm_run.expected
    assert [incident for incident in here.incidents() if incident.object_id] == []


@pytest.mark.parametrize("mood", [Mood.LOST_ANSWER, Mood.DROPPED])
@pytest.mark.parametrize("kind", KINDS)
def test_one_lost_write_at_the_audience_changes_nothing_in_the_end(scene, kind, mood):  # B-7
    calm, calm_run = _calm(scene, kind, 2)
    for place in range(len(calm.account.calls.writes)):
        here = _staged(scene, kind)
        here.account.moods.add(mood, WRITES, after=place)
        _ends_alike(here, here.world.sync(kind, batch_size=2), calm, calm_run)


@pytest.mark.parametrize("mood", [Mood.LOST_ANSWER, Mood.DROPPED])
@pytest.mark.parametrize("kind", [Kind.PRODUCTS, Kind.CARTS])
def test_a_batch_handed_in_and_never_acknowledged_is_handed_in_again(scene, kind, mood):  # B-7
    calm, calm_run = _calm(scene, kind, 20, count=15)
    here = _staged(scene, kind, count=15)
    here.account.moods.add(mood, "POST /3.0/batches")
    _ends_alike(here, here.world.sync(kind, batch_size=20), calm, calm_run)


@pytest.mark.parametrize("mood", [Mood.LOST_ANSWER, Mood.DROPPED])
def test_one_lost_call_at_the_shop_changes_nothing_in_the_end(scene, mood):  # B-7, A-4
    calm, calm_run = _calm(scene, Kind.CUSTOMERS, 3)
    assert calm.shop.calls.writes, "a consent is written at the shop"
    for place in range(len(calm.shop.calls)):
        here = _staged(scene, Kind.CUSTOMERS)
        here.shop.moods.add(mood, after=place)
        _ends_alike(here, here.world.sync(Kind.CUSTOMERS, batch_size=3), calm, calm_run)


def test_a_lost_answer_makes_no_second_confirmation_mail(scene):  # B-7, A-1
    calm, calm_run = _calm(scene, Kind.CUSTOMERS, 3, double_optin=True)
    assert calm.account.audience.confirmations
    for place in range(len(calm.account.calls.writes)):
        here = _staged(scene, Kind.CUSTOMERS, double_optin=True)
        here.account.moods.add(Mood.LOST_ANSWER, WRITES, after=place)
        _ends_alike(here, here.world.sync(Kind.CUSTOMERS, batch_size=3), calm, calm_run)


@pytest.mark.parametrize("mood", [Mood.LOST_ANSWER, Mood.DROPPED])
def test_a_lost_answer_to_a_live_event_is_followed_again(scene, mood):  # B-7
    here = _staged(scene, Kind.PRODUCTS)
    here.world.sync(Kind.PRODUCTS)
    here.shop.life.edit("gid://shopify/Product/7001", title="Renamed")
    here.account.moods.add(mood, WRITES, times=8)
    here.world.river.resync(here.world.link.id, Kind.PRODUCTS, "7001")
    assert here.world.follow_all() == ["carried"]
    assert here.store.products["7001"]["title"] == "Renamed"
