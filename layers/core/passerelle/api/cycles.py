"""Whether a catalogue would come back to where it starts, over the links of whichever account (C-12)."""

from collections.abc import Iterator
from dataclasses import dataclass

from passerelle.api.access import Here
from passerelle.api.problems import Problem
from passerelle.store.records import LinkStatus, Store
from passerelle.store.stores import connected_as

ANOTHERS = "a store of another account"


@dataclass(frozen=True, slots=True)
class Place:
    """A shop on the way: a store of a tenant."""

    tenant: str
    store: Store

    @property
    def shop(self) -> tuple[str, str]:
        """What it is, whoever has connected it."""
        return self.store.platform, self.store.identity


def refuse_cycle(here: Here, main: Place, dependent: Place) -> None:
    """Answers 409 with the path where a link from main to dependent would close a circle."""
    if main.shop == dependent.shop:
        raise _problem(here, "The store cannot be linked to itself", [main, dependent])
    way = _way(here, dependent, main)
    if way:
        raise _problem(here, "The catalogue would come back to where it starts", [main, *way])


def _way(here: Here, start: Place, end: Place) -> list[Place]:
    """The shops from the one to the other, along what feeds what; empty where there is no way."""
    before: dict[tuple[str, str], Place | None] = {start.shop: None}
    waiting = [start]
    while waiting:
        at = waiting.pop(0)
        for following in _fed_by(here, at):
            if following.shop == end.shop:
                return [*_back(before, at), following]
            if following.shop not in before:
                before[following.shop] = at
                waiting.append(following)
    return []


def _back(before: dict[tuple[str, str], Place | None], at: Place | None) -> list[Place]:
    found: list[Place] = []
    while at is not None:
        found.insert(0, at)
        at = before[at.shop]
    return found


def _fed_by(here: Here, at: Place) -> Iterator[Place]:
    """The shops that a shop feeds now, under whichever account it is connected."""
    for tenant, store in connected_as(here.runtime.storage.state, *at.shop):
        for each in here.runtime.repositories(tenant).dependents.of(store):
            theirs = here.runtime.repositories(each.tenant)
            try:
                link, there = theirs.links.get(each.link), theirs.stores.get(each.store)
            except KeyError:
                continue
            if link.status is LinkStatus.ACTIVE:
                yield Place(each.tenant, there)


def _problem(here: Here, why: str, way: list[Place]) -> Problem:
    named = [each.store.name if each.tenant == here.caller.tenant else ANOTHERS for each in way]
    return Problem(
        409,
        "cycle",
        why,
        detail=f"{why}: {' → '.join(named)}.",
        remedy="Choose another main store, or disconnect one of the links on the way first.",
    )
