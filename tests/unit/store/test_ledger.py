"""The ledger: what is written is what is read, in as few calls as there can be."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from passerelle.memory import Entry, EntryState
from passerelle.model import Kind
from passerelle.store.ledger import BUCKETS, bucket, pack, unpack
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
    assert unpack(entry.source_id, pack(entry)) == entry


@given(st.text(min_size=1))
def test_every_source_id_has_one_of_the_partitions(source_id: str) -> None:
    assert bucket(source_id) == bucket(source_id)
    assert 0 <= bucket(source_id) < BUCKETS


def test_the_partition_of_an_id_never_moves() -> None:
    assert [bucket(each) for each in ("1", "42", "gid://shopify/Product/7", "é")] == [7, 8, 0, 14]


def test_ids_in_a_row_spread_over_all_partitions() -> None:
    sizes = Counter(bucket(str(number)) for number in range(16_000))
    assert len(sizes) == BUCKETS
    assert max(sizes.values()) < 1_300


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


def test_a_scan_goes_on_past_the_first_page_of_a_partition(mine: Repositories) -> None:
    one_partition = [str(number) for number in range(9_000) if bucket(str(number)) == 3]
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry(each, reason="r" * 3_000) for each in one_partition])
    assert {each.source_id for each in mine.ledger.scan(LINK, Kind.PRODUCTS)} == set(one_partition)


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


def test_objects_are_read_by_the_hundred_and_written_by_25(mine: Repositories, storage: Storage) -> None:
    calls = counted(storage)
    ids = [str(number) for number in range(1_000)]
    mine.ledger.read(LINK, Kind.PRODUCTS, ids)
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry(each) for each in ids])
    assert calls == Counter(BatchGetItem=10, BatchWriteItem=40)


def test_mappings_do_not_expire(mine: Repositories, storage: Storage) -> None:  # G-8
    mine.ledger.record(LINK, Kind.PRODUCTS, [entry("1", hash="h")])
    pk = f"T#{mine.tenant}#L#{LINK}#products#{bucket('1'):x}"
    assert set(storage.ledger.get(pk, "1") or {}) == {"pk", "sk", "e"}
