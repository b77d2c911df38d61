"""Workers are killed at every step of their way, and nobody sees it afterwards."""

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind
from sandbox.killer import Killer
from sandbox.mailchimp import Audience, Member

pytestmark = pytest.mark.long

KINDS = (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS, Kind.CARTS)
SHOP = {"products": 3, "customers": 7, "orders": 3, "carts": 3}


def _staged(scene, kind, killer, *, double_optin=False, waiting=True):
    """A shop of this kind alone, and an audience that some of its customers know already."""
    people = SHOP["customers"] if kind is Kind.CUSTOMERS else 2
    wanted = {"customers": people, str(kind): SHOP[str(kind)]}
    here = scene(**wanted, audience=Audience(double_optin=double_optin), killer=killer)
    if kind is Kind.CUSTOMERS:
        _seed(here)
        if not waiting:
            here.account.audience.members.pop(Member("person3@example.com").id)
    return here


def _seed(here):
    """Customers 0 to 3 opted in at the shop, 4 and 5 did not; some have a past in the audience."""
    states = (
        "SUBSCRIBED",
        "SUBSCRIBED",
        "SUBSCRIBED",
        "SUBSCRIBED",
        "NOT_SUBSCRIBED",
        "NOT_SUBSCRIBED",
        "UNSUBSCRIBED",
    )
    for place, state in enumerate(states):
        person = here.person(place)
        person["email"] = f"Person{place}@Example.com"
        person["defaultEmailAddress"] = {
            "emailAddress": person["email"],
            "marketingState": state,
            "marketingOptInLevel": None,
            "marketingUpdatedAt": "2026-01-02T00:00:00Z",
            "validFormat": True,
        }
    here.account.audience.seed(
        Member("person1@example.com", "unsubscribed"),
        Member("person3@example.com", "pending"),
        Member("person5@example.com", "subscribed", timestamp_opt=here.clock()),
    )


def _run(here, kind):
    run = here.world.sync(kind, batch_size=3 if kind is Kind.CUSTOMERS else 2)
    here.killer.rest()
    return run


def _undisturbed(scene, kind, step, **options):
    """How it ends when nobody is killed, and how many steps there are to be killed at."""
    here = _staged(scene, kind, Killer(step), **options)
    run = _run(here, kind)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    return here, run


def _is_as_undisturbed(here, run, calm, calm_run):
    assert here.behind() == calm.behind()
    assert (run.outcome, run.expected, run.counts.settled) == (
        RunOutcome.COMPLETED,
        calm_run.expected,
        calm_run.expected,
    ), run.why
    assert here.world.memory.lease.holder(run.feed) is None


def _numbers(killer, kind, step):
    """Every step; of orders and carts those at the shops and right after: the rest of their way is the products'."""
    if step == "carry" and kind in (Kind.ORDERS, Kind.CARTS):
        return sorted({n + more for n in killer.at_shops for more in (0, 1)})
    return range(1, killer.steps + 1)


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        *(("carry", kind) for kind in KINDS),
        ("plan", Kind.CUSTOMERS),
        ("settle", Kind.CUSTOMERS),
        ("settle", Kind.ORDERS),
    ],
)
def test_a_worker_killed_anywhere_leaves_what_an_undisturbed_one_leaves(scene, kind, step):  # B-7
    calm, calm_run = _undisturbed(scene, kind, step)
    assert calm.killer.steps > 3
    for number in _numbers(calm.killer, kind, step):
        here = _staged(scene, kind, Killer(step, number))
        run = _run(here, kind)
        assert here.killer.struck
        _is_as_undisturbed(here, run, calm, calm_run)


def test_nobody_is_asked_twice_to_confirm_because_a_worker_was_killed(scene):  # B-7, A-1
    calm, calm_run = _undisturbed(scene, Kind.CUSTOMERS, "carry", double_optin=True)
    assert len(calm.account.audience.confirmations) == 2
    for number in calm.killer.at_shops:
        here = _staged(scene, Kind.CUSTOMERS, Killer("carry", number), double_optin=True)
        _is_as_undisturbed(here, _run(here, Kind.CUSTOMERS), calm, calm_run)


@pytest.mark.parametrize(
    ("kind", "double_optin"), [*((kind, False) for kind in KINDS), (Kind.CUSTOMERS, True)]
)
def test_a_new_run_ends_what_one_killed_for_good_began(scene, kind, double_optin):  # B-7
    # Where an audience asks to confirm, a new run takes a contact who waited before the first for one of its own:
    # that person's consent at the shop then stays as it is, instead of becoming pending.
    options = {"double_optin": double_optin, "waiting": not double_optin}
    calm, calm_run = _undisturbed(scene, kind, "carry", **options)
    for number in calm.killer.at_shops:
        here = _staged(scene, kind, Killer("carry", number, for_good=True), **options)
        lost = _run(here, kind)
        assert lost.outcome is RunOutcome.COMPLETED_WITH_ERRORS
        _is_as_undisturbed(here, _run(here, kind), calm, calm_run)
