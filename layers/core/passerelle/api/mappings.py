"""Which product of a dependent store is which of its main store's: seen, suggested, said by hand, taken back (C-17)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, ConfigDict

from passerelle.api.access import ADMIN, READ, Here, Now
from passerelle.api.catalogue_links import decided_here
from passerelle.api.ends import ready
from passerelle.api.fields import Asked, Cursor, Limit, LinkId, ProductId, Reference
from passerelle.api.pages import Page, bad_cursor
from passerelle.api.problems import absent, conflict, refused
from passerelle.api.routing import new_router
from passerelle.model import Kind, Product
from passerelle.rules.suggesting import Suggestion, pairs
from passerelle.store.cursors import CursorRefused, decode, encode
from passerelle.sync import mapping
from passerelle.sync.flow import End, Flow
from passerelle.sync.mapping import Pair, Waiting

router = new_router()
TAGS = ["Catalogue"]

Few = Annotated[int, Query(ge=1, le=100, description="How many to answer at most.")]


class Suggested(BaseModel):
    """A product of the dependent store that it may be; `by`: sku, barcode or title; `likeness` from 0 to 1."""

    product: str
    title: str
    skus: list[str]
    by: str
    likeness: float


class UnmappedShown(BaseModel):
    """A product of the main store without a counterpart: `reason` is a stable word, `why` names the objects."""

    product: str
    title: str
    skus: list[str]
    reason: str
    why: str
    suggestions: list[Suggested]


class MappingShown(BaseModel):
    """A product with its counterpart; `variants`: the main store's → the dependent's, "" for its only one."""

    product: str
    counterpart: str
    variants: dict[str, str]
    state: str
    at: datetime | None


class MappingWanted(Asked):
    """Which product of the dependent store it is. Variants that are left out are paired by SKU, barcode and options."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"product": "8123", "variants": {"41": "9001", "42": "9002"}}]}
    )

    product: Reference
    variants: dict[Reference, Reference] | None = None


@router.get(
    "/v1/catalogue-links/<link_id>/unmapped", summary="List unmapped products", tags=TAGS, security=READ
)
def list_unmapped(link_id: LinkId, here: Now, limit: Few = 20, cursor: Cursor = "") -> Page[UnmappedShown]:
    """Products that no run could match, with what they may be, read from both stores now.

    A page may be short and still have a next.
    """
    flow = _flow(here, link_id)
    found, following = mapping.unmapped(flow, _after(flow, "unmapped", cursor), limit)
    items = [_unmapped(each) for each in found]
    return Page[UnmappedShown](items=items, next=_next(flow, "unmapped", following))


@router.get("/v1/catalogue-links/<link_id>/mappings", summary="List mappings", tags=TAGS, security=READ)
def list_mappings(link_id: LinkId, here: Now, limit: Limit = 50, cursor: Cursor = "") -> Page[MappingShown]:
    """Products that have a counterpart, found by a run or said by hand."""
    flow = here.river.flow(_feed(decided_here(here, link_id).id))
    found, following = mapping.mapped(flow, _after(flow, "mappings", cursor), limit)
    items = [_mapping(each) for each in found]
    return Page[MappingShown](items=items, next=_next(flow, "mappings", following))


@router.put(
    "/v1/catalogue-links/<link_id>/mappings/<product>", summary="Map a product", tags=TAGS, security=ADMIN
)
def map_product(link_id: LinkId, product: ProductId, body: MappingWanted, here: Now) -> MappingShown:
    """Say which product of the dependent store it is; it is synced at once."""
    flow = _flow(here, link_id)
    main = _read(flow.source, product)
    if main is None:
        raise absent("product at the main store")
    there = _read(flow.destination, body.product)
    if there is None:
        why = "The dependent store has no such product"
        raise refused("product", "no_such_product", why, "the id of a product of the dependent store")
    variants = _paired(main, there, body.variants)
    _free(flow, main, there)
    _at_rest(flow)
    if not mapping.take_seat(flow, main.id):
        why = f"The store's plan holds {flow.product_limit} products, and all are linked"
        raise conflict("plan_full", why, "Unmap another product, or ask for a larger plan.")
    before = mapping.entry_of(flow, main.id)
    mapping.map_by_hand(flow, main.id, there.id, variants)
    told = {"product": main.id, "counterpart": before.destination_id if before else ""}
    here.audit("product.mapped", flow.link, before=told, after={**told, "counterpart": there.id})
    here.river.resync(flow.link, Kind.PRODUCTS, main.id)
    return _mapped(flow, main.id, variants)


@router.delete(
    "/v1/catalogue-links/<link_id>/mappings/<product>",
    summary="Unmap a product",
    tags=TAGS,
    security=ADMIN,
    status_code=204,
)
def unmap_product(link_id: LinkId, product: ProductId, here: Now) -> Response[None]:
    """Say that it is none of the dependent store's: it stays there as it is, and is matched no more unless mapped."""
    flow = here.river.flow(_feed(decided_here(here, link_id).id))
    known = mapping.entry_of(flow, product)
    if known is None:
        raise absent("product in this link")
    _at_rest(flow)
    mapping.unmap(flow, known)
    told = {"product": product, "counterpart": known.destination_id}
    here.audit("product.unmapped", flow.link, before=told, after={**told, "counterpart": ""})
    return Response(204)


# --- what is asked of both stores ------------------------------------------------------------------------


def _flow(here: Here, link_id: str) -> Flow:
    """The link's products, both of whose stores let us in."""
    link = decided_here(here, link_id)
    ready(here, here.memory, link)
    return here.river.flow(_feed(link.id))


def _feed(link: str) -> str:
    return f"{link}.{Kind.PRODUCTS}"


def _read(end: End, id: str) -> Product | None:
    pulled = end.connector.pull(Kind.PRODUCTS, [id]).objects
    return next((each for each in pulled if isinstance(each, Product)), None)


def _paired(main: Product, there: Product, wanted: Mapping[str, str] | None) -> dict[str, str]:
    """Which variant is which, as asked or by what names them."""
    if wanted is None:
        return dict(pairs(main, there))
    for field, ids, product in (("main", wanted.keys(), main), ("dependent", set(wanted.values()), there)):
        known = {each.id for each in product.variants}
        absent_ = sorted(set(ids) - known)
        if absent_:
            why = f"The product of the {field} store has no variant {', '.join(absent_)}"
            raise refused("variants", "no_such_variant", why, f"one of: {', '.join(sorted(known))}")
    if len(set(wanted.values())) < len(wanted):
        why = "Two variants lead to the same one of the dependent store"
        raise refused("variants", "variant_taken", why, "each variant of the dependent store once")
    return dict(wanted)


def _free(flow: Flow, main: Product, there: Product) -> None:
    """409 where the dependent's product is another's counterpart already. Its variants go with it."""
    taken = mapping.counterparts_of(flow, [there.id]).get(there.id)
    if taken and taken != (flow.link, main.id):
        link, product = taken
        where = "" if link == flow.link else f" over the link {link}"
        why = f"That product is already the counterpart of {product}{where}"
        remedy = f"Unmap it first: DELETE /v1/catalogue-links/{link}/mappings/{product}."
        raise conflict("counterpart_taken", why, remedy)


def _at_rest(flow: Flow) -> None:
    """409 while a run decides products: what it saw before would be written over what a person says now."""
    run = flow.memory.lease.holder(flow.feed.id)
    if run:
        remedy = f"Wait for the run {run}, or cancel it first."
        raise conflict("still_running", "The link's products are being synced", remedy)


# --- how it is told --------------------------------------------------------------------------------------


def _unmapped(each: Waiting) -> UnmappedShown:
    return UnmappedShown(
        product=each.product.id,
        title=each.product.title,
        skus=_skus(each.product),
        reason=each.code,
        why=each.why,
        suggestions=[_suggested(one) for one in each.suggestions],
    )


def _suggested(one: Suggestion) -> Suggested:
    return Suggested(
        product=one.product.id,
        title=one.product.title,
        skus=_skus(one.product),
        by=one.by,
        likeness=round(one.likeness, 2),
    )


def _skus(product: Product) -> list[str]:
    return [each.sku for each in product.variants if each.sku]


def _mapping(pair: Pair) -> MappingShown:
    return MappingShown(
        product=pair.entry.source_id,
        counterpart=pair.entry.destination_id,
        variants=dict(pair.variants),
        state=pair.entry.state,
        at=pair.entry.at,
    )


def _mapped(flow: Flow, product: str, variants: Mapping[str, str]) -> MappingShown:
    entry = mapping.entry_of(flow, product)
    if entry is None:
        raise absent("product in this link")
    return _mapping(Pair(entry, variants))


def _after(flow: Flow, name: str, cursor: str) -> str:
    if not cursor:
        return ""
    try:
        return decode(cursor, f"{flow.link}.{name}")[1]
    except CursorRefused:
        raise bad_cursor() from None


def _next(flow: Flow, name: str, following: str | None) -> str | None:
    return encode((f"{flow.link}.{name}", following)) if following else None
