"""Dollars per million objects, from counted calls and list prices (eu-west-1 and us-east-1 list them alike or nearly so).

Prices: https://aws.amazon.com/lambda/pricing/, https://aws.amazon.com/step-functions/pricing/,
https://aws.amazon.com/dynamodb/pricing/on-demand/, https://aws.amazon.com/s3/pricing/ (us-east-1).
"""

from typing import Any

from bench.bars import Figure, Options, at_most, told
from bench.scale import seconds, synced

COST = "6 cost"
GB_SECOND = 0.0000133334
"""Lambda on arm64."""
INVOCATION = 0.20 / 1e6
MEMORY_GB = 512 / 1024
"""As in template.yaml."""
TRANSITION = 25.0 / 1e6
"""Standard Step Functions: one for each state entered."""
RUN_TRANSITIONS, SLICE_TRANSITIONS = 9, 4
"""States that a run enters outside the Map, and those of a child (its start, Carry, the choice, the end)."""
WRITE_UNIT, READ_UNIT = 0.625 / 1e6, 0.125 / 1e6
"""DynamoDB on demand, tables of the standard class."""
S3_WRITE, S3_READ = 5.0 / 1e6, 0.4 / 1e6
FIRST_BAR, AGAIN_BAR = 0.80, 0.15
SIZES = {10: 1_000, 50: 2_000, 100: 5_000, 500: 10_000}
"""Batch size → customers of the run that is counted."""


def dollars(run: dict[str, Any]) -> dict[str, float]:
    """What one run costs, by service."""
    aws = run["aws"]
    parts = {
        "Lambda": run["invocations"] * INVOCATION + seconds(run) * MEMORY_GB * GB_SECOND,
        "Step Functions": (RUN_TRANSITIONS + SLICE_TRANSITIONS * run["slices"]) * TRANSITION,
        "DynamoDB": aws.get("write_units", 0) * WRITE_UNIT + aws.get("read_units", 0) * READ_UNIT,
        "S3": aws.get("PutObject", 0) * S3_WRITE + (aws.get("GetObject", 0) + run["slices"]) * S3_READ,
    }
    return {**parts, "all": sum(parts.values())}


def measure(_: Options) -> list[Figure]:
    """Bar 6."""
    runs = {size: synced(objects, size, "paged") for size, objects in SIZES.items()}
    figures = []
    for when, bar in (("first", FIRST_BAR), ("again", AGAIN_BAR)):
        per_million = {
            size: {name: value * 1e6 / SIZES[size] for name, value in dollars(run[when]).items()}
            for size, run in runs.items()
        }
        best = min(per_million, key=lambda size: per_million[size]["all"])
        words = {"first": "first sync", "again": "unchanged"}[when]
        for size, parts in per_million.items():
            detail = ", ".join(f"{name} {value:.2f}" for name, value in parts.items() if name != "all")
            figures.append(
                told(COST, f"$ per million, {words}, batches of {size}", f"{parts['all']:.2f} ({detail})")
            )
        what = f"$ per million, {words}, at the best batch size ({best})"
        figures.append(at_most(COST, what, per_million[best]["all"], bar, "{:.2f}"))
        figures.append(told(COST, f"$ per million, {words}, for batches of b", _formula(per_million)))
    return figures


def _formula(per_million: dict[int, dict[str, float]]) -> str:
    """Fixed and per-batch parts, through the smallest and the largest size."""
    low, high = min(per_million), max(per_million)
    slope = (per_million[low]["all"] - per_million[high]["all"]) / (1 / low - 1 / high)
    return f"{per_million[high]['all'] - slope / high:.2f} + {slope:.1f} / b"
