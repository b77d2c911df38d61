"""The guard and the undo: a run that would subscribe many waits, goes on where it stopped, can be taken back."""

from datetime import timedelta

import pytest
from passerelle.memory import RunOutcome, RunStatus
from passerelle.model import Kind
from passerelle.sync.approval import NothingToUndo, NotWaiting
from sandbox.killer import Killer
from sandbox.mailchimp import Audience, Member
from sandbox.shopify import sample

TIGHT = {"guard": {"most": 2, "share": 0}}


def _staged(scene, people, *, policy=TIGHT, killer=None):
    """Everyone is a transactional contact already, and opted in at the shop: a full sync would raise them all (A-7)."""
    load = [sample.customer(place, consent="SUBSCRIBED") for place in range(people)]
    audience = Audience()
    here = scene(load=load, audience=audience, policy=policy, killer=killer)
    at = here.clock() - timedelta(days=200)
    audience.seed(*(Member(each["email"].lower(), "transactional", last_changed=at) for each in load))
    return here


def _statuses(here):
    return [member.status for member in here.account.audience.members.values()]


def _machine(here, run):
    here.world.machine({"tenant": here.world.tenant, "run": run.id})
    return here.world.memory.runs.get(run.id)


def _approved(here, run):
    here.world.river.approve(run.id)
    return _machine(here, run)


def _undone(here, run):
    return _machine(here, here.world.river.undo(run.id))


def test_a_run_that_would_raise_more_than_the_guard_waits_with_the_list(scene):
    here = _staged(scene, 4)
    run = here.world.sync(Kind.CUSTOMERS)
    assert (run.status, run.outcome, run.raises) == (RunStatus.AWAITING_APPROVAL, None, 4)
    assert set(_statuses(here)) == {"transactional"}
    assert {each["status_after"] for each in here.world.river.raises(run.id)} == {"subscribed"}
    assert here.world.memory.lease.holder(run.feed) is None
    (incident,) = here.incidents()
    assert "4 people" in incident.title


def test_approval_goes_on_with_exactly_those_and_counts_them(scene):
    here = _staged(scene, 4)
    run = _approved(here, here.world.sync(Kind.CUSTOMERS))
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert (run.expected, run.counts.updated, run.counts.skipped) == (4, 4, 0)
    assert set(_statuses(here)) == {"subscribed"}
    assert here.incidents() == []


def test_who_has_left_while_the_run_waited_stays_out(scene):
    here = _staged(scene, 4)
    run = here.world.sync(Kind.CUSTOMERS)
    here.clock.sleep(60)
    here.account.audience.person_unsubscribes(here.person(1)["email"])
    run = _approved(here, run)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert sorted(_statuses(here)) == ["subscribed"] * 3 + ["unsubscribed"]


def test_a_few_are_raised_without_asking_and_counted_as_updated(scene):
    here = _staged(scene, 2)
    run = here.world.sync(Kind.CUSTOMERS)
    assert (run.outcome, run.counts.updated, run.counts.skipped) == (RunOutcome.COMPLETED, 2, 0)
    assert set(_statuses(here)) == {"subscribed"}


def test_a_discarded_run_ends_and_nobody_is_asked_about_the_same_people_again(scene):
    here = _staged(scene, 4)
    run = here.world.sync(Kind.CUSTOMERS)
    here.world.river.discard(run.id)
    run = _machine(here, run)
    assert (run.status, run.counts.skipped) == (RunStatus.FINISHED, 4)
    assert run.reasons(here.world.memory.runs.slices(run.id)) == {"discarded": 4}
    again = here.world.sync(Kind.CUSTOMERS)
    assert (again.outcome, again.raises) == (RunOutcome.COMPLETED, 0)
    assert set(_statuses(here)) == {"transactional"}


def test_a_run_that_does_not_wait_can_be_neither_approved_nor_discarded(scene):
    here = _staged(scene, 1)
    run = here.world.sync(Kind.CUSTOMERS)
    for act in (here.world.river.approve, here.world.river.discard):
        with pytest.raises(NotWaiting):
            act(run.id)


def test_another_run_may_go_on_while_one_waits(scene):  # A-12, B-9
    here = _staged(scene, 4)
    waiting = here.world.sync(Kind.CUSTOMERS)
    another = here.world.start(Kind.CUSTOMERS)
    assert another.id != waiting.id
    assert here.world.memory.runs.get(waiting.id).status is RunStatus.AWAITING_APPROVAL


def test_the_first_full_sync_creates_whom_the_shop_names_unless_the_policy_guards_it(scene):
    load = [sample.customer(place, consent="SUBSCRIBED") for place in range(4)]
    here = scene(load=load, policy=TIGHT)
    assert here.world.sync(Kind.CUSTOMERS).counts.created == 4
    guarded = scene(load=load, policy={**TIGHT, "guard_first": True})
    run = guarded.world.sync(Kind.CUSTOMERS)
    assert (run.status, run.raises) == (RunStatus.AWAITING_APPROVAL, 4)
    run = _approved(guarded, run)
    assert (run.outcome, run.counts.created) == (RunOutcome.COMPLETED, 4)


def test_undo_restores_all_but_those_who_acted_since_and_twice_changes_nothing(scene):
    here = _staged(scene, 4)
    run = _approved(here, here.world.sync(Kind.CUSTOMERS))
    here.clock.sleep(3600)
    here.account.audience.person_unsubscribes(here.person(0)["email"])
    here.account.audience.person_subscribes(here.person(1)["email"])
    undo = _undone(here, run)
    assert undo.outcome is RunOutcome.COMPLETED, undo.why
    assert (undo.counts.updated, undo.counts.skipped) == (2, 2)
    assert undo.reasons(here.world.memory.runs.slices(undo.id)) == {"acted_since": 2}
    assert sorted(_statuses(here)) == ["subscribed", "transactional", "transactional", "unsubscribed"]
    here.account.calls.clear()
    again = _undone(here, run)
    assert (again.counts.updated, again.counts.skipped) == (0, 4)
    assert here.account.calls.writes == []
    here.clock.sleep(86_400)
    quiet = here.world.sync(Kind.CUSTOMERS)
    assert quiet.raises == 0, "what was undone is not asked about again"
    assert sorted(_statuses(here)) == ["subscribed", "transactional", "transactional", "unsubscribed"]


def test_contacts_that_a_run_created_subscribed_become_transactional(scene):
    here = scene(load=[sample.customer(place, consent="SUBSCRIBED") for place in range(3)])
    run = here.world.sync(Kind.CUSTOMERS)
    assert _statuses(here) == ["subscribed"] * 3
    undo = _undone(here, run)
    assert undo.counts.updated == 3
    assert _statuses(here) == ["transactional"] * 3


def test_undoing_a_consent_written_at_the_shop_lowers_it_there(scene):
    person = sample.customer(1, consent="NOT_SUBSCRIBED")
    here = scene(load=[person])
    at = here.clock() - timedelta(days=1)
    here.account.audience.seed(Member(person["email"].lower(), timestamp_opt=at, last_changed=at))
    run = here.world.sync(Kind.CUSTOMERS)
    assert here.consent(1) == "SUBSCRIBED"
    here.clock.sleep(60)
    undo = _undone(here, run)
    assert undo.counts.updated == 1, undo
    assert here.consent(1) == "UNSUBSCRIBED"
    here.clock.sleep(86_400)
    here.world.sync(Kind.CUSTOMERS)
    assert _statuses(here) == ["subscribed"], "the shop's value is ours and is not passed on"


def test_an_undo_cannot_be_undone_and_a_waiting_run_neither(scene):
    here = _staged(scene, 4)
    run = here.world.sync(Kind.CUSTOMERS)
    with pytest.raises(NothingToUndo):
        here.world.river.undo(run.id)
    undo = _undone(here, _approved(here, run))
    with pytest.raises(NothingToUndo):
        here.world.river.undo(undo.id)


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_run_that_would_raise_five_thousand_waits_goes_on_and_is_undone(scene):
    here = _staged(scene, 5_000, policy={})
    run = here.world.sync(Kind.CUSTOMERS)
    assert (run.status, run.raises) == (RunStatus.AWAITING_APPROVAL, 5_000)
    assert len(here.world.river.raises(run.id)) == 5_000
    run = _approved(here, run)
    assert (run.outcome, run.counts.updated) == (RunOutcome.COMPLETED, 5_000), run.why
    here.clock.sleep(3600)
    for place in range(10):
        here.account.audience.person_unsubscribes(here.person(place)["email"])
    undo = _undone(here, run)
    assert (undo.counts.updated, undo.counts.skipped) == (4_990, 10), undo
    assert _statuses(here).count("transactional") == 4_990


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("step", ["carry", "settle", "plan"])
def test_a_worker_killed_in_either_round_changes_nothing_of_the_end(scene, step):  # B-7, A-12, A-13
    def end(killer):
        here = _staged(scene, 4, killer=killer)
        run = _approved(here, here.world.sync(Kind.CUSTOMERS))
        killer.rest()
        entries = [(e.customer, e.before, e.after) for e in here.world.memory.consents.of_run(run.id)]
        return run.outcome, _statuses(here), entries, here.world.memory.lease.holder(run.feed)

    calm = Killer(step)
    wanted = end(calm)
    assert wanted[0] is RunOutcome.COMPLETED
    assert len(wanted[2]) == 4
    numbers = {at + more for at in calm.at_shops for more in (0, 1, 2)} or set(range(1, calm.steps + 1))
    for number in sorted(numbers):
        killer = Killer(step, number)
        assert end(killer) == wanted, f"killed at {step} {number}"
        assert killer.struck


@pytest.mark.long
@pytest.mark.timeout(400)
def test_an_undo_killed_anywhere_ends_as_an_undisturbed_one(scene):  # B-7, A-13
    def end(number):
        killer = Killer("carry", 0)
        here = _staged(scene, 3, policy={}, killer=killer)
        run = here.world.sync(Kind.CUSTOMERS)
        here.clock.sleep(60)
        killer.number, killer.steps = number, 0
        undo = _undone(here, run)
        killer.rest()
        entries = [(e.customer, e.before, e.after) for e in here.world.memory.consents.of_run(undo.id)]
        return killer.steps, (undo.outcome, undo.counts.updated, _statuses(here), entries)

    steps, wanted = end(0)
    assert wanted[1] == 3
    assert len(wanted[3]) == 3
    for number in range(1, steps + 1):
        assert end(number)[1] == wanted, f"killed at {number}"
