"""Invitations: a main store asks the store at an address; its owner accepts, declines, or lets it pass (C-2)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator, BaseModel, StringConstraints

from passerelle.api import cataloguing
from passerelle.api.access import ADMIN, READ, Here, Now, found
from passerelle.api.catalogue_links import CatalogueLinkShown, LinkParts
from passerelle.api.catalogue_links import show as show_link
from passerelle.api.cycles import Place
from passerelle.api.fields import Asked, Cursor, IdempotencyKey, InvitationId, Limit, Reference, StoreId
from passerelle.api.once import once
from passerelle.api.pages import Page, cut
from passerelle.api.problems import Problem, absent, conflict, refused
from passerelle.api.routing import new_router
from passerelle.store.invitations import address_of, invited
from passerelle.store.records import Invitation, InvitationStatus, Store
from passerelle.store.table import ConditionFailed

router = new_router()
TAGS = ["Catalogue"]

OfStore = Annotated[str, Query(alias="store", max_length=80, description="Only those for this store.")]


def _an_address(url: str) -> str:
    try:
        address = address_of(url)
    except ValueError:
        address = ""
    if "." not in address.partition("/")[0] and not address.startswith("localhost"):
        raise ValueError("the address of a shop, such as https://shop.example")
    return url


class InvitationWanted(Asked):
    """Whom to invite: the shop's address, as its owner connects it."""

    url: Annotated[
        str, StringConstraints(min_length=3, max_length=500, pattern=r"^\S+$"), AfterValidator(_an_address)
    ]


class InvitationShown(BaseModel):
    """An invitation; `main` is the inviting store's name. `link` is there once it is accepted."""

    id: str
    main: str
    address: str
    status: str
    link: str
    created_at: datetime
    expires_at: datetime


class Accepted(LinkParts):
    """By which of your stores the invitation is accepted, and what it wants to receive."""

    store: Reference


def show(here: Here, sent: Invitation) -> InvitationShown:
    """An invitation as both sides see it."""
    return InvitationShown(
        id=sent.id,
        main=sent.name,
        address=sent.address,
        status=sent.standing(here.runtime.storage.clock()),
        link=sent.link,
        created_at=sent.created_at,
        expires_at=sent.expires_at,
    )


# --- sent ------------------------------------------------------------------------------------------------


@router.post(
    "/v1/stores/<store_id>/invitations", summary="Invite a store", tags=TAGS, security=ADMIN, status_code=201
)
def send_invitation(store_id: StoreId, body: InvitationWanted, here: Now) -> InvitationShown:
    """Invite the store at an address; it waits for 30 days. Who is invited already is not invited twice (C-2)."""
    store = found(here.memory.stores.get, store_id, "store")
    cataloguing.fit_as_main(store, "store_id")
    if address_of(body.url) == address_of(store.url):
        raise refused("url", "itself", "A store cannot be linked to itself", "the address of another shop")
    known = {each.id for each in here.memory.invitations.list()}
    sent = here.memory.invitations.send(store.id, store.name, body.url)
    if sent.id not in known:
        here.audit("invitation.sent", sent.id, after={"store": store.id, "address": sent.address})
    return show(here, sent)


@router.get("/v1/stores/<store_id>/invitations", summary="List invitations sent", tags=TAGS, security=READ)
def list_sent(store_id: StoreId, here: Now, limit: Limit = 50, cursor: Cursor = "") -> Page[InvitationShown]:
    """The invitations that a main store has sent, the oldest first."""
    store = found(here.memory.stores.get, store_id, "store")
    sent = [each for each in here.memory.invitations.list() if each.main == store.id]
    return cut(sent, limit, cursor, f"invitations {store.id}", lambda each: show(here, each))


@router.delete(
    "/v1/stores/<store_id>/invitations/<invitation_id>",
    summary="Withdraw an invitation",
    tags=TAGS,
    security=ADMIN,
    status_code=204,
)
def withdraw_invitation(store_id: StoreId, invitation_id: InvitationId, here: Now) -> Response[None]:
    """Take an invitation back that was not answered; one that was accepted has become a link."""
    store = found(here.memory.stores.get, store_id, "store")
    sent = found(here.memory.invitations.get, invitation_id, "invitation")
    if sent.main != store.id:
        raise absent("invitation")
    try:
        here.memory.invitations.answer(sent.id, InvitationStatus.WITHDRAWN)
    except ConditionFailed:
        raise _answered(sent) from None
    here.audit("invitation.withdrawn", sent.id, after={"address": sent.address})
    return Response(204)


# --- received --------------------------------------------------------------------------------------------


@router.get("/v1/invitations", summary="List invitations received", tags=TAGS, security=READ)
def list_received(
    here: Now, store: OfStore = "", limit: Limit = 50, cursor: Cursor = ""
) -> Page[InvitationShown]:
    """The invitations of your stores, found by the addresses by which they are connected; the oldest first."""
    received = [sent for _, sent in _received(here) if not store or _is_for(here, sent, store)]
    return cut(received, limit, cursor, f"received {store}", lambda each: _shown_to(here, each))


def _shown_to(here: Here, sent: Invitation) -> InvitationShown:
    """Where a shop is connected by two accounts, both see what is sent to it, and neither the other's link (C-3)."""
    own = {each.id for each in here.memory.links.list()} if sent.link else set()
    return show(here, sent if sent.link in own else replace(sent, link=""))


@router.post(
    "/v1/invitations/<invitation_id>/accept",
    summary="Accept an invitation",
    tags=TAGS,
    security=ADMIN,
    status_code=201,
)
def accept_invitation(
    invitation_id: InvitationId, body: Accepted, here: Now, idempotency_key: IdempotencyKey = ""
) -> CatalogueLinkShown:
    """Link the invited store to the one that invites it, without a key (C-2). Accepted again, it is the same link."""
    tenant, sent = _one(here, invitation_id)
    what = f"accept {sent.id}"
    return once(
        here, idempotency_key, what, body, CatalogueLinkShown, lambda: _accept(here, tenant, sent, body)
    )


@router.post(
    "/v1/invitations/<invitation_id>/decline", summary="Decline an invitation", tags=TAGS, security=ADMIN
)
def decline_invitation(invitation_id: InvitationId, here: Now) -> InvitationShown:
    """Decline an invitation; the inviting store may send another."""
    tenant, sent = _one(here, invitation_id)
    _may_be_answered(here, sent, InvitationStatus.DECLINED)
    declined = _answer(here, tenant, sent, InvitationStatus.DECLINED)
    here.audit("invitation.declined", sent.id)
    return show(here, declined)


def _received(here: Here) -> Iterator[tuple[str, Invitation]]:
    """(tenant, invitation) of each that was sent to one of the caller's stores."""
    addresses = {address_of(store.url) for store in here.memory.stores.list() if store.url}
    for address in sorted(addresses):
        for tenant, id in invited(here.runtime.storage.state, address):
            try:
                sent = here.runtime.repositories(tenant).invitations.get(id)
            except KeyError:
                continue  # it was sent so long ago that half of it has expired
            if sent.status is not InvitationStatus.WITHDRAWN:
                yield tenant, sent


def _is_for(here: Here, sent: Invitation, id: str) -> bool:
    return any(
        store.id == id and address_of(store.url) == sent.address for store in here.memory.stores.list()
    )


def _one(here: Here, id: str) -> tuple[str, Invitation]:
    for tenant, sent in _received(here):
        if sent.id == id:
            return tenant, sent
    raise absent("invitation")


def _accept(here: Here, tenant: str, sent: Invitation, body: Accepted) -> CatalogueLinkShown:
    dependent = cataloguing.own(here, body.store, "store")
    if address_of(dependent.store.url) != sent.address:
        why = "The invitation is for another store"
        raise refused("store", "another_store", why, f"the id of your store at {sent.address}")
    _may_be_answered(here, sent, InvitationStatus.ACCEPTED)
    if sent.status is InvitationStatus.ACCEPTED and not _still_fed(here, tenant, sent):
        raise _answered(sent)
    main = Place(tenant, _inviting(here, tenant, sent))
    link = cataloguing.make(here, main, dependent, body.wanted(), "invitation_id")
    _answer(here, tenant, sent, InvitationStatus.ACCEPTED, link.id)
    if sent.status is InvitationStatus.WAITING:
        here.audit("invitation.accepted", sent.id, after={"link": link.id})
    return show_link(here, link)


def _inviting(here: Here, tenant: str, sent: Invitation) -> Store:
    return found(
        here.runtime.repositories(tenant).stores.get, sent.main, "store behind the invitation any more"
    )


def _still_fed(here: Here, tenant: str, sent: Invitation) -> bool:
    """Whether the main store has not taken itself away from the link since; then what was accepted stays accepted."""
    try:
        here.runtime.repositories(tenant).dependents.get(sent.main, sent.link)
        here.memory.links.get(sent.link)
    except KeyError:
        return False
    return True


def _may_be_answered(here: Here, sent: Invitation, wanted: InvitationStatus) -> None:
    standing = sent.standing(here.runtime.storage.clock())
    if standing is InvitationStatus.EXPIRED:
        raise conflict(
            "invitation_expired",
            f"The invitation expired on {sent.expires_at:%d %B %Y}",
            "Ask the main store's owner to invite the store again, or for the connection key.",
        )
    if standing not in (InvitationStatus.WAITING, wanted):
        raise _answered(sent)


def _answer(
    here: Here, tenant: str, sent: Invitation, status: InvitationStatus, link: str = ""
) -> Invitation:
    try:
        return here.runtime.repositories(tenant).invitations.answer(sent.id, status, link)
    except ConditionFailed:
        raise _answered(sent) from None


def _answered(sent: Invitation) -> Problem:
    standing = "answered" if sent.status is InvitationStatus.WAITING else sent.status
    remedy = "Ask the main store's owner to invite the store again, or for the connection key."
    return conflict("invitation_answered", f"The invitation was {standing} before", remedy)
