"""A whole world in one process: shops, an audience, an emulated stage and the river, on a clock that tests turn."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import httpx
from passerelle.api.hooks import answer as answered
from passerelle.http import Client
from passerelle.memory import Feed, Mode, Run, Scope
from passerelle.model import Kind
from passerelle.runtime import Local, Runtime
from passerelle.store.queue import read
from passerelle.store.records import Link, Store
from passerelle.store.repositories import Repositories, Storage
from passerelle.store.resources import Resources
from passerelle.sync.feeds import AUDIENCE
from passerelle.sync.river import River

from sandbox.machine import TRIES, Killed, Machine
from sandbox.mailchimp import Account
from sandbox.mailchimp.batches import RESULTS
from sandbox.transport import InProcess

MAILCHIMP = "https://us1.api.mailchimp.com"


class Clock:
    """A clock that goes when told, and when somebody sleeps."""

    def __init__(self, at: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)) -> None:
        self.at = at
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        """Time passes, at once."""
        with self._lock:
            self.at += timedelta(seconds=seconds)

    def epoch(self) -> float:
        """Seconds since 1970."""
        return self.at.timestamp()


@dataclass(slots=True)
class World:
    """One tenant with its shop, its Mailchimp account and a link between them."""

    runtime: Runtime
    clock: Clock
    tenant: str
    origins: dict[str, Any]
    account: Account
    link: Link | None = None
    stores: dict[str, Store] = field(default_factory=dict)
    lost_workers: list[BaseException] = field(default_factory=list)
    stepping: Callable[[str], None] = lambda _step: None
    """Told before each try of a step: plan, carry, settle or follow."""
    seconds_left: Callable[[], float] = lambda: 900.0

    @property
    def memory(self) -> Repositories:
        """What the tenant has."""
        return self.runtime.repositories(self.tenant)

    @property
    def river(self) -> River:
        """The tenant's river, on the world's clock, as a worker that has just started finds it."""
        return self.river_of(live=False)

    def river_of(self, *, live: bool) -> River:
        """The same; `live` for what follows single objects."""
        river = self.runtime.river(self.tenant, live=live)
        return replace(river, flow=lambda feed: replace(river.flow(feed), sleep=self.clock.sleep))

    def connect(self, platform: str, url: str, credentials: Mapping[str, Any], settings: Any = None) -> Store:
        """Connect a store as the API does."""
        checked = self.runtime.try_connector(platform, credentials, settings or {}).check()
        store = self.memory.stores.create(
            platform=platform,
            name=checked.name,
            url=url,
            identity=checked.identity,
            hooks_at="https://api.example/hooks",
            currency=checked.currency,
            timezone=checked.timezone,
            settings=settings or {},
        )
        self.memory.secrets.put(store.id, dict(credentials))
        self.stores[platform] = store
        return store

    def audience_link(self, shop: Store, audience: Store, **settings: Any) -> Link:
        """Link a shop to the account's first audience, with a feed a kind."""
        policy = settings.pop("policy", {})
        whole = {"audience_id": self.account.audience.id, "store_id": f"shop-{shop.id}", **settings}
        whole.setdefault("currency", shop.currency or "EUR")
        whole.setdefault("double_opt_in", self.account.audience.double_optin)
        link = self.memory.links.create(
            kind="audience", source=shop.id, destination=audience.id, settings=whole, policy=policy
        )
        for spec in AUDIENCE.values():
            feed = Feed(f"{link.id}.{spec.kind}", self.tenant, link.id, spec.kind, batch_size=spec.batch_size)
            self.memory.feeds.create(feed)
        self.link = link
        return link

    # --- the machine ----------------------------------------------------------------------------------------

    def sync(self, kind: Kind, **wanted: Any) -> Run:
        """Start a run and take it through the machine; answers the run as it ended."""
        run = self.start(kind, **wanted)
        self.machine({"tenant": self.tenant, "run": run.id})
        return self.memory.runs.get(run.id)

    def start(self, kind: Kind, **wanted: Any) -> Run:
        """Start a run without working on it."""
        size = wanted.pop("batch_size", 0)
        if size:
            self.memory.feeds.change(self.feed(kind), batch_size=size)
        mode, scope = wanted.pop("mode", Mode.ALL), wanted.pop("scope", Scope.FULL)
        return self.river.start(self.feed(kind), mode, scope, **wanted)

    def feed(self, kind: Kind) -> str:
        """The id of the link's feed."""
        if self.link is None:
            raise LookupError("nothing is linked")
        return f"{self.link.id}.{kind}"

    def machine(self, event: dict[str, Any]) -> None:
        """The sync machine, step by step."""
        Machine(
            river=lambda: self.river,
            sleep=self.clock.sleep,
            lines=_manifest,
            bucket=self.runtime.resources.bucket,
            seconds_left=self.seconds_left,
            stepping=self.stepping,
            lost=self.lost_workers,
        ).work(event)

    def follow_all(self) -> list[str]:
        """Work the queue of live events empty; answers how each message ended. One that fails comes again."""
        sqs, url = boto3.client("sqs"), self.runtime.resources.follow_queue_url
        ended: list[str] = []
        while messages := self._received():
            for message in messages:
                self.stepping("follow")
                try:
                    ended.append(self.river_of(live=True).follow(read(message["Body"])))
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                except (Exception, Killed) as failure:  # noqa: BLE001  # whatever failed, the queue gives it again
                    self._comes_again(message, failure)
        return ended

    def _received(self) -> list[Any]:
        sqs, url = boto3.client("sqs"), self.runtime.resources.follow_queue_url
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["ApproximateReceiveCount"]
        )
        return list(answer.get("Messages", []))

    def _comes_again(self, message: Any, failure: BaseException) -> None:
        sqs, url, receipt = (
            boto3.client("sqs"),
            self.runtime.resources.follow_queue_url,
            message["ReceiptHandle"],
        )
        if int(message["Attributes"]["ApproximateReceiveCount"]) >= TRIES:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
            self.lost_workers.append(failure)
        else:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)

    def knock(self, store: Store, headers: Mapping[str, str], body: bytes) -> int:
        """A webhook arrives at the store's address; answers the HTTP status of the door."""
        answer = answered(
            self.runtime,
            {
                "httpMethod": "POST",
                "pathParameters": {"hook_id": store.hook_url.rpartition("/")[2]},
                "headers": dict(headers),
                "body": body.decode(),
            },
        )
        return int(answer["statusCode"])


def _manifest(planned: Mapping[str, str]) -> list[dict[str, int]]:
    body = boto3.client("s3").get_object(Bucket=planned["bucket"], Key=planned["manifest"])["Body"].read()
    return [json.loads(line) for line in body.splitlines()]


@contextmanager
def world(
    resources: Resources,
    origins: Mapping[str, Any],
    account: Account | None = None,
    clock: Clock | None = None,
    transport: Callable[[httpx.BaseTransport], httpx.BaseTransport] = lambda inner: inner,
    in_flight: int = 1,
) -> Iterator[World]:
    """A world over emulated AWS `resources`; `origins` maps the shops' origins to their simulators.

    `transport` may wrap the way to the shops, to kill a worker at a call.
    """
    clock = clock or Clock()
    account = account or Account(clock=clock)
    network = transport(InProcess({MAILCHIMP: account, RESULTS: account, **origins}))

    def client(**wanted: Any) -> Client:
        return Client(
            network, sleep=clock.sleep, clock=clock.epoch, **{**wanted, "pace": None, "routes": None}
        )

    runtime = Runtime(Storage(resources, clock=clock), Local(allow_private=True), client, in_flight)
    tenant = runtime.operator.create_tenant("A merchant").id
    yield World(runtime, clock, tenant, dict(origins), account)
