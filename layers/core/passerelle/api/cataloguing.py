"""Linking a dependent store to a main store: whose they are, whether they fit, the link with its feeds, and its end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from passerelle import parting
from passerelle.api.access import Here
from passerelle.api.connecting import subscribe
from passerelle.api.cycles import Place, refuse_cycle
from passerelle.api.ends import can_flow, let_in
from passerelle.api.linking import feed_of
from passerelle.api.platforms import checked
from passerelle.api.preferring import PreferencesWanted, check, language, merged
from passerelle.api.problems import Problem, refused
from passerelle.model import Kind
from passerelle.port import Terms, Verb
from passerelle.runtime import feeding, platform
from passerelle.store.connection_keys import whose
from passerelle.store.records import Dependent, Link, LinkStatus, Store
from passerelle.sync.feeds import CATALOGUE
from passerelle.sync.flow import CATALOGUE_LINK
from passerelle.sync.seating import recount

MAIN = frozenset({Verb.INDEX, Verb.PULL, Verb.FIND, Verb.TERMS})
"""What a main store's platform offers for its products."""
DEPENDENT = frozenset({Verb.PULL, Verb.PUSH, Verb.FIND, Verb.TERMS})
OTHERS_CHOOSE = frozenset({"language", "store", "image_format", "image_width", "image_size"})
"""How another tenant may have a main store read: its words and pictures, never another of its shops."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A link that its dependent's owner wants; what is None stays as it is, or as it is by default."""

    preferences: PreferencesWanted | None = None
    settings: Mapping[str, Any] | None = None
    source_settings: Mapping[str, Any] | None = None


# --- who -------------------------------------------------------------------------------------------------


def main_by_key(here: Here, key: str) -> Place:
    """The main store that a connection key leads to. Answers 403 where it leads nowhere (C-2)."""
    found = whose(here.runtime.storage.state, key)
    if found:
        tenant, id = found
        try:
            return Place(tenant, here.runtime.repositories(tenant).stores.get(id))
        except KeyError:
            pass
    raise Problem(
        403,
        "connection_key_refused",
        "The connection key is wrong, or its owner has replaced it",
        remedy="Ask the main store's owner for its connection key as it is now. Links that were made stay.",
    )


def own(here: Here, id: str, field: str) -> Place:
    """One of the caller's own stores. Answers 422 for any other."""
    try:
        return Place(here.caller.tenant, here.memory.stores.get(id))
    except KeyError:
        why, allowed = "Your account has no such store", "the id of a connected store"
        remedy = f"Send {allowed}; a main store of another account is linked by its connection_key."
        raise refused(field, "no_such_store", why, allowed, remedy if field == "main" else "") from None


def fit_as_main(store: Store, field: str) -> None:
    """Answers 422 for a platform whose products cannot be handed on."""
    if MAIN - platform(store.platform).OFFERS.get(Kind.PRODUCTS, frozenset()):
        why = f"The products of {store.platform} cannot be handed on to other stores"
        raise refused(field, "not_offered", why, "a shop", "GET /v1/platforms tells what each can do.")


def fit_as_dependent(store: Store, field: str) -> None:
    """Answers 422 for a platform that takes no products of another store."""
    if DEPENDENT - platform(store.platform).OFFERS.get(Kind.PRODUCTS, frozenset()):
        why = f"{store.platform} takes no products of other stores"
        raise refused(field, "not_offered", why, "a shop", "GET /v1/platforms tells what each can do.")


# --- making ----------------------------------------------------------------------------------------------


def make(here: Here, main: Place, dependent: Place, wanted: Wanted, field: str) -> Link:
    """The link of this pair: made, taken up again with what it held (C-11), or as it is if it is there already."""
    for place, where in ((main, field), (dependent, "store")):
        (fit_as_main if place is main else fit_as_dependent)(place.store, where)
    refuse_cycle(here, main, dependent)
    known = _pair(here, main.store.id, dependent.store.id)
    if known and known.status is LinkStatus.ACTIVE:
        return known
    let_in(main.store, anothers=main.tenant != here.caller.tenant)
    let_in(dependent.store, anothers=False)
    link = _kept(here, main, dependent, known, _parts(here, main, dependent, known, wanted))
    _open(here, main, dependent, link)
    try:
        refuse_cycle(here, main, dependent)
    except Problem:
        # Somebody closed the circle at the same moment: both see it now, and neither half of it stays.
        parting.part(here.memory, link)
        raise
    here.audit("link.reconnected" if known else "link.created", link.id, after=_ends(link))
    return link


def _kept(here: Here, main: Place, dependent: Place, known: Link | None, parts: dict[str, Any]) -> Link:
    """The link, active: the one that there was, or a new one; of two that are made at once the older stays."""
    if known:
        return here.memory.links.change(known.id, status=LinkStatus.ACTIVE, **parts)
    made = here.memory.links.create(
        kind=CATALOGUE_LINK,
        source=main.store.id,
        destination=dependent.store.id,
        source_tenant="" if main.tenant == here.caller.tenant else main.tenant,
        **parts,
    )
    first = _pair(here, main.store.id, dependent.store.id) or made
    if first.id != made.id:
        here.memory.links.delete(made.id)
    return first


def _pair(here: Here, main: str, dependent: str) -> Link | None:
    """The oldest link of these two, whatever became of it."""
    every = (link for link in here.memory.links.of(dependent) if link.kind == CATALOGUE_LINK)
    return next((each for each in every if (each.source, each.destination) == (main, dependent)), None)


def _parts(here: Here, main: Place, dependent: Place, known: Link | None, wanted: Wanted) -> dict[str, Any]:
    """Settings and preferences, checked with both shops as they are now."""
    held_read = dict(known.source_settings) if known else {}
    read = dict(wanted.source_settings) if wanted.source_settings is not None else held_read
    held = dict(known.settings) if known else dict(dependent.store.settings)
    settings = {**dependent.store.settings, **wanted.settings} if wanted.settings is not None else held
    policy = merged(known.policy if known else {}, wanted.preferences)
    fitting(here, main, dependent.store, settings, read, policy)
    return {"settings": settings, "source_settings": read, "policy": policy}


def fitting(
    here: Here,
    main: Place,
    dependent: Store,
    settings: dict[str, Any],
    read: dict[str, Any],
    policy: Mapping[str, Any],
) -> None:
    """Answers 422 where a setting or a preference makes no sense between these two shops."""
    checked(platform(dependent.platform).Settings, settings, "settings")
    _chosen_reading(here, main, read)
    told, wants = terms(here, main, read), terms(here, Place(here.caller.tenant, dependent), settings)
    language(read, told, "source_settings")
    language(settings, wants, "settings")
    check(policy, told, wants)


def terms(here: Here, place: Place, settings: Mapping[str, Any]) -> Terms:
    """A shop's terms, asked now; `settings` on top of its own."""
    whole = {**place.store.settings, **settings}
    told: Terms = here.runtime.connector(place.tenant, place.store.id, whole).terms()
    return told


def _chosen_reading(here: Here, main: Place, read: dict[str, Any]) -> None:
    form = platform(main.store.platform).Settings
    checked(form, read, "source_settings")
    allowed = OTHERS_CHOOSE & form.model_fields.keys()
    beyond = sorted(read.keys() - allowed)
    if beyond and main.tenant != here.caller.tenant:
        why = "Only the main store's owner chooses this"
        named = ", ".join(sorted(allowed)) or "nothing: leave it empty"
        raise refused(f"source_settings.{beyond[0]}", "owner_chooses", why, f"any of: {named}")


def _open(here: Here, main: Place, dependent: Place, link: Link) -> None:
    """The main's side learns of it, the feeds begin anew, and webhooks are asked for."""
    store, at = dependent.store, here.runtime.storage.clock()
    told = Dependent(main.store.id, here.caller.tenant, link.id, store.id, store.name, store.url, at)
    theirs = here.runtime.repositories(main.tenant)
    theirs.dependents.add(told)
    after = {"link": link.id, "url": store.url}
    if main.tenant != here.caller.tenant:
        theirs.audit.record("dependent store", "dependent.linked", main.store.id, after=after)
    for spec in CATALOGUE.values():
        wanted = feed_of(
            here.caller.tenant, link, spec, enabled=can_flow(link.kind, spec.kind, main.store, store)
        )
        # Whatever changed while it was disconnected is found by a first full sync, started by hand (B-1).
        for kept in here.memory.feeds.list(link.id):
            if kept.id == wanted.id:
                wanted = replace(kept, watermark=None, first_full_at=None, full_at=None)
                here.memory.feeds.delete(kept.id)
        here.memory.schedules.put(here.memory.feeds.create(wanted))
    seats(here, store)
    subscribe(here, main.store, main.tenant)


def seats(here: Here, store: Store) -> None:
    """Count what is taken of a store's plan anew, if it has an end (C-13)."""
    if store.product_limit is not None:
        memory = here.memory
        recount(memory.ledger, memory.seats, store.id, feeding(memory, store.id))


def _ends(link: Link) -> dict[str, str]:
    return {"source": link.source, "destination": link.destination}
