"""The demo: sandbox shops, the real template on the local emulator, and the main job through the API.

    python -m sandbox.demo [--stay]

Two merchants, one with a PrestaShop shop and one with a Shopify shop, each synced whole into an audience of its
own; then both again, which must write nothing. Then a Shopify shop that feeds a PrestaShop and a WooCommerce shop of
other accounts: everything, nothing, and one price that arrives by webhook. Exits 1 unless every figure reconciles.
SIZE=large takes a real catalogue; PLATFORMS=all, or a list with commas, other shops. `--stay` leaves everything up
until it is interrupted.
"""

import argparse
import os
import signal
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from botocore.session import Session
from passerelle.cli.config import Config
from passerelle.cli.progress import finished, watch
from passerelle.cli.service import Refused, Service
from rich.console import Console
from rich.table import Table

from sandbox import stack
from sandbox.branches import MAIN, Branches, Catalogue, branches, within
from sandbox.shopify.webhooks import Delivery, Outside
from sandbox.size import LARGE, SMALL
from sandbox.stack import Deployed
from sandbox.street import ALL, USUAL, Merchant, Street, held, street

FIGURES = ("created", "updated", "unchanged", "skipped", "failed")


class Broken(Exception):
    """A figure of the demo is not what it must be; the text says which."""


class Host(httpx.BaseTransport):
    """Sends everything to the emulator under the name that its API answers to."""

    def __init__(self, deployed: Deployed) -> None:
        self._inner = httpx.HTTPTransport()
        self._name = f"{stack.HOST}:{deployed.port}"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange."""
        request.headers["Host"] = self._name
        return self._inner.handle_request(request)


class Demo:
    """The demo, step by step; each step raises Broken where something is not as it must be."""

    def __init__(self, deployed: Deployed, shops: Street, console: Console) -> None:
        self.deployed, self.shops, self.console = deployed, shops, console
        self.links: dict[str, tuple[Service, str]] = {}
        """Merchant → their service and link."""

    def service(self, key: str = "") -> Service:
        """The API, as a store app speaks with it."""
        session = Session()
        session.set_credentials("test", "test")
        session.set_config_variable("region", stack.REGION)
        return Service(Config(self.deployed.endpoint, key), Host(self.deployed), session)

    def account(self, name: str) -> Service:
        """A tenant with a key: the API, as its store app speaks with it."""
        operator = self.service()
        tenant = operator.post("/tenants", {"name": name}, operator=True)
        key = operator.post(
            f"/tenants/{tenant['id']}/keys",
            {"name": "demo", "scopes": ["read", "sync", "admin"]},
            operator=True,
        )
        return self.service(key["secret"])

    def settle_in(self, merchant: Merchant) -> None:
        """A tenant with its shop and the account connected, and a link between them."""
        here = self.account(merchant.name)
        shop = here.post(
            "/stores", {"platform": merchant.platform, "credentials": dict(merchant.credentials)}
        )
        account = here.post(
            "/stores", {"platform": "mailchimp", "credentials": {"api_key": self.shops.account.api_key}}
        )
        link = here.post(
            "/links", {"source": shop["id"], "destination": account["id"], "audience": merchant.audience}
        )
        self.links[merchant.name] = (here, link["id"])
        ahead = here.post(f"/links/{link['id']}/preflight")
        found = ", ".join(f"{feed['objects']:,} {feed['kind']}" for feed in ahead["feeds"])
        self.console.print(f"[bold]{merchant.name}[/] ({merchant.platform}, {shop['name']}): {found}")
        self.console.print(f"  expected: {ahead['batches']} batches, {ahead['calls']} calls", style="dim")

    def sync(self, merchant: Merchant) -> list[Mapping[str, Any]]:
        """Sync all, with its progress; answers the runs."""
        here, link = self.links[merchant.name]
        begun = here.post(f"/links/{link}/sync-all")

        def of_it() -> list[Any]:
            return list(here.every("/runs", parent=begun["id"]))

        def complete(runs: Sequence[Mapping[str, Any]]) -> bool:
            return {run["feed"] for run in runs} >= set(begun["feeds"]) and finished(runs)

        self.console.print(f"[bold]{merchant.name}[/]: sync all")
        return watch(here, self.console, lambda seconds: time.sleep(seconds / 2), of_it, complete)

    def tell(self, name: str, here: Service, runs: Sequence[Mapping[str, Any]]) -> None:
        """The figures, and whether they reconcile (B-12)."""
        table = Table(title=name, title_justify="left")
        for title in ("kind", "outcome", "expected", *FIGURES, "skipped because"):
            left = title in ("kind", "outcome", "skipped because")
            table.add_column(title, justify="left" if left else "right")
        for run in runs:
            because = ", ".join(f"{reason} {count}" for reason, count in run["skipped_why"].items())
            figures = (f"{run['counts'][figure]:,}" for figure in FIGURES)
            table.add_row(run["kind"], run["outcome"], f"{run['expected']:,}", *figures, because)
        self.console.print(table)
        for incident in here.get("/incidents", limit=5)["items"]:
            self.console.print(
                f"  [{incident['severity']}] {incident['title']}", style="yellow", markup=False
            )
        for run in runs:
            counts = run["counts"]
            if run["outcome"] != "completed" or run["expected"] != sum(counts[each] for each in FIGURES[:4]):
                raise Broken(f"{name}'s {run['kind']} did not reconcile: {counts} of {run['expected']}")

    def play_audience(self) -> None:
        """Each merchant's shop into an audience, twice."""
        for merchant in self.shops.merchants:
            self.settle_in(merchant)
        for merchant in self.shops.merchants:
            self.tell(merchant.name, self.links[merchant.name][0], self.sync(merchant))
        self.console.rule("again, with nothing changed")
        self.shops.forget_calls()
        for merchant in self.shops.merchants:
            self.tell(merchant.name, self.links[merchant.name][0], self.sync(merchant))
        wrote = self.shops.writes()
        self.console.print(f"writes at the destinations, counted there: {wrote}")
        if any(wrote.values()):
            raise Broken(f"a second run over unchanged data wrote something: {wrote}")
        for merchant in self.shops.merchants:
            here, link = self.links[merchant.name]
            store_id = here.get(f"/links/{link}")["settings"]["store_id"]
            self.console.print(f"{merchant.name}'s audience holds {held(self.shops, merchant, store_id)}")

    def play_catalogue(self, shops: Branches) -> None:
        """A main store feeds two dependents of other accounts, twice; then a price changes and its webhook comes."""
        self.console.rule("the catalogue: one main store, two dependents on other platforms")
        catalogue = Catalogue(shops, self.account)
        catalogue.connect()
        for again in (False, True):
            if again:
                self.console.rule("again, with nothing changed")
                shops.forget_calls()
            for platform, runs in catalogue.sync_all().items():
                in_order = sorted(runs, key=lambda run: str(run["kind"]))
                self.tell(f"Maison Mère to {platform}", catalogue.links[platform][0], in_order)
        if any(shops.writes().values()):
            raise Broken(f"a second run over an unchanged catalogue wrote something: {shops.writes()}")
        began = time.monotonic()
        sku = catalogue.new_price("123.45", self._knock)
        wanted = {"prestashop": "123.45", "woocommerce": "135.99"}
        within(lambda: {each: shops.price(each, sku) for each in wanted}, lambda seen: seen == wanted)
        took = time.monotonic() - began
        self.console.print(f"{sku} costs 123.45 at the main store; {took:.1f} s later: {wanted}")

    def stay(self, shops: Branches) -> None:
        """Everything stays up until it is interrupted; the main store tells of what changes as a real one does."""
        shops.main.deliver_to(Outside(self._knock))
        where = {each: keys["url"] for each, keys in shops.credentials.items() if "url" in keys}
        self.console.print(f"Catalogue: main store {shops.routes[f'https://{MAIN}']}, dependents {where}")
        self.console.print("Everything stays up; interrupt to end it.")
        signal.pause()

    def _knock(self, delivery: Delivery) -> int:
        """A webhook, where the platform was told to send it."""
        path = "/hooks/" + delivery.url.rpartition("/")[2]
        with self.deployed.http() as door:
            return door.post(path, content=delivery.body, headers=dict(delivery.headers)).status_code


def _platforms(wanted: str) -> tuple[str, ...]:
    chosen = ALL if wanted == "all" else tuple(filter(None, wanted.split(","))) or USUAL
    unknown = set(chosen) - set(ALL)
    if unknown:
        raise SystemExit(f"sandbox.demo: no shop of {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
    return chosen


def _end(number: int, _: object) -> None:
    """Whichever way the demo is told to stop, it takes the stack down with it."""
    raise SystemExit(128 + number)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo", description="The main job, end to end.")
    parser.add_argument("--stay", action="store_true", help="leave everything up until interrupted")
    parser.add_argument(
        "--port", type=int, default=stack.PORT, help="the emulator's port; shops take the next"
    )
    given = parser.parse_args()
    console = Console(width=int(os.environ.get("COLUMNS", "140")))
    size = LARGE if os.environ.get("SIZE") == "large" else SMALL
    platforms = _platforms(os.environ.get("PLATFORMS", ""))
    started = time.monotonic()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, _end)
    try:
        with (
            street(size, given.port + 1, platforms=platforms) as shops,
            branches(size.products // 4, given.port + 1 + len(platforms) + 1) as chain,
            stack.running(given.port, {**shops.routes, **chain.routes}) as deployed,
        ):
            console.print(f"The stack is up after {time.monotonic() - started:.0f} s: {deployed.endpoint}")
            demo = Demo(deployed, shops, console)
            demo.play_audience()
            demo.play_catalogue(chain)
            url = f"http://{stack.HOST}:{deployed.port}"
            console.print(f"[bold green]Everything reconciles[/] after {time.monotonic() - started:.0f} s.")
            console.print(f"API: {url}/v1   documentation: {url}/docs")
            if given.stay:
                demo.stay(chain)
    except (Broken, Refused, stack.StackError) as error:
        told = error.document if isinstance(error, Refused) else error
        raise SystemExit(f"sandbox.demo: {told}") from None


if __name__ == "__main__":
    main()
