"""Dependent stores as their main store's owner sees them: who they are and what they receive, not to be changed (C-1)."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from passerelle import parting
from passerelle.api.access import ADMIN, READ, Here, Now, found
from passerelle.api.fields import Cursor, Limit, LinkId, StoreId
from passerelle.api.pages import Page, cut
from passerelle.api.problems import absent
from passerelle.api.routing import new_router
from passerelle.rules.stock import stock_rule_of
from passerelle.store.records import Dependent, LinkStatus

router = new_router()
TAGS = ["Catalogue"]


class MappedLocation(BaseModel):
    """Where the units of a location of the main store go; `main` is empty for all that are not named."""

    main: str
    dependent: str


class DependentShown(BaseModel):
    """A store that this main store feeds over one link; its other links are not shown (C-3)."""

    link: str
    name: str
    url: str
    since: datetime
    status: str
    preferences: dict[str, Any]
    locations: list[MappedLocation]


def show(here: Here, dependent: Dependent) -> DependentShown:
    """A dependent store as the API tells it to its main store's owner."""
    theirs = here.runtime.repositories(dependent.tenant)
    try:
        link = theirs.links.get(dependent.link)
    except KeyError:
        link = None
    policy = dict(link.policy) if link else {}
    return DependentShown(
        link=dependent.link,
        name=dependent.name,
        url=dependent.url,
        since=dependent.since,
        status=link.status if link else LinkStatus.DISCONNECTED,
        preferences=policy,
        locations=_locations(policy),
    )


def _locations(policy: dict[str, Any]) -> list[MappedLocation]:
    rule = stock_rule_of(policy.get("stock") or {})
    named = [MappedLocation(main=main, dependent=there) for main, there in sorted(rule.locations.items())]
    return named + ([MappedLocation(main="", dependent=rule.default)] if rule.default else [])


@router.get("/v1/stores/<store_id>/dependents", summary="List dependent stores", tags=TAGS, security=READ)
def list_dependents(
    store_id: StoreId, here: Now, limit: Limit = 50, cursor: Cursor = ""
) -> Page[DependentShown]:
    """The stores that this one feeds, the oldest link first."""
    store = found(here.memory.stores.get, store_id, "store")
    every = list(here.memory.dependents.of(store.id))
    return cut(every, limit, cursor, f"dependents {store.id}", lambda each: show(here, each))


@router.delete(
    "/v1/stores/<store_id>/dependents/<link_id>",
    summary="Stop feeding a dependent store",
    tags=TAGS,
    security=ADMIN,
    status_code=204,
)
def stop_feeding(store_id: StoreId, link_id: LinkId, here: Now) -> Response[None]:
    """Feed it no more: its products stay as they are, and its owner may take them back (C-11)."""
    store = found(here.memory.stores.get, store_id, "store")
    try:
        parting.stop_feeding(here.runtime, here.caller.tenant, store.id, link_id)
    except KeyError:
        raise absent("dependent store") from None
    here.audit("dependent.stopped", store.id, after={"link": link_id})
    return Response(204)
