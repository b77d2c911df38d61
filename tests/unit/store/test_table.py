"""The table: values as they were, refusals told apart, and what DynamoDB left undone done again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from passerelle.store import cursors, ids
from passerelle.store.clients import Clients
from passerelle.store.cursors import CursorRefused
from passerelle.store.repositories import Storage
from passerelle.store.table import ConditionFailed, Table, TableBusy, wire_key
from passerelle.store.wire import decode_item, encode_item, instant

_partitions = count()
numbers = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False, width=32)
plain = st.recursive(
    st.none() | st.booleans() | numbers | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1), plain | st.sets(st.text(), min_size=1), max_size=5))
def test_an_item_in_wire_form_and_back_is_the_same(item: dict[str, Any]) -> None:
    assert decode_item(encode_item(item)) == item


@given(st.lists(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))])), min_size=2))
def test_instants_sort_as_text(instants: list[datetime]) -> None:
    safe = [at for at in instants if 1 < at.year < 9999]
    assert sorted(instant(at) for at in safe) == [instant(at) for at in sorted(safe)]


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        instant(datetime(2026, 1, 1))  # noqa: DTZ001  # the mistake under test


def test_what_no_table_can_keep_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        encode_item({"odd": object()})


@given(st.text(min_size=1), st.text(min_size=1, max_size=256))
def test_a_cursor_gives_its_key_back_to_its_own_partition_only(pk: str, sk: str) -> None:  # F-8
    cursor = cursors.encode((pk, sk))
    assert cursors.decode(cursor, pk) == (pk, sk)
    with pytest.raises(CursorRefused):
        cursors.decode(cursor, pk + "x")


@given(st.text())
def test_any_other_text_is_no_cursor(text: str) -> None:  # F-8
    with pytest.raises(CursorRefused):
        cursors.decode(text, "T#ten_1#RUNS")


def test_ids_sort_by_time_and_differ() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    made = [ids.new("run", at + timedelta(milliseconds=number)) for number in range(300)]
    assert made == sorted(made)
    assert len({ids.new("run", at) for _ in range(300)}) == 300


@pytest.fixture
def table(storage: Storage) -> Table:
    return storage.state


@pytest.fixture
def pk() -> str:
    return f"TEST#{next(_partitions)}"


def test_a_put_whose_condition_fails_changes_nothing(table: Table, pk: str) -> None:
    table.put({"pk": pk, "sk": "1", "n": 1})
    with pytest.raises(ConditionFailed):
        table.put({"pk": pk, "sk": "1", "n": 2}, "attribute_not_exists(#pk)")
    assert table.get(pk, "1") == {"pk": pk, "sk": "1", "n": 1}


def test_an_update_answers_what_it_made(table: Table, pk: str) -> None:
    made = table.update((pk, "1"), "ADD #count :one", {"one": 1}, returns="ALL_NEW")
    assert made["count"] == 1
    with pytest.raises(ConditionFailed):
        table.update((pk, "1"), "ADD #count :one", {"one": 1}, "#count > :one")


def test_a_delete_may_have_a_condition(table: Table, pk: str) -> None:
    table.put({"pk": pk, "sk": "1", "n": 1})
    with pytest.raises(ConditionFailed):
        table.delete((pk, "1"), "#n = :two", {"two": 2})
    table.delete((pk, "1"), "#n = :one", {"one": 1})
    table.delete((pk, "1"))
    assert table.get(pk, "1") is None


@pytest.mark.parametrize("sk", ["", "never", "x" * 2_000])
def test_a_key_that_is_not_there_or_cannot_be_is_none(table: Table, pk: str, sk: str) -> None:
    assert table.get(pk, sk) is None


def test_a_partition_whose_name_no_item_can_have_is_empty(table: Table) -> None:
    assert table.get("x" * 3_000, "1") is None
    assert table.query("x" * 3_000).items == ()


def test_a_cursor_longer_than_any_key_is_refused(table: Table, pk: str) -> None:  # F-8
    with pytest.raises(CursorRefused):
        table.query(pk, cursor=cursors.encode((pk, "x" * 2_000)))


def test_a_list_is_read_to_its_end_by_cursors_both_ways(table: Table, pk: str) -> None:
    for number in range(7):
        table.put({"pk": pk, "sk": f"a{number}"})
    table.put({"pk": pk, "sk": "b"})

    def walk(newest_first: bool) -> Iterator[str]:
        cursor = None
        while True:
            page = table.query(pk, prefix="a", limit=3, cursor=cursor, newest_first=newest_first)
            yield from (item["sk"] for item in page.items)
            cursor = page.cursor
            if cursor is None:
                return

    assert list(walk(False)) == [f"a{number}" for number in range(7)]
    assert list(walk(True)) == [f"a{number}" for number in reversed(range(7))]
    assert [item["sk"] for item in table.stream(pk, "a")] == list(walk(False))


def test_a_transaction_does_all_or_nothing_and_says_what_was_refused(table: Table, pk: str) -> None:
    table.put({"pk": pk, "sk": "taken"})
    with pytest.raises(ConditionFailed) as refusal:
        table.transact(
            [
                table.putting({"pk": pk, "sk": "free"}),
                table.putting({"pk": pk, "sk": "taken"}, "attribute_not_exists(#pk)"),
            ]
        )
    assert refusal.value.refused == (1,)
    assert table.get(pk, "free") is None


def test_keys_asked_twice_are_read_once(table: Table, pk: str) -> None:
    table.put({"pk": pk, "sk": "1"})
    assert len(table.batch_get([(pk, "1"), (pk, "1"), (pk, "2")])) == 1


@pytest.fixture
def stubbed(storage: Storage) -> Iterator[tuple[Stubber, Table, list[float]]]:
    """A table over answers told in advance, and how long it paused."""
    client, pauses = Clients().dynamodb, list[float]()
    with Stubber(client) as stub:
        yield stub, Table(client, "t", sleep=pauses.append), pauses


def test_what_a_batch_write_left_undone_is_done_again(stubbed: tuple[Stubber, Table, list[float]]) -> None:
    stub, table, pauses = stubbed
    wanted = [{"PutRequest": {"Item": encode_item({"pk": "p", "sk": str(number)})}} for number in range(3)]
    stub.add_response(
        "batch_write_item", {"UnprocessedItems": {"t": wanted[1:]}}, {"RequestItems": {"t": wanted}}
    )
    stub.add_response("batch_write_item", {"UnprocessedItems": {}}, {"RequestItems": {"t": wanted[1:]}})
    table.batch_write(each["PutRequest"]["Item"] for each in wanted)
    stub.assert_no_pending_responses()
    assert len(pauses) == 1


def test_what_a_batch_get_left_unread_is_read_again(stubbed: tuple[Stubber, Table, list[float]]) -> None:
    stub, table, _ = stubbed
    keys, items = (
        [wire_key(("p", str(number))) for number in range(2)],
        [encode_item({"pk": "p", "sk": str(number)}) for number in range(2)],
    )
    left = {"t": {"Keys": keys[1:], "ConsistentRead": True}}
    stub.add_response("batch_get_item", {"Responses": {"t": items[:1]}, "UnprocessedKeys": left})
    stub.add_response("batch_get_item", {"Responses": {"t": items[1:]}}, {"RequestItems": left})
    assert table.batch_get([("p", "0"), ("p", "1")]) == items


def test_a_table_that_never_gets_on_says_so(stubbed: tuple[Stubber, Table, list[float]]) -> None:
    stub, table, pauses = stubbed
    left = {"t": [{"PutRequest": {"Item": encode_item({"pk": "p", "sk": "1"})}}]}
    for _ in range(10):
        stub.add_response("batch_write_item", {"UnprocessedItems": left})
    with pytest.raises(TableBusy):
        table.batch_write([encode_item({"pk": "p", "sk": "1"})])
    assert max(pauses) <= 5


def test_a_write_in_the_way_of_a_transaction_waits_and_goes_on(
    stubbed: tuple[Stubber, Table, list[float]],
) -> None:
    stub, table, pauses = stubbed
    stub.add_client_error("put_item", "TransactionConflictException")
    stub.add_response("put_item", {})
    table.put({"pk": "p", "sk": "1"})
    assert len(pauses) == 1


def test_an_error_that_is_not_ours_is_not_swallowed(stubbed: tuple[Stubber, Table, list[float]]) -> None:
    stub, table, _ = stubbed
    stub.add_client_error("put_item", "AccessDeniedException")
    stub.add_client_error("transact_write_items", "ValidationException")
    with pytest.raises(ClientError):
        table.put({"pk": "p", "sk": "1"})
    with pytest.raises(ClientError):
        table.transact([table.putting({"pk": "p", "sk": "1"})])
