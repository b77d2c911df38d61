"""Syncs of any size, counted: how long their Lambdas are at work, and how much memory the largest takes.

Time is reckoned on a simulated clock: processor time as measured, and a fixed wait for each call.
"""

import json
import sys
from functools import cache
from typing import Any

from passerelle.runtime import Local, Runtime
from passerelle.store.repositories import Storage

from bench import contender
from bench.bars import Figure, Options, at_most, told
from bench.engine import Engine
from bench.places import as_text, emulated, ran, still

MEMORY = "4 memory"
SHOP_CALL, AWS_CALL = 0.15, 0.005
"""Seconds that a call waits for its answer."""
MOST_MB, FLAT = 180.0, 1.1


@cache
def synced(size: int, batch_size: int = 0, way: str = "export") -> dict[str, Any]:
    """Two full syncs of that many customers, on a fresh emulator: first and unchanged."""
    with emulated() as (resources, variables), still(size) as url:
        command = [sys.executable, "-m", "bench.contender", url, as_text(resources), way, str(batch_size)]
        return ran(command, variables, seconds=20_000)


def seconds(run: dict[str, Any]) -> float:
    """How long the run's Lambdas are at work, one after another."""
    calls = {name: number for name, number in run["aws"].items() if name[0].isupper()}
    waited = sum(run["asked"].get(name, 0) for name in ("shop", "mailchimp", "contact_writes")) * SHOP_CALL
    return float(run["cpu"] + waited + sum(calls.values()) * AWS_CALL)


def memory(options: Options) -> list[Figure]:
    """Bar 4."""
    sizes = (1_000, 10_000, 1_000_000 if options.large else 100_000)
    peaks = {size: _peaks(size) for size in sizes}
    figures = []
    for step in ("plan", "carry"):
        low, middle, high = (peaks[size][step] for size in sizes)
        figures.append(
            at_most(MEMORY, f"peak of {step} at {sizes[2]:,} objects (MB)", high, MOST_MB, "{:.0f}")
        )
        what = f"{step}: {sizes[2]:,} objects against {sizes[1]:,}"
        figures.append(at_most(MEMORY, what, high / middle, FLAT, "{:.2f}"))
        figures.append(told(MEMORY, f"peak of {step} at {sizes[0]:,} objects (MB)", f"{low:.0f}"))
    return figures


def _peaks(size: int) -> dict[str, float]:
    with emulated() as (resources, variables), still(size) as url:
        routes = {contender.SHOP: url, contender.MAILCHIMP: url}
        engine = contender.connected(Engine(Runtime(Storage(resources), Local(True, routes))))
        if engine.link is None:
            raise LookupError("nothing is linked")
        command = [sys.executable, "-m", "bench.worker"]
        where = [json.dumps(routes), as_text(resources), engine.tenant, engine.link.id, "customers"]
        planned = ran([*command, "plan", *where], variables)
        last = str(max(1, planned["slices"] - 1))
        carried = ran([*command, "carry", *where, planned["run"], last], variables)
    return {"plan": planned["peak_mb"], "carry": carried["peak_mb"]}
