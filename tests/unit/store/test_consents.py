"""The ledger of consent, one entry or hundreds at a time: what is told never depends on how it is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from passerelle.memory import TO_AUDIENCE, TO_STORE, ConsentEntry
from passerelle.store.cursors import CursorRefused
from passerelle.store.repositories import Repositories

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LINK, RUN = "lnk_1", "run_1"
MANY = 60


def _entry(number: int, run: str = RUN, direction: str = TO_AUDIENCE, minutes: int = 0) -> ConsentEntry:
    at = AT + timedelta(minutes=minutes)
    seen = {"audience": "absent", "store": "subscribed"}
    return ConsentEntry(
        str(number), f"c{number}", LINK, direction, "A-1", "absent", "subscribed", at, at, run, "why", seen
    )


@pytest.mark.parametrize("many", [3, MANY])
def test_what_a_run_wrote_is_read_back_whole_by_run_and_by_customer(
    mine: Repositories, many: int
) -> None:
    entries = [_entry(number) for number in range(many)]
    mine.consents.record(entries)
    assert mine.consents.of_run(RUN) == sorted(entries, key=lambda each: each.customer)
    assert mine.consents.of_customers(RUN, ["2", "1", "none"]) == entries[1:3]
    assert mine.consents.list_customer(LINK, "1").items == (entries[1],)
    assert mine.consents.list_customer(LINK, "none").items == ()


def test_a_batch_that_is_repeated_in_other_parts_is_told_once(mine: Repositories) -> None:  # A-13, B-7
    entries = [_entry(number) for number in range(MANY)]
    mine.consents.record(entries)
    mine.consents.record(entries)
    later = [replace(each, at=AT + timedelta(minutes=1)) for each in entries]
    for part in (later[:40], later[40:]):
        mine.consents.record(part)
    assert mine.consents.of_run(RUN) == sorted(later, key=lambda each: each.customer)
    assert len(mine.consents.list_customer(LINK, "7").items) == 1


@pytest.mark.parametrize("limit", [1, 7, 25, 100])
def test_a_run_is_listed_a_page_at_a_time_and_nobody_is_left_out(
    mine: Repositories, limit: int
) -> None:
    mine.consents.record([_entry(number) for number in range(MANY)])
    mine.consents.record([_entry(number) for number in range(100, 103)])
    told: list[str] = []
    cursor = None
    while True:
        page = mine.consents.list_run(RUN, limit, cursor)
        assert len(page.items) <= limit
        told += [each.customer for each in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(told, key=int) == [str(each) for each in (*range(MANY), 100, 101, 102)]


def test_a_customers_entries_of_runs_and_live_events_are_listed_newest_first(
    mine: Repositories,
) -> None:
    mine.consents.record([_entry(number) for number in range(MANY)])
    mine.consents.record([_entry(5, "", minutes=5), _entry(5, "run_2", TO_STORE, minutes=9)])
    first = mine.consents.list_customer(LINK, "5", limit=2)
    assert [each.run for each in first.items] == ["run_2", ""]
    rest = mine.consents.list_customer(LINK, "5", limit=2, cursor=first.cursor)
    assert ([each.run for each in rest.items], rest.cursor) == ([RUN], None)
    with pytest.raises(CursorRefused):
        mine.consents.list_customer(LINK, "6", cursor=first.cursor)


def test_a_person_is_forgotten_out_of_a_page_and_the_others_stay(mine: Repositories) -> None:  # F-7
    entries = [_entry(number) for number in range(MANY)]
    mine.consents.record(entries)
    mine.consents.forget(LINK, "7")
    assert mine.consents.list_customer(LINK, "7").items == ()
    assert mine.consents.of_customers(RUN, ["6", "7", "8"]) == [entries[6], entries[8]]
    mine.consents.forget_pages(LINK)
    assert mine.consents.of_run(RUN) == []
    assert mine.consents.list_customer(LINK, "8").items == ()
