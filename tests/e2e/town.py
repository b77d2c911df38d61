"""A town to test in: the stack, the sandbox shops beside it, and store apps that speak with the API over HTTP."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx
from botocore.session import Session
from passerelle.cli.config import Config
from passerelle.cli.service import Service, Signature
from sandbox import stack
from sandbox.branches import Branches
from sandbox.demo import Host
from sandbox.stack import Deployed
from sandbox.street import Merchant, Street

ALL = ("read", "sync", "admin")
FIGURES = ("created", "updated", "unchanged", "skipped")
PATIENCE = 150.0
"""Seconds that anything may take on a busy machine."""

type Runs = Mapping[str, Any]
"""Kind → run as the API tells it."""


def until[T](look: Callable[[], T], good: Callable[[T], object] = bool, patience: float = PATIENCE) -> T:
    """Look until what is seen is good. Fails with what was seen last."""
    deadline = time.monotonic() + patience
    while True:
        seen = look()
        if good(seen):
            return seen
        assert time.monotonic() < deadline, f"not within {patience:.0f} s; seen last: {seen!r}"
        time.sleep(0.2)


@dataclass
class StoreApp:
    """One tenant's client. Each verb asserts the status that it expects and answers what the body holds."""

    stack: Deployed
    tenant: str
    key: str

    @cached_property
    def http(self) -> httpx.Client:
        """The API with the tenant's key."""
        return self.stack.http(self.key)

    def get(self, path: str, **query: Any) -> Any:
        """GET that must answer 200."""
        return self.ask("GET", path, 200, params=query)

    def post(self, path: str, status: int, **body: Any) -> Any:
        """POST that must answer `status`."""
        return self.ask("POST", path, status, json=body)

    def patch(self, path: str, **body: Any) -> Any:
        """PATCH that must answer 200."""
        return self.ask("PATCH", path, 200, json=body)

    def ask(self, method: str, path: str, status: int, **more: Any) -> Any:
        """Any request."""
        answer = self.http.request(method, f"/v1{path}", **more)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def run(self, run_id: str) -> Any:
        """A run as it is now."""
        return self.get(f"/runs/{run_id}")

    def finished(self, run_id: str) -> Any:
        """A run when it is over."""
        return until(lambda: self.run(run_id), lambda run: run["status"] == "finished")


@dataclass
class Business:
    """A merchant who has settled in: a shop, an account, and a link from the one to an audience of the other."""

    app: StoreApp
    merchant: Merchant
    shop: Mapping[str, Any]
    account: Mapping[str, Any]
    link: Mapping[str, Any]

    @property
    def store_id(self) -> str:
        """The id of the store at the destination."""
        return str(self.link["settings"]["store_id"])

    def feed(self, kind: str) -> str:
        """The id of a feed."""
        return f"{self.link['id']}.{kind}"

    def start(self, kind: str, **wanted: Any) -> str:
        """Run a feed now; the run's id."""
        return str(self.app.post(f"/feeds/{self.feed(kind)}/runs", 202, **wanted)["id"])

    def sync(self, kind: str, **wanted: Any) -> Any:
        """Run a feed and wait; the run as it ended."""
        return self.app.finished(self.start(kind, **wanted))

    def begin_all(self) -> Any:
        """Start to sync everything."""
        return self.app.post(f"/links/{self.link['id']}/sync-all", 202)

    def all_of(self, begun: Any) -> dict[str, Any]:
        """Wait for a sync-all; kind → run as it ended."""

        def runs() -> dict[str, Any]:
            listed = self.app.get("/runs", parent=begun["id"])["items"]
            return {run["feed"]: run for run in listed}

        def over(seen: dict[str, Any]) -> bool:
            return seen.keys() >= set(begun["feeds"]) and all(run["outcome"] for run in seen.values())

        return {run["kind"]: self.app.finished(run["id"]) for run in until(runs, over).values()}

    def incidents(self) -> list[Any]:
        """The tenant's open incidents."""
        return list(self.app.get("/incidents", limit=100)["items"])

    def knock(self, store: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> httpx.Response:
        """A platform's delivery at a store's webhook address."""
        path = "/hooks/" + store["hook_url"].rpartition("/")[2]
        return self.app.stack.http().post(path, content=body, headers=dict(headers))


def sync_everybody(businesses: Mapping[str, Business]) -> dict[str, Runs]:
    """Sync everything of everybody at once; platform → runs as they ended."""
    begun = [(platform, business, business.begin_all()) for platform, business in businesses.items()]
    return {platform: business.all_of(sync_all) for platform, business, sync_all in begun}


@dataclass
class Town:
    """A stack and its shops. `secrets`: what was made here and must never be seen again."""

    stack: Deployed
    shops: Street
    branches: Branches
    """A main store and its dependents."""
    secrets: list[str] = field(default_factory=list)
    killed: int = 0
    """Workers that were ended by `kill`."""

    # --- people ------------------------------------------------------------------------------------------

    def tenant(self, name: str, *scopes: str) -> StoreApp:
        """A new tenant with a key."""
        made = self._as_operator("/v1/tenants", name=name)
        return self.key_of(made["id"], *(scopes or ALL))

    def key_of(self, tenant: str, *scopes: str) -> StoreApp:
        """Another key of a tenant."""
        made = self._as_operator(f"/v1/tenants/{tenant}/keys", name="e2e", scopes=scopes)
        self.secrets.append(made["secret"])
        return StoreApp(self.stack, tenant, made["secret"])

    def settle_in(self, merchant: Merchant, audience: str = "") -> Business:
        """A new tenant whose shop and account are connected and linked."""
        app = self.tenant(merchant.name)
        credentials = dict(merchant.credentials)
        shop = app.post("/stores", 201, platform=merchant.platform, credentials=credentials)
        key = {"api_key": self.shops.account.api_key}
        account = app.post("/stores", 201, platform="mailchimp", credentials=key)
        ends = {"source": shop["id"], "destination": account["id"]}
        link = app.post("/links", 201, **ends, audience=audience or merchant.audience)
        return Business(app, merchant, shop, account, link)

    def spare_audience(self, number: int) -> str:
        """The id of an audience that is nobody's own."""
        return list(self.shops.account.audiences)[2 + number]

    def _as_operator(self, path: str, **body: Any) -> Any:
        session = Session()
        session.set_credentials("test", "test")
        session.set_config_variable("region", stack.REGION)
        with httpx.Client(transport=Host(self.stack), base_url=self.stack.endpoint) as client:
            answer = client.post(path, json=body, auth=Signature(session), timeout=60)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def account(self, name: str) -> Service:
        """A new tenant's service, as the command line speaks with the API."""
        app = self.tenant(name)
        return Service(Config(self.stack.endpoint, app.key), Host(self.stack), Session())

    # --- the stage ---------------------------------------------------------------------------------------

    @cached_property
    def names(self) -> dict[str, str]:
        """Logical id → physical id of everything in the template."""
        pages = self.stack.aws("cloudformation").get_paginator("list_stack_resources")
        found = pages.paginate(StackName=stack.NAME).search("StackResourceSummaries[]")
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}

    def invoke(self, function: str, **event: Any) -> Any:
        """Call a function by its logical id, as the clock does."""
        answer = self.stack.aws("lambda").invoke(
            FunctionName=self.names[function], Payload=json.dumps(event).encode()
        )
        said = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return said

    def execute(self, name: str, **payload: Any) -> str:
        """Start the sync machine; how the execution ended."""
        machines = self.stack.aws("stepfunctions")
        started = machines.start_execution(
            stateMachineArn=self.stack.outputs["SyncMachineArn"], name=name, input=json.dumps(payload)
        )

        def status() -> str:
            return str(machines.describe_execution(executionArn=started["executionArn"])["status"])

        return until(status, lambda seen: seen != "RUNNING")

    def kill(self, function: str) -> int:
        """End every worker of a function as a crash would; answers how many there were."""
        listed = subprocess.run(["ps", "-axwwo", "pid=,command="], capture_output=True, text=True, check=True)
        worker = re.compile(rf"\s*(\d+) .*{re.escape(str(self.stack.room))}/ministack-lambda-\S*{function}")
        found = [int(match[1]) for line in listed.stdout.splitlines() if (match := worker.match(line))]
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        self.killed += len(found)
        return len(found)

    def items(self, table: str) -> list[Any]:
        """Every item of a table, in wire form."""
        pages = self.stack.aws("dynamodb").get_paginator("scan")
        return [item for page in pages.paginate(TableName=self.names[table]) for item in page["Items"]]

    def waiting(self, queue: str) -> int:
        """How many messages a queue holds, in flight or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.stack.aws("sqs").get_queue_attributes(QueueUrl=self.names[queue], AttributeNames=names)
        return sum(int(told["Attributes"][name]) for name in names)

    def schedules(self, link: str) -> dict[str, Any]:
        """Feed → its schedule, of a link, as the scheduler has them."""
        scheduler, group = self.stack.aws("scheduler"), self.names["ScheduleGroup"]
        listed = scheduler.list_schedules(GroupName=group, NamePrefix=link)["Schedules"]
        return {each["Name"]: scheduler.get_schedule(GroupName=group, Name=each["Name"]) for each in listed}
