"""The two ends of a link, whoever's they are: its stores, whether they let us in, and what flows between them."""

from passerelle.api.access import Here
from passerelle.api.problems import Problem, conflict
from passerelle.model import Kind
from passerelle.runtime import platform
from passerelle.store.records import Link, LinkStatus, Store, StoreStatus
from passerelle.store.repositories import Repositories
from passerelle.sync.feeds import LINKS


def ends_of(here: Here, memory: Repositories, link: Link) -> tuple[Store, Store]:
    """Source and destination of a link that this tenant has. Answers 409 where the source has left it."""
    try:
        _, source = here.runtime.source(memory, link)
    except KeyError:
        raise departed() from None
    return source, memory.stores.get(link.destination)


def departed() -> Problem:
    """409: the main store feeds the link no more."""
    return conflict(
        "main_gone",
        "The main store does not feed this link any more",
        "Ask its owner for the connection key or for an invitation, and link the store again.",
    )


def ready(here: Here, memory: Repositories, link: Link) -> None:
    """409 where the link has ended, or an end has to be authorised again: a run could only fail (G-5)."""
    if link.status is LinkStatus.DISCONNECTED:
        raise conflict(
            "link_disconnected",
            "The link is disconnected: nothing flows over it",
            "Link the store again: POST /v1/catalogue-links; what it held is taken up as it was.",
        )
    for store in ends_of(here, memory, link):
        let_in(store, anothers=store.id == link.source and _anothers(here, link))


def let_in(store: Store, *, anothers: bool) -> None:
    """409 where a store has to be authorised again, by whoever it belongs to."""
    if store.status is StoreStatus.CONNECTED:
        return
    remedy = f"Authorise it again: POST /v1/stores/{store.id}/authorize."
    if anothers:
        remedy = "Its owner has to authorise it again; nothing can be done here meanwhile."
    raise conflict("needs_reauth", f"The store {store.name} no longer lets us in", remedy)


def _anothers(here: Here, link: Link) -> bool:
    return link.source_tenant not in ("", here.caller.tenant)


def flows(here: Here, link: Link, kind: Kind) -> bool:
    """Whether the one end can be read and the other written for this kind."""
    source, destination = ends_of(here, here.memory, link)
    return can_flow(link.kind, kind, source, destination)


def can_flow(link_kind: str, kind: Kind, source: Store, destination: Store) -> bool:
    """The same between these two stores."""
    spec = LINKS[link_kind][kind]
    shop, account = (platform(store.platform).OFFERS for store in (source, destination))
    read, written = (account, shop) if spec.back else (shop, account)
    return spec.reads in read.get(kind, ()) and spec.writes in written.get(spec.written, ())


def why_not(here: Here, link: Link, kind: Kind) -> str:
    """What the platforms of a link say of a kind that it cannot carry; empty where they say nothing."""
    modules = [platform(store.platform) for store in ends_of(here, here.memory, link)]
    spec = LINKS[link.kind][kind]
    wanted = {spec.reads, spec.writes}
    return " ".join(
        note.why
        for module in modules
        for note in getattr(module, "NOTES", ())
        if note.kind is kind and note.verb in wanted - module.OFFERS.get(kind, frozenset())
    )
