"""What live events need: leases, marks, held ids, backfills, deliveries, the queue."""

import json
import threading
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError
from passerelle.memory import Dirty
from passerelle.store.queue import FollowQueue, NotQueued, read
from passerelle.store.repositories import Repositories, Storage
from unit.store.conftest import Clock

FEED = "lnk_1.customers"


def test_a_lease_has_one_holder_and_its_token_grows(mine: Repositories) -> None:  # G-6
    assert mine.lease.holder(FEED) is None
    first = mine.lease.acquire(FEED, "run_1")
    assert first == 1
    assert mine.lease.acquire(FEED, "run_2") is None
    assert mine.lease.holder(FEED) == "run_1"
    mine.lease.release(FEED, "run_1", first)
    assert mine.lease.holder(FEED) is None
    assert mine.lease.acquire(FEED, "run_2") == 2


def test_a_lease_ends_without_heartbeat_and_the_dead_worker_is_told(
    mine: Repositories, clock: Clock
) -> None:  # G-6
    first = mine.lease.acquire(FEED, "run_1") or 0
    clock.forward(100)
    assert mine.lease.beat(FEED, "run_1", first)
    clock.forward(100)
    assert mine.lease.holder(FEED) == "run_1"
    clock.forward(21)
    assert mine.lease.holder(FEED) is None
    second = mine.lease.acquire(FEED, "run_2") or 0
    assert second > first
    assert not mine.lease.beat(FEED, "run_1", first)
    mine.lease.release(FEED, "run_1", first)
    assert mine.lease.holder(FEED) == "run_2"


def test_a_lease_let_go_is_not_beaten_back_to_life(mine: Repositories) -> None:  # G-6
    fence = mine.lease.acquire(FEED, "run_1") or 0
    mine.lease.release(FEED, "run_1", fence)
    assert not mine.lease.beat(FEED, "run_1", fence)


def test_the_same_run_again_gets_a_newer_token(mine: Repositories) -> None:  # G-6
    first = mine.lease.acquire(FEED, "run_1") or 0
    second = mine.lease.acquire(FEED, "run_1") or 0
    assert second > first
    assert not mine.lease.beat(FEED, "run_1", first)


def test_of_many_at_once_one_gets_the_lease(mine: Repositories) -> None:  # B-9
    got: list[int | None] = []
    threads = [
        threading.Thread(target=lambda n=number: got.append(mine.lease.acquire(FEED, f"run_{n}")))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fence is None for fence in got) == [False] + [True] * 7


def test_leases_of_two_tenants_are_two(mine: Repositories, theirs: Repositories) -> None:  # G-4
    mine.lease.acquire(FEED, "run_1")
    assert theirs.lease.holder(FEED) is None
    assert theirs.lease.acquire(FEED, "run_2") == 1


def test_a_mark_is_newer_than_every_earlier_one(mine: Repositories, clock: Clock) -> None:
    first, second = mine.marks.mark(FEED, "1"), mine.marks.mark(FEED, "1")
    assert second > first
    assert mine.marks.current(FEED, "1") == (second, 0)
    mine.marks.covered(FEED, "1", second)
    mine.marks.covered(FEED, "1", first)
    assert mine.marks.current(FEED, "1") == (second, second)
    assert mine.marks.current(FEED, "2") == (0, 0)


def test_a_mark_after_the_old_one_expired_is_still_newer(mine: Repositories, clock: Clock) -> None:
    first = mine.marks.mark(FEED, "1")
    mine.marks._at.table.delete(mine.marks._key(FEED, "1"))
    clock.forward(timedelta(days=91).total_seconds())
    assert mine.marks.mark(FEED, "1") > first


def test_held_ids_are_kept_once_until_released(mine: Repositories, theirs: Repositories) -> None:  # B-1
    for each in ("1", "2", "2", "3"):
        mine.marks.hold(FEED, each)
    assert sorted(mine.marks.held(FEED)) == ["1", "2", "3"]
    assert list(theirs.marks.held(FEED)) == []
    mine.marks.release(FEED, ["1", "3"])
    assert list(mine.marks.held(FEED)) == ["2"]
    mine.marks.release(FEED, [])


def test_a_link_knows_its_first_and_last_backfill(mine: Repositories) -> None:
    assert mine.backfills.begin("lnk_1", "run_1")
    assert mine.backfills.begin("lnk_1", "run_1")
    assert not mine.backfills.begin("lnk_1", "run_2")
    assert not mine.backfills.end("lnk_1", "run_1")
    assert mine.backfills.end("lnk_1", "run_2")
    assert mine.backfills.end("lnk_1", "run_2")
    assert mine.backfills.end("lnk_2", "run_1")
    assert mine.backfills.begin("lnk_1", "run_3")


def test_a_delivery_is_taken_once_in_seven_days(mine: Repositories, clock: Clock) -> None:  # F-3, G-8
    assert mine.deliveries.first_time("hook", "d" * 3_000)
    assert not mine.deliveries.first_time("hook", "d" * 3_000)
    assert mine.deliveries.first_time("hook", "another")
    assert mine.deliveries.first_time("another", "d" * 3_000)
    clock.forward(timedelta(days=7).total_seconds() - 1)
    assert not mine.deliveries.first_time("hook", "another")
    clock.forward(1)
    assert mine.deliveries.first_time("hook", "another")


def test_a_forgotten_delivery_may_come_again(mine: Repositories) -> None:  # F-2
    mine.deliveries.first_time("hook", "1")
    mine.deliveries.forget("hook", "1")
    assert mine.deliveries.first_time("hook", "1")


def dirty(mine: Repositories, object_id: str, mark: int = 1, **fields: Any) -> Dirty:
    return Dirty(tenant=mine.tenant, feed=FEED, object_id=object_id, mark=mark, **fields)


def received(url: str) -> list[dict[str, Any]]:
    found = []
    sqs = boto3.client("sqs")
    while True:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["MessageGroupId", "MessageDeduplicationId"]
        ).get("Messages", [])
        for message in answer:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        if not answer:
            return found
        found += answer


def test_messages_of_an_object_share_a_group_and_repeats_are_dropped(
    mine: Repositories, storage: Storage
) -> None:
    messages = [dirty(mine, f"gid://shop/Customer/{number} é") for number in range(12)]
    again = [
        dirty(mine, "gid://shop/Customer/0 é", mark=2),
        dirty(mine, "gid://shop/Customer/0 é", force=True),
    ]
    mine.queue.send(messages)
    mine.queue.send([*messages, *again])
    found = received(storage.resources.follow_queue_url)
    assert [read(each["Body"]) for each in found] == [*messages, *again]
    groups = [each["Attributes"]["MessageGroupId"] for each in found]
    assert len(set(groups)) == 12
    assert groups[-1] == groups[0]


def test_a_message_holds_ids_only(mine: Repositories, storage: Storage) -> None:  # G-7
    mine.queue.send([dirty(mine, "7", deleted=True)])
    (message,) = received(storage.resources.follow_queue_url)
    assert set(json.loads(message["Body"])) == {"tenant", "feed", "object_id", "mark", "force", "deleted"}


def test_another_tenants_message_is_refused(mine: Repositories, theirs: Repositories) -> None:  # G-4
    with pytest.raises(KeyError):
        theirs.queue.send([dirty(mine, "1")])


def test_a_message_that_was_not_taken_is_told(mine: Repositories, storage: Storage) -> None:  # F-2
    sqs = storage.clients.sqs

    def refuse_one(**_: Any) -> tuple[Any, dict[str, Any]]:
        class Response:
            status_code = 200

        failed = [{"Id": "1", "SenderFault": False, "Code": "InternalError"}]
        return Response(), {"Successful": [], "Failed": failed, "ResponseMetadata": {}}

    sqs.meta.events.register_first("before-call.sqs.SendMessageBatch", refuse_one)
    queue = FollowQueue(mine.tenant, sqs, storage.resources.follow_queue_url)
    with pytest.raises(NotQueued, match="1 of 2 messages"):
        queue.send([dirty(mine, "1"), dirty(mine, "2")])


def test_a_delivery_whose_first_answer_was_lost_still_counts_as_the_first(  # F-2, F-3
    mine: Repositories, storage: Storage
) -> None:
    lost: list[Any] = []

    def lose_the_first(request: Any, **_: Any) -> None:
        if not lost:
            lost.append(request)
            boto3.client("dynamodb").put_item(**_put_of(request))
            raise ConnectionClosedError(endpoint_url=request.url)

    storage.clients.dynamodb.meta.events.register_first("before-send.dynamodb.PutItem", lose_the_first)
    assert mine.deliveries.first_time("hook", "1")
    assert len(lost) == 1
    assert not mine.deliveries.first_time("hook", "1")


def _put_of(request: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.body)
    return body
