"""Customer events: told by a store's server, counted per link; the public key of a store's pages (A-19)."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler import Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from passerelle import listening
from passerelle.api.access import ADMIN, READ, SYNC, Here, Now, found
from passerelle.api.fields import Asked, LinkId, StoreId
from passerelle.api.routing import new_router
from passerelle.api.telling import CustomerEventsHeard, CustomerEventsTold, heard, told
from passerelle.memory.customer_events import Count
from passerelle.rules.customer_events import NAMES
from passerelle.store.records import Pixel

router = new_router()
TAGS = ["Customer events"]


def _origin(text: str) -> str:
    """An origin as browsers write it: https, a host, a port if it is another; or `null`, of a sandboxed frame."""
    wanted = "an origin such as https://shop.example, or null"
    parts = urlsplit(text.lower())
    if text == "null":
        return text
    try:
        rest = parts.path.strip("/") or parts.query or parts.fragment or parts.username
        if parts.scheme != "https" or not parts.hostname or rest:
            raise ValueError(wanted)
        port = f":{parts.port}" if parts.port not in (None, 443) else ""
    except ValueError:
        raise ValueError(wanted) from None
    return f"https://{parts.hostname}{port}"


type Origin = Annotated[str, StringConstraints(max_length=255), AfterValidator(_origin)]


class PixelWanted(Asked):
    """From which origins the pages of the store tell events."""

    allowed_origins: Annotated[list[Origin], Field(min_length=1, max_length=50)]


class PixelShown(BaseModel):
    """The public key of a store's pages, where events are posted to, and from which origins."""

    key: str
    url: str
    allowed_origins: list[str]
    allowed_names: list[str]
    created_at: datetime


class DayShown(BaseModel):
    """What became of the events of one day (UTC)."""

    day: str
    accepted: int
    duplicate: int
    denied: int
    kept: int
    sent: int
    expired: int
    refused: int


class EventsCounted(BaseModel):
    """Whether a link takes events, and its counts day by day, the newest first."""

    link: str
    on: bool
    allowed_names: list[str]
    days: list[DayShown]


def _shown(here: Here, pixel: Pixel) -> PixelShown:
    return PixelShown(
        key=pixel.key,
        url=f"{here.hooks_at.removesuffix('/hooks')}/pixel/{pixel.key}",
        allowed_origins=list(pixel.origins),
        allowed_names=list(NAMES),
        created_at=pixel.created_at,
    )


@router.post(
    "/v1/stores/<store_id>/pixel",
    summary="Make a store's pixel key",
    tags=TAGS,
    security=ADMIN,
    status_code=201,
)
def make_pixel(store_id: StoreId, body: PixelWanted, here: Now) -> PixelShown:
    """Make the public key by which a store's pages tell events; the key before stops at once."""
    store = found(here.memory.stores.get, store_id, "store")
    origins = list(dict.fromkeys(body.allowed_origins))
    made = here.memory.pixels.make(store.id, origins)
    here.audit("pixel.made", store.id, after={"allowed_origins": origins})
    return _shown(here, made)


@router.get("/v1/stores/<store_id>/pixel", summary="Show a store's pixel key", tags=TAGS, security=READ)
def show_pixel(store_id: StoreId, here: Now) -> PixelShown:
    """The store's public key."""
    store = found(here.memory.stores.get, store_id, "store")
    return _shown(here, found(here.memory.pixels.get, store.id, "pixel"))


@router.delete(
    "/v1/stores/<store_id>/pixel",
    summary="Take a store's pixel key away",
    tags=TAGS,
    security=ADMIN,
    status_code=204,
)
def delete_pixel(store_id: StoreId, here: Now) -> Response[None]:
    """The key leads nowhere from now on."""
    store = found(here.memory.stores.get, store_id, "store")
    here.memory.pixels.delete(store.id)
    here.audit("pixel.deleted", store.id)
    return Response(204)


@router.post(
    "/v1/stores/<store_id>/customer-events",
    summary="Tell what customers did",
    tags=TAGS,
    security=SYNC,
    status_code=202,
)
def tell_customer_events(store_id: StoreId, body: CustomerEventsTold, here: Now) -> CustomerEventsHeard:
    """From the store's server: the same as from its pages. Taken whole, or refused whole."""
    store = found(here.memory.stores.get, store_id, "store")
    return heard(listening.hear(here.runtime, here.caller.tenant, store.id, told(body.events)))


@router.get("/v1/links/<link_id>/customer-events", summary="Count customer events", tags=TAGS, security=READ)
def count_customer_events(link_id: LinkId, here: Now) -> EventsCounted:
    """What became of the events of the last 90 days; what was kept is sent or expired within 7 days."""
    link = found(here.memory.links.get, link_id, "link")
    tallies = here.memory.customer_events(link.id).tallies()
    days = [
        DayShown(day=each.day, **{count.value: each.counts.get(count, 0) for count in Count})
        for each in tallies
    ]
    return EventsCounted(link=link.id, on=listening.on(link), allowed_names=list(NAMES), days=days)
