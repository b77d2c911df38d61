"""Filling an audience: starts no automation, two calls per thousand contacts, and can be cancelled and resumed (A-22)."""

import pytest
from passerelle.memory import RunOutcome, RunStatus
from passerelle.model import Kind
from sandbox.mailchimp import Audience
from sandbox.shopify import sample

MEMBERS, STORES = "POST /3.0/lists/", "/3.0/ecommerce/"
NEW_IN_A_PAGE = 950
"""Of 1,000 contacts read in one call; fifty are read twice."""
ROUND_ABOUT = 10
"""Calls with which a run begins and ends: the store is made or marked, its placeholder looked for, unmarked."""
CONSENTS = ("SUBSCRIBED", "SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED", "PENDING")


def _shop_of(people):
    return [sample.customer(place, consent=CONSENTS[place % len(CONSENTS)]) for place in range(people)]


def _filled(scene, people, *, double_optin, **wanted):
    audience = Audience(double_optin=double_optin)
    audience.welcomes = True
    return scene(load=_shop_of(people), audience=audience, **wanted)


def _allowed(people):
    """Two calls per 1,000 contacts, and 5 %."""
    return 2 * people / 1_000 * 1.05


def _writes(here):
    """The calls that send contacts: 500 in each."""
    return here.account.calls.matching(MEMBERS)


def _marked_before(here):
    """Whether the store was marked as syncing before the first contact was sent, and is not any more."""
    sent = [f"{call.method} {call.path}" for call in here.account.calls.all if call.is_write]
    first = next(place for place, line in enumerate(sent) if line.startswith(MEMBERS))
    return any(STORES in line for line in sent[:first]) and here.store.data["is_syncing"] is False


def _is_filled(here, people):
    statuses = [member.status for member in here.account.audience.members.values()]
    joined = "pending" if here.account.audience.double_optin else "subscribed"
    assert len(statuses) == people
    assert statuses.count(joined) == people * 2 // len(CONSENTS)
    assert statuses.count("transactional") == people * 3 // len(CONSENTS)
    assert here.account.automations_started == []
    assert _marked_before(here)


@pytest.mark.parametrize("double_optin", [True, False], ids=["double", "single"])
def test_two_thousand_arrive_in_four_calls_and_nobody_is_welcomed(scene, double_optin):
    here = _filled(scene, 2_000, double_optin=double_optin)
    run = here.world.sync(Kind.CUSTOMERS)
    assert (run.outcome, run.counts.created) == (RunOutcome.COMPLETED, 2_000), run.why
    _is_filled(here, 2_000)
    assert len(_writes(here)) <= _allowed(2_000)


def test_after_the_backfill_a_new_customer_is_welcomed(scene):
    here = _filled(scene, 5, double_optin=False)
    here.world.sync(Kind.CUSTOMERS)
    assert here.account.automations_started == []
    here.shop.life.add(sample.customer(5, consent="SUBSCRIBED"))
    here.world.river._enqueue([(here.world.feed(Kind.CUSTOMERS), str(sample.FIRST_CUSTOMER + 5))])
    here.world.follow_all()
    assert [what for what, _ in here.account.automations_started] == ["welcome"]


def test_a_backfill_that_waited_for_a_person_is_no_less_a_backfill_afterwards(scene):
    policy = {"guard": {"most": 2, "share": 0}, "guard_first": True}
    here = _filled(scene, 10, double_optin=False, policy=policy)
    run = here.world.sync(Kind.CUSTOMERS)
    assert run.status is RunStatus.AWAITING_APPROVAL
    assert here.store.data["is_syncing"] is False
    here.world.river.approve(run.id)
    here.world.machine({"tenant": here.world.tenant, "run": run.id})
    _is_filled(here, 10)


def test_only_one_of_a_runs_workers_tells_that_it_fills(scene):
    here = _filled(scene, 60, double_optin=True)
    here.world.sync(Kind.CUSTOMERS, batch_size=2)
    assert len(_writes(here)) == 30
    marks = [c for c in here.account.calls.writes if STORES in c.path and "/products" not in c.path]
    assert len(marks) == 2, "one to begin and one to end"


def _cancelled_and_resumed(here, people):
    """Cancel the run while it sends, and resume it; answers both runs, and the calls of each."""
    run = here.world.start(Kind.CUSTOMERS)
    half = people // 1_000
    here.account.moods.on_call(half, lambda: here.world.river.cancel(run.id), MEMBERS)
    here.world.machine({"tenant": here.world.tenant, "run": run.id})
    first, calls = here.world.memory.runs.get(run.id), len(here.account.calls)
    resumed = here.world.river.resume(run.id)
    here.world.machine({"tenant": here.world.tenant, "run": resumed.id})
    second = here.world.memory.runs.get(resumed.id)
    return (first, calls), (second, len(here.account.calls) - calls)


def _went_on(first, second, people):
    assert first.outcome is RunOutcome.CANCELLED
    assert 0 < first.counts.created < people
    assert second.outcome is RunOutcome.COMPLETED, second.why
    assert (second.counts.created, second.counts.unchanged) == (
        people - first.counts.created,
        first.counts.created,
    )


def test_a_backfill_of_two_thousand_is_cancelled_and_resumed(scene):  # A-22, B-10
    here = _filled(scene, 2_000, double_optin=True)
    (first, _), (second, _) = _cancelled_and_resumed(here, 2_000)
    _went_on(first, second, 2_000)
    _is_filled(here, 2_000)
    assert len(_writes(here)) <= _allowed(2_000)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_hundred_thousand_arrive_in_two_calls_per_thousand(scene):  # A-22, B-10
    """All calls at Mailchimp are counted; a resumed run begins and ends anew, and reads the audience once more.

    One batch at a time: the emulated DynamoDB does not keep the transactions of several threads apart.
    """
    people = 100_000
    here = _filled(scene, people, double_optin=True)
    (first, before), (second, after) = _cancelled_and_resumed(here, people)
    _went_on(first, second, people)
    _is_filled(here, people)
    again = first.counts.created / NEW_IN_A_PAGE + ROUND_ABOUT
    assert before + after <= _allowed(people) + again
    assert len(_writes(here)) <= _allowed(people)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_hundred_thousand_in_one_go_take_210_calls_with_all_that_is_around(scene):
    people = 100_000
    here = _filled(scene, people, double_optin=True)
    run = here.world.sync(Kind.CUSTOMERS)
    assert (run.outcome, run.counts.created) == (RunOutcome.COMPLETED, people), run.why
    _is_filled(here, people)
    assert len(here.account.calls) <= _allowed(people) == 210
