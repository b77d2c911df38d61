"""Runs: when they start, who waits, how they are stopped, taken up, watched and believed."""

from datetime import timedelta

import pytest
from passerelle.memory import Mode, RunOutcome, RunStatus, Scope
from passerelle.model import Kind
from passerelle.sync.carry import Fenced
from passerelle.sync.request import Busy
from sandbox.shopify import sample


def _machine(here, run):
    here.world.machine({"tenant": here.world.tenant, "run": run.id})
    return here.world.memory.runs.get(run.id)


def _tick(here, kind, execution="exec-1"):
    """The clock starts the machine for a feed."""
    event = {
        "tenant": here.world.tenant,
        "feed": here.world.feed(kind),
        "trigger": "schedule",
        "execution": execution,
    }
    here.world.machine(event)


def test_a_preflight_says_what_is_then_processed(scene):  # B-3
    here = scene(products=9, customers=7, orders=6, carts=4)
    forecast = here.world.river.preflight(here.world.link.id, batch_size=2)
    told = {each.kind: (each.objects, each.batches) for each in forecast.feeds}
    for kind in (Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS):
        run = here.world.sync(kind, batch_size=2)
        assert told[kind] == (run.expected, run.batches)
    products = next(each for each in forecast.feeds if each.kind is Kind.PRODUCTS)
    assert products.variants == len(here.shop.state.shelf("ProductVariant").things)


def test_an_order_that_leaves_the_selection_before_its_batch_is_skipped(scene):  # B-6
    here = scene(orders=8)
    paid = [
        o for o in here.shop.state.shelf("Order").things.values() if o["displayFinancialStatus"] == "PAID"
    ]
    run = here.world.start(Kind.ORDERS, settings={"statuses": ["paid"]})
    here.world.river.plan({"tenant": here.world.tenant, "run": run.id}, "bucket", lambda: 900.0)
    here.shop.life.edit(paid[0]["id"], displayFinancialStatus="REFUNDED")
    run = _machine(here, run)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert (run.expected, run.counts.created, run.counts.skipped) == (len(paid), len(paid) - 1, 1)
    (piece,) = here.world.memory.runs.slices(run.id)
    assert sum(piece.skipped_why.values()) == 1


def test_a_second_start_in_the_same_mode_answers_the_running_run(scene):  # B-9
    here = scene(products=2)
    run = here.world.start(Kind.PRODUCTS)
    assert here.world.start(Kind.PRODUCTS).id == run.id
    with pytest.raises(Busy):
        here.world.start(Kind.PRODUCTS, mode=Mode.NEW)
    with pytest.raises(Busy):
        here.world.start(Kind.PRODUCTS, dry_run=True)


def test_a_cancelled_run_stops_before_its_next_batch_and_can_be_taken_up(scene):  # B-10
    here = scene(products=8)
    run = here.world.start(Kind.PRODUCTS, batch_size=2)
    here.account.moods.on_call(
        2, lambda: here.world.river.cancel(run.id), "PUT /3.0/ecommerce/stores/.*/products/7"
    )
    ended = _machine(here, run)
    assert ended.outcome is RunOutcome.CANCELLED
    assert ended.counts.created == 2, "the batch in flight finished"
    assert here.store.data["is_syncing"] is False
    assert here.world.memory.lease.holder(run.feed) is None
    again = _machine(here, here.world.river.resume(run.id))
    assert again.outcome is RunOutcome.COMPLETED
    assert (again.counts.created, again.counts.unchanged) == (6, 2)


def test_a_cap_ends_a_run_truncated_and_taking_it_up_ends_it_whole(scene):  # B-11, B-13
    here = scene(products=7)
    first = here.world.sync(Kind.PRODUCTS, settings={"limit": 3})
    assert (first.outcome, first.expected, first.counts.created) == (RunOutcome.TRUNCATED, 3, 3)
    assert first.cursor
    assert here.world.memory.feeds.get(first.feed).first_full_at is None
    here.clock.sleep(600)
    runs = [first]
    while runs[-1].outcome is RunOutcome.TRUNCATED:
        runs.append(_machine(here, here.world.river.resume(runs[-1].id)))
    assert [run.expected for run in runs] == [3, 3, 1]
    assert sum(run.counts.created for run in runs) == 7
    assert runs[-1].outcome is RunOutcome.COMPLETED
    assert here.world.memory.feeds.get(first.feed).watermark == first.watermark


def test_what_a_full_pass_does_not_list_and_the_shop_denies_is_taken_away(scene):  # B-16
    here = scene(products=6)
    here.world.sync(Kind.PRODUCTS)
    here.shop.life.delete("gid://shopify/Product/7002")
    here.world.sync(Kind.PRODUCTS)
    assert "7002" not in here.store.products
    assert len([key for key in here.store.products if key.isdigit()]) == 5


def test_too_many_missing_take_nothing_away_and_ask(scene):  # B-16
    here = scene(products=24)
    here.world.sync(Kind.PRODUCTS)
    for number in range(7_000, 7_021):
        here.shop.life.delete(f"gid://shopify/Product/{number}")
    for _ in range(2):
        here.world.sync(Kind.PRODUCTS)
    assert len([key for key in here.store.products if key.isdigit()]) == 24
    assert [i for i in here.incidents() if i.cause.endswith(":disappeared")]


def test_a_run_with_errors_finds_nothing_disappeared(scene):  # B-16
    here = scene(products=6)
    here.world.sync(Kind.PRODUCTS)
    here.shop.life.delete("gid://shopify/Product/7002")
    here.shop.life.edit("gid://shopify/Product/7003", title="Poison")
    here.account.moods.add("unavailable", "products/7003", times=1000)
    run = here.world.sync(Kind.PRODUCTS)
    assert run.outcome is RunOutcome.COMPLETED_WITH_ERRORS
    assert "7002" in here.store.products


def test_a_run_that_does_not_move_is_told_and_then_settled(scene):  # B-17
    here = scene(products=2)
    run = here.world.start(Kind.PRODUCTS)
    assert here.world.river.watch(run.id) == "moving"
    here.clock.sleep(11 * 60)
    assert here.world.river.watch(run.id) == "stale"
    assert [i for i in here.incidents() if i.cause.endswith(":stale")]
    here.clock.sleep(10 * 60)
    assert here.world.river.watch(run.id) == "settled"
    assert here.world.memory.runs.get(run.id).outcome is RunOutcome.FAILED
    assert here.world.sync(Kind.PRODUCTS).outcome is RunOutcome.COMPLETED
    assert [i for i in here.incidents() if i.cause.endswith((":stale", ":run"))] == []


def test_a_dry_run_writes_nothing_and_says_what_would_be_written(scene):  # B-18
    here = scene(products=4)
    here.world.sync(Kind.PRODUCTS)
    here.shop.life.edit("gid://shopify/Product/7001", title="Renamed")
    here.shop.life.add(sample.product(50))
    here.account.calls.clear()
    before = {e.source_id: e for e in here.world.memory.ledger.scan(here.world.link.id, Kind.PRODUCTS)}
    run = here.world.sync(Kind.PRODUCTS, dry_run=True)
    assert here.account.calls.writes == []
    assert {
        e.source_id: e for e in here.world.memory.ledger.scan(here.world.link.id, Kind.PRODUCTS)
    } == before
    assert (run.counts.created, run.counts.updated, run.counts.unchanged) == (1, 1, 3)
    found = {each["id"]: each["action"] for each in here.world.river.differences(run.id)}
    assert found == {"7001": "update", "7050": "create"}


def test_one_object_is_carried_again_on_request_whatever_the_ledger_says(scene):  # B-19
    here = scene(products=2)
    here.world.sync(Kind.PRODUCTS)
    here.store.products["7001"]["title"] = "Changed by somebody at Mailchimp"
    here.world.river.resync(here.world.link.id, Kind.PRODUCTS, "7001")
    assert here.world.follow_all() == ["carried"]
    assert here.store.products["7001"]["title"] != "Changed by somebody at Mailchimp"


def test_a_worker_that_comes_back_after_its_lease_ended_writes_nothing(scene):  # G-6
    here = scene(products=2)
    old = here.world.start(Kind.PRODUCTS)
    here.world.river.plan({"tenant": here.world.tenant, "run": old.id}, "bucket", lambda: 900.0)
    here.clock.sleep(180)
    new = here.world.start(Kind.PRODUCTS, mode=Mode.NEW)
    assert new.id != old.id
    here.account.calls.clear()
    with_old = {"tenant": here.world.tenant, "run": old.id, "slice": 1}
    assert here.world.memory.runs.get(old.id).status is RunStatus.FINISHED, "what was left is settled first"
    assert here.world.river.carry(with_old, lambda: 900.0)["status"] == "done"
    assert here.account.calls.writes == []


def test_a_worker_whose_lease_is_taken_in_the_middle_is_refused(scene):  # G-6
    here = scene(products=2)
    run = here.world.start(Kind.PRODUCTS)
    here.world.river.plan({"tenant": here.world.tenant, "run": run.id}, "bucket", lambda: 900.0)
    here.clock.sleep(180)
    assert here.world.memory.lease.acquire(run.feed, "run_other")
    with pytest.raises(Fenced):
        here.world.river.carry({"tenant": here.world.tenant, "run": run.id, "slice": 1}, lambda: 900.0)
    assert here.account.calls.writes == []


def test_a_tick_before_the_first_full_sync_does_nothing(scene):  # B-1
    here = scene(products=2)
    _tick(here, Kind.PRODUCTS)
    assert here.account.calls.writes == []
    assert here.world.memory.runs.latest(here.world.feed(Kind.PRODUCTS)) is None


def test_a_tick_during_a_run_is_passed_over_and_remembered(scene):  # E-9
    here = scene(products=2)
    here.world.sync(Kind.PRODUCTS)
    run = here.world.start(Kind.PRODUCTS)
    here.clock.sleep(1)
    _tick(here, Kind.PRODUCTS, "exec-overlap")
    passed = here.world.memory.runs.get("exec-overlap")
    assert (passed.status, passed.outcome) == (RunStatus.FINISHED, RunOutcome.SKIPPED)
    assert here.world.memory.lease.holder(run.feed) == run.id


def test_a_tick_with_nothing_new_is_a_success(scene):  # E-9, B-13
    here = scene(products=2)
    here.world.sync(Kind.PRODUCTS)
    here.clock.sleep(3600)
    _tick(here, Kind.PRODUCTS, "exec-2")
    run = here.world.memory.runs.get("exec-2")
    assert (run.outcome, run.scope, run.expected) == (RunOutcome.COMPLETED, Scope.INCREMENTAL, 0)
    assert here.clock() - here.world.memory.feeds.get(run.feed).watermark < timedelta(minutes=5)


def test_a_worker_whose_time_is_up_hands_over_and_nothing_is_done_twice(scene):  # B-7
    here = scene(products=6)
    left = iter([900.0, 900.0, 900.0] + [10.0, 900.0] * 20)
    here.world.seconds_left = lambda: next(left)
    run = here.world.sync(Kind.PRODUCTS, batch_size=2)
    assert run.outcome is RunOutcome.COMPLETED, run.why
    assert run.counts.created == run.expected == 6
