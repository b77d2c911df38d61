"""The composition root: from the environment to objects, and the decorator of every Lambda function."""

import functools
import importlib
import json
import os
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

import orjson
from aws_lambda_powertools import Logger

from passerelle import connectors
from passerelle.http import Client, Pace
from passerelle.memory import Incident
from passerelle.model import Kind
from passerelle.port import Check, CredentialsRefused, Notice, PlatformError
from passerelle.rules.consent import Policy
from passerelle.rules.exclusion import exclusion_of
from passerelle.rules.guard import guard_of
from passerelle.rules.newcomers import turned_on_at
from passerelle.rules.policy import policy_of
from passerelle.rules.preferences import Preferences, preferences_of
from passerelle.rules.severity import describe
from passerelle.store import ids
from passerelle.store.operator import Operator
from passerelle.store.pace import SharedPace
from passerelle.store.records import Link, LinkStatus, Store, StoreStatus
from passerelle.store.repositories import Repositories, Storage
from passerelle.store.resources import Resources
from passerelle.sync.feeds import LINKS
from passerelle.sync.flow import CATALOGUE_LINK, End, Flow, Memory
from passerelle.sync.request import Busy
from passerelle.sync.river import River

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="passerelle")


def platforms() -> dict[str, ModuleType]:
    """Platform key → connector module, from the files that are there."""
    names = [each.name for each in pkgutil.iter_modules(connectors.__path__)]
    return {name: platform(name) for name in sorted(names)}


def platform(name: str) -> ModuleType:
    """One connector's module, imported when it is asked for. Raises KeyError where there is none."""
    if name not in {each.name for each in pkgutil.iter_modules(connectors.__path__)}:
        raise KeyError(name)
    return importlib.import_module(f"passerelle.connectors.{name}")


@dataclass(frozen=True, slots=True)
class Local:
    """What local development may do that the cloud may not: call private addresses, and reach sandboxes by name."""

    allow_private: bool = False
    routes: Mapping[str, str] | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Local":
        """Read it; any stage but `local` gets nothing."""
        if environment.get("STAGE") != "local":
            return cls()
        routes = json.loads(environment.get("LOCAL_ROUTES") or "{}")
        return cls(environment.get("ALLOW_PRIVATE_STORES") == "true", routes)


class Runtime:
    """Everything that a function is made of, for any tenant. `in_flight`: batches worked at once in one Carry."""

    def __init__(
        self,
        storage: Storage,
        local: Local | None = None,
        client: Callable[..., Client] = Client,
        in_flight: int = 3,
    ) -> None:
        self.storage = storage
        self.in_flight = in_flight
        self.local = local or Local()
        self._client = client

    @classmethod
    def from_environment(cls) -> "Runtime":
        """The runtime of this Lambda function."""
        return cls(Storage(Resources.of(os.environ)), Local.of(os.environ))

    @property
    def operator(self) -> Operator:
        """What belongs to no tenant."""
        return self.storage.operator

    @property
    def resources(self) -> Resources:
        """The stage's resources."""
        return self.storage.resources

    def repositories(self, tenant: str) -> Repositories:
        """What one tenant has."""
        return self.storage.tenant(tenant)

    def platforms(self) -> dict[str, ModuleType]:
        """See the function of the same name."""
        return platforms()

    # --- connectors ------------------------------------------------------------------------------------------

    def try_connector(
        self, name: str, credentials: Mapping[str, Any], settings: Mapping[str, Any] | None = None
    ) -> Any:
        """A connector of credentials that are not stored yet. Raises KeyError, pydantic's ValidationError."""
        return _connector(platform(name), credentials, settings or {}, self._http(None))

    def connector(
        self, tenant: str, store_id: str, settings: Mapping[str, Any] | None = None, live: bool = False
    ) -> Any:
        """The connector of a connected store; `settings` default to the store's own. Raises KeyError."""
        repositories = self.repositories(tenant)
        return self._end(repositories, repositories.stores.get(store_id), settings, live).connector

    def _end(
        self, repositories: Repositories, store: Store, settings: Mapping[str, Any] | None, live: bool
    ) -> End:
        module = platform(store.platform)
        pace = SharedPace(
            self.storage.clients.dynamodb,
            self.resources.state_table,
            # An account has one limit, whichever tenants have connected it (G-1).
            f"PACE#{store.platform}#{store.identity}",
            module.LIMITS,
            live=live,
        )
        credentials = repositories.secrets.get(store.id)
        chosen = store.settings if settings is None else settings
        client = self._http(pace)
        connector = _connector(module, credentials, chosen, client)
        return End(store.id, connector, module.OFFERS, module.LIMITS, lambda: client.calls)

    def _http(self, pace: Pace | None) -> Client:
        return self._client(pace=pace, allow_private=self.local.allow_private, routes=self.local.routes or {})

    # --- the river -------------------------------------------------------------------------------------------

    def river(self, tenant: str, *, live: bool = False) -> River:
        """The tenant's river; `live` takes the share of the pace that is kept for live events (G-2)."""
        repositories = self.repositories(tenant)
        return River(
            tenant=tenant,
            memory=_memory(repositories),
            machines=repositories.machines,
            flow=lambda feed: self._flow(repositories, feed, live),
            feeds_from=lambda store, kind: _feeds_from(repositories, store, kind),
            new_id=lambda prefix: ids.new(prefix, ids.now()),
        )

    def _flow(self, repositories: Repositories, feed_id: str, live: bool) -> Flow:
        link_id, _, kind = feed_id.partition(".")
        link = repositories.links.get(link_id)
        destination = repositories.stores.get(link.destination)
        owner, ends, read = self._ends(repositories, link, destination, live)
        back = LINKS[link.kind][Kind(kind)].back
        return Flow(
            tenant=repositories.tenant,
            feed=repositories.feeds.get(feed_id),
            source=ends[1] if back else ends[0],
            destination=ends[0] if back else ends[1],
            memory=_memory(repositories),
            policy=policy_of(link.policy),
            guard=guard_of(link.policy),
            new_contacts_since=turned_on_at(link.policy),
            exclusion=exclusion_of(link.policy),
            double_opt_in=bool(link.settings.get("double_opt_in")),
            link_kind=link.kind,
            ended=link.status is LinkStatus.DISCONNECTED,
            preferences=preferences_of(link.policy) if link.kind == CATALOGUE_LINK else Preferences(),
            product_limit=destination.product_limit,
            feeding=lambda: feeding(repositories, destination.id),
            salt=_salt(link, read),
            in_flight=self.in_flight,
            now=self.storage.clock,
            refused=lambda end, no: self._refused(
                owner if end.store == link.source else repositories, end.store, no
            ),
        )

    def _ends(
        self, repositories: Repositories, link: Link, destination: Store, live: bool
    ) -> tuple[Repositories, tuple[End, End], dict[str, Any]]:
        """Whose the source is, both ends, and how the source is read."""
        written = self._end(repositories, destination, link.settings, live)
        try:
            owner, source = self.source(repositories, link)
        except KeyError:
            if link.status is LinkStatus.ACTIVE:
                raise
            # What the link brought can still be taken back: that reads nothing at the source.
            departed: Any = Departed()
            return repositories, (End(link.source, departed, {}), written), dict(link.source_settings)
        read = {**source.settings, **link.source_settings}
        return owner, (self._end(owner, source, read, live), written), read

    def source(self, repositories: Repositories, link: Link) -> tuple[Repositories, Store]:
        """A link's source and whose it is. Raises KeyError where it is gone, or feeds the link no more (C-3)."""
        owner = self._owner(repositories, link)
        return owner, owner.stores.get(link.source)

    def _owner(self, repositories: Repositories, link: Link) -> Repositories:
        """Whose a link's source is. Raises KeyError where its owner has taken the store away from the link (C-3)."""
        if not link.source_tenant or link.source_tenant == repositories.tenant:
            return repositories
        owner = self.repositories(link.source_tenant)
        if owner.dependents.get(link.source, link.id).tenant != repositories.tenant:
            raise KeyError(link.id)
        return owner

    def hear(self, tenant: str, store: str, notices: Sequence[Notice]) -> int:
        """What a store says has changed, to every link that it feeds, its dependents' with other tenants included."""
        fed = {each.tenant for each in self.repositories(tenant).dependents.of(store)} - {tenant}
        return sum(self.river(each).hear(store, notices) for each in (tenant, *sorted(fed)))

    def links_of(self, tenant: str, store: str) -> list[tuple[Repositories, Link]]:
        """The links that a store is an end of, each with whose it is: dependents of other tenants included."""
        own = self.repositories(tenant)
        found = [(own, link) for link in own.links.of(store)]
        for each in own.dependents.of(store):
            if each.tenant != tenant:
                theirs = self.repositories(each.tenant)
                with suppress(KeyError):
                    found.append((theirs, theirs.links.get(each.link)))
        return found

    def _refused(self, repositories: Repositories, store: str, refusal: PlatformError) -> None:
        needs_reauth(repositories, store, refusal)
        if isinstance(refusal, CredentialsRefused):
            for owner, link in self.links_of(repositories.tenant, store):
                owner.schedules.delete_all(link.id)


class Departed:
    """In the place of a link's source that has left it: there is nothing to read, and nothing to blame it for."""

    @staticmethod
    def check() -> Check:
        """Whoever asks whether it is there is not kept waiting."""
        return Check("", "")


def _connector(
    module: ModuleType, credentials: Mapping[str, Any], settings: Mapping[str, Any], client: Client
) -> Any:
    return module.Connector(
        module.Credentials.model_validate(credentials), module.Settings.model_validate(settings), client
    )


def _memory(repositories: Repositories) -> Memory:
    return Memory(
        ledger=repositories.ledger,
        runs=repositories.runs,
        manifests=repositories.manifests,
        feeds=repositories.feeds,
        lease=repositories.lease,
        incidents=repositories.incidents,
        activities=repositories.activities,
        marks=repositories.marks,
        queue=repositories.queue,
        backfills=repositories.backfills,
        consents=repositories.consents,
        redactions=repositories.redactions,
        seats=repositories.seats,
    )


def feeding(repositories: Repositories, store: str) -> list[str]:
    """The catalogue links that feed a store, the oldest first."""
    return [
        link.id
        for link in repositories.links.of(store)
        if link.kind == CATALOGUE_LINK and link.destination == store and link.status is LinkStatus.ACTIVE
    ]


def _feeds_from(repositories: Repositories, store: str, kind: Kind) -> list[str]:
    """The feeds that carry a kind away from a store: forward on its links, and consent back from an audience."""
    found: list[str] = []
    for link in repositories.links.of(store):
        if link.status is LinkStatus.ACTIVE and _carries(link, store, kind):
            found.append(f"{link.id}.{kind}")
    return found


def _carries(link: Link, store: str, kind: Kind) -> bool:
    spec = LINKS[link.kind].get(kind)
    if spec is None or spec.happenings:
        return False
    return store == (link.destination if spec.back else link.source)


def _salt(link: Link, read: Mapping[str, Any]) -> str:
    """What shapes a written object besides its source: of a catalogue the preferences do, too."""
    shaping = [dict(link.settings), dict(read)]
    if link.kind == CATALOGUE_LINK:
        shaping.append(dict(link.policy))
    return orjson.dumps(shaping, option=orjson.OPT_SORT_KEYS).decode()


def needs_reauth(repositories: Repositories, store: str, refusal: PlatformError) -> None:
    """A store does not let us in any more: say so once, and pause what would only fail again (G-5)."""
    code = "credentials_refused" if isinstance(refusal, CredentialsRefused) else "permission_missing"
    told = describe(code, why=refusal.why, remedy=refusal.remedy)
    repositories.incidents.open([Incident(f"{store}:credentials", told.severity, told.title, told.remedy)])
    if isinstance(refusal, CredentialsRefused):
        repositories.stores.mark(store, StoreStatus.NEEDS_REAUTH)
        for link in repositories.links.of(store):
            repositories.schedules.delete_all(link.id)


# --- functions -----------------------------------------------------------------------------------------------


@functools.cache
def runtime() -> Runtime:
    """The runtime of this process."""
    return Runtime.from_environment()


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a function."""

    event: dict[str, Any]
    context: "LambdaContext"
    runtime: Runtime
    figures: dict[str, object] = field(default_factory=dict)
    """What the step tells of itself as it ends: counts and calls, for the log."""

    def river(self, *, live: bool = False) -> River:
        """The river of the tenant that the event names."""
        return replace(self.runtime.river(self.event["tenant"], live=live), tell=self.figures.update)

    def seconds_left(self) -> float:
        """Until Lambda ends this worker."""
        return self.context.get_remaining_time_in_millis() / 1000


def function(work: Callable[[Invocation], Any]) -> Callable[[dict[str, Any], "LambdaContext"], Any]:
    """Make a Lambda handler of `work`: one log line a call, with ids and outcome, never with what an object holds."""

    @functools.wraps(work)
    def handler(event: dict[str, Any], context: "LambdaContext") -> Any:
        started = datetime.now(UTC)
        told: dict[str, Any] = {
            key: event[key]
            for key in ("tenant", "run", "execution", "slice", "feed", "trigger")
            if key in event
        }
        call = Invocation(event, context, runtime())
        try:
            answer = work(call)
        except PlatformError as error:
            told |= {**call.figures, "why": error.why, "function": work.__module__}
            logger.warning(type(error).__name__, extra=told)
            raise
        told |= {**call.figures, "seconds": (datetime.now(UTC) - started).total_seconds()}
        status = answer.get("status") if isinstance(answer, dict) else None
        logger.info(work.__module__, extra={**told, "status": status})
        return answer

    return handler


__all__ = [
    "Busy",
    "Invocation",
    "Local",
    "Policy",
    "Runtime",
    "function",
    "needs_reauth",
    "platforms",
    "runtime",
]
