"""Drives the river as the state machine does: plan, carry every slice, settle. Nothing of the sandbox is imported."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from passerelle.memory import Feed, Mode, Run, Scope
from passerelle.model import Kind
from passerelle.port import Throttled
from passerelle.runtime import Runtime
from passerelle.store.records import Link, Store
from passerelle.store.repositories import Repositories
from passerelle.sync.feeds import AUDIENCE, CATALOGUE
from passerelle.sync.flow import CATALOGUE_LINK
from passerelle.sync.river import River

RETRY_SECONDS = 10.0
"""How long the state machine waits before it tries a throttled plan again."""


@dataclass(slots=True)
class Engine:
    """One tenant with a shop, an audience and a link between them. `waits`: how the machine waits for an export."""

    runtime: Runtime
    tenant: str = ""
    link: Link | None = None
    stores: dict[str, Store] = field(default_factory=dict)
    invocations: int = 0
    """How often a Lambda function would have been called."""
    slices: int = 0
    waits: Callable[[float], object] = time.sleep

    def __post_init__(self) -> None:
        self.tenant = self.tenant or self.runtime.operator.create_tenant("Bench").id

    @property
    def memory(self) -> Repositories:
        """What the tenant has."""
        return self.runtime.repositories(self.tenant)

    @property
    def river(self) -> River:
        """The tenant's river: a new one for each step, as each step is a Lambda of its own."""
        return self.runtime.river(self.tenant)

    def connect(self, platform: str, url: str, credentials: Mapping[str, Any]) -> Store:
        """Connect a store."""
        store = self.memory.stores.create(
            platform=platform,
            name=platform,
            url=url,
            identity=url,
            hooks_at="https://api.example/hooks",
            currency="EUR",
            timezone="UTC",
            settings={},
        )
        self.memory.secrets.put(store.id, dict(credentials))
        self.stores[platform] = store
        return store

    def to_audience(self, shop: Store, audience: Store, audience_id: str) -> Link:
        """Link a shop to an audience, with a feed a kind."""
        settings = {"audience_id": audience_id, "store_id": f"shop-{shop.id}", "currency": "EUR"}
        self.link = self.memory.links.create(
            kind="audience", source=shop.id, destination=audience.id, settings=settings, policy={}
        )
        for spec in AUDIENCE.values():
            feed = f"{self.link.id}.{spec.kind}"
            self.memory.feeds.create(
                Feed(feed, self.tenant, self.link.id, spec.kind, batch_size=spec.batch_size)
            )
        return self.link

    def to_dependent(self, main: Store, dependent: Store, policy: Mapping[str, Any]) -> Link:
        """Link a shop to a dependent one, with a feed a kind."""
        self.link = self.memory.links.create(
            kind=CATALOGUE_LINK, source=main.id, destination=dependent.id, settings={}, policy=dict(policy)
        )
        for spec in CATALOGUE.values():
            feed = f"{self.link.id}.{spec.kind}"
            self.memory.feeds.create(
                Feed(feed, self.tenant, self.link.id, spec.kind, batch_size=spec.batch_size)
            )
        return self.link

    def feed(self, kind: Kind) -> str:
        """The id of the link's feed."""
        if self.link is None:
            raise LookupError("nothing is linked")
        return f"{self.link.id}.{kind}"

    def sync(self, kind: Kind, scope: Scope = Scope.FULL, batch_size: int = 0) -> Run:
        """One run from start to end; answers it as it ended."""
        run = self.plan(kind, scope, batch_size)
        for number in range(1, run.slices + 1):
            self.carry(run, number)
        self.invocations += 1
        settled = self.river.settle({"tenant": self.tenant, "run": run.id})
        if settled["status"] == "raise":
            self.invocations += 2
            self.river.plan(
                {"tenant": self.tenant, "run": run.id}, self.runtime.resources.bucket, lambda: 900.0
            )
            again = self.memory.runs.get(run.id)
            for number in range(again.first_slices + 1, again.slices + 1):
                self.carry(again, number)
            self.river.settle({"tenant": self.tenant, "run": run.id})
        return self.memory.runs.get(run.id)

    def plan(self, kind: Kind, scope: Scope = Scope.FULL, batch_size: int = 0) -> Run:
        """Start a run and plan it."""
        if batch_size:
            self.memory.feeds.change(self.feed(kind), batch_size=batch_size)
        run = self.river.start(self.feed(kind), Mode.ALL, scope)
        event: dict[str, Any] = {"tenant": self.tenant, "run": run.id}
        while True:
            self.invocations += 1
            try:
                planned = self.river.plan(event, self.runtime.resources.bucket, lambda: 900.0)
            except Throttled as throttled:
                # The machine tries a throttled plan again, which takes up where it was.
                self.waits(max(RETRY_SECONDS, throttled.retry_after))
                continue
            if planned["status"] not in ("more", "waiting", "busy"):
                return self.memory.runs.get(run.id)
            if planned["status"] == "waiting":
                self.waits(5.0)

    def carry(self, run: Run, number: int) -> None:
        """Carry one slice to its end."""
        self.slices += 1
        event = {"tenant": self.tenant, "run": run.id, "slice": number}
        while True:
            self.invocations += 1
            if self.river.carry(event, lambda: 900.0)["status"] == "done":
                return
