"""Workers are killed at every step of their way, and nobody sees it afterwards."""

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind
from sandbox.killer import Killer
from sandbox.mailchimp import Audience, Member
from sandbox.origins import PLATFORMS

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS, Kind.PROMO_CODES)
MANY = 3
STATES = (*4 * ("SUBSCRIBED",), *2 * ("NOT_SUBSCRIBED",), "UNSUBSCRIBED")
"""The customers' consents at the shop; some of them have a past in the audience."""


def _staged(scene, platform, kind, killer, *, double_optin=False):
    """A shop of this kind alone, and an audience that some of its customers know already."""
    wanted = {"customers": 2, str(kind): len(STATES) if kind is Kind.CUSTOMERS else MANY}
    here = scene(**wanted, platform=platform, audience=Audience(double_optin=double_optin), killer=killer)
    if kind is Kind.CUSTOMERS:
        for place, state in enumerate(STATES):
            here.origin.consent_was(place, state, f"Person{place}@Example.com")
        here.account.audience.seed(
            Member("person1@example.com", "unsubscribed"),
            Member("person3@example.com", "pending"),
            Member("person5@example.com", "subscribed", timestamp_opt=here.clock()),
        )
    return here


def _run(here, kind):
    run = here.world.sync(kind, batch_size=3 if kind is Kind.CUSTOMERS else 2)
    here.killer.rest()
    return run


def _undisturbed(scene, platform, kind, step="carry", **options):
    """How it ends when nobody is killed, and how many steps there are to be killed at."""
    here = _staged(scene, platform, kind, Killer(step), **options)
    run = _run(here, kind)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    return here, run


def _is_as_undisturbed(here, run, calm, calm_run):
    assert here.killer.struck
    assert here.behind() == calm.behind()
    assert (run.outcome, run.expected, run.counts.settled) == (
        RunOutcome.COMPLETED,
        calm_run.expected,
        calm_run.expected,
    ), run.why
    assert here.world.memory.lease.holder(run.feed) is None


def _halfway(steps):
    return steps[len(steps) // 2]


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_killed_halfway_is_not_seen_afterwards(scene, kind):  # B-7
    calm, calm_run = _undisturbed(scene, "prestashop", kind)
    here = _staged(scene, "prestashop", kind, Killer("carry", _halfway(calm.killer.at_shops)))
    _is_as_undisturbed(here, _run(here, kind), calm, calm_run)


# --- every step -------------------------------------------------------------------------------------------------

EVERY_STEP = {
    ("carry", "shopify", Kind.PRODUCTS),
    ("carry", "shopify", Kind.CUSTOMERS),
    ("carry", "prestashop", Kind.CUSTOMERS),
    *(("plan", platform, Kind.CUSTOMERS) for platform in PLATFORMS),
    *(("settle", platform, Kind.CUSTOMERS) for platform in PLATFORMS),
    *(("settle", "shopify", kind) for kind in (Kind.PRODUCTS, Kind.ORDERS)),
}
AT_SHOPS = {("carry", platform, kind) for platform in PLATFORMS for kind in KINDS} - EVERY_STEP
"""Of these, the steps at the shops and right after: the rest of their way is the same as others'."""


def _numbers(killer, *, every):
    """At which steps a worker is killed."""
    if every:
        return range(1, killer.steps + 1)
    return sorted({n + more for n in killer.at_shops for more in (0, 1)})


@pytest.mark.long
@pytest.mark.parametrize(("step", "platform", "kind"), sorted(EVERY_STEP | AT_SHOPS))
def test_a_worker_killed_anywhere_leaves_what_an_undisturbed_one_leaves(scene, platform, kind, step):  # B-7
    calm, calm_run = _undisturbed(scene, platform, kind, step)
    assert calm.killer.steps > 3
    for number in _numbers(calm.killer, every=(step, platform, kind) in EVERY_STEP):
        here = _staged(scene, platform, kind, Killer(step, number))
        _is_as_undisturbed(here, _run(here, kind), calm, calm_run)


@pytest.mark.long
def test_nobody_is_asked_twice_to_confirm_because_a_worker_was_killed(scene):  # B-7, A-1
    calm, calm_run = _undisturbed(scene, "shopify", Kind.CUSTOMERS, double_optin=True)
    assert len(calm.account.audience.confirmations) == 2
    for number in calm.killer.at_shops:
        here = _staged(scene, "shopify", Kind.CUSTOMERS, Killer("carry", number), double_optin=True)
        _is_as_undisturbed(here, _run(here, Kind.CUSTOMERS), calm, calm_run)


# --- killed for good --------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("kind", "double_optin"), [*((kind, False) for kind in KINDS), (Kind.CUSTOMERS, True)]
)
def test_a_new_run_ends_what_one_killed_for_good_began(scene, platform, kind, double_optin):  # B-7
    calm, calm_run = _undisturbed(scene, platform, kind, double_optin=double_optin)
    for number in calm.killer.at_shops:
        killer = Killer("carry", number, for_good=True)
        here = _staged(scene, platform, kind, killer, double_optin=double_optin)
        lost = _run(here, kind)
        assert lost.outcome is RunOutcome.COMPLETED_WITH_ERRORS
        _is_as_undisturbed(here, _run(here, kind), calm, calm_run)


def test_a_new_run_adopts_the_contact_that_a_dead_worker_made_and_no_other(scene):  # B-7, A-1
    # After the e-commerce store and its mark, the first batch of contacts.
    killer = Killer("carry", shop_call=3, for_good=True)
    here = _staged(scene, "shopify", Kind.CUSTOMERS, killer, double_optin=True)
    here.account.audience.seed(Member("person1@example.com", "pending"))
    lost = _run(here, Kind.CUSTOMERS)
    assert (lost.outcome, lost.counts.created) == (RunOutcome.COMPLETED_WITH_ERRORS, 0)
    asked = list(here.account.audience.confirmations)
    assert asked == ["person0@example.com", "person2@example.com"]
    again = _run(here, Kind.CUSTOMERS)
    assert (again.outcome, again.counts.settled) == (RunOutcome.COMPLETED, again.expected)
    # Whom the dead worker asked is not asked again, and not counted as made by this run.
    assert here.account.audience.confirmations == asked
    assert again.counts.created == len(here.account.audience.members) - len(asked) - 3
    # Who waited before either run was in the dead worker's batch, too, and is not taken for its work.
    assert [here.consent(place) for place in (0, 1, 2)] == ["SUBSCRIBED", "PENDING", "SUBSCRIBED"]
