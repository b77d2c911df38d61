"""Workers are killed at every step of their way, and nobody sees it afterwards."""

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind, Severity
from sandbox.hamlet import hamlet_of
from sandbox.killer import Killer
from sandbox.mailchimp import Audience, Member
from sandbox.origins import PLATFORMS

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS, Kind.PROMO_CODES)
STEPS = ("plan", "carry", "settle")
MANY = 3
STATES = (*4 * ("SUBSCRIBED",), *2 * ("NOT_SUBSCRIBED",), "UNSUBSCRIBED")
"""The customers' consents at the shop; some of them have a past in the audience."""


def _counts(kind):
    return {"customers": 2, str(kind): len(STATES) if kind is Kind.CUSTOMERS else MANY}


def _seeded(here, kind):
    """With customers who opted in or out, and an audience that knows some of them already."""
    if kind is Kind.CUSTOMERS:
        for place, state in enumerate(STATES):
            here.origin.consent_was(place, state, f"Person{place}@Example.com")
        here.account.audience.seed(
            Member("person1@example.com", "unsubscribed"),
            Member("person3@example.com", "pending"),
            Member("person5@example.com", "subscribed", timestamp_opt=here.clock()),
        )
    return here


def _staged(platform, kind, killer, *, double_optin=False):
    """A shop of this kind alone, without AWS: a hundred times faster than a scene."""
    audience = Audience(double_optin=double_optin)
    return _seeded(hamlet_of(platform, _counts(kind), audience, killer), kind)


def _run(here, kind):
    run = here.sync(kind, batch_size=3 if kind is Kind.CUSTOMERS else 2)
    here.killer.rest()
    return run


def _undisturbed(platform, kind, step="carry", **options):
    """How it ends when nobody is killed, and how many steps there are to be killed at."""
    here = _staged(platform, kind, Killer(step), **options)
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
    # A PrestaShop shop has no consent to set for who waits at the audience: that is told, and asks nothing of anybody.
    assert {i.severity for i in here.incidents() if i.object_id} <= {Severity.INFO}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_anywhere_leaves_what_an_undisturbed_one_leaves(platform, kind, step):  # B-7
    calm, calm_run = _undisturbed(platform, kind, step)
    assert calm.killer.steps > 3
    for number in range(1, calm.killer.steps + 1):
        here = _staged(platform, kind, Killer(step, number))
        _is_as_undisturbed(here, _run(here, kind), calm, calm_run)
        assert here.memory.lease.holder(calm_run.feed) is None


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nobody_is_asked_twice_to_confirm_because_a_worker_was_killed(platform):  # B-7, A-1
    calm, calm_run = _undisturbed(platform, Kind.CUSTOMERS, double_optin=True)
    assert len(calm.account.audience.confirmations) == 2
    for number in range(1, calm.killer.steps + 1):
        here = _staged(platform, Kind.CUSTOMERS, Killer("carry", number), double_optin=True)
        _is_as_undisturbed(here, _run(here, Kind.CUSTOMERS), calm, calm_run)


# --- killed for good --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("kind", "double_optin"), [*((kind, False) for kind in KINDS), (Kind.CUSTOMERS, True)]
)
def test_a_new_run_ends_what_one_killed_for_good_began(platform, kind, double_optin):  # B-7
    calm, calm_run = _undisturbed(platform, kind, double_optin=double_optin)
    for number in range(1, calm.killer.steps + 1):
        killer = Killer("carry", number, for_good=True)
        here = _staged(platform, kind, killer, double_optin=double_optin)
        lost = _run(here, kind)
        everything_was_done = lost.counts.settled == lost.expected
        assert everything_was_done or lost.outcome is RunOutcome.COMPLETED_WITH_ERRORS
        _is_as_undisturbed(here, _run(here, kind), calm, calm_run)


def test_a_new_run_adopts_the_contact_that_a_dead_worker_made_and_no_other():  # B-7, A-1
    # After the e-commerce store and its mark, the first batch of contacts.
    killer = Killer("carry", shop_call=3, for_good=True)
    here = _staged("shopify", Kind.CUSTOMERS, killer, double_optin=True)
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
    people = here.shop.state.shelf("Customer").things.values()
    states = [person["defaultEmailAddress"]["marketingState"] for person in people]
    assert states[:3] == ["SUBSCRIBED", "PENDING", "SUBSCRIBED"]


# --- with the memory that is deployed ---------------------------------------------------------------------------

ON_THE_STAGE = [
    ("plan", "prestashop", Kind.CUSTOMERS),
    ("carry", "shopify", Kind.PRODUCTS),
    ("carry", "shopify", Kind.CUSTOMERS),
    ("carry", "prestashop", Kind.ORDERS),
    ("settle", "shopify", Kind.CUSTOMERS),
    ("settle", "prestashop", Kind.ORDERS),
]
"""A part of the same play on emulated AWS, where one change of the memory is several writes, each a step."""


def _on_the_stage(scene, platform, kind, killer):
    return _seeded(scene(**_counts(kind), platform=platform, killer=killer), kind)


def _run_there(here, kind):
    run = here.world.sync(kind, batch_size=3 if kind is Kind.CUSTOMERS else 2)
    here.killer.rest()
    return run


@pytest.mark.long
@pytest.mark.parametrize(("step", "platform", "kind"), ON_THE_STAGE)
def test_a_worker_killed_between_writes_to_its_memory_is_not_seen_afterwards(
    scene, step, platform, kind
):  # B-7
    calm = _on_the_stage(scene, platform, kind, Killer(step))
    calm_run = _run_there(calm, kind)
    for number in range(1, calm.killer.steps + 1):
        here = _on_the_stage(scene, platform, kind, Killer(step, number))
        _is_as_undisturbed(here, _run_there(here, kind), calm, calm_run)
        assert here.world.memory.lease.holder(calm_run.feed) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_killed_halfway_on_the_stage_is_not_seen_afterwards(scene, kind):  # B-7
    calm = _on_the_stage(scene, "prestashop", kind, Killer("carry"))
    calm_run = _run_there(calm, kind)
    halfway = calm.killer.at_shops[len(calm.killer.at_shops) // 2]
    here = _on_the_stage(scene, "prestashop", kind, Killer("carry", halfway))
    _is_as_undisturbed(here, _run_there(here, kind), calm, calm_run)
