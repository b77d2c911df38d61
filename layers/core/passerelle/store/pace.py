"""The pace of one account, shared by all workers over one DynamoDB item."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from passerelle.port import Limits, Throttled
from passerelle.rules.pacing import STARVED, Account, Place, Wait, bucket_of, decide, pause_until

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LOG = logging.getLogger("passerelle.pace")
LEASE = 130.0
"""Seconds after which the slot of a killed worker is free again; no call lasts as long."""
TTL = 86_400.0
NEWS = 0.05
"""The part of a bucket by which the platform's word must differ from ours before it is worth a write."""
PATIENCE = 60.0
_CHANCE = secrets.SystemRandom()


class SharedPace:
    """Fulfils `http.Pace` for one worker of an account; safe to share between threads.

    A place costs one conditional update, and one more gives a connection back; a worker that must wait reads
    once a turn. Nothing is taken ahead: points kept for later would break the limit over a short window, and
    a connection kept by a frozen worker would be missing to the others. The conditions are on the slot and on
    the bucket's instant, not on the whole item, so workers meet only where they want the same thing. The
    workers' clocks must agree to well under a second, as those of Lambda do.

    `key`: the item's partition key; its sort key is PACE. `live`: whether this worker serves live events.
    `clock`: seconds since the epoch. A call that finds no place within 60 seconds raises Throttled.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        key: str,
        limits: Limits,
        *,
        live: bool,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = _CHANCE.random,
    ) -> None:
        self._item = _Item(client, table_name, key)
        self._limits, self._live = limits, live
        self._sleep, self._clock, self._chance = sleep, clock, chance
        self._spared, self._lock = 0.0, threading.Lock()
        self._unlimited = limits.connections is None and limits.points_per_second is None

    @contextmanager
    def slot(self, cost: float = 1.0) -> Iterator[None]:
        """A place within the account's limits. Raises Throttled where it would take too long."""
        if self._unlimited:
            yield
            return
        held = self._wait_for_place(cost)
        try:
            yield
        finally:
            self._give_back(held)

    def told(
        self,
        *,
        available: float | None = None,
        rate: float | None = None,
        retry_after: float | None = None,
        spared: float | None = None,
    ) -> None:
        """Share what the platform said, if it is news: an emptier bucket, another rate, a pause, points given back.

        A fuller bucket is not believed: calls of others under way are not in the platform's figure yet.
        """
        if self._unlimited:
            return
        try:
            self._tell(available, rate, retry_after)
            self._give_back_points(spared or 0.0)
        except (BotoCoreError, ClientError) as error:
            # What the platform answered besides matters more than its figures: they come again.
            LOG.warning("what the platform said was not shared: %s", type(error).__name__)

    def _tell(self, available: float | None, rate: float | None, retry_after: float | None) -> None:
        now, seen = self._clock(), self._item.seen
        if retry_after is not None:
            self._item.postpone("paused_until", pause_until(now, retry_after))
        if self._limits.points_per_second is None:
            return
        if rate is not None and 0 < rate != (seen.rate or self._limits.points_per_second):
            self._item.update(_Change(now).set("rate", _number(rate)))
        bucket = bucket_of(self._limits, rate or seen.rate)
        if available is not None and bucket is not None:
            full_at = bucket.holding(available, now)
            if full_at - max(now, seen.full_at) > NEWS * bucket.seconds(bucket.burst):
                self._item.postpone("full_at", full_at)

    def _give_back_points(self, spared: float) -> None:
        """What calls were not charged in the end is there for the next, once it is worth a write."""
        bucket = bucket_of(self._limits, self._item.seen.rate)
        if bucket is None:
            return
        with self._lock:
            self._spared += spared
            back = self._spared if self._spared > NEWS * bucket.burst else 0.0
            self._spared -= back
        if back:
            self._item.update(_Change(self._clock()).add("full_at", -bucket.seconds(back)))

    def _wait_for_place(self, cost: float) -> "_Held":
        ends, turn = self._clock() + PATIENCE, 0
        while True:
            verdict = self._decide(cost)
            if isinstance(verdict, Wait):
                self._item.look()
                verdict = self._decide(cost)
            held = self._take(verdict, cost) if isinstance(verdict, Place) else None
            if held is not None:
                return held
            wait = self._delay(verdict, turn)
            if self._clock() + wait > ends:
                raise Throttled("Other work uses all that the platform allows this account now.", wait)
            self._sleep(wait)
            turn += 1

    def _decide(self, cost: float) -> Place | Wait:
        now, chance = self._clock(), self._chance()
        return decide(self._limits, self._item.seen, now, cost, live=self._live, chance=chance)

    def _delay(self, verdict: Place | Wait, turn: int) -> float:
        """Seconds until the next look: live workers look more often, so they get first what becomes free."""
        jitter = 0.5 + self._chance()
        if isinstance(verdict, Place):
            return 0.01 * jitter * turn
        if verdict.seconds is not None:
            return verdict.seconds + 0.01 * jitter
        first, longest = (0.03, 0.2) if self._live else (0.1, 1.0)
        return min(longest, first * 2.0 ** min(turn, 8)) * jitter

    def _take(self, place: Place, cost: float) -> "_Held | None":
        """Take the place in one update; None if another worker was faster (what it left is then known)."""
        now, seen = self._clock(), self._item.seen
        change = _Change(now).unless_after("paused_until", now)
        bucket = bucket_of(self._limits, seen.rate)
        if bucket is not None and seen.full_at > now:
            latest = bucket.latest(now, cost, live=self._live or place.starving)
            change.add_between("full_at", bucket.seconds(cost), now, latest)
        elif bucket is not None:
            change.set("full_at", _number(bucket.after(0.0, now, cost))).unless_after("full_at", now)
        if bucket is not None and not self._live:
            change.set("backfill_at", _number(now))
        if place.starving:
            change.unless_after("backfill_at", now - STARVED)
        held = None if place.slot is None else (f"s{place.slot}", _token(now + LEASE))
        if held is not None:
            change.set(*held).unless_after(held[0], now)
        return (held or ("", "")) if self._item.update(change) else None

    def _give_back(self, held: "_Held") -> None:
        slot, token = held
        if not slot:
            return
        try:
            self._item.remove(slot, token)
        except (BotoCoreError, ClientError) as error:
            # The call itself may have gone well: its answer matters more, and the lease gives the slot back.
            LOG.warning("a slot was not given back: %s", type(error).__name__)


type _Held = tuple[str, str]
"""The slot's attribute and our token in it; empty where connections are not limited."""


class _Change:
    """One conditional update, put together: what is set, and what must not have moved meanwhile."""

    def __init__(self, now: float) -> None:
        self._sets: list[str] = []
        self._conditions: list[str] = []
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        self.set("ttl", str(int(now + TTL)))

    def set(self, name: str, number: str) -> "_Change":
        """Write a number."""
        self._sets.append(f"{self._name(name)} = {self._value(number)}")
        return self

    def add(self, name: str, more: float) -> "_Change":
        """Add to a number that is there."""
        known = self._name(name)
        self._sets.append(f"{known} = {known} + {self._value(_number(more))}")
        self._conditions.append(f"attribute_exists({known})")
        return self

    def add_between(self, name: str, more: float, above: float, most: float) -> "_Change":
        """Add to a number that is over `above` and at most `most`."""
        known = self._name(name)
        self._sets.append(f"{known} = {known} + {self._value(_number(more))}")
        above_it, most_it = self._value(_number(above)), self._value(_number(most))
        self._conditions.append(f"{known} > {above_it} AND {known} <= {most_it}")
        return self

    def unless_after(self, name: str, instant: float) -> "_Change":
        """Only if that instant is not set, or not after this one."""
        known = self._name(name)
        self._conditions.append(
            f"(attribute_not_exists({known}) OR {known} <= {self._value(_number(instant))})"
        )
        return self

    def expressions(self) -> dict[str, Any]:
        """The arguments of UpdateItem."""
        wanted = {"UpdateExpression": "SET " + ", ".join(self._sets)}
        if self._conditions:
            wanted["ConditionExpression"] = " AND ".join(self._conditions)
        return wanted | {"ExpressionAttributeNames": self._names, "ExpressionAttributeValues": self._values}

    def _name(self, name: str) -> str:
        self._names[f"#{name}"] = name
        return f"#{name}"

    def _value(self, number: str) -> str:
        name = f":v{len(self._values)}"
        self._values[name] = {"N": number}
        return name


class _Item:
    """The account's item, and what this worker last saw of it."""

    def __init__(self, client: "DynamoDBClient", table_name: str, key: str) -> None:
        self._client = client
        self._where: Any = {"TableName": table_name, "Key": {"pk": {"S": key}, "sk": {"S": "PACE"}}}
        self.seen = Account()

    def look(self) -> None:
        """Read it as it is now."""
        found = self._client.get_item(**self._where, ConsistentRead=True)
        self.seen = _account(found.get("Item", {}))

    def update(self, change: _Change) -> bool:
        """Make the change, or answer False; either way what is there now is then known."""
        try:
            answer = self._client.update_item(
                **self._where,
                **change.expressions(),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            left: Any = error.response
            self.seen = _account(left.get("Item", {}))
            return False
        self.seen = _account(answer["Attributes"])
        return True

    def postpone(self, name: str, instant: float) -> None:
        """Move an instant later, never earlier."""
        change = _Change(instant).set(name, _number(instant)).unless_after(name, instant)
        self.update(change)

    def remove(self, slot: str, token: str) -> None:
        """Take our token away; nothing happens if the lease had ended and another holds the slot."""
        try:
            self._client.update_item(
                **self._where,
                UpdateExpression="REMOVE #slot",
                ConditionExpression="#slot = :token",
                ExpressionAttributeNames={"#slot": slot},
                ExpressionAttributeValues={":token": {"N": token}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            LOG.warning("a call outlived the lease of its slot")


def _account(item: Mapping[str, Any]) -> Account:
    numbers = {name: float(value["N"]) for name, value in item.items() if "N" in value}
    return Account(
        full_at=numbers.get("full_at", 0.0),
        leases={int(name[1:]): until for name, until in numbers.items() if name[1:].isdigit()},
        paused_until=numbers.get("paused_until", 0.0),
        backfill_at=numbers.get("backfill_at", 0.0),
        rate=numbers.get("rate"),
    )


def _number(value: float) -> str:
    return f"{value:.6f}"


def _token(instant: float) -> str:
    """An instant that no other worker writes: the digits past the microsecond are by chance."""
    return f"{instant:.6f}{_CHANCE.randrange(10**9):09d}"
