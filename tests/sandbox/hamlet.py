"""A shop, an audience and the river in one process without AWS: a hundred times faster than a whole world."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from passerelle.connectors import mailchimp, shopify
from passerelle.http import Client
from passerelle.memory import Feed, Run, Scope
from passerelle.model import Kind
from passerelle.rules.exclusion import exclusion_of
from passerelle.rules.guard import guard_of
from passerelle.rules.newcomers import turned_on_at
from passerelle.rules.policy import policy_of
from passerelle.sync.feeds import AUDIENCE, spec_of
from passerelle.sync.flow import End, Flow, Memory
from passerelle.sync.river import River

from sandbox.left import behind
from sandbox.mailchimp import Account
from sandbox.mailchimp.batches import RESULTS
from sandbox.recollection import Told, recollection
from sandbox.shopify import Shop
from sandbox.transport import InProcess
from sandbox.world import MAILCHIMP, Clock

HOOK = "https://api.example/hooks/hamlet"
LINK, SHOP, ACCOUNT = "lnk_1", "str_shop", "str_mail"


@dataclass(slots=True)
class Hamlet:
    """One link between one shop and one audience. `policy` in the words of the API."""

    shop: Shop
    account: Account
    clock: Clock
    policy: dict[str, Any] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    ends: dict[str, End] = field(default_factory=dict)
    memory: Memory = field(init=False)
    secrets: dict[str, list[str]] = field(default_factory=dict)
    """What each store signs its deliveries with."""
    _numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self.memory = recollection(self.clock, self.told)
        for spec in AUDIENCE.values():
            feed = Feed(f"{LINK}.{spec.kind}", "ten_1", LINK, spec.kind, batch_size=spec.batch_size)
            self.memory.feeds.held[feed.id] = feed  # type: ignore[attr-defined]  # ours is a dictionary
        network = InProcess({MAILCHIMP: self.account, RESULTS: self.account, self.shop.address: self.shop})
        client = Client(network, sleep=self.clock.sleep, clock=self.clock.epoch, allow_private=True)
        settings = {"audience_id": self.account.audience.id, "store_id": "hamlet", "currency": "EUR"}
        self.ends = {
            SHOP: _end(SHOP, shopify, client, self.clock, {}, **_keys(self.shop)),
            ACCOUNT: _end(ACCOUNT, mailchimp, client, self.clock, settings, api_key=self.account.api_key),
        }
        for store in self.ends:
            self._subscribe(store)
        # Mailchimp signs a late delivery when it is sent; here deliveries wait signed, so these are not.
        self.account.hooks.unsign(self.account.audience)
        self.secrets = {SHOP: ["shpss_sandbox"], ACCOUNT: []}

    def _subscribe(self, store: str) -> Sequence[Any]:
        connector: Any = self.ends[store].connector
        made: Sequence[Any] = connector.subscribe(HOOK)
        return made

    # --- the river ------------------------------------------------------------------------------------------

    @property
    def river(self) -> River:
        """The river, as a worker that has just started finds it."""
        return River(
            tenant="ten_1",
            memory=self.memory,
            machines=_NoMachines(),
            flow=self._flow,
            feeds_from=self._feeds_from,
            new_id=lambda prefix: f"{prefix}_{next(self._numbers):06d}",
        )

    def _flow(self, feed: str) -> Flow:
        held = self.memory.feeds.get(feed)
        ends = self.ends[SHOP], self.ends[ACCOUNT]
        source, destination = ends[::-1] if spec_of(held.kind).back else ends
        return Flow(
            "ten_1",
            held,
            source,
            destination,
            self.memory,
            policy=policy_of(self.policy),
            guard=guard_of(self.policy),
            exclusion=exclusion_of(self.policy),
            new_contacts_since=turned_on_at(self.policy),
            double_opt_in=self.account.audience.double_optin,
            in_flight=1,
            now=self.clock,
            sleep=self.clock.sleep,
        )

    def _feeds_from(self, store: str, kind: Kind) -> list[str]:
        told_by = ACCOUNT if kind in AUDIENCE and AUDIENCE[kind].back else SHOP
        return [f"{LINK}.{kind}"] if store == told_by else []

    def sync(self, kind: Kind, scope: Scope = Scope.FULL) -> Run:
        """One run from start to end; answers it as it ended."""
        return self.work(self.river.start(f"{LINK}.{kind}", scope=scope))

    def work(self, run: Run) -> Run:
        """Work on a run that was begun, approved or discarded; answers it as it ended."""
        while self._round(run) == "raise":
            pass
        return self.memory.runs.get(run.id)

    def approved(self, run: Run) -> Run:
        """Let a waiting run go on; answers it as it ended."""
        return self.work(self.river.approve(run.id))

    def _round(self, run: Run) -> str:
        """The machine from Plan to Settle; answers what Settle says."""
        planned: dict[str, Any] = {"status": "more", "tenant": "ten_1", "run": run.id}
        while planned["status"] in ("more", "waiting"):
            planned = self.river.plan(planned, "", lambda: 900.0)
        lines: list[int] = self.memory.manifests.lines.get(run.id, [])  # type: ignore[attr-defined]  # as above
        for number in lines if planned["status"] == "ready" else ():
            event = {"run": run.id, "slice": number}
            while self.river.carry(event, lambda: 900.0)["status"] == "again":
                pass
        return self.river.settle({"run": run.id})["status"]

    # --- what is told ---------------------------------------------------------------------------------------

    def told_by_shop(self, **how: Any) -> int:
        """The shop's deliveries arrive; answers how many."""
        owed = [(each.headers, each.body) for each in self.shop.deliveries(**how)]
        return self._hear(SHOP, owed)

    def told_by_audience(self) -> int:
        """The audience's deliveries arrive; answers how many."""
        sent, self.account.hooks.sent = self.account.hooks.sent, []
        return self._hear(ACCOUNT, [(each.headers, each.body) for each in sent])

    def _hear(self, store: str, deliveries: Sequence[tuple[Any, bytes]]) -> int:
        connector: Any = self.ends[store].connector
        for headers, body in deliveries:
            lower = {name.lower(): text for name, text in headers.items()}
            hear = partial(connector.hear, lower, body, self.secrets[store])
            self.river.hear(store, hear())
        return len(deliveries)

    def follow_all(self) -> int:
        """Work the queue empty; answers how many messages there were."""
        worked = 0
        while self.told.messages:
            self.river.follow(self.told.messages.popleft())
            worked += 1
        return worked

    def lost(self) -> None:
        """What both sides have told and nobody has fetched never arrives."""
        self.shop.state.events.clear()
        self.account.hooks.sent.clear()

    def quiet(self) -> None:
        """Deliver and follow until nobody has anything to tell any more."""
        for _ in range(10):
            if not self.told_by_shop() + self.told_by_audience() + self.follow_all():
                return
        raise AssertionError("the two sides tell each other the same thing for ever")

    def behind(self) -> dict[str, Any]:
        """What is at both ends now."""
        return behind(self.shop, self.account)


class _NoMachines:
    """Whoever starts a run here works it too."""

    def sync(self, run: str, again: str = "") -> None:
        """See river.Machines."""

    def sync_all(self, sync_all: str, first: list[dict[str, Any]], then: list[dict[str, Any]]) -> None:
        """See river.Machines."""


def _keys(shop: Shop) -> dict[str, str]:
    return {"shop": shop.domain, "access_token": "shpat_sandbox", "client_secret": "shpss_sandbox"}


def _end(store: str, module: Any, client: Client, clock: Clock, settings: Any, **keys: str) -> End:
    connector = module.Connector(
        module.Credentials(**keys), module.Settings.model_validate(settings), client, clock.epoch
    )
    return End(store, connector, module.OFFERS, module.LIMITS)
