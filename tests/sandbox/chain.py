"""A main store, its dependent stores and the river over their catalogue links, in one process without AWS."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
from passerelle.http import Client, Pace
from passerelle.memory import Feed, Incident, Mode, Run, Scope
from passerelle.model import Kind, Product, ProductField, StockLevel
from passerelle.port import Action, Change, Notice, Result, Selection
from passerelle.rules.preferences import preferences_of
from passerelle.runtime import platform
from passerelle.sync.ending import POLICY, RETIRE
from passerelle.sync.feeds import CATALOGUE
from passerelle.sync.flow import CATALOGUE_LINK, End, Flow, Memory
from passerelle.sync.request import Request, begin
from passerelle.sync.river import River

from sandbox.killer import Killer
from sandbox.machine import TRIES, Killed, Machine
from sandbox.outlets import OUTLETS, Outlet
from sandbox.pictures import PICTURES, Pictures
from sandbox.recollection import Told, recollection
from sandbox.transport import InProcess
from sandbox.world import Clock

TENANT = "ten_1"
MAIN = "str_main"
SHOPIFY_FILES = "https://cdn.shopify.com"
"""Where every Shopify shop keeps its pictures."""
HOLDS = {"all": True, "matched": True, "quantity": True, "price": True}
"""Preferences that take everything."""


@dataclass(slots=True)
class Member:
    """One store of the chain: its shop, and a connector of the merchant's own, by which goods come into it."""

    store: str
    outlet: Outlet
    end: End
    merchant: Any
    """A connector over a way of its own: what it does is not counted as ours."""

    def stocked(self, *products: Product) -> list[str]:
        """The merchant brings these products in, with their units; answers their ids."""
        changes = [Change(each.id, Action.CREATE, each, reference=f"merchant-{each.id}") for each in products]
        outcomes = self.merchant.push(Kind.PRODUCTS, changes)
        assert {each.result for each in outcomes} == {Result.CREATED}, outcomes
        return [each.destination_id for each in outcomes]

    def product(self, id: str) -> Product:
        """A product as the shop tells it."""
        (found,) = self.merchant.pull(Kind.PRODUCTS, [id]).objects
        assert isinstance(found, Product)
        return found

    def products(self) -> list[Product]:
        """Every product of the shop."""
        ids, after = [], None
        while True:
            page = self.merchant.index(Kind.PRODUCTS, Selection(), after)
            ids += [entry.id for entry in page.entries]
            if page.after is None:
                break
            after = page.after
        found = self.merchant.pull(Kind.PRODUCTS, list(dict.fromkeys(ids))).objects
        return sorted(found, key=lambda each: (len(each.id), each.id))

    def by_sku(self, sku: str) -> Product:
        """The only product that has a variant of this SKU."""
        found = [each for each in self.products() if any(one.sku == sku for one in each.variants)]
        assert len(found) == 1, (sku, [each.id for each in found])
        return found[0]

    def edit(self, product: Product, *fields: ProductField, without: Sequence[str] = ()) -> None:
        """The merchant changes these fields of a product, which is given as it is to be."""
        same = {variant.id: variant.id for variant in product.variants if not variant.id.startswith("new")}
        change = Change(
            product.id,
            Action.UPDATE,
            product,
            product.id,
            fields=frozenset(fields),
            variants=same,
            without=tuple(without),
        )
        (outcome,) = self.merchant.push(Kind.PRODUCTS, [change])
        assert outcome.result in (Result.UPDATED, Result.UNCHANGED), outcome

    def delete(self, id: str) -> None:
        """The merchant deletes a product."""
        (outcome,) = self.merchant.push(Kind.PRODUCTS, [Change(id, Action.DELETE, None, id)])
        assert outcome.result is Result.DELETED, outcome

    def units(self, sku: str) -> int | None:
        """How many there are of a variant, over all locations."""
        product = self.by_sku(sku)
        return next(variant.quantity for variant in product.variants if variant.sku == sku)

    def put(self, sku: str, units: int) -> None:
        """The merchant counts a variant: so many there are."""
        product = self.by_sku(sku)
        variant = next(each for each in product.variants if each.sku == sku)
        level = StockLevel(variant.id, sku, units, product.id, variant_id=variant.id)
        (outcome,) = self.merchant.push(Kind.STOCK, [Change(variant.id, Action.UPDATE, level, variant.id)])
        assert outcome.result in (Result.UPDATED, Result.UNCHANGED), outcome

    def writes(self) -> int:
        """How many writes the shop has taken."""
        return len(self.outlet.shop.calls.writes)


@dataclass(slots=True)
class Chain:
    """`Chain("shopify", "prestashop", …)`: a main store and dependents, each linked with its own preferences."""

    main: Member
    dependents: list[Member]
    clock: Clock
    memory: Memory
    told: Told
    policies: dict[str, dict[str, Any]]
    """Link → preferences, in the words of the API."""
    killer: Killer
    way: "Interrupted"
    limits: dict[str, int] = field(default_factory=dict)
    """Store → how many products its plan holds."""
    _numbers: Any = field(default_factory=count)

    @classmethod
    def of(cls, main: str, *dependents: str, **preferences: Any) -> "Chain":
        """A chain of these platforms; every link has the same preferences, by default everything."""
        clock = Clock()
        outlets = [_outlet(name, clock, place) for place, name in enumerate((main, *dependents))]
        return cls.between(clock, outlets, preferences)

    @classmethod
    def between(
        cls,
        clock: Clock,
        outlets: Sequence[Outlet],
        preferences: Mapping[str, Any],
        paced: Callable[[Outlet], Pace | None] = lambda _: None,
    ) -> "Chain":
        """The same between given shops, the first the main store; `paced`: the limiter of our calls to each."""
        told, killer, pictures = Told(), Killer(), Pictures()
        memory = killer.at_recollection(recollection(clock, told))
        shops = {each.address: each.shop for each in outlets} | {PICTURES: pictures, SHOPIFY_FILES: pictures}
        theirs = InProcess(shops)
        ours = Interrupted(killer.on_the_way(InProcess(shops)))
        stores = [MAIN, *(f"str_{place}" for place in range(1, len(outlets)))]
        members = [
            _member(store, each, clock, ours, theirs, paced(each))
            for store, each in zip(stores, outlets, strict=True)
        ]
        links = [f"lnk_{place}" for place in range(1, len(outlets))]
        for link in links:
            for spec in CATALOGUE.values():
                feed = Feed(f"{link}.{spec.kind}", TENANT, link, spec.kind, batch_size=spec.batch_size)
                memory.feeds.held[feed.id] = feed  # type: ignore[attr-defined]  # ours is a dictionary
        policies = {link: {**HOLDS, **preferences} for link in links}
        return cls(members[0], members[1:], clock, memory, told, policies, killer, ours)

    def onward(self, platform: str, **preferences: Any) -> "Chain":
        """The first dependent store as the main store of another shop."""
        outlets = [self.dependent.outlet, _outlet(platform, self.clock, 9)]
        return Chain.between(self.clock, outlets, preferences)

    @property
    def dependent(self) -> Member:
        """The first of the dependents."""
        return self.dependents[0]

    @property
    def river(self) -> River:
        """The river, as a worker that has just started finds it."""
        return River(
            tenant=TENANT,
            memory=self.memory,
            machines=_NoMachines(),
            flow=self.flow,
            feeds_from=self._feeds_from,
            new_id=lambda prefix: f"{prefix}_{next(self._numbers):06d}",
        )

    def flow(self, feed: str) -> Flow:
        """A feed's flow, as the runtime composes it."""
        link = feed.partition(".")[0]
        place = int(link.removeprefix("lnk_"))
        policy = self.policies[link]
        return Flow(
            TENANT,
            self.memory.feeds.get(feed),
            self.main.end,
            self.dependents[place - 1].end,
            self.memory,
            link_kind=CATALOGUE_LINK,
            preferences=preferences_of(policy),
            product_limit=self.limits.get(f"str_{place}"),
            salt=repr(sorted(policy.items())),
            in_flight=1,
            now=self.clock,
            sleep=self.clock.sleep,
        )

    def _feeds_from(self, store: str, kind: Kind) -> list[str]:
        return [f"{link}.{kind}" for link in self.policies] if store == MAIN and kind in CATALOGUE else []

    # --- what a person asks -----------------------------------------------------------------------------------

    def sync(self, kind: Kind, link: str = "lnk_1", mode: Mode = Mode.ALL, **wanted: Any) -> Run:
        """One run from start to end; answers it as it ended."""
        return self._worked(self.river.start(f"{link}.{kind}", mode=mode, **wanted))

    def sync_all(self) -> list[Run]:
        """Every feed of every link, products first."""
        return [self.sync(kind, link) for link in self.policies for kind in CATALOGUE]

    def disconnect(self, policy: str, link: str = "lnk_1") -> Run:
        """The link ends, and what it brought is taken back by this policy."""
        wanted = Request(scope=Scope.INCREMENTAL, trigger=RETIRE, settings={POLICY: policy})
        run = begin(self.flow(f"{link}.{Kind.PRODUCTS}"), f"run_{next(self._numbers):06d}", wanted)
        return self._worked(run)

    def _worked(self, run: Run) -> Run:
        machine = Machine(lambda: self.river, self.clock.sleep, self._manifest, stepping=self.killer.stepping)
        machine.work({"tenant": TENANT, "run": run.id})
        return self.memory.runs.get(run.id)

    def _manifest(self, planned: Mapping[str, str]) -> list[dict[str, int]]:
        lines: list[int] = self.memory.manifests.lines[planned["run"]]  # type: ignore[attr-defined]  # ours
        return [{"slice": number} for number in lines]

    # --- what is told -----------------------------------------------------------------------------------------

    def hear(self, kind: Kind, *ids: str) -> None:
        """The main store says that these have changed."""
        notices = [Notice(kind, id, f"{kind}/update", f"{kind} {id} {next(self._numbers)}") for id in ids]
        self.river.hear(MAIN, notices)

    def follow_all(self) -> int:
        """Work the queue empty; answers how many messages there were."""
        worked = 0
        while self.told.messages:
            self.river.follow(self.told.messages.popleft())
            worked += 1
        return worked

    def follow_patiently(self) -> None:
        """The same, each message again by another worker where one failed."""
        while self.told.messages:
            message = self.told.messages.popleft()
            for _ in range(TRIES):
                self.killer.stepping("follow")
                with suppress(Exception, Killed):
                    self.river.follow(message)
                    break
            self.killer.stepping("")

    def incidents(self) -> list[Incident]:
        """The open incidents."""
        return list(self.told.incidents.values())

    def change(self, link: str = "lnk_1", **preferences: Any) -> None:
        """The dependent's owner changes preferences."""
        self.policies[link] |= preferences


class Interrupted(httpx.BaseTransport):
    """Something happens just before a request of ours that a pattern finds (`METHOD /path` and the body), each time."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner
        self.before: list[tuple[str, Callable[[], None]]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it on."""
        text = f"{request.method} {request.url.path}\n{request.read().decode('utf-8', 'replace')}"
        for pattern, act in self.before:
            if re.search(pattern, text):
                act()
        return self.inner.handle_request(request)


class _NoMachines:
    """Nothing is started by itself: the chain works on what was begun."""

    def sync(self, run: str, again: str = "") -> None:
        """See River."""

    def sync_all(self, sync_all: str, first: list[dict[str, Any]], then: list[dict[str, Any]]) -> None:
        """See River."""


def _outlet(name: str, clock: Clock, place: int) -> Outlet:
    return OUTLETS[name](clock, f"https://shop-{place}.example")


def _member(
    store: str, outlet: Outlet, clock: Clock, ours: Any, theirs: Any, pace: Pace | None = None
) -> Member:
    def connector(way: Any, pace: Pace | None) -> tuple[Any, Client]:
        client = Client(way, pace, sleep=clock.sleep, clock=clock.epoch, allow_private=True)
        return outlet.open(client), client

    (mine, client), (merchant, _) = connector(ours, pace), connector(theirs, None)
    module = platform(outlet.platform)
    end = End(store, mine, module.OFFERS, module.LIMITS, lambda: client.calls)
    return Member(store, outlet, end, merchant)
