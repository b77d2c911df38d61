"""WooCommerce's own turn in the play of faults: killed workers and lost answers end where quiet days end."""

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind, Severity
from sandbox.hamlet import hamlet_of
from sandbox.killer import Killer
from sandbox.mailchimp import Audience, Member
from sandbox.moods import Mood

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.PROMO_CODES)
STATES = (*3 * ("SUBSCRIBED",), *2 * ("NOT_SUBSCRIBED",), "UNSUBSCRIBED")


def staged(kind, killer=None):
    counts = {"customers": len(STATES), str(kind): len(STATES)}
    here = hamlet_of("woocommerce", counts, Audience(), killer)
    for place, state in enumerate(STATES):
        here.origin.consent_was(place, state, f"Person{place}@Example.com")
    if kind is Kind.CUSTOMERS:
        # The shop still believes this one: it is to be told.
        gone = Member("person0@example.com", "unsubscribed", last_changed=here.clock())
        here.account.audience.seed(gone)
    here.account.calls.clear()
    here.shop.calls.clear()
    return here


def calm_day(kind):
    here = staged(kind)
    run = here.sync(kind, batch_size=2)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    return here, run


def ends_alike(here, run, calm, calm_run):
    assert here.behind() == calm.behind()
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert run.expected == run.counts.settled == calm_run.expected
    assert {i.severity for i in here.incidents() if i.object_id} <= {Severity.INFO}


@pytest.mark.parametrize("mood", [Mood.LOST_ANSWER, Mood.DROPPED, Mood.UNAVAILABLE, Mood.THROTTLED])
@pytest.mark.parametrize("kind", KINDS)
def test_one_bad_call_at_the_shop_changes_nothing_in_the_end(kind, mood):  # B-7, A-4
    calm, calm_run = calm_day(kind)
    assert bool(calm.shop.calls.writes) is (kind is Kind.CUSTOMERS), "a consent is written at the shop"
    for place in range(len(calm.shop.calls)):
        here = staged(kind)
        here.shop.moods.add(mood, after=place)
        ends_alike(here, here.sync(kind, batch_size=2), calm, calm_run)


@pytest.mark.parametrize("kind", KINDS)
def test_one_lost_write_at_the_audience_changes_nothing_in_the_end(kind):  # B-7
    calm, calm_run = calm_day(kind)
    for place in range(len(calm.account.calls.writes)):
        here = staged(kind)
        here.account.moods.add(Mood.LOST_ANSWER, "^(POST|PUT|PATCH|DELETE) /3.0", after=place)
        ends_alike(here, here.sync(kind, batch_size=2), calm, calm_run)


@pytest.mark.parametrize("step", ["plan", "carry", "settle"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_killed_anywhere_leaves_what_an_undisturbed_one_leaves(kind, step):  # B-7
    watched = Killer(step, 0)
    calm = staged(kind, watched)
    calm_run = calm.sync(kind, batch_size=2)
    assert calm_run.outcome is RunOutcome.COMPLETED, calm_run.why
    for number in range(1, watched.steps + 1):
        here = staged(kind, Killer(step, number))
        ends_alike(here, here.sync(kind, batch_size=2), calm, calm_run)


@pytest.mark.parametrize("call", [1, 2])
def test_a_shop_that_changes_while_it_is_read_loses_nothing(call):  # B-15
    here = hamlet_of("woocommerce", {"customers": 150})
    there = here.origin.ids(Kind.CUSTOMERS)

    def meanwhile():
        here.origin.edit(Kind.CUSTOMERS, 20)
        here.origin.delete(Kind.CUSTOMERS, 10)
        here.origin.add(Kind.CUSTOMERS)

    here.shop.moods.on_call(call, meanwhile, "/wc/v3/customers")
    assert here.sync(Kind.CUSTOMERS).outcome is RunOutcome.COMPLETED
    here.clock.sleep(300)
    again = here.sync(Kind.CUSTOMERS)
    assert again.outcome is RunOutcome.COMPLETED, again.why
    left = {member.email for member in here.account.audience.members.values()}
    assert "one.more@example.com" in left
    assert {here.origin.email(place) for place in range(149)} <= left
    assert len(there) == 150
