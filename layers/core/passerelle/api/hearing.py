"""Takes what a platform or a store app tells: each delivery once, and acknowledged only when it is queued."""

from collections.abc import Sequence
from dataclasses import dataclass

from passerelle.port import Notice
from passerelle.privacy import honour
from passerelle.rules.redaction import privacy_request
from passerelle.runtime import Runtime
from passerelle.store.repositories import Repositories


@dataclass(frozen=True, slots=True)
class Heard:
    """How many notices were new, how many of those a feed will carry, and how many had been told before."""

    new: int
    accepted: int
    duplicates: int


def take(runtime: Runtime, memory: Repositories, store: str, notices: Sequence[Notice]) -> Heard:
    """Queue what is new, and only then remember it: a worker that dies in between is told again (F-2).

    Told twice at once, it is queued twice, and the second reading finds nothing left to do (F-3).
    """
    fresh = [notice for notice in notices if not memory.deliveries.seen(store, notice.delivery_id)]
    requests = [notice for notice in fresh if privacy_request(notice.topic)]
    for notice in requests:
        honour(runtime, memory.tenant, store, notice)
    told = [notice for notice in fresh if notice not in requests]
    accepted = len(requests) + (runtime.hear(memory.tenant, store, told) if told else 0)
    new = sum(memory.deliveries.first_time(store, notice.delivery_id) for notice in fresh)
    return Heard(new, accepted, len(notices) - new)
