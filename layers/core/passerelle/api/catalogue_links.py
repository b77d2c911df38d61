"""Catalogue links: a dependent store fed by a main store; what it receives, said by its owner alone (C-1)."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from passerelle import parting
from passerelle.api import cataloguing
from passerelle.api.access import ADMIN, READ, Here, Now, found
from passerelle.api.cataloguing import Wanted
from passerelle.api.cycles import Place
from passerelle.api.ends import ends_of, let_in
from passerelle.api.fields import Asked, Cursor, Form, IdempotencyKey, Limit, LinkId, Reference
from passerelle.api.once import once
from passerelle.api.pages import Page, cut
from passerelle.api.preferring import PreferencesWanted, merged
from passerelle.api.problems import Problem, absent
from passerelle.api.routing import new_router
from passerelle.api.runs import RunShown
from passerelle.api.runs import show as show_run
from passerelle.api.starting import busy_problem
from passerelle.port import Terms
from passerelle.rules.preferences import Gone, preferences_of
from passerelle.store.records import Link, LinkStatus
from passerelle.sync.flow import CATALOGUE_LINK
from passerelle.sync.request import Busy

router = new_router()
TAGS = ["Catalogue"]

ConnectionKey = Annotated[str, StringConstraints(min_length=1, max_length=200)]
OfStore = Annotated[str, Query(alias="store", max_length=80, description="Only links of this store.")]


class LinkParts(Asked):
    """What the dependent's owner says of a link; what is left out stays, or is as it is by default.

    `settings` is how the dependent store is written (its platform's form), `source_settings` how the main one is read:
    its language, its pictures.
    """

    preferences: PreferencesWanted | None = None
    settings: Form | None = None
    source_settings: Form | None = None

    def wanted(self) -> Wanted:
        """As it is worked with."""
        return Wanted(self.preferences, self.settings, self.source_settings)


class CatalogueLinkWanted(LinkParts):
    """A link to make: `store` is one of yours; the main store by its connection key, or by its id if it is yours too."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "store": "str_1",
                    "connection_key": "connect_…",
                    "preferences": {"all": True, "prices": {"factor": "1.08", "currency": "USD"}},
                }
            ]
        }
    )

    store: Reference
    connection_key: ConnectionKey | None = None
    main: Reference | None = None

    @model_validator(mode="after")
    def _one_main(self) -> Self:
        if (self.connection_key is None) is (self.main is None):
            raise ValueError("a link with a connection_key, or with main; not with both")
        return self


class MainShown(BaseModel):
    """The main store of a link, as its dependents see it; `store` is empty where it is another account's."""

    store: str
    name: str
    url: str
    platform: str
    currency: str


class CatalogueLinkShown(BaseModel):
    """A catalogue link; `main` is null where the main store feeds it no more, `idle` is true where nothing is wanted."""

    id: str
    store: str
    main: MainShown | None
    status: str
    idle: bool
    preferences: dict[str, Any]
    settings: dict[str, Any]
    source_settings: dict[str, Any]
    feeds: list[str]
    created_at: datetime


class DisconnectWanted(Asked):
    """What becomes of the products that the link brought: they stay, are left without units, or become drafts (C-11)."""

    products: Literal["keep", "zero_stock", "draft"] = "keep"


KEEP = DisconnectWanted()
"""What no body means."""


class Disconnected(BaseModel):
    """The link as it is now, and the run that takes its products back, if there is one."""

    link: CatalogueLinkShown
    run: RunShown | None


class LocationShown(BaseModel):
    """A place that holds stock."""

    id: str
    name: str
    default: bool


class TermsShown(BaseModel):
    """How a shop tells its products; `languages` is empty where it speaks but one."""

    currency: str
    tax_included: bool
    locations: list[LocationShown]
    languages: list[str]


class BothTerms(BaseModel):
    """The terms of both ends of a link: what its preferences may name."""

    main: TermsShown
    dependent: TermsShown


def show(here: Here, link: Link) -> CatalogueLinkShown:
    """A catalogue link as the API tells it to the dependent's owner."""
    return CatalogueLinkShown(
        id=link.id,
        store=link.destination,
        main=_main(here, link),
        status=link.status,
        idle=preferences_of(link.policy).idle,
        preferences=dict(link.policy),
        settings=dict(link.settings),
        source_settings=dict(link.source_settings),
        feeds=[feed.id for feed in here.memory.feeds.list(link.id)],
        created_at=link.created_at,
    )


def _main(here: Here, link: Link) -> MainShown | None:
    try:
        owner, store = here.runtime.source(here.memory, link)
    except KeyError:
        return None
    id = store.id if owner.tenant == here.caller.tenant else ""
    return MainShown(
        store=id, name=store.name, url=store.url, platform=store.platform, currency=store.currency
    )


def decided_here(here: Here, id: str) -> Link:
    """A catalogue link whose dependent is the caller's. The main's owner gets 403: the dependent's decides (C-1)."""
    try:
        link = here.memory.links.get(id)
    except KeyError:
        dependent = here.memory.dependents.find(id)
        if dependent is None:
            raise absent("catalogue link") from None
        at = f"/v1/stores/{dependent.main}/dependents"
        raise Problem(
            403,
            "dependent_decides",
            "Only the dependent store's owner sets what it receives",
            detail="The link belongs to the account of the dependent store; a main store's owner sees it.",
            remedy=f"See it with GET {at}; to stop feeding it, DELETE {at}/{id}.",
        ) from None
    if link.kind != CATALOGUE_LINK:
        raise absent("catalogue link")
    return link


@router.post(
    "/v1/catalogue-links", summary="Link a store to a main store", tags=TAGS, security=ADMIN, status_code=201
)
def create_catalogue_link(
    body: CatalogueLinkWanted, here: Now, idempotency_key: IdempotencyKey = ""
) -> CatalogueLinkShown:
    """Link at once, by the main store's connection key (C-2). A pair that was disconnected is taken up as it was.

    Asked again for the same pair, it answers the same link as it is. Nothing flows until a first sync by hand (B-1).
    """

    def make() -> CatalogueLinkShown:
        dependent = cataloguing.own(here, body.store, "store")
        if body.connection_key is not None:
            main, field = cataloguing.main_by_key(here, body.connection_key), "connection_key"
        else:
            main, field = cataloguing.own(here, body.main or "", "main"), "main"
        return show(here, cataloguing.make(here, main, dependent, body.wanted(), field))

    return once(here, idempotency_key, "create a catalogue link", body, CatalogueLinkShown, make)


@router.get("/v1/catalogue-links", summary="List catalogue links", tags=TAGS, security=READ)
def list_catalogue_links(
    here: Now, store: OfStore = "", limit: Limit = 50, cursor: Cursor = ""
) -> Page[CatalogueLinkShown]:
    """The links that feed your stores, the oldest first; the disconnected ones too."""
    links = here.memory.links.of(store) if store else here.memory.links.list()
    catalogue = [link for link in links if link.kind == CATALOGUE_LINK]
    return cut(catalogue, limit, cursor, f"catalogue-links {store}", lambda link: show(here, link))


@router.get("/v1/catalogue-links/<link_id>", summary="Show a catalogue link", tags=TAGS, security=READ)
def show_catalogue_link(link_id: LinkId, here: Now) -> CatalogueLinkShown:
    """One link."""
    return show(here, decided_here(here, link_id))


@router.get("/v1/catalogue-links/<link_id>/terms", summary="Show both shops' terms", tags=TAGS, security=READ)
def show_terms(link_id: LinkId, here: Now) -> BothTerms:
    """What preferences may name: locations, currencies, languages of both ends, asked of the shops now."""
    link = decided_here(here, link_id)
    main, store = _ends(here, link)
    return BothTerms(
        main=_terms(cataloguing.terms(here, main, link.source_settings)),
        dependent=_terms(cataloguing.terms(here, store, link.settings)),
    )


def _terms(told: Terms) -> TermsShown:
    locations = [LocationShown(id=each.id, name=each.name, default=each.default) for each in told.locations]
    return TermsShown(
        currency=told.currency,
        tax_included=told.tax_included,
        locations=locations,
        languages=list(told.languages),
    )


def _ends(here: Here, link: Link) -> tuple[Place, Place]:
    """Main and dependent, both of which let us in."""
    main, store = ends_of(here, here.memory, link)
    owner = link.source_tenant or here.caller.tenant
    let_in(main, anothers=owner != here.caller.tenant)
    let_in(store, anothers=False)
    return Place(owner, main), Place(here.caller.tenant, store)


@router.patch("/v1/catalogue-links/<link_id>", summary="Change a catalogue link", tags=TAGS, security=ADMIN)
def change_catalogue_link(link_id: LinkId, body: LinkParts, here: Now) -> CatalogueLinkShown:
    """Change what the dependent receives; the next full run writes what is different by it."""
    link = decided_here(here, link_id)
    changes = _changes(link, body, here)
    if not changes:
        return show(here, link)
    main, store = _ends(here, link)
    new = {
        "settings": link.settings,
        "source_settings": link.source_settings,
        "policy": link.policy,
        **changes,
    }
    settings, read = dict(new["settings"]), dict(new["source_settings"])
    cataloguing.fitting(here, main, store.store, settings, read, new["policy"])
    changed = here.memory.links.change(link.id, **changes)
    before = {name: getattr(link, name) for name in changes}
    here.audit("link.changed", link.id, before=before, after=changes)
    return show(here, changed)


def _changes(link: Link, body: LinkParts, here: Here) -> dict[str, Any]:
    """What differs from what the link has."""
    wanted: dict[str, Any] = {}
    if body.preferences is not None:
        wanted["policy"] = merged(link.policy, body.preferences)
    if body.settings is not None:
        store = found(here.memory.stores.get, link.destination, "store")
        wanted["settings"] = {**store.settings, **body.settings}
    if body.source_settings is not None:
        wanted["source_settings"] = dict(body.source_settings)
    return {name: value for name, value in wanted.items() if value != getattr(link, name)}


@router.post(
    "/v1/catalogue-links/<link_id>/disconnect",
    summary="Disconnect a dependent store",
    tags=TAGS,
    security=ADMIN,
    status_code=202,
)
def disconnect_link(
    link_id: LinkId, here: Now, body: DisconnectWanted = KEEP, idempotency_key: IdempotencyKey = ""
) -> Disconnected:
    """Nothing flows from now on; a run takes the products back if asked. Linked again, it goes on as it was."""
    link = decided_here(here, link_id)
    what = f"disconnect {link.id}"
    return once(here, idempotency_key, what, body, Disconnected, lambda: _disconnect(here, link, body))


def _disconnect(here: Here, link: Link, body: DisconnectWanted) -> Disconnected:
    store = here.memory.stores.get(link.destination)
    if body.products != "keep":
        let_in(store, anothers=False)
        _idle(here, link)
    was = link.status
    ended = parting.part(here.memory, link, back=body.products != "keep")
    cataloguing.seats(here, store)
    if was is LinkStatus.ACTIVE:
        here.audit("link.disconnected", link.id, after={"products": body.products})
        _tell_main(here, link)
    try:
        run = None if body.products == "keep" else here.river.retire(link.id, Gone(body.products))
    except Busy as busy:
        raise busy_problem(busy.run) from None
    return Disconnected(link=show(here, ended), run=show_run(run) if run else None)


def _idle(here: Here, link: Link) -> None:
    """409 while a run writes what is to be taken back; the run that takes it back is answered again."""
    for feed in here.memory.feeds.list(link.id):
        holder = here.memory.lease.holder(feed.id)
        if holder and link.status is LinkStatus.ACTIVE:
            raise busy_problem(here.memory.runs.get(holder))


def _tell_main(here: Here, link: Link) -> None:
    if link.source_tenant not in ("", here.caller.tenant):
        theirs = here.runtime.repositories(link.source_tenant)
        theirs.audit.record("dependent store", "dependent.disconnected", link.source, after={"link": link.id})
