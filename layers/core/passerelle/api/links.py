"""Links: a store and the audience it is synced to; what a sync would take, and sync all."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, Field, StrictBool, StringConstraints

from passerelle.api import audience_fit, linking
from passerelle.api.access import ADMIN, READ, SYNC, Here, Now, found
from passerelle.api.choosing import OrdersChosen
from passerelle.api.fields import (
    Asked,
    BatchSize,
    Cursor,
    Form,
    IdempotencyKey,
    Instant,
    Limit,
    LinkId,
    Reference,
)
from passerelle.api.once import once
from passerelle.api.pages import Page, cut
from passerelle.api.problems import conflict
from passerelle.api.routing import new_router
from passerelle.api.starting import stores_ready
from passerelle.memory import Mode
from passerelle.rules.consent import InitialPolicy, UnsubscribedBecomes
from passerelle.rules.newcomers import dated
from passerelle.store import ids
from passerelle.store.records import Link
from passerelle.sync.flow import CATALOGUE_LINK

router = new_router()
TAGS = ["Links"]


class GuardWanted(Asked):
    """How many people a run may subscribe before it asks: `most`, or this share of the audience; both 0: no guard."""

    most: Annotated[int, Field(ge=0, le=10_000_000, strict=True)] = 500
    share: Annotated[float, Field(ge=0, le=1)] = 0.1


class SmsWanted(Asked):
    """Consents to texts, store to audience: only those given at or after `since`, after the first sync (A-18)."""

    enabled: bool = False
    since: Instant | None = None


Domain = Annotated[
    str,
    StringConstraints(
        max_length=253, to_lower=True, pattern=r"^@?[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$"
    ),
]
"""A domain such as shop.example; those below it are meant too."""
Tag = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class ExcludeWanted(Asked):
    """Who is kept out, with their orders and carts (A-24): by e-mail domain, by tag, by a marketplace's alias address.

    Who is in the audience already stays there as they are.
    """

    domains: list[Domain] = Field(default_factory=list, max_length=200)
    tags: list[Tag] = Field(default_factory=list, max_length=200)
    marketplaces: StrictBool = False
    """Addresses such as those of marketplace.amazon.* and members.ebay.*."""


class PolicyWanted(Asked):
    """The rules of consent of a link; the defaults never subscribe anyone without an opt-in."""

    initial: InitialPolicy = InitialPolicy.AUDIENCE_WINS_INITIAL
    correct_store: bool = True
    unsubscribed_becomes: UnsubscribedBecomes = UnsubscribedBecomes.TRANSACTIONAL
    sms: SmsWanted = SmsWanted()
    redact_audience: bool = False
    """Whether a person whom the store must forget is deleted in the audience for good, too (F-7)."""
    new_contacts_to_store: bool = False
    """Whether people who opt in at the audience from now on become customers of the store (A-20)."""
    guard: GuardWanted = GuardWanted()
    guard_first: bool = False
    """Whether contacts that the first full sync creates as subscribed are guarded too (A-12)."""
    exclude: ExcludeWanted = ExcludeWanted()
    """Who is kept out of the link, with their orders and carts (A-24)."""
    customer_events: bool = True
    """Whether what customers do in the store's pages is told to the audience (A-19)."""
    events_denied: bool = False
    """Whether the shop forbids to follow its visitors: their events are dropped and counted."""


class LinkWanted(Asked):
    """A link to make: `destination` is a connected e-mail account, `settings` its platform's form."""

    source: Reference
    destination: Reference
    audience: Reference
    policy: PolicyWanted = PolicyWanted()
    settings: Form = Field(default_factory=dict)


class LinkChange(Asked):
    """What to change of a link; what is left out stays, `settings` are replaced whole."""

    policy: PolicyWanted | None = None
    settings: Form | None = None


class LinkShown(BaseModel):
    """A link with its feeds."""

    id: str
    kind: str
    source: str
    destination: str
    audience: str
    policy: dict[str, Any]
    settings: dict[str, Any]
    status: str
    feeds: list[str]
    created_at: datetime


class PreflightWanted(Asked):
    """Which past orders to count (the feed's own choice if left out), and in batches of how many."""

    orders: OrdersChosen | None = None
    batch_size: BatchSize | None = None


AS_CHOSEN = PreflightWanted()
"""What no body means."""


class FeedAhead(BaseModel):
    """What a full sync of one feed would take; `seconds` of wall-clock time."""

    feed: str
    kind: str
    objects: int
    variants: int | None
    batch_size: int
    batches: int
    calls: int
    seconds: float


class PreflightShown(BaseModel):
    """What a full sync would take, feed by feed, and in all (B-3)."""

    feeds: list[FeedAhead]
    objects: int
    batches: int
    calls: int
    seconds: float


class SyncAllWanted(Asked):
    """What to sync: products and customers always, past orders and carts if asked; `chosen` is for this once."""

    mode: Mode = Mode.ALL
    orders: bool = True
    carts: bool = True
    chosen: OrdersChosen | None = None


EVERYTHING = SyncAllWanted()
"""What no body means."""


class SyncAllShown(BaseModel):
    """A sync-all under way; its runs are listed by GET /v1/runs?parent=<id>, as their turn comes."""

    id: str
    link: str
    feeds: list[str]


def show(here: Here, link: Link) -> LinkShown:
    """A link as the API tells it."""
    settings = dict(link.settings)
    return LinkShown(
        id=link.id,
        kind=link.kind,
        source=link.source,
        destination=link.destination,
        audience=str(settings.get("audience_id", "")),
        policy=dict(link.policy),
        settings=settings,
        status=link.status,
        feeds=[feed.id for feed in here.memory.feeds.list(link.id)],
        created_at=link.created_at,
    )


@router.post("/v1/links", summary="Link a store to an audience", tags=TAGS, security=ADMIN, status_code=201)
def create_link(body: LinkWanted, here: Now, idempotency_key: IdempotencyKey = "") -> LinkShown:
    """Make a link with a feed per kind. Nothing flows until a first full sync is started by hand (B-1)."""

    def make() -> LinkShown:
        policy = dated(body.policy.model_dump(mode="json"), {}, ids.now())
        made = linking.make(here, body.source, body.destination, body.audience, policy, dict(body.settings))
        return show(here, made)

    return once(here, idempotency_key, "create a link", body, LinkShown, make)


@router.get("/v1/links", summary="List links", tags=TAGS, security=READ)
def list_links(here: Now, limit: Limit = 50, cursor: Cursor = "") -> Page[LinkShown]:
    """The links, the oldest first."""
    return cut(here.memory.links.list(), limit, cursor, "links", lambda link: show(here, link))


@router.get("/v1/links/<link_id>", summary="Show a link", tags=TAGS, security=READ)
def show_link(link_id: LinkId, here: Now) -> LinkShown:
    """One link."""
    return show(here, found(here.memory.links.get, link_id, "link"))


@router.patch("/v1/links/<link_id>", summary="Change a link", tags=TAGS, security=ADMIN)
def change_link(link_id: LinkId, body: LinkChange, here: Now) -> LinkShown:
    """Change a link's policy or settings; its ends and its audience stay."""
    link = found(here.memory.links.get, link_id, "link")
    if link.kind == CATALOGUE_LINK:
        raise conflict(
            "catalogue_link",
            "A catalogue link has no policy of consent and no audience",
            f"Set what it carries by PATCH /v1/catalogue-links/{link.id}.",
        )
    changes: dict[str, Any] = {}
    if body.policy is not None:
        changes["policy"] = dated(body.policy.model_dump(mode="json"), link.policy, ids.now())
        if changes["policy"].get("sms") != link.policy.get("sms", audience_fit.OFF):
            changes["settings"] = linking.changed_policy(here, link, changes["policy"])
    if body.settings is not None:
        now = replace(link, settings=changes.get("settings", link.settings))
        changes["settings"] = linking.changed_settings(here, now, dict(body.settings))
    if not changes:
        return show(here, link)
    changed = here.memory.links.change(link.id, **changes)
    before = {name: getattr(link, name) for name in changes}
    here.audit("link.changed", link.id, before=before, after=changes)
    return show(here, changed)


@router.delete("/v1/links/<link_id>", summary="Delete a link", tags=TAGS, security=ADMIN, status_code=204)
def delete_link(link_id: LinkId, here: Now) -> Response[None]:
    """Delete a link, its feeds and their schedules. What was synced stays where it is."""
    linking.drop(here, found(here.memory.links.get, link_id, "link"))
    return Response(204)


@router.post("/v1/links/<link_id>/preflight", summary="Look before a sync", tags=TAGS, security=READ)
def preflight(link_id: LinkId, here: Now, body: PreflightWanted = AS_CHOSEN) -> PreflightShown:
    """What a full sync would read and how long it would take, asked of the store now."""
    link = found(here.memory.links.get, link_id, "link")
    stores_ready(here, link.id)
    chosen = body.orders.selection() if body.orders else None
    told = here.river.preflight(link.id, chosen, body.batch_size or 0)
    return PreflightShown.model_validate(told, from_attributes=True)


@router.post("/v1/links/<link_id>/sync-all", summary="Sync all", tags=TAGS, security=SYNC, status_code=202)
def sync_all(
    link_id: LinkId, here: Now, body: SyncAllWanted = EVERYTHING, idempotency_key: IdempotencyKey = ""
) -> SyncAllShown:
    """Sync everything: products and customers first, then orders and carts (B-2)."""
    link = found(here.memory.links.get, link_id, "link")
    stores_ready(here, link.id)

    def act() -> SyncAllShown:
        id, feeds = here.river.sync_all(
            link.id,
            body.mode,
            orders=body.orders,
            carts=body.carts,
            settings=body.chosen.settings() if body.chosen else None,
        )
        return SyncAllShown(id=id, link=link.id, feeds=feeds)

    return once(here, idempotency_key, f"sync all {link.id}", body, SyncAllShown, act)
