"""Whom a link keeps out: skipped before anything is looked up, never created, and left alone where they are."""

import pytest
from passerelle.memory import RunOutcome
from passerelle.model import Kind
from sandbox.mailchimp import Member
from sandbox.shopify import sample

RULES = {"domains": ["kept-out.example"], "tags": ["wholesale"], "marketplaces": True}


def _person(place, email, *tags):
    person = sample.customer(place, consent="SUBSCRIBED")
    person["email"] = person["defaultEmailAddress"]["emailAddress"] = email
    person["tags"] = list(tags)
    return person


@pytest.fixture
def people():
    return [
        _person(1, "welcome@shop.example"),
        _person(2, "somebody@mail.kept-out.example"),
        _person(3, "x7@marketplace.amazon.de"),
        _person(4, "dealer@dealer.example", "Wholesale"),
    ]


def _left(here):
    return sorted(member.email for member in here.account.audience.members.values())


def test_people_who_are_kept_out_are_never_made_and_the_reason_is_told(scene, people):
    here = scene(load=people, policy={"exclude": RULES})
    run = here.world.sync(Kind.CUSTOMERS)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert (run.counts.created, run.counts.skipped) == (1, 3)
    assert _left(here) == ["welcome@shop.example"]
    why = run.reasons(here.world.memory.runs.slices(run.id))
    assert why == {"excluded_domain": 1, "excluded_marketplace": 1, "excluded_tag": 1}


def test_whoever_is_in_the_audience_already_is_left_as_they_are(scene, people):
    here = scene(load=people, policy={"exclude": RULES})
    here.account.audience.seed(Member("somebody@mail.kept-out.example", "unsubscribed"))
    here.world.sync(Kind.CUSTOMERS)
    assert here.account.audience.status("somebody@mail.kept-out.example") == "unsubscribed"
    assert here.consent(2) == "SUBSCRIBED"


def test_orders_and_carts_of_people_who_are_kept_out_are_passed_over(scene, people):
    lamp = sample.product(0)
    orders = [sample.order(6 * place + 1, [lamp], [person]) for place, person in enumerate(people)]
    carts = [sample.checkout(5 * place, [lamp], [person]) for place, person in enumerate(people)]
    here = scene(load=[lamp, *people, *orders, *carts], policy={"exclude": RULES})
    for kind in (Kind.ORDERS, Kind.CARTS):
        run = here.world.sync(kind)
        assert (run.counts.created, run.counts.skipped) == (1, 3), kind
    assert len(here.store.orders) == len(here.store.carts) == 1


def test_a_rule_that_is_lifted_lets_them_in_with_the_next_run(scene, people):
    here = scene(load=people, policy={"exclude": RULES})
    here.world.sync(Kind.CUSTOMERS)
    here.world.memory.links.change(here.world.link.id, policy={})
    run = here.world.sync(Kind.CUSTOMERS)
    assert (run.counts.created, run.counts.unchanged) == (3, 1)
