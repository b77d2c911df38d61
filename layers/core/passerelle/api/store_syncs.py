"""Sync all from a store: a main store reaches every active dependent, a dependent only itself (C-14)."""

from collections.abc import Sequence

from aws_lambda_powertools import Logger
from pydantic import BaseModel

from passerelle.api.access import SYNC, Here, Now, found
from passerelle.api.ends import ready
from passerelle.api.fields import Asked, IdempotencyKey, StoreId
from passerelle.api.once import once
from passerelle.api.problems import Problem, conflict
from passerelle.api.routing import new_router
from passerelle.memory import Mode
from passerelle.store.records import Link, LinkStatus, Store
from passerelle.store.repositories import Repositories
from passerelle.sync.flow import CATALOGUE_LINK

logger = Logger(service="passerelle", child=True)
router = new_router()
TAGS = ["Catalogue"]


class StoreSyncWanted(Asked):
    """Which products to sync; units follow them."""

    mode: Mode = Mode.ALL


EVERYTHING = StoreSyncWanted()
"""What no body means."""


class Obstacle(BaseModel):
    """Why a link's sync did not start."""

    code: str
    title: str
    remedy: str


class LinkSync(BaseModel):
    """One link: the sync-all that was started, or the problem that kept it."""

    link: str
    store: str
    """The dependent store's name."""
    sync_all: str | None
    problem: Obstacle | None


class StoreSyncShown(BaseModel):
    """What was started, link by link."""

    items: list[LinkSync]


@router.post(
    "/v1/stores/<store_id>/sync-all",
    summary="Sync all of a store",
    tags=TAGS,
    security=SYNC,
    status_code=202,
)
def sync_store(
    store_id: StoreId, here: Now, body: StoreSyncWanted = EVERYTHING, idempotency_key: IdempotencyKey = ""
) -> StoreSyncShown:
    """Each link by itself: products, then stock (B-2). One that cannot start says why, and delays no other."""
    store = found(here.memory.stores.get, store_id, "store")
    links = _active(here, store)
    if not links:
        why = "The store feeds no other store, and none feeds it"
        raise conflict("not_linked", why, "Link a store first: POST /v1/catalogue-links.")
    what = f"sync all of {store.id}"
    return once(here, idempotency_key, what, body, StoreSyncShown, lambda: _start_all(here, links, body.mode))


def _active(here: Here, store: Store) -> list[tuple[Repositories, Link]]:
    """Its active catalogue links, with whose they are: those that feed it first."""
    every = here.runtime.links_of(here.caller.tenant, store.id)
    active = [
        (owner, link)
        for owner, link in every
        if link.kind == CATALOGUE_LINK and link.status is LinkStatus.ACTIVE
    ]
    return sorted(active, key=lambda each: each[1].destination != store.id)


def _start_all(here: Here, links: Sequence[tuple[Repositories, Link]], mode: Mode) -> StoreSyncShown:
    return StoreSyncShown(items=[_start(here, owner, link, mode) for owner, link in links])


def _start(here: Here, owner: Repositories, link: Link, mode: Mode) -> LinkSync:
    name = owner.stores.get(link.destination).name
    try:
        ready(here, owner, link)
        id, _ = here.runtime.river(owner.tenant).sync_all(link.id, mode)
    except Problem as problem:
        why = Obstacle(code=problem.code, title=problem.title, remedy=problem.remedy)
        return LinkSync(link=link.id, store=name, sync_all=None, problem=why)
    except Exception as error:  # noqa: BLE001  # whatever ails one dependent, the others are started (C-14)
        logger.error("a sync-all did not start", link=link.id, error_type=type(error).__name__)
        why = Obstacle(code="internal", title="The sync could not be started", remedy="Try it again.")
        return LinkSync(link=link.id, store=name, sync_all=None, problem=why)
    return LinkSync(link=link.id, store=name, sync_all=id, problem=None)
