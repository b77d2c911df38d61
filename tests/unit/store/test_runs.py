"""Runs: one per feed at a time, listed newest first, with slices that count once."""

from datetime import timedelta

import pytest
from passerelle.memory import Counts, Run, RunOutcome, RunStatus, SliceProgress
from passerelle.model import Kind
from passerelle.store.repositories import Repositories, Storage
from passerelle.store.table import ConditionFailed
from unit.store.conftest import Clock

FEED = "lnk_1.customers"


def run(mine: Repositories, id: str = "run_1", feed: str = FEED, parent: str = "") -> Run:
    return Run(id=id, tenant=mine.tenant, link="lnk_1", feed=feed, kind=Kind.CUSTOMERS, parent=parent)


def finish(mine: Repositories, started: Run) -> None:
    mine.runs.save(started.but(status=RunStatus.FINISHED, outcome=RunOutcome.COMPLETED))
    mine.lease.release(started.feed, started.id, started.fence)


def test_starting_takes_the_lease_and_keeps_the_run(mine: Repositories, clock: Clock) -> None:
    started = mine.runs.start(run(mine))
    assert started.fence == 1
    assert started.started_at == clock.at
    assert mine.lease.holder(FEED) == "run_1"
    assert mine.runs.get("run_1") == started


def test_a_second_start_of_a_feed_answers_the_run_under_way(mine: Repositories) -> None:  # B-9
    first = mine.runs.start(run(mine))
    assert mine.runs.start(run(mine, "run_2")) == first
    with pytest.raises(KeyError):
        mine.runs.get("run_2")


def test_starting_the_same_run_twice_changes_nothing(mine: Repositories) -> None:  # B-9
    first = mine.runs.start(run(mine))
    assert mine.runs.start(run(mine)) == first
    assert len(mine.runs.list().items) == 1


def test_two_starts_that_read_the_same_lease_do_not_both_succeed(mine: Repositories) -> None:  # B-9
    lock_of_both = mine.lease.held(FEED).fence
    mine.runs.start(run(mine))
    table = mine.runs._at.table
    with pytest.raises(ConditionFailed):
        table.transact([mine.lease.acquiring(FEED, "run_2", lock_of_both)])


def test_a_run_whose_heart_stopped_gives_way(mine: Repositories, clock: Clock) -> None:  # G-6
    mine.runs.start(run(mine))
    clock.forward(121)
    second = mine.runs.start(run(mine, "run_2"))
    assert (second.id, second.fence) == ("run_2", 2)


def test_another_feed_runs_at_the_same_time(mine: Repositories) -> None:
    mine.runs.start(run(mine))
    assert mine.runs.start(run(mine, "run_2", "lnk_1.products")).id == "run_2"


def test_saving_keeps_a_cancel_that_came_meanwhile(mine: Repositories) -> None:
    started = mine.runs.start(run(mine))
    mine.runs.cancel("run_1")
    mine.runs.save(started.but(status=RunStatus.CARRYING, expected=7))
    found = mine.runs.get("run_1")
    assert (found.cancelled, found.expected) == (True, 7)
    assert mine.runs.stopped("run_1")


def test_a_halted_run_says_why(mine: Repositories) -> None:
    started = mine.runs.start(run(mine))
    assert not mine.runs.stopped("run_1")
    mine.runs.halt("run_1", "The shop refuses the credentials.")
    mine.runs.save(started)
    assert mine.runs.get("run_1").halted == "The shop refuses the credentials."
    assert mine.runs.stopped("run_1")


def test_a_resurrected_worker_may_not_write_over_the_run_that_went_on(mine: Repositories) -> None:  # G-6
    dead = mine.runs.start(run(mine))
    fence = mine.lease.acquire(FEED, "run_1")
    assert fence == 2
    mine.runs.save(dead.but(fence=fence, status=RunStatus.CARRYING))
    with pytest.raises(ConditionFailed):
        mine.runs.save(dead.but(status=RunStatus.FINISHED))
    assert mine.runs.get("run_1").status is RunStatus.CARRYING


def test_saving_empties_what_became_none(mine: Repositories) -> None:
    started = mine.runs.start(run(mine).but(watermark=mine.runs._at.clock()))
    mine.runs.save(started.but(watermark=None))
    assert mine.runs.get("run_1").watermark is None


def test_a_run_that_was_only_recorded_is_listed_but_not_running(
    mine: Repositories, storage: Storage
) -> None:  # E-9
    mine.runs.save(run(mine).but(status=RunStatus.FINISHED, outcome=RunOutcome.SKIPPED))
    assert [each.outcome for each in mine.runs.list().items] == [RunOutcome.SKIPPED]
    assert mine.lease.holder(FEED) is None
    assert mine.tenant not in {each.tenant for each in storage.operator.running()}


def test_a_running_run_is_seen_by_the_watch_until_it_finishes(
    mine: Repositories, storage: Storage
) -> None:  # B-17
    started = mine.runs.start(run(mine))
    assert [each.run for each in storage.operator.running() if each.tenant == mine.tenant] == ["run_1"]
    finish(mine, started)
    assert [each.run for each in storage.operator.running() if each.tenant == mine.tenant] == []


def test_runs_are_listed_newest_first_page_by_page(mine: Repositories, clock: Clock) -> None:  # E-12
    for number in range(5):
        finish(mine, mine.runs.start(run(mine, f"run_{number}", "lnk_1.products" if number == 2 else FEED)))
        clock.forward(60)
    first = mine.runs.list(limit=3)
    second = mine.runs.list(limit=3, cursor=first.cursor)
    assert [each.id for each in (*first.items, *second.items)] == [
        "run_4",
        "run_3",
        "run_2",
        "run_1",
        "run_0",
    ]
    assert [each.id for each in mine.runs.list(feed="lnk_1.products").items] == ["run_2"]
    latest = mine.runs.latest(FEED)
    assert latest is not None
    assert latest.id == "run_4"


def test_a_filter_reads_on_until_the_page_is_full(mine: Repositories, clock: Clock) -> None:  # E-12
    mine.runs.start(run(mine, "run_0", "lnk_1.orders"))
    for number in range(1, 5):
        clock.forward(60)
        finish(mine, mine.runs.start(run(mine, f"run_{number}")))
    found = mine.runs.list(status=RunStatus.PLANNING, limit=2)
    assert [each.id for each in found.items] == ["run_0"]
    ended = mine.runs.list(outcome=RunOutcome.COMPLETED, limit=3)
    assert [each.id for each in ended.items] == ["run_4", "run_3", "run_2"]


def test_runs_of_a_sync_all_are_found_by_it(mine: Repositories) -> None:
    mine.runs.start(run(mine, "run_1", parent="syn_1"))
    mine.runs.start(run(mine, "run_2", "lnk_1.products", parent="syn_1"))
    mine.runs.start(run(mine, "run_3", "lnk_1.orders"))
    assert {each.id for each in mine.runs.list(parent="syn_1").items} == {"run_1", "run_2"}


def test_a_feed_never_run_has_no_latest_run(mine: Repositories) -> None:
    assert mine.runs.latest(FEED) is None


def test_a_slice_written_twice_counts_once_and_moves_the_run(
    mine: Repositories, clock: Clock
) -> None:  # B-17
    mine.runs.start(run(mine))
    clock.forward(30)
    progress = SliceProgress(
        number=1, size=200, counts=Counts(created=100), done=((0, 100),), skipped_why={"no e-mail": 2}
    )
    mine.runs.put_slice("run_1", progress)
    mine.runs.put_slice("run_1", progress)
    assert mine.runs.slices("run_1") == [progress]
    assert mine.runs.get_slice("run_1", 1) == progress
    assert mine.runs.get_slice("run_1", 2) is None
    assert mine.runs.get("run_1").progress_at == clock.at


def test_slices_come_by_number(mine: Repositories) -> None:
    mine.runs.start(run(mine))
    for number in (10, 2, 1):
        mine.runs.put_slice("run_1", SliceProgress(number=number, size=1))
    assert [each.number for each in mine.runs.slices("run_1")] == [1, 2, 10]


def test_another_tenants_runs_are_not_found(mine: Repositories, theirs: Repositories) -> None:  # G-4
    mine.runs.start(run(mine))
    for ask in (theirs.runs.get, theirs.runs.cancel, theirs.runs.stopped):
        with pytest.raises(KeyError):
            ask("run_1")
    with pytest.raises(KeyError):
        theirs.runs.start(run(mine, "run_9"))
    assert theirs.runs.list().items == ()
    assert theirs.runs.slices("run_1") == []
    assert not mine.runs.get("run_1").cancelled


def test_another_tenants_cursor_is_refused(
    mine: Repositories, theirs: Repositories, clock: Clock
) -> None:  # G-4
    for number in range(2):
        mine.runs.start(run(mine, f"run_{number}", f"lnk_{number}.customers"))
        clock.forward(1)
    cursor = mine.runs.list(limit=1).cursor
    with pytest.raises(ValueError, match="cursor"):
        theirs.runs.list(limit=1, cursor=cursor)


def test_runs_and_slices_expire_after_90_days(mine: Repositories, clock: Clock) -> None:  # G-8
    started = mine.runs.start(run(mine))
    mine.runs.save(started)
    mine.runs.put_slice("run_1", SliceProgress(number=1, size=1))
    expiry = int((clock.at + timedelta(days=90)).timestamp())
    items = list(mine.runs._at.table.stream(mine.runs._at.pk("RUN", "run_1")))
    assert [item["ttl"] for item in items] == [expiry, expiry]
