"""A shop, an audience and the river in one process without AWS: a hundred times faster than a whole world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Any

from passerelle.connectors import mailchimp
from passerelle.http import Client
from passerelle.memory import Feed, Incident, Run, Scope
from passerelle.model import Kind
from passerelle.port import Verb
from passerelle.rules.exclusion import exclusion_of
from passerelle.rules.guard import guard_of
from passerelle.rules.newcomers import turned_on_at
from passerelle.rules.policy import policy_of
from passerelle.runtime import platform
from passerelle.sync.feeds import AUDIENCE
from passerelle.sync.flow import End, Flow, Memory
from passerelle.sync.river import River

from sandbox.killer import Killer
from sandbox.left import behind
from sandbox.machine import Machine
from sandbox.mailchimp import Account, Audience
from sandbox.mailchimp.batches import RESULTS
from sandbox.origins import ORIGINS, Counts, Origin, Shopify
from sandbox.recollection import Told, recollection
from sandbox.transport import InProcess
from sandbox.world import MAILCHIMP, Clock

HOOK = "https://api.example/hooks/hamlet"
LINK, SHOP, ACCOUNT = "lnk_1", "str_shop", "str_mail"


@dataclass(slots=True)
class Hamlet:
    """One link between one shop and one audience. `policy` in the words of the API."""

    shop: Any
    account: Account
    clock: Clock
    policy: dict[str, Any] = field(default_factory=dict)
    origin: Origin = None  # type: ignore[assignment]  # a Shopify shop unless another is given
    killer: Killer = field(default_factory=Killer)
    told: Told = field(default_factory=Told)
    ends: dict[str, End] = field(default_factory=dict)
    memory: Memory = field(init=False)
    secrets: dict[str, list[str]] = field(default_factory=dict)
    """What each store signs its deliveries with."""
    _numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self.origin = self.origin or Shopify(self.clock, self.shop)
        self.memory = self.killer.at_recollection(recollection(self.clock, self.told))
        for spec in AUDIENCE.values():
            feed = Feed(f"{LINK}.{spec.kind}", "ten_1", LINK, spec.kind, batch_size=spec.batch_size)
            self.memory.feeds.held[feed.id] = feed  # type: ignore[attr-defined]  # ours is a dictionary
        network = InProcess({MAILCHIMP: self.account, RESULTS: self.account, self.origin.address: self.shop})
        way = self.killer.on_the_way(network)
        client = Client(way, sleep=self.clock.sleep, clock=self.clock.epoch, allow_private=True)
        settings = {"audience_id": self.account.audience.id, "store_id": "hamlet", "currency": "EUR"}
        module = platform(self.origin.platform)
        clock = (self.clock.epoch,)
        self.ends = {
            SHOP: _end(SHOP, module, client, clock if self._tells else (), {}, **self.origin.credentials),
            ACCOUNT: _end(ACCOUNT, mailchimp, client, clock, settings, api_key=self.account.api_key),
        }
        for store in self.ends if self._tells else [ACCOUNT]:
            self._subscribe(store)
        # Mailchimp signs a late delivery when it is sent; here deliveries wait signed, so these are not.
        self.account.hooks.unsign(self.account.audience)
        self.secrets = {SHOP: ["shpss_sandbox"], ACCOUNT: []}

    @property
    def _tells(self) -> bool:
        """Whether the shop sends webhooks."""
        return any(Verb.HEAR in verbs for verbs in platform(self.origin.platform).OFFERS.values())

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
        source, destination = ends[::-1] if AUDIENCE[held.kind].back else ends
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

    def sync(self, kind: Kind, scope: Scope = Scope.FULL, batch_size: int = 0) -> Run:
        """One run from start to end; answers it as it ended."""
        if batch_size:
            held: dict[str, Feed] = self.memory.feeds.held  # type: ignore[attr-defined]  # ours is a dictionary
            feed = f"{LINK}.{kind}"
            held[feed] = replace(held[feed], batch_size=batch_size)
        return self.work(self.river.start(f"{LINK}.{kind}", scope=scope))

    def work(self, run: Run) -> Run:
        """Work on a run that was begun, approved or discarded; answers it as it ended."""
        machine = Machine(lambda: self.river, self.clock.sleep, self._manifest, stepping=self.killer.stepping)
        machine.work({"tenant": "ten_1", "run": run.id})
        return self.memory.runs.get(run.id)

    def _manifest(self, planned: Mapping[str, str]) -> list[dict[str, int]]:
        lines: list[int] = self.memory.manifests.lines[planned["run"]]  # type: ignore[attr-defined]  # as above
        return [{"slice": number} for number in lines]

    def approved(self, run: Run) -> Run:
        """Let a waiting run go on; answers it as it ended."""
        return self.work(self.river.approve(run.id))

    # --- what is told ---------------------------------------------------------------------------------------

    def told_by_shop(self, **how: Any) -> int:
        """The shop's deliveries arrive; answers how many. Some shops send none."""
        if not self._tells:
            return 0
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
        if self._tells:
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

    def incidents(self) -> list[Incident]:
        """The open incidents."""
        return list(self.told.incidents.values())

    @property
    def store(self) -> Any:
        """The e-commerce store at Mailchimp."""
        (store,) = self.account.stores.values()
        return store


class _NoMachines:
    """Whoever starts a run here works it too."""

    def sync(self, run: str, again: str = "") -> None:
        """See river.Machines."""

    def sync_all(self, sync_all: str, first: list[dict[str, Any]], then: list[dict[str, Any]]) -> None:
        """See river.Machines."""


def _end(store: str, module: Any, client: Client, clock: tuple[Any, ...], settings: Any, **keys: str) -> End:
    connector = module.Connector(
        module.Credentials(**keys), module.Settings.model_validate(settings), client, *clock
    )
    return End(store, connector, module.OFFERS, module.LIMITS)


def hamlet_of(
    platform: str, counts: Counts, audience: Audience | None = None, killer: Killer | None = None
) -> Hamlet:
    """A hamlet with a filled shop of a platform."""
    clock = Clock()
    origin = ORIGINS[platform](clock)
    origin.fill(counts)
    audience = audience or Audience()
    audience.clock = clock
    account = Account(audiences=[audience], clock=clock)
    return Hamlet(origin.shop, account, clock, origin=origin, killer=killer or Killer())
