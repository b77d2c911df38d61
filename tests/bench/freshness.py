"""From an edit in a shop to the same words at Mailchimp: the shop's webhook, the real functions, the local stack.

The emulator, its functions, the shops and this clock share one machine: what the cloud adds (cold starts, distance)
and what it spares (one core for everybody) are not in the figures.
"""

import statistics
import threading
import time
from typing import Any

import httpx
from rich.console import Console
from sandbox import stack
from sandbox.demo import Demo
from sandbox.shopify import Delivery, Outside
from sandbox.size import Size
from sandbox.street import Street, street

from bench.bars import Figure, Options, at_most, told
from bench.places import BenchError

FRESHNESS = "8 freshness"
EDITS = 20
PATIENCE = 60.0
AT_REST, UNDER_LOAD = 2.0, 2.0
SHOP = Size(400, 400, 100)


def measure(options: Options) -> list[Figure]:
    """Bar 8."""
    edits = 5 * EDITS if options.large else EDITS
    with street(SHOP) as shops, stack.running(routes=shops.routes) as deployed:
        demo = Demo(deployed, shops, Console(quiet=True))
        busy, quiet = shops.merchants
        quiet.shop.deliver_to(Outside(lambda delivery: _post(demo, delivery)))
        demo.settle_in(quiet)
        demo.settle_in(busy)
        demo.sync(quiet)
        here, link = demo.links[quiet.name]
        store = str(here.get(f"/links/{link}")["settings"]["store_id"])
        cold = _edited(shops, quiet.shop, store, edits - 1)
        rested = [_edited(shops, quiet.shop, store, number) for number in range(edits)]
        backfill = threading.Thread(target=demo.sync, args=(busy,), daemon=True)
        backfill.start()
        loaded = []
        while backfill.is_alive() and len(loaded) < edits:
            loaded.append(_edited(shops, quiet.shop, store, edits + len(loaded)))
        backfill.join()
    return [
        told(FRESHNESS, "the first edit, functions not started yet (s)", f"{cold:.2f}"),
        *_figures(rested, loaded),
    ]


def _post(demo: Demo, delivery: Delivery) -> int:
    """A webhook to the deployed API, by the address that the emulator answers at."""
    path = httpx.URL(delivery.url).path
    client = demo.deployed.http(timeout=5)
    with client:
        return client.post(path, content=delivery.body, headers=dict(delivery.headers)).status_code


def _edited(shops: Street, shop: Any, store: str, number: int) -> float:
    """Edit one product and wait until Mailchimp holds it; answers the seconds between."""
    products = list(shop.state.shelf("Product").things.values())
    chosen = products[number % len(products)]
    title = f"Edited {number} at {time.time_ns()}"
    began = time.perf_counter()
    shop.life.edit(chosen["id"], title=title)
    key = chosen["legacyResourceId"]
    while time.perf_counter() - began < PATIENCE:
        if shops.account.stores[store].products[key]["title"] == title:
            return time.perf_counter() - began
        time.sleep(0.01)
    raise BenchError(f"An edit did not arrive within {PATIENCE:g} seconds.")


def _figures(rested: list[float], loaded: list[float]) -> list[Figure]:
    p50, p99 = _percentiles(rested)
    figures = [
        told(FRESHNESS, f"an edit at rest, half arrive within (s, {len(rested)} edits)", f"{p50:.2f}"),
        at_most(FRESHNESS, "an edit at rest, 99 % arrive within (s)", p99, AT_REST, "{:.2f}"),
    ]
    if len(loaded) < 2:
        return [*figures, told(FRESHNESS, "under a backfill", "it was over before two edits were made")]
    half, most = _percentiles(loaded)
    return [
        *figures,
        told(FRESHNESS, f"under a backfill, half arrive within (s, {len(loaded)} edits)", f"{half:.2f}"),
        at_most(
            FRESHNESS, "under a backfill, 99 % arrive: times that at rest", most / p99, UNDER_LOAD, "{:.2f}"
        ),
    ]


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return cuts[49], cuts[98]
