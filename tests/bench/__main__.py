"""The command: measure, print, write docs/benchmarks.md.

python -m bench [--only NAME …] [--large]
"""

import argparse
import importlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict

from bench.bars import Figure, Options, keep, show, told
from bench.places import ROOT, BenchError

PARTS = {
    "distance": ("bench.distance", "measure"),
    "catalogue": ("bench.catalogue", "measure"),
    "compare": ("bench.comparison", "measure"),
    "memory": ("bench.scale", "memory"),
    "growth": ("bench.growth", "measure"),
    "cost": ("bench.cost", "measure"),
    "cold": ("bench.cold", "measure"),
    "freshness": ("bench.freshness", "measure"),
}
"""Name → where it is measured, in the order of the run."""
FILE = ROOT / "docs/benchmarks.md"
KEPT = ROOT / ".local/figures"


def part(name: str) -> Callable[[Options], list[Figure]]:
    """The measurement of that name."""
    module, function = PARTS[name]
    found: Callable[[Options], list[Figure]] = getattr(importlib.import_module(module), function)
    return found


def remember(name: str, figures: list[Figure]) -> None:
    """Keep what a part found until it is measured again."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(json.dumps([asdict(each) for each in figures]))


def remembered(name: str) -> list[Figure]:
    """What a part found when it was last measured on this machine."""
    file = KEPT / f"{name}.json"
    if not file.exists():
        return [told(name, "not measured yet", "")]
    return [Figure(**each) for each in json.loads(file.read_text())]


def main() -> None:
    """Measure what is asked for, show it, and write down the last of everything."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="The bars of performance.")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--large", action="store_true", help="the sizes of a large shop: hours")
    given = parser.parse_args()
    figures: list[Figure] = []
    broken: list[str] = []
    for name in given.only or PARTS:
        began = time.monotonic()
        try:
            found = part(name)(Options(large=given.large))
        except BenchError as error:
            broken.append(name)
            found = [told(name, "could not be measured", str(error).splitlines()[0])]
            print(f"{name}: {error}")
        remember(name, found)
        figures += found
        print(f"{name} measured in {time.monotonic() - began:.0f} s", flush=True)
    show(figures)
    keep([figure for name in PARTS for figure in remembered(name)], FILE)
    print(f"Written to {FILE.relative_to(ROOT)}.")
    if broken:
        raise SystemExit(f"Not measured: {', '.join(broken)}.")


if __name__ == "__main__":
    main()
