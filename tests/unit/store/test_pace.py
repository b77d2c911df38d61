"""The shared pace over an emulated table: workers that know nothing of each other."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import boto3
import pytest
from moto import mock_aws
from passerelle.port import Limits, Throttled
from passerelle.store.pace import LEASE, SharedPace

START = 1_700_000_000.0
TEN = Limits(connections=10, live_share=0.2)


class Clock:
    """Time that passes only by sleeping; safe between threads."""

    def __init__(self) -> None:
        self.now = START
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


class Shop:
    """The table, one account in it, and how many requests DynamoDB saw."""

    def __init__(self, client, clock: Clock) -> None:
        self.client = client
        self.clock = clock
        self.seen: list[str] = []
        client.meta.events.register("before-call.dynamodb", lambda model, **_: self.seen.append(model.name))

    def worker(self, limits: Limits, *, live: bool = False, key: str = "T#1#STORE#1", chance: float = 0.5):
        return SharedPace(
            self.client,
            "State",
            key,
            limits,
            live=live,
            sleep=self.clock.sleep,
            clock=self.clock,
            chance=lambda: chance,
        )

    def item(self) -> dict:
        return self.client.get_item(TableName="State", Key={"pk": {"S": "T#1#STORE#1"}, "sk": {"S": "PACE"}})[
            "Item"
        ]


@pytest.fixture
def shop(monkeypatch) -> Iterator[Shop]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName="State",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
        yield Shop(client, Clock())


def fill(held: ExitStack, shop: Shop, limits: Limits, *, live: bool) -> int:
    """Take places with ever new workers until none is left; how many there were."""
    for taken in range(100):
        try:
            held.enter_context(shop.worker(limits, live=live).slot())
        except Throttled:
            return taken
    return 100


def test_all_workers_together_hold_ten_connections(shop):  # G-1
    with ExitStack() as held:
        assert fill(held, shop, Limits(connections=10, live_share=0.0), live=False) == 10


def test_a_backfill_with_long_calls_leaves_room_for_live_events_at_once(shop):  # G-2
    with ExitStack() as held:
        assert fill(held, shop, TEN, live=False) == 8
        before = shop.clock.now
        held.enter_context(shop.worker(TEN, live=True).slot())
        held.enter_context(shop.worker(TEN, live=True).slot())
        assert shop.clock.now == before


def test_live_events_with_long_calls_leave_room_for_a_backfill_at_once(shop):  # G-2
    with ExitStack() as held:
        assert fill(held, shop, TEN, live=True) == 9
        before = shop.clock.now
        held.enter_context(shop.worker(TEN).slot())
        assert shop.clock.now == before


def test_a_call_without_a_place_waits_until_one_is_given_back(shop):  # G-1
    limits = Limits(connections=1)
    held = ExitStack()
    held.enter_context(shop.worker(limits).slot())
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            held.close()

    waiting = SharedPace(
        shop.client,
        "State",
        "T#1#STORE#1",
        limits,
        live=False,
        sleep=sleep,
        clock=shop.clock,
        chance=lambda: 0.5,
    )
    with waiting.slot():
        assert len(slept) == 3
        assert slept == sorted(slept)


def test_the_slots_of_a_killed_worker_come_back_when_their_lease_ends(shop):  # G-1
    limits = Limits(connections=2, live_share=0.0)
    killed = [shop.worker(limits).slot() for _ in range(2)]
    for place in killed:
        place.__enter__()
    with pytest.raises(Throttled), shop.worker(limits).slot():
        pytest.fail("a third connection")
    shop.clock.now = START + LEASE + 0.001
    with shop.worker(limits).slot(), shop.worker(limits).slot():
        pass


def test_a_call_that_outlived_its_lease_does_not_free_anothers_slot(shop):  # G-1
    limits = Limits(connections=1)
    late = shop.worker(limits).slot()
    late.__enter__()
    shop.clock.now += LEASE + 1
    with shop.worker(limits).slot():
        late.__exit__(None, None, None)
        with pytest.raises(Throttled), shop.worker(limits).slot():
            pytest.fail("two connections")


def test_a_place_is_given_back_when_the_call_fails(shop):
    limits = Limits(connections=1)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), shop.worker(limits).slot():
            raise ValueError("broken")


def test_all_workers_together_keep_to_the_rate(shop):  # G-1
    limits = Limits(points_per_second=10, burst=20, live_share=0.0)
    workers = [shop.worker(limits) for _ in range(5)]
    went: list[float] = []
    for turn in range(100):
        with workers[turn % 5].slot(2.0):
            went.append(shop.clock.now)
    for first, begin in enumerate(went):
        for last, end in enumerate(went[first:], 1):
            assert 2.0 * last <= 20 + 10 * (end - begin) + 0.001
    assert went[-1] - went[0] == pytest.approx(18.0, rel=0.05)


def test_a_pause_holds_for_every_worker(shop):  # G-1
    shop.worker(TEN).told(retry_after=5.0)
    shop.worker(TEN).told(retry_after=2.0)
    with shop.worker(TEN, live=True).slot():
        assert START + 5.0 <= shop.clock.now <= START + 5.1


def test_a_pause_longer_than_our_patience_is_told_to_the_caller_at_once(shop):  # G-1
    shop.worker(TEN).told(retry_after=600.0)
    with pytest.raises(Throttled) as caught, shop.worker(TEN).slot():
        pytest.fail("called during a pause")
    assert caught.value.retry_after == pytest.approx(600, abs=0.1)
    assert shop.clock.now < START + 1


def test_an_emptier_bucket_is_believed_and_a_fuller_one_is_not(shop):  # G-1
    limits = Limits(points_per_second=100, burst=2000, live_share=0.0)
    shop.worker(limits).told(available=100.0)
    shop.worker(limits).told(available=1900.0)
    with shop.worker(limits).slot(600.0):
        assert shop.clock.now == pytest.approx(START + 5.0, abs=0.05)


def test_what_a_call_was_not_charged_in_the_end_is_there_for_the_next(shop):  # G-1
    worker = shop.worker(Limits(points_per_second=100, burst=1_000, live_share=0.0))
    for _ in range(2):
        with worker.slot(500):
            worker.told(available=900.0, spared=400.0)
    with worker.slot(500):
        assert shop.clock.now == START


def test_what_is_no_news_costs_no_write(shop):
    limits = Limits(points_per_second=100, burst=2000)
    worker = shop.worker(limits)
    with worker.slot(100.0):
        pass
    shop.seen.clear()
    worker.told(available=1890.0, rate=100.0)
    assert shop.seen == []


def test_the_rate_of_a_plan_is_learned_by_all(shop):
    limits = Limits(points_per_second=100, burst=1000, live_share=0.0)
    shop.worker(limits).told(rate=200.0, available=0.0)
    other = shop.worker(limits)
    with other.slot(2000.0):
        assert shop.clock.now == pytest.approx(START + 10.0, abs=0.05)


def test_a_connection_costs_two_updates_and_points_one(shop):
    with shop.worker(TEN).slot():
        pass
    assert shop.seen == ["UpdateItem"] * 2
    shop.seen.clear()
    with shop.worker(Limits(points_per_second=5, burst=5), key="T#2").slot():
        pass
    assert shop.seen == ["UpdateItem"]


def test_without_limits_nothing_is_asked_of_the_table(shop):
    worker = shop.worker(Limits())
    with worker.slot():
        worker.told(retry_after=5.0, available=1.0, rate=2.0)
    assert shop.seen == []


def test_two_accounts_do_not_share_a_pace(shop):
    limits = Limits(connections=1)
    with shop.worker(limits).slot(), shop.worker(limits, key="T#1#STORE#2").slot():
        assert shop.clock.now == START


def test_the_item_expires(shop):  # G-8
    with shop.worker(TEN).slot():
        pass
    assert int(shop.item()["ttl"]["N"]) > START


class Atomic:
    """The emulated client one call at a time: DynamoDB applies updates of an item one after the other."""

    def __init__(self, client) -> None:
        self.exceptions = client.exceptions
        self._client = client
        self._lock = threading.Lock()

    def get_item(self, **wanted):
        with self._lock:
            return self._client.get_item(**wanted)

    def update_item(self, **wanted):
        with self._lock:
            return self._client.update_item(**wanted)


def test_threads_that_race_for_places_never_hold_more_than_there_are(shop):  # G-1
    limits = Limits(connections=3, points_per_second=1000, burst=1000, live_share=0.0)
    atomic = Atomic(shop.client)
    lock = threading.Lock()
    now, most = 0, 0

    def call(_: int) -> None:
        nonlocal now, most
        pace = SharedPace(
            atomic, "State", "T#1#STORE#1", limits, live=False, sleep=lambda _: None, clock=lambda: START
        )
        with pace.slot():
            with lock:
                now += 1
                most = max(most, now)
            shop.item()
            with lock:
                now -= 1

    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(call, number) for number in range(40)]
    assert [each.exception() for each in done] == [None] * 40
    assert 1 < most <= 3
    assert not [name for name in shop.item() if name[1:].isdigit()]
    assert float(shop.item()["full_at"]["N"]) == pytest.approx(START + 0.04, abs=0.0001)
