"""One customer, product or order: where it stands, what was done with it, why it did not sync; carry it again."""

from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BaseModel

from passerelle.api.access import READ, SYNC, Here, Now, found
from passerelle.api.approvals import ConsentShown, show_consent
from passerelle.api.fields import Cursor, IdempotencyKey, Limit, LinkId, ObjectId
from passerelle.api.once import once
from passerelle.api.pages import shown
from passerelle.api.problems import Problem, refused
from passerelle.api.routing import new_router
from passerelle.api.starting import stores_ready
from passerelle.memory import Entry, Feed
from passerelle.model import Kind
from passerelle.store.records import PastAct
from passerelle.sync.feeds import LINKS

router = new_router()
TAGS = ["Objects"]

KindOfLink = Annotated[Kind, Path(description="products, customers, orders or carts.")]


class ActShown(BaseModel):
    """Something that was done with an object."""

    at: datetime
    link: str
    direction: str
    action: str
    field: str
    before: str
    after: str
    reason: str
    run: str


class ObjectShown(BaseModel):
    """Where an object stands. `state` is unknown where no run has seen it; `reason` says why it did not sync."""

    id: str
    link: str
    kind: str
    state: str
    destination_id: str
    result: str
    reason: str
    run: str
    at: datetime | None
    activity: list[ActShown]
    consents: list[ConsentShown] = []
    """Customers only: the latest statuses and consents written for them, with their evidence (A-13)."""
    next: str | None


class ResyncShown(BaseModel):
    """An object that will be carried again."""

    id: str
    link: str
    kind: str
    status: str


def show_act(act: PastAct) -> ActShown:
    """A line of activity as the API tells it."""
    return ActShown.model_validate(act, from_attributes=True)


@router.get("/v1/links/<link_id>/<kind>/<object_id>", summary="Show an object", tags=TAGS, security=READ)
def show_object(
    link_id: LinkId, kind: KindOfLink, object_id: ObjectId, here: Now, limit: Limit = 50, cursor: Cursor = ""
) -> ObjectShown:
    """One object of a link, with what was done with it, newest first (A-25)."""
    feed = _feed(here, link_id, kind)
    entry = here.memory.ledger.read(feed.link, kind, [object_id]).get(object_id)
    page = shown(lambda: here.memory.activities.list(kind, object_id, limit, cursor or None), show_act)
    of_link = [act for act in page.items if act.link == feed.link]
    if entry is None and not of_link and not cursor:
        why = "There is no such object"
        remedy = "Check its id at the store; a resync carries it whether it was seen or not."
        raise Problem(404, "not_found", why, detail="No run of this link has seen it.", remedy=remedy)
    told = _shown(feed, object_id, entry, of_link, page.next)
    if kind is Kind.CUSTOMERS:
        told.consents = [
            show_consent(each) for each in here.memory.consents.list_customer(feed.link, object_id).items
        ]
    return told


def _shown(
    feed: Feed, id: str, entry: Entry | None, activity: list[ActShown], following: str | None
) -> ObjectShown:
    return ObjectShown(
        id=id,
        link=feed.link,
        kind=feed.kind,
        state=entry.state if entry else "unknown",
        destination_id=entry.destination_id if entry else "",
        result=entry.result if entry else "",
        reason=entry.reason if entry else "",
        run=entry.run if entry else "",
        at=entry.at if entry else None,
        activity=activity,
        next=following,
    )


@router.post(
    "/v1/links/<link_id>/<kind>/<object_id>/resync",
    summary="Carry an object again",
    tags=TAGS,
    security=SYNC,
    status_code=202,
)
def resync_object(
    link_id: LinkId, kind: KindOfLink, object_id: ObjectId, here: Now, idempotency_key: IdempotencyKey = ""
) -> ResyncShown:
    """Carry one object as it is now, through the same path as every other (B-19)."""
    feed = _feed(here, link_id, kind)
    if LINKS[here.memory.links.get(feed.link).kind][kind].happenings:
        why = "What people did is told together, not one by one"
        raise refused("kind", "not_for_this_kind", why, "a kind of objects", f"Run the feed {feed.id} now.")
    stores_ready(here, feed.link)

    def act() -> ResyncShown:
        here.river.resync(feed.link, kind, object_id)
        return ResyncShown(id=object_id, link=feed.link, kind=kind, status="queued")

    return once(here, idempotency_key, f"resync {feed.id} {object_id}", None, ResyncShown, act)


def _feed(here: Here, link_id: str, kind: Kind) -> Feed:
    link = found(here.memory.links.get, link_id, "link")
    return found(here.memory.feeds.get, f"{link.id}.{kind}", "kind in this link")
