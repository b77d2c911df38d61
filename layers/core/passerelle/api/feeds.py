"""Feeds: shown with their schedule, changed, and run now."""

from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from passerelle.api.access import ADMIN, READ, SYNC, Here, Now, found
from passerelle.api.choosing import OrdersChosen
from passerelle.api.ends import flows, why_not
from passerelle.api.fields import Asked, BatchSize, Cursor, FeedId, IdempotencyKey, Limit, Schedule, Timezone
from passerelle.api.once import once
from passerelle.api.pages import Page, cut
from passerelle.api.problems import refused
from passerelle.api.routing import new_router
from passerelle.api.runs import RunShown
from passerelle.api.runs import show as show_run
from passerelle.api.starting import begin
from passerelle.memory import Feed, Mode, Scope
from passerelle.model import Kind
from passerelle.rules.schedule import explain
from passerelle.store.records import LinkStatus

router = new_router()
TAGS = ["Feeds"]

LinkFilter = Annotated[str, Query(alias="link", max_length=80, description="Only feeds of this link.")]


class FeedChange(Asked):
    """What to change of a feed; what is left out stays. `settings` is for orders only."""

    enabled: bool | None = None
    schedule: Schedule | None = None
    timezone: Timezone | None = None
    batch_size: BatchSize | None = None
    settings: OrdersChosen | None = None


class RunWanted(Asked):
    """How to run a feed now; `settings` chooses orders for this run only."""

    mode: Mode = Mode.ALL
    scope: Scope = Scope.FULL
    dry_run: bool = False
    settings: OrdersChosen | None = None


WHOLE_RUN = RunWanted()
"""What no body means."""


class FeedShown(BaseModel):
    """A feed. `first_full_at` is null until the first full sync completed: until then nothing runs by itself (B-1)."""

    id: str
    link: str
    kind: str
    enabled: bool
    schedule: str
    timezone: str
    batch_size: int
    ceiling: int
    settings: dict[str, Any]
    watermark: datetime | None
    first_full_at: datetime | None


def show(feed: Feed) -> FeedShown:
    """A feed as the API tells it."""
    return FeedShown(
        id=feed.id,
        link=feed.link,
        kind=feed.kind,
        enabled=feed.enabled,
        schedule=feed.schedule,
        timezone=feed.timezone,
        batch_size=feed.batch_size,
        ceiling=feed.ceiling,
        settings=dict(feed.settings),
        watermark=feed.watermark,
        first_full_at=feed.first_full_at,
    )


@router.get("/v1/feeds", summary="List feeds", tags=TAGS, security=READ)
def list_feeds(here: Now, link: LinkFilter = "", limit: Limit = 50, cursor: Cursor = "") -> Page[FeedShown]:
    """The feeds, of a link or all."""
    return cut(here.memory.feeds.list(link), limit, cursor, "feeds", show)


@router.get("/v1/feeds/<feed_id>", summary="Show a feed", tags=TAGS, security=READ)
def show_feed(feed_id: FeedId, here: Now) -> FeedShown:
    """One feed."""
    return show(found(here.memory.feeds.get, feed_id, "feed"))


@router.patch("/v1/feeds/<feed_id>", summary="Change a feed", tags=TAGS, security=ADMIN)
def change_feed(feed_id: FeedId, body: FeedChange, here: Now) -> FeedShown:
    """Change a feed, and its schedule with it. What people do with mails is not read while it is off (A-19)."""
    feed = found(here.memory.feeds.get, feed_id, "feed")
    changes = _changes(feed, body)
    if changes.get("enabled") and not flows(here, here.memory.links.get(feed.link), feed.kind):
        told = why_not(here, here.memory.links.get(feed.link), feed.kind)
        why = f"The link's platforms cannot carry {feed.kind}{f': {told}' if told else ''}"
        raise refused("enabled", "not_offered", why, "false", "GET /v1/platforms tells what each can do.")
    if not changes:
        return show(feed)
    changed = here.memory.feeds.change(feed.id, **changes)
    if here.memory.links.get(feed.link).status is LinkStatus.ACTIVE:
        here.memory.schedules.put(changed)
    before = {name: getattr(feed, name) for name in changes}
    here.audit("feed.changed", feed.id, before=before, after=changes)
    return show(changed)


def _changes(feed: Feed, body: FeedChange) -> dict[str, Any]:
    """What differs, with a schedule that the scheduler will take."""
    wanted = body.model_dump(exclude_none=True, exclude={"settings"})
    if body.settings is not None:
        wanted["settings"] = orders_only(feed.kind, body.settings)
    schedule, timezone = wanted.get("schedule", feed.schedule), wanted.get("timezone", feed.timezone)
    if {"schedule", "timezone"} & wanted.keys():
        trouble = explain(schedule or "rate(1 day)", timezone)
        if trouble:
            field = "schedule" if "schedule" in wanted and explain(schedule or "rate(1 day)") else "timezone"
            raise refused(
                field, "invalid_schedule", "The schedule cannot be used", trouble, f"It says: {trouble}."
            )
    return {name: value for name, value in wanted.items() if value != getattr(feed, name)}


def orders_only(kind: Kind, chosen: OrdersChosen) -> dict[str, object]:
    """The settings of a feed of orders; other feeds have nothing to choose."""
    if kind is not Kind.ORDERS:
        why = f"A feed of {kind} has nothing to choose"
        raise refused("settings", "not_for_this_kind", why, "null: only a feed of orders has settings")
    return chosen.settings()


@router.post("/v1/feeds/<feed_id>/runs", summary="Run a feed now", tags=TAGS, security=SYNC, status_code=202)
def run_feed(
    feed_id: FeedId, here: Now, body: RunWanted = WHOLE_RUN, idempotency_key: IdempotencyKey = ""
) -> RunShown:
    """Run a feed now. While one runs, the same request answers that run, another mode 409 (B-9)."""
    feed = found(here.memory.feeds.get, feed_id, "feed")
    return once(here, idempotency_key, f"run {feed.id}", body, RunShown, lambda: _begin(here, feed, body))


def _begin(here: Here, feed: Feed, body: RunWanted) -> RunShown:
    settings = orders_only(feed.kind, body.settings) if body.settings else {}
    return show_run(begin(here, feed, body.mode, body.scope, dry_run=body.dry_run, settings=settings))
