"""Passerelle itself as a contender: one process that syncs customers twice and prints what it used, as JSON.

    python -m bench.contender SHOP_URL RESOURCES_JSON [paged|export] [BATCH_SIZE] [PROFILE]

The AWS side and the shop are other processes, so the processor time told is the engine's alone.
"""

import cProfile
import json
import resource
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
from passerelle.memory import Run
from passerelle.model import Kind
from passerelle.port import Verb
from passerelle.runtime import Local, Runtime, platform
from passerelle.store.clients import Clients
from passerelle.store.repositories import Storage
from passerelle.store.resources import Resources

from bench.engine import Engine
from bench.meter import Meter

SHOP, MAILCHIMP = "https://still.myshopify.com", "https://us1.api.mailchimp.com"
AUDIENCE = "a1b2c3d4e5"
KEY = "0123456789abcdef0123456789abcdef-us1"


def made(shop_url: str, resources: Resources, in_flight: int = 3) -> tuple[Engine, Meter]:
    """An engine whose shop and audience are at `shop_url`."""
    clients = Clients()
    meter = Meter(clients, resources.ledger_table)
    routes = {SHOP: shop_url, MAILCHIMP: shop_url}
    runtime = Runtime(
        Storage(resources, clients), Local(allow_private=True, routes=routes), in_flight=in_flight
    )
    return connected(Engine(runtime)), meter


def connected(engine: Engine) -> Engine:
    """The engine with its shop and its audience, linked."""
    shop = engine.connect(
        "shopify",
        SHOP,
        {"shop": "still.myshopify.com", "access_token": "shpat_still", "client_secret": "shpss_still"},
    )
    audience = engine.connect("mailchimp", "https://mailchimp.com", {"api_key": KEY})
    engine.to_audience(shop, audience, AUDIENCE)
    return engine


def measured(
    engine: Engine, meter: Meter, shop_url: str, batch_size: int, profile: cProfile.Profile | None
) -> dict[str, Any]:
    """One full sync of customers."""
    httpx.get(f"{shop_url}/_counts")
    meter.take()
    engine.slices = engine.invocations = 0
    wall, cpu = time.perf_counter(), time.process_time()
    with profile or nullcontext():
        run: Run = engine.sync(Kind.CUSTOMERS, batch_size=batch_size)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {
        "cpu": cpu,
        "wall": wall,
        "items": run.expected,
        "outcome": str(run.outcome),
        "why": run.why,
        "counts": run.counts.tuple,
        "aws": meter.take(),
        "slices": engine.slices,
        "invocations": engine.invocations,
        "asked": httpx.get(f"{shop_url}/_counts").json(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main(
    shop_url: str, resources: str, way: str = "export", batch_size: str = "0", profile: str = ""
) -> None:
    """Sync, and sync again. `way`: whether the shop's bulk export is used."""
    if way == "paged":
        offers = platform("shopify").OFFERS
        offers.update({kind: verbs - {Verb.EXPORT} for kind, verbs in offers.items()})
    engine, meter = made(shop_url, Resources(**json.loads(resources)))
    results = []
    for name in ("first", "again"):
        watching = cProfile.Profile() if profile else None
        results.append(measured(engine, meter, shop_url, int(batch_size), watching))
        if watching:
            watching.dump_stats(Path(profile).with_suffix(f".{name}"))
    print(json.dumps({"first": results[0], "again": results[1]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
