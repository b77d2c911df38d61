"""Takes what a platform or a store app tells: each delivery once, and acknowledged only when it is queued."""

from collections.abc import Sequence
from dataclasses import dataclass

from passerelle.port import Notice
from passerelle.store.repositories import Repositories
from passerelle.sync.river import River


@dataclass(frozen=True, slots=True)
class Heard:
    """How many notices were new, how many of those a feed will carry, and how many had been told before."""

    new: int
    accepted: int
    duplicates: int


def take(memory: Repositories, river: River, store: str, notices: Sequence[Notice]) -> Heard:
    """Queue what is new. If it cannot be queued, what was remembered is forgotten, so that it may come again (F-2)."""
    fresh = [notice for notice in notices if memory.deliveries.first_time(store, notice.delivery_id)]
    try:
        accepted = river.hear(store, fresh) if fresh else 0
    except Exception:
        for notice in fresh:
            memory.deliveries.forget(store, notice.delivery_id)
        raise
    return Heard(len(fresh), accepted, len(notices) - len(fresh))
