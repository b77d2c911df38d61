"""The size of the next batch: what the merchant asked for, under what the shop stands."""

from dataclasses import dataclass

from passerelle.memory import Run, Scope
from passerelle.model import Kind
from passerelle.rules.batching import grown, starting_size
from passerelle.sync.feeds import spec_of
from passerelle.sync.flow import Flow


def batch_of(flow: Flow, run: Run) -> int:
    """Objects in one batch of a run.

    A first sync of products may take as many as the dependent store makes in one write. A merchant who asked for smaller
    batches than usual gets them, and so does a shop that did not stand the usual ones.
    """
    is_first = flow.is_catalogue and flow.kind is Kind.PRODUCTS and flow.initial and run.scope is Scope.FULL
    if not is_first or flow.feed.ceiling or run.batch_size < spec_of(flow).batch_size:
        return run.batch_size
    return max(run.batch_size, flow.destination.limits.bulk)


@dataclass(slots=True)
class Tuner:
    """Remembers per feed the largest batch that worked; it grows back after clean batches (B-4)."""

    flow: Flow
    wanted: int
    size: int = 0
    ceiling: int = 0
    clean: int = 0
    proven: int = 0
    """A smaller size that went through whole before the present one was tried."""

    def __post_init__(self) -> None:
        feed = self.flow.memory.feeds.get(self.flow.feed.id)
        self.ceiling, self.clean = feed.ceiling, feed.clean_batches
        self.size = starting_size(self.ceiling, self.wanted) if self.ceiling else self.wanted

    def failed(self, size: int, worked: int) -> None:
        """A batch of `size` was too much and `worked` was not."""
        size_now = max(worked, self.proven if self.proven < size else 0)
        self.proven = 0
        if size_now < min(size, self.size):
            self.ceiling, self.clean, self.size = size_now, 0, size_now
            self.flow.memory.feeds.lower_ceiling(self.flow.feed.id, size_now)

    def succeeded(self) -> None:
        """A batch went through whole."""
        if not self.ceiling:
            return
        self.clean += 1
        ceiling = grown(self.ceiling, self.clean, self.wanted)
        if ceiling != self.ceiling:
            self.proven, self.ceiling, self.clean = self.ceiling, ceiling, 0
            self.flow.memory.feeds.raise_ceiling(self.flow.feed.id, ceiling, 0)
            self.size = starting_size(ceiling, self.wanted)
