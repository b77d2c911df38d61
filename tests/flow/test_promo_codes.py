"""Promo codes of a shop in the audience: all of a discount's thousands, every four hours, and gone when they are gone."""

from dataclasses import replace

from passerelle.memory import RunOutcome, Scope
from passerelle.model import Kind
from passerelle.sync.feeds import AUDIENCE
from sandbox.shopify.promotions import code, discount

CODES = Kind.PROMO_CODES
SHELF = "DiscountCodeNode"


def _codes(here):
    return {id: held for rule in here.store.promo_codes.values() for id, held in rule.items()}


def _of(here, place=0):
    return here.shop.state.shelf(SHELF).things[3_000 + place]["codeDiscount"]


def test_a_discount_of_five_thousand_codes_arrives_whole_and_is_not_written_twice(scene):  # A-21, B-8
    here = scene(load=[discount(0, 5_000), discount(1, 3, worth="5.00", kind="Basic")])
    run = here.world.sync(CODES)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert (run.expected, run.counts.created) == (5_003, 5_003)
    assert sorted(here.store.promo_rules) == ["3000", "3001"]
    assert {held["code"] for held in _codes(here).values()} == {
        each["code"] for place in (0, 1) for each in _of(here, place)["codes"]
    }
    here.account.calls.clear()
    again = here.world.sync(CODES)
    assert (again.outcome, again.counts.unchanged) == (RunOutcome.COMPLETED, 5_003)
    assert here.account.calls.writes == []


def test_promo_codes_are_read_every_four_hours_and_whole(scene):
    assert AUDIENCE[CODES].schedule == "rate(4 hours)"
    here = scene(load=[discount(0, 30)])
    here.world.sync(CODES)
    here.clock.sleep(4 * 3600)
    _of(here)["codes"].append(code(3_000, 30))
    feed = here.world.feed(CODES)
    tick = {"tenant": here.world.tenant, "feed": feed, "trigger": "schedule", "execution": "run_tick"}
    here.world.machine(tick)
    run = here.world.memory.runs.get("run_tick")
    assert (run.scope, run.expected, run.counts.created) == (Scope.FULL, 31, 1)


def test_a_clock_does_nothing_before_the_first_run_by_hand(scene):  # B-1
    here = scene(load=[discount(0, 3)])
    feed = here.world.feed(CODES)
    tick = {"tenant": here.world.tenant, "feed": feed, "trigger": "schedule", "execution": "run_early"}
    here.world.machine(tick)
    assert here.account.stores == {}


def test_codes_that_are_gone_are_deleted_and_the_others_stay(scene):  # A-21, B-16
    here = scene(load=[discount(0, 40), discount(1, 2)])
    here.world.sync(CODES)
    del _of(here)["codes"][:5]
    here.shop.state.shelf(SHELF).drop(3_001)
    run = here.world.sync(CODES)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    left = {held["code"] for held in _codes(here).values()}
    assert left == {f"CODE-3000-{place}" for place in range(5, 40)}
    assert sorted(here.store.promo_rules) == ["3000"], "a rule goes with its last code"
    assert (run.expected, len(left)) == (35, 35)
    here.account.calls.clear()
    here.world.sync(CODES)
    assert here.account.calls.writes == []


def test_a_discount_that_changes_changes_its_rule_and_its_codes(scene):
    here = scene(load=[discount(0, 3)])
    here.world.sync(CODES)
    _of(here).update(status="EXPIRED", title="Over")
    run = here.world.sync(CODES)
    assert run.counts.updated == 3
    assert (here.store.promo_rules["3000"]["title"], here.store.promo_rules["3000"]["enabled"]) == (
        "Over",
        False,
    )
    assert {held["enabled"] for held in _codes(here).values()} == {False}


class Noted:
    """Machines that only note what they are started for."""

    def sync_all(self, _id, first, then):
        self.first, self.then = ([step["feed"].partition(".")[2] for step in part] for part in (first, then))


def test_a_sync_all_carries_promo_codes_after_products_and_customers(scene):  # A-21, B-2
    here, noted = scene(products=1), Noted()
    replace(here.world.river, machines=noted).sync_all(here.world.link.id)
    assert noted.first == ["products", "customers"]
    assert "promo_codes" in noted.then
