"""Stores: connect with a check, show, authorise again, disconnect; the audiences and order statuses they have."""

from datetime import datetime

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, Field, JsonValue

from passerelle.api import audience_fit, connecting
from passerelle.api.access import ADMIN, READ, Now, found
from passerelle.api.fields import Asked, AudienceId, Cursor, Form, Limit, Name, Platform, StoreId
from passerelle.api.pages import Page, cut
from passerelle.api.platforms import checked, known_platform
from passerelle.api.problems import Problem
from passerelle.api.routing import new_router
from passerelle.port import Audience
from passerelle.store.records import Store
from passerelle.store.repositories import Repositories

router = new_router()
TAGS = ["Stores"]


class StoreWanted(Asked):
    """A store to connect; `credentials` is the platform's form, see GET /v1/platforms."""

    platform: Platform
    credentials: Form
    name: Name | None = None
    settings: Form = Field(default_factory=dict)


class CredentialsWanted(Asked):
    """New credentials for the same shop."""

    credentials: Form


class StoreChange(Asked):
    """What to change of a store; what is left out stays, `settings` are replaced whole."""

    name: Name | None = None
    settings: Form | None = None


class StoreShown(BaseModel):
    """A connected store; its credentials are never shown."""

    id: str
    platform: str
    name: str
    url: str
    status: str
    currency: str
    timezone: str
    version: str
    hook_url: str
    product_limit: int | None
    """How many products its plan holds over catalogue links; null: any number (C-13)."""
    products_taken: int | None
    """How many of them are linked; null where the plan has no end."""
    settings: dict[str, JsonValue]
    created_at: datetime
    checked_at: datetime | None


class AudienceShown(BaseModel):
    """An audience that a link may choose."""

    id: str
    name: str
    members: int
    double_opt_in: bool
    required_fields: list[str]


class MergeFieldShown(BaseModel):
    """A field of an audience's contacts; `type` is the platform's word."""

    tag: str
    name: str
    type: str
    required: bool


class OrderStatusShown(BaseModel):
    """A status by which orders may be chosen."""

    key: str
    name: str


def show(memory: Repositories, store: Store) -> StoreShown:
    """A store as the API tells it."""
    limit = store.product_limit
    return StoreShown(
        id=store.id,
        platform=store.platform,
        name=store.name,
        url=store.url,
        status=store.status,
        currency=store.currency,
        timezone=store.timezone,
        version=store.version,
        hook_url=store.hook_url,
        product_limit=limit,
        products_taken=None if limit is None else memory.seats.taken(store.id),
        settings=dict(store.settings),
        created_at=store.created_at,
        checked_at=store.checked_at,
    )


@router.post("/v1/stores", summary="Connect a store", tags=TAGS, security=ADMIN, status_code=201)
def connect_store(body: StoreWanted, here: Now) -> StoreShown:
    """Connect a store: its address and credentials are tried before anything is kept."""
    made = connecting.connect(here, body.platform, body.name or "", body.credentials, dict(body.settings))
    return show(here.memory, made)


@router.get("/v1/stores", summary="List stores", tags=TAGS, security=READ)
def list_stores(here: Now, limit: Limit = 50, cursor: Cursor = "") -> Page[StoreShown]:
    """The connected stores, the oldest first."""
    return cut(here.memory.stores.list(), limit, cursor, "stores", lambda store: show(here.memory, store))


@router.get("/v1/stores/<store_id>", summary="Show a store", tags=TAGS, security=READ)
def show_store(store_id: StoreId, here: Now) -> StoreShown:
    """One store."""
    return show(here.memory, found(here.memory.stores.get, store_id, "store"))


@router.patch("/v1/stores/<store_id>", summary="Change a store", tags=TAGS, security=ADMIN)
def change_store(store_id: StoreId, body: StoreChange, here: Now) -> StoreShown:
    """Change what a store is called here, or how it is read; its settings' form is its platform's."""
    store = found(here.memory.stores.get, store_id, "store")
    changes = body.model_dump(exclude_none=True)
    if "settings" in changes:
        checked(known_platform(store.platform).Settings, changes["settings"], "settings")
    if not changes:
        return show(here.memory, store)
    changed = here.memory.stores.change(store.id, **changes)
    before = {name: getattr(store, name) for name in changes}
    here.audit("store.changed", store.id, before=before, after=changes)
    return show(here.memory, changed)


@router.post("/v1/stores/<store_id>/authorize", summary="Authorise a store again", tags=TAGS, security=ADMIN)
def authorize_store(store_id: StoreId, body: CredentialsWanted, here: Now) -> StoreShown:
    """Replace a store's credentials. Those of another shop are refused with 409."""
    store = found(here.memory.stores.get, store_id, "store")
    return show(here.memory, connecting.authorize(here, store, body.credentials))


@router.delete(
    "/v1/stores/<store_id>", summary="Disconnect a store", tags=TAGS, security=ADMIN, status_code=204
)
def disconnect_store(store_id: StoreId, here: Now) -> Response[None]:
    """Disconnect a store that no link uses: its webhooks are taken away, its credentials forgotten."""
    connecting.disconnect(here, found(here.memory.stores.get, store_id, "store"))
    return Response(204)


@router.get(
    "/v1/stores/<store_id>/audiences/<audience>/merge-fields",
    summary="List an audience's merge fields",
    tags=TAGS,
    security=READ,
)
def list_merge_fields(store_id: StoreId, audience: AudienceId, here: Now) -> Page[MergeFieldShown]:
    """The fields of an audience's contacts, read now: what `settings.merge_fields` of a link may name."""
    store = found(here.memory.stores.get, store_id, "store")
    fields = audience_fit.merge_fields(here, store, audience)
    return Page[MergeFieldShown](
        items=[MergeFieldShown.model_validate(each, from_attributes=True) for each in fields]
    )


@router.get("/v1/stores/<store_id>/audiences", summary="List a store's audiences", tags=TAGS, security=READ)
def list_audiences(store_id: StoreId, here: Now) -> Page[AudienceShown]:
    """The audiences of a connected e-mail account, read from it now."""
    store = found(here.memory.stores.get, store_id, "store")
    return Page[AudienceShown](items=[show_audience(each) for each in connecting.audiences(here, store)])


def show_audience(audience: Audience) -> AudienceShown:
    """An audience as the API tells it."""
    return AudienceShown(
        id=audience.id,
        name=audience.name,
        members=audience.members,
        double_opt_in=audience.double_opt_in,
        required_fields=list(audience.required_fields),
    )


@router.get(
    "/v1/stores/<store_id>/order-statuses", summary="List a store's order statuses", tags=TAGS, security=READ
)
def list_order_statuses(store_id: StoreId, here: Now) -> Page[OrderStatusShown]:
    """The statuses by which past orders may be chosen, read from the store now."""
    store = found(here.memory.stores.get, store_id, "store")
    connector = here.runtime.connector(here.caller.tenant, store.id)
    read = getattr(connector, "order_statuses", None)
    if read is None:
        why = "This platform has no orders"
        raise Problem(422, "not_offered", why, remedy="Ask a shop; GET /v1/platforms tells what each can do.")
    return Page[OrderStatusShown](items=[OrderStatusShown(key=key, name=name) for key, name in read()])
