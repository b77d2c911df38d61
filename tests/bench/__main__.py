"""The command: measure, print, write docs/benchmarks.md.

python -m bench [--only NAME …] [--large]
"""

import argparse
import importlib
import time
from collections.abc import Callable

from bench.bars import Figure, Options, keep, show, told
from bench.places import ROOT, BenchError

PARTS = {
    "distance": ("bench.distance", "measure"),
    "compare": ("bench.comparison", "measure"),
    "memory": ("bench.scale", "memory"),
    "growth": ("bench.scale", "growth"),
    "cost": ("bench.cost", "measure"),
    "cold": ("bench.cold", "measure"),
    "freshness": ("bench.freshness", "measure"),
}
"""Name → where it is measured, in the order of the run."""
FILE = ROOT / "docs/benchmarks.md"


def part(name: str) -> Callable[[Options], list[Figure]]:
    """The measurement of that name."""
    module, function = PARTS[name]
    found: Callable[[Options], list[Figure]] = getattr(importlib.import_module(module), function)
    return found


def main() -> None:
    """Measure what is asked for; all of it is written down, a part is only shown."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="The bars of performance.")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--large", action="store_true", help="the sizes of a large shop: hours")
    given = parser.parse_args()
    figures: list[Figure] = []
    broken: list[str] = []
    for name in given.only or PARTS:
        began = time.monotonic()
        try:
            figures += part(name)(Options(large=given.large))
        except BenchError as error:
            broken.append(name)
            figures.append(told(name, "could not be measured", str(error).splitlines()[0]))
            print(f"{name}: {error}")
        print(f"{name} measured in {time.monotonic() - began:.0f} s", flush=True)
    show(figures)
    if not given.only:
        keep(figures, "make bench" + (" (with --large)" if given.large else ""), FILE)
        print(f"Written to {FILE.relative_to(ROOT)}.")
    if broken:
        raise SystemExit(f"Not measured: {', '.join(broken)}.")


if __name__ == "__main__":
    main()
