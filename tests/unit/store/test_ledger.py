"""The ledger: what is written is what is read, in as few calls as there can be."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from passerelle.memory import Entry, EntryState
from passerelle.model import Kind
from passerelle.store.packing import pack, place, unpack
from passerelle.store.repositories import Repositories, Storage

LINK = "lnk_1"
words = st.text(max_size=40)
entries = st.builds(
    Entry,
    source_id=st.text(min_size=1, max_size=60),
    state=st.sampled_from(EntryState),
    destination_id=words,
    hash=words,
    version=words,
    run=words,
    result=words,
    reason=words,
    consent=words,
    missing_since=words,
    at=st.none()
    | st.integers(0, 4 * 10**15).map(
        lambda at: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    ),
)


@given(entries)
def test_an_entry_packed_and_unpacked_is_the_same(entry: Entry) -> None:
    assert unpack(pack(entry)) == entry


@given(st.lists(st.integers(0, 10**40)))
def test_numbers_stand_by_value_and_before_every_other_text(numbers: list[int]) -> None:
    assert sorted(map(str, numbers), key=place) == [str(number) for number in sorted(numbers)]
    assert all(place(str(number)) < place(text) for number in numbers for text in ("", "007", "a", "٣", "1a"))


@given(st.text(), st.text())
def test_two_ids_never_stand_at_the_same_place(one: str, other: str) -> None:
    assert (place(one) == place(other)) == (one == other)


def entry(id: str, **fields: Any) -> Entry:
    return Entry(source_id=id, state=EntryState.MAPPED, **fields)


def test_what_was_recorded_is_read_and_what_was_not_is_absent(mine: Repositories) -> None:
    written = [
        entry(str(number), hash=f"h{number}", at=datetime(2026, 1, 2, tzinfo=UTC)) for number in range(250)
    ]
    mine.ledger.record(LINK, Kind.PRODUCTS, written)
    asked = [*(each.source_id for each in written), "never", "0"]
    assert mine.ledger.read(LINK, Kind.PRODUCTS, asked) == {each.source_id: each for each in written}


def test_recording_again_replaces_the_entry(mine: Repositories) -> None:
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry("1", hash="old", reason="x")])
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry("1", hash="older"), entry("1", hash="new")])
    assert mine.ledger.read(LINK, Kind.PRODUCTS, ["1"]) == {"1": entry("1", hash="new")}


def test_links_and_kinds_do_not_meet(mine: Repositories) -> None:
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry("1")])
    assert mine.ledger.read(LINK, Kind.ORDERS, ["1"]) == {}
    assert mine.ledger.read("lnk_2", Kind.PRODUCTS, ["1"]) == {}


def test_another_tenants_entries_are_not_found(mine: Repositories, theirs: Repositories) -> None:  # G-4
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry("1")])
    assert theirs.ledger.read(LINK, Kind.PRODUCTS, ["1"]) == {}
    assert list(theirs.ledger.scan(LINK, Kind.PRODUCTS)) == []


def test_a_scan_gives_every_entry_once(mine: Repositories) -> None:
    written = [entry(str(number)) for number in range(300)]
    mine.ledger.record(LINK, Kind.PRODUCTS, written)
    found = list(mine.ledger.scan(LINK, Kind.PRODUCTS))
    assert sorted(each.source_id for each in found) == sorted(each.source_id for each in written)


def test_a_scan_goes_in_the_order_of_the_ids(mine: Repositories) -> None:
    ids = [*map(str, range(1_000)), "a", "b"]
    for some in (ids[500:], ids[:400], ids[400:500]):
        mine.ledger.record(LINK, Kind.PRODUCTS, [entry(each) for each in some])
    assert [each.source_id for each in mine.ledger.scan(LINK, Kind.PRODUCTS)] == ids


def test_a_scan_goes_on_behind_an_id_that_need_not_be_there(mine: Repositories) -> None:
    ids = [*map(str, range(0, 1_000, 2)), "a", "b"]
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry(each) for each in ids])
    for after, rest in (("0", ids[1:]), ("501", ids[251:]), ("998", ["a", "b"]), ("a", ["b"]), ("b", [])):
        assert [each.source_id for each in mine.ledger.scan(LINK, Kind.PRODUCTS, after)] == rest


def test_entries_that_fill_many_pages_are_all_scanned(mine: Repositories) -> None:
    chance = random.Random(7)
    written = [entry(str(number), reason=chance.randbytes(4_000).hex()) for number in range(400)]
    mine.ledger.record(LINK, Kind.PRODUCTS, written)
    assert list(mine.ledger.scan(LINK, Kind.PRODUCTS)) == written


def test_forgotten_entries_are_gone_and_the_others_stay(mine: Repositories) -> None:
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry("1"), entry("2")])
    mine.ledger.forget(LINK, Kind.PRODUCTS, ["1", "3"])
    assert set(mine.ledger.read(LINK, Kind.PRODUCTS, ["1", "2"])) == {"2"}


def counted(storage: Storage) -> Counter[str]:
    """How often each call is made from now on."""
    calls: Counter[str] = Counter()
    storage.clients.dynamodb.meta.events.register(
        "before-call.dynamodb", lambda model, **_: calls.update([model.name])
    )
    return calls


def test_nothing_to_record_makes_no_call(mine: Repositories, storage: Storage) -> None:  # B-8
    calls = counted(storage)
    mine.ledger.record(LINK, Kind.PRODUCTS, [])
    assert mine.ledger.read(LINK, Kind.PRODUCTS, []) == {}
    mine.ledger.forget(LINK, Kind.PRODUCTS, [])
    assert calls == Counter()


def test_a_batch_of_new_objects_is_one_call_to_write_and_one_to_name_it(
    mine: Repositories, storage: Storage
) -> None:
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry("1")])
    calls = counted(storage)
    ids = [str(number) for number in range(1_000, 1_500)]
    mine.ledger.read(LINK, Kind.PRODUCTS, ids)
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry(each) for each in ids])
    assert calls == Counter(BatchGetItem=1, BatchWriteItem=1, PutItem=1)


def test_a_batch_of_known_objects_is_one_call_to_read(  # B-8
    mine: Repositories, storage: Storage
) -> None:
    ids = [str(number) for number in range(2_000)]
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry(each) for each in ids])
    calls = counted(storage)
    assert len(mine.ledger.read(LINK, Kind.PRODUCTS, ids[500:1_000])) == 500
    assert calls == Counter(BatchGetItem=1)


def test_what_is_there_already_is_not_written(mine: Repositories, storage: Storage) -> None:  # B-8
    written = [entry(str(number), hash=f"h{number}") for number in range(500)]
    mine.ledger.record(LINK, Kind.PRODUCTS, written)
    calls = counted(storage)
    mine.ledger.record(LINK, Kind.PRODUCTS, written)
    assert set(calls) == {"BatchGetItem"}


def test_one_object_is_one_read_and_one_write(mine: Repositories, storage: Storage) -> None:
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry(str(number)) for number in range(500)])
    calls = counted(storage)
    mine.ledger.read(LINK, Kind.PRODUCTS, ["77"])
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry("77", hash="new")])
    assert calls == Counter(BatchGetItem=1, PutItem=1)


def test_mappings_do_not_expire(mine: Repositories, storage: Storage) -> None:  # G-8
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry("1", hash="h")])
    items = list(storage.ledger.stream(f"T#{mine.tenant}#L#{LINK}#products"))
    assert {item["sk"][:2] for item in items} == {"RO", "L#", "B#"}
    assert {frozenset(item) for item in items} == {frozenset({"pk", "sk", "v", "e"})}
