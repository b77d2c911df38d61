"""The ledger under many hands: writers between each other's calls, workers that die, orphans that are swept."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from passerelle.memory import Entry, EntryState
from passerelle.model import Kind
from passerelle.store.clients import Clients
from passerelle.store.ledger import DynamoLedger
from passerelle.store.packing import Sizes, place
from passerelle.store.resources import Resources
from passerelle.store.table import Table
from passerelle.store.tenancy import Tenancy

from .conftest import Clock

LINK, KIND = "lnk_1", Kind.CUSTOMERS
SMALL = Sizes(target=4, most=6, joined=3, leaf=4)
_tenants = count(1)


class Killed(BaseException):
    """A worker's end: nothing of its own can catch it."""


class Worker:
    """A ledger with a client of its own, and something that happens at one of its calls."""

    def __init__(self, resources: Resources, tenant: str, clock: Clock, sizes: Sizes = SMALL) -> None:
        self.clients, self.calls, self.clock, self.sizes = Clients(), 0, clock, sizes
        self._at, self._then = 0, _nothing
        # One call at a time: the emulator's transactions put back what others wrote meanwhile.
        self.table = Table(self.clients.dynamodb, resources.ledger_table, sleep=lambda _: None, workers=1)
        self.names: list[tuple[str, str]] = []
        self.clients.dynamodb.meta.events.register("before-parameter-build.dynamodb", self._asked)
        self.clients.dynamodb.meta.events.register("before-call.dynamodb", self._before)
        self.anew(tenant)

    def anew(self, tenant: str) -> "Worker":
        """As one that has just started; only its connection is the old one."""
        self.pk = f"T#{tenant}#L#{LINK}#{KIND}"
        self.ledger = DynamoLedger(Tenancy(tenant, self.table, self.clock), self.table, self.sizes)
        return self

    @contextmanager
    def interrupted(self, at: int, then: Callable[[], object]) -> Iterator[None]:
        """`then` happens before the call number `at` from now, once."""
        self.calls, self._at, self._then = 0, at, then
        try:
            yield
        finally:
            self._at = 0
            # A process that dies takes its threads along; here what its thread has begun is waited for.
            self.table.pool.submit(_nothing).result()

    def _asked(self, params: dict[str, Any], model: Any, **_: object) -> None:
        self.names.append((model.name, params.get("Item", {}).get("sk", {}).get("S", "")))

    def _before(self, **_: object) -> None:
        self.calls += 1
        if self.calls == self._at:
            self._at = 0
            self._then()

    def record(self, entries: list[Entry]) -> None:
        self.ledger.record(LINK, KIND, entries)

    def read(self, ids: list[str]) -> dict[str, Entry]:
        return self.ledger.read(LINK, KIND, ids)

    def scan(self) -> list[Entry]:
        return list(self.ledger.scan(LINK, KIND))

    def clear(self) -> None:
        """Leave nothing behind: the emulator copies the whole table for each transaction."""
        self.table.batch_write(deletes=[(self.pk, item["sk"]) for item in self.table.stream(self.pk)])

    def items(self) -> int:
        """How many items the ledger has."""
        return len(list(self.table.stream(self.pk)))


def _nothing() -> None:
    pass


def tenant() -> str:
    return f"ten_together{next(_tenants):06d}"


def entry(number: int, hash: str = "h") -> Entry:
    return Entry(str(number), EntryState.MAPPED, destination_id=f"d{number}", hash=hash)


def all_of(entries: list[Entry]) -> dict[str, Entry]:
    return {each.source_id: each for each in entries}


# --- killed at every call ------------------------------------------------------------------------------------------

BEFORE = [entry(number) for number in range(0, 240, 10)]
CHANGES = {
    "a whole new range": [entry(number, "new") for number in range(1_000, 1_012)],
    "a few new ones between": [entry(number, "new") for number in (5, 15, 201, 999)],
    "known ones changed": [entry(number, "new") for number in (0, 10, 200, 230)],
    "so many into one block that it is divided": [entry(number, "new") for number in range(101, 110)],
    "so many that a page of the directory is divided": [entry(n + 1, "new") for n in range(0, 2_400, 100)],
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES.keys())
def test_a_worker_killed_at_any_call_loses_nothing_and_its_retry_converges(  # B-7
    resources: Resources, clock: Clock, changes: list[Entry]
) -> None:
    dying, other = (Worker(resources, tenant(), clock) for _ in range(2))
    wanted = all_of(BEFORE) | all_of(changes)
    for number in count(1):
        who = tenant()
        other.anew(who).record(BEFORE)
        with dying.anew(who).interrupted(number, _die), suppress(Killed):
            dying.record(changes)
        struck = dying.calls >= number
        _nothing_lost(other.anew(who), all_of(BEFORE), all_of(changes))
        other.anew(who).record(changes)
        assert other.scan() == sorted(wanted.values(), key=lambda each: place(each.source_id))
        assert dying.anew(who).read([*wanted, "77777"]) == wanted
        other.clear()
        if not struck:
            assert number > 3
            return


def _die() -> None:
    raise Killed


def _nothing_lost(reader: Worker, before: dict[str, Entry], changes: dict[str, Entry]) -> None:
    """Each entry is the old or the new one, none is twice or missing, and a scan says what a read says."""
    scanned = reader.scan()
    found = all_of(scanned)
    assert len(found) == len(scanned)
    assert reader.read([*before, *changes]) == found
    for id, was in before.items():
        assert found[id] in (was, changes.get(id))
    assert all(found[id] == changes[id] for id in found.keys() - before.keys())


def test_what_a_dead_worker_left_is_swept_by_a_scan_an_hour_later(resources: Resources, clock: Clock) -> None:
    who = tenant()
    clean = Worker(resources, who, clock)
    clean.record(BEFORE)
    whole = clean.items()
    dying = Worker(resources, who, clock)
    with dying.interrupted(4, _die), suppress(Killed):
        dying.record(CHANGES["a whole new range"])
    assert clean.items() == whole + 3
    clean.scan()
    assert clean.items() == whole + 3  # its worker may still live
    clock.forward(3_601)
    assert clean.scan() == BEFORE
    assert clean.items() == whole
    assert Worker(resources, who, clock).read([each.source_id for each in BEFORE]) == all_of(BEFORE)


# --- many at once --------------------------------------------------------------------------------------------------


def test_a_first_sync_by_four_workers_never_writes_one_block_twice(
    resources: Resources, clock: Clock
) -> None:
    who = tenant()
    workers = [Worker(resources, who, clock, Sizes()) for _ in range(4)]
    _one_call_at_a_time(workers)
    ranges = [range(1 + 3_000 * each, 3_001 + 3_000 * each) for each in range(4)]
    together = threading.Barrier(4)

    def work(worker: Worker, numbers: range) -> None:
        together.wait()
        for at in range(0, 3_000, 500):
            batch = [entry(number) for number in numbers[at : at + 500]]
            assert worker.read([each.source_id for each in batch]) == {}
            worker.record(batch)

    _at_once([lambda w=w, r=r: work(w, r) for w, r in zip(workers, ranges, strict=True)])
    assert [each.source_id for each in Worker(resources, who, clock).scan()] == [
        str(n) for n in range(1, 12_001)
    ]
    assert not [name for worker in workers for call, name in worker.names if name.startswith("B#")]


def test_writers_of_different_ids_in_one_block_both_win(resources: Resources, clock: Clock) -> None:
    who = tenant()
    Worker(resources, who, clock, Sizes()).record([entry(number) for number in range(100)])
    workers = [Worker(resources, who, clock, Sizes()) for _ in range(4)]
    _one_call_at_a_time(workers)

    def work(worker: Worker, start: int) -> None:
        for number in range(start, 100, 4):
            worker.record([entry(number, "new")])

    _at_once([lambda w=w, s=s: work(w, s) for s, w in enumerate(workers)])
    assert workers[0].scan() == [entry(number, "new") for number in range(100)]


def _one_call_at_a_time(workers: list[Worker]) -> None:
    """The emulator looks at a condition and writes in two steps; DynamoDB does both in one."""
    lock = threading.Lock()
    for worker in workers:
        events = worker.clients.dynamodb.meta.events
        events.register_last("before-call.dynamodb", lambda **_: lock.acquire() and None)
        events.register_first("after-call.dynamodb", lambda **_: lock.release())


def _at_once(works: list[Callable[[], None]]) -> None:
    failed: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:
            failed.append(failure)
            raise

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_of_two_writers_of_one_id_the_later_wins(resources: Resources, clock: Clock) -> None:
    who = tenant()
    one, other = Worker(resources, who, clock), Worker(resources, who, clock)
    one.record([entry(1, "one")])
    other.record([entry(1, "other")])
    one.record([entry(1, "one")])  # what it remembers is what it wants to write, and is not there any more
    assert other.read(["1"]) == {"1": entry(1, "one")}


# --- any order of calls --------------------------------------------------------------------------------------------

numbers = st.integers(0, 60) | st.integers(0, 5_000)
batches = st.lists(numbers, min_size=1, max_size=12, unique=True)


class Together(RuleBasedStateMachine):
    """Three workers over one ledger against a dict; one's whole action happens between two calls of another's."""

    def __init__(self, workers: list[Worker]) -> None:
        super().__init__()
        self.workers = workers
        self.versions = count()
        self.model: dict[str, Entry] = {}

    @initialize()
    def begin(self) -> None:
        who = tenant()
        for worker in self.workers:
            worker.anew(who)

    def _entries(self, batch: list[int]) -> list[Entry]:
        return [entry(number, f"v{next(self.versions)}") for number in batch]

    @rule(who=st.integers(0, 2), batch=batches)
    def record(self, who: int, batch: list[int]) -> None:
        entries = self._entries(batch)
        self.workers[who].record(entries)
        self.model |= all_of(entries)

    @rule(who=st.integers(0, 2), batch=batches)
    def forget(self, who: int, batch: list[int]) -> None:
        self.workers[who].ledger.forget(LINK, KIND, [str(number) for number in batch])
        for number in batch:
            self.model.pop(str(number), None)

    @rule(who=st.integers(0, 2), batch=batches, other=batches, at=st.integers(1, 9))
    def record_between_two_calls_of_a_record(
        self, who: int, batch: list[int], other: list[int], at: int
    ) -> None:
        outer, inner = self._entries(batch), self._entries(other)
        before, happened = dict(self.model), []
        worker, second = self.workers[who], self.workers[(who + 1) % 3]
        with worker.interrupted(at, lambda: happened.append(second.record(inner))):
            worker.record(outer)
        new = all_of(inner) if happened else {}
        found = self.workers[(who + 2) % 3].read([*all_of(outer), *all_of(inner)])
        for id, now in found.items():
            allowed = [each[id] for each in (all_of(outer), new) if id in each]
            assert now in (allowed or [before.get(id)])
        assert found.keys() >= all_of(outer).keys() | new.keys()
        self.model |= found

    @rule(who=st.integers(0, 2), batch=batches, other=batches, at=st.integers(1, 4))
    def record_between_two_calls_of_a_read(
        self, who: int, batch: list[int], other: list[int], at: int
    ) -> None:
        inner, ids = all_of(self._entries(other)), [str(number) for number in batch]
        before, happened = dict(self.model), []
        worker, second = self.workers[who], self.workers[(who + 1) % 3]
        with worker.interrupted(at, lambda: happened.append(second.record(list(inner.values())))):
            found = worker.read(ids)
        for id in ids:
            assert found.get(id) in (before.get(id), inner.get(id) if happened else before.get(id))
        self.model |= inner if happened else {}

    @rule(who=st.integers(0, 2), other=batches, at=st.integers(1, 12))
    def record_between_two_calls_of_a_scan(self, who: int, other: list[int], at: int) -> None:
        inner = all_of(self._entries(other))
        before, happened = dict(self.model), []
        worker, second = self.workers[who], self.workers[(who + 1) % 3]
        with worker.interrupted(at, lambda: happened.append(second.record(list(inner.values())))):
            scanned = worker.scan()
        self.model |= inner if happened else {}
        found = all_of(scanned)
        assert len(found) == len(scanned)
        assert found.keys() >= before.keys()
        assert all(each in (before.get(id), self.model[id]) for id, each in found.items())

    @rule(who=st.integers(0, 2), batch=batches, at=st.integers(1, 9))
    def die_while_recording(self, who: int, batch: list[int], at: int) -> None:
        entries = self._entries(batch)
        dying = self.workers[who]
        with dying.interrupted(at, _die), suppress(Killed):
            dying.record(entries)
        found = self.workers[(who + 1) % 3].read([each.source_id for each in entries])
        for each in entries:
            assert found.get(each.source_id) in (each, self.model.get(each.source_id))
        self.model |= found

    def teardown(self) -> None:
        self.workers[0].clear()

    @invariant()
    def whoever_looks_reads_what_was_written(self) -> None:
        worker = self.workers[next(self.versions) % 3]
        assert worker.read([*self.model, "60001"]) == self.model


def test_whatever_happens_between_whose_calls_the_ledger_is_a_dict(  # B-7
    resources: Resources, clock: Clock
) -> None:
    workers = [Worker(resources, tenant(), clock) for _ in range(3)]
    run_state_machine_as_test(
        lambda: Together(workers),
        settings=settings(
            max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_an_entry_larger_than_its_block_is_kept_all_the_same(resources: Resources, clock: Clock) -> None:
    worker = Worker(resources, tenant(), clock)
    large = [replace(entry(number), reason="x" * 300_000) for number in range(5)]
    worker.record(large)
    assert worker.scan() == large
