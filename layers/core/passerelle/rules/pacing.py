"""Who may call an account of a platform now: a bucket of points, connection slots, room for live events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from passerelle.port import Limits

STARVED = 5.0
"""Seconds without a backfill call after which one may use the points kept for live events: it moves."""
LONGEST_PAUSE = 86_400.0
"""A platform's wish to be left alone longer than a day is taken for a mistake."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of points in the form of GCRA: all its state is one instant, `full_at`, when it is full again.

    Instants are in seconds since the epoch. A call that costs more than the bucket holds is charged a whole
    bucket.
    """

    rate: float
    """Points that flow in per second."""
    burst: float
    live_share: float = 0.0

    def seconds(self, cost: float) -> float:
        """How long the bucket needs to make good for a call."""
        return min(cost, self.burst) / self.rate

    def latest(self, now: float, cost: float, *, live: bool) -> float:
        """The latest `full_at` at which the call may go now; a backfill leaves the live share alone."""
        kept = 0.0 if live else self.live_share * self.burst
        return now + (self.burst - min(cost + kept, self.burst)) / self.rate

    def after(self, full_at: float, now: float, cost: float) -> float:
        """The new `full_at` once the call has gone."""
        return max(full_at, now) + self.seconds(cost)

    def holding(self, available: float, now: float) -> float:
        """The `full_at` of a bucket of which the platform says that it holds so many points."""
        return now + (self.burst - min(available, self.burst)) / self.rate

    def at_rate(self, rate: float | None) -> "Bucket":
        """The bucket of an account whose plan has another rate; the burst grows with it."""
        if not rate or rate <= 0:
            return self
        return Bucket(rate, self.burst * rate / self.rate, self.live_share)


@dataclass(frozen=True, slots=True)
class Slots:
    """Connections that may be open at once: the last are kept for live events, the first for a backfill.

    Neither can shut the other out, however long the calls last. A single slot is everybody's.
    """

    count: int
    live_share: float = 0.0

    @property
    def kept(self) -> int:
        """How many slots only live events may use."""
        if self.live_share <= 0:
            return 0
        return min(self.count - 1, max(1, int(self.count * self.live_share)))

    def order(self, *, live: bool) -> list[range]:
        """The slots that may be tried, best first: live events use common ones only when theirs are taken."""
        common = self.count - self.kept
        if not live:
            return [range(common)]
        return [range(common, self.count), range(1 if self.kept else 0, common)]


@dataclass(frozen=True, slots=True)
class Account:
    """What all workers know together of one account. Instants are in seconds since the epoch."""

    full_at: float = 0.0
    leases: Mapping[int, float] = field(default_factory=dict)
    """Slot → when it is free again at the latest."""
    paused_until: float = 0.0
    backfill_at: float = 0.0
    """When a backfill last took points."""
    rate: float | None = None
    """Points per second as the platform told them, where it did."""


@dataclass(frozen=True, slots=True)
class Place:
    """The call may go, over this slot (None: connections are not limited)."""

    slot: int | None
    starving: bool = False
    """It may use the points kept for live events, because no backfill call went for long."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The call may not go yet: look again after so many seconds (None: when a connection is given back)."""

    seconds: float | None


def bucket_of(limits: Limits, rate: float | None = None) -> Bucket | None:
    """The bucket of an account, at the rate that the platform told; None where points are not limited."""
    if limits.points_per_second is None:
        return None
    burst = limits.points_per_second if limits.burst is None else limits.burst
    return Bucket(limits.points_per_second, burst, limits.live_share).at_rate(rate)


def decide(
    limits: Limits, account: Account, now: float, cost: float, *, live: bool, chance: float
) -> Place | Wait:
    """Whether a call may go now. `chance` in [0, 1) spreads workers over the free slots."""
    if account.paused_until > now:
        return Wait(account.paused_until - now)
    bucket = bucket_of(limits, account.rate)
    starving = bucket is not None and not live and now - account.backfill_at >= STARVED
    if bucket is not None:
        early = account.full_at - bucket.latest(now, cost, live=live or starving)
        if early > 0:
            return Wait(early)
    if limits.connections is None:
        return Place(None, starving)
    slots = Slots(limits.connections, limits.live_share)
    slot = free_slot(slots.order(live=live), account.leases, now, chance)
    return Wait(None) if slot is None else Place(slot, starving)


def free_slot(order: Sequence[range], leases: Mapping[int, float], now: float, chance: float) -> int | None:
    """One of the free slots of the first range that has any."""
    for slots in order:
        free = [slot for slot in slots if leases.get(slot, 0.0) <= now]
        if free:
            return free[int(chance * len(free))]
    return None


def pause_until(now: float, retry_after: float) -> float:
    """Until when nobody calls, after the platform asked for so many seconds."""
    return now + min(max(0.0, retry_after), LONGEST_PAUSE)
