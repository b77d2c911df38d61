"""Preflight: what a sync would process, and what it would cost in calls and time, before it starts (B-3)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from passerelle.memory import Feed
from passerelle.model import Kind
from passerelle.port import Count, Limits, Selection
from passerelle.rules.estimate import Calls, estimate
from passerelle.sync.flow import End, Flow
from passerelle.sync.selecting import order_choice

READING = Calls(fixed=1, per_page=1, page=1000, per_bulk=1, capacity=100)
WRITING = Calls(fixed=2, per_bulk=1, capacity=500, seconds=2.0)
"""How calls grow with objects where a platform has no table of its own."""


@dataclass(frozen=True, slots=True)
class FeedForecast:
    """One feed's figures; `variants` only where the kind has them, `seconds` of wall-clock time."""

    feed: str
    kind: Kind
    objects: int
    batch_size: int
    batches: int
    calls: int
    seconds: float
    variants: int | None = None


@dataclass(frozen=True, slots=True)
class Preflight:
    """The figures of every feed of a link, and their sums."""

    feeds: Sequence[FeedForecast] = field(default_factory=tuple)

    @property
    def objects(self) -> int:
        """All objects."""
        return sum(each.objects for each in self.feeds)

    @property
    def batches(self) -> int:
        """All batches."""
        return sum(each.batches for each in self.feeds)

    @property
    def calls(self) -> int:
        """All calls, at both ends."""
        return sum(each.calls for each in self.feeds)

    @property
    def seconds(self) -> float:
        """The feeds one after another: the longest it should take."""
        return sum(each.seconds for each in self.feeds)


def forecast(flow: Flow, batch_size: int, chosen: Selection | None) -> FeedForecast:
    """One feed's figures; `chosen` narrows orders where the request does."""
    counted = _count(flow, chosen)
    figures = estimate(
        counted.objects, batch_size, (READING, _limits(flow.source)), (WRITING, _limits(flow.destination))
    )
    return FeedForecast(
        flow.feed.id,
        flow.kind,
        counted.objects,
        batch_size,
        figures.batches,
        figures.calls,
        figures.seconds,
        counted.variants,
    )


def _count(flow: Flow, chosen: Selection | None) -> Count:
    feed: Feed = flow.feed
    selection = Selection()
    if feed.kind is Kind.ORDERS:
        selection = chosen or order_choice(feed, None)
    return flow.source.connector.count(feed.kind, selection)


def _limits(end: End) -> Limits:
    return end.limits
