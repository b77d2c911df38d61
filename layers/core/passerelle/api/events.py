"""Events from a store app: near real time for platforms without webhooks (F-11)."""

from typing import Annotated

from pydantic import BaseModel, Field

from passerelle.api.access import SYNC, Now, found
from passerelle.api.fields import Asked, Instant, Reference, StoreId, Topic
from passerelle.api.hearing import take
from passerelle.api.routing import new_router
from passerelle.model import Kind
from passerelle.port import Notice

router = new_router()
TAGS = ["Stores"]

MOST = 100
"""Events a request may hold."""


class EventTold(Asked):
    """Something happened to one object. `event_id` is equal for two reports of the same event, and only for them.

    The topics `customer.redact`, `customer.data_request` and `shop.redact` are requests that the law gives people.
    """

    kind: Kind
    id: Reference
    topic: Topic
    event_id: Reference
    occurred_at: Instant | None = None
    deleted: bool = False


class EventsTold(Asked):
    """A batch of events."""

    events: Annotated[list[EventTold], Field(min_length=1, max_length=MOST)]


class EventsHeard(BaseModel):
    """How many were new, how many a feed will carry, and how many had been told before (they count once)."""

    new: int
    accepted: int
    duplicates: int


@router.post(
    "/v1/stores/<store_id>/events",
    summary="Tell what happened at a store",
    tags=TAGS,
    security=SYNC,
    status_code=202,
)
def tell_events(store_id: StoreId, body: EventsTold, here: Now) -> EventsHeard:
    """Each event makes its object be read again as it is then; telling it twice does no more than once."""
    store = found(here.memory.stores.get, store_id, "store")
    notices = [
        Notice(
            kind=event.kind,
            id=event.id,
            topic=event.topic,
            delivery_id=f"event:{event.event_id}",
            occurred_at=event.occurred_at,
            deleted=event.deleted,
        )
        for event in body.events
    ]
    heard = take(here.runtime, here.memory, store.id, notices)
    return EventsHeard(new=heard.new, accepted=heard.accepted, duplicates=heard.duplicates)
