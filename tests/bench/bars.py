"""What a measurement says: figures against their bars, as a table for a person."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

MISSED = Path(__file__).parent / "missed.md"
"""Why what is missed is missed, in words: it stands below the table."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command asks for. `large`: the sizes of a large shop, in hours rather than minutes."""

    large: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One line. `met` None: told for comparison, there is no bar."""

    bar: str
    what: str
    figure: str
    wanted: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """Met, missed, or nothing."""
        return {True: "met", False: "MISSED", None: ""}[self.met]


def at_most(bar: str, what: str, value: float, most: float, form: str = "{:.3g}") -> Figure:
    """A figure that must not be larger than its bar."""
    return Figure(bar, what, form.format(value), "≤ " + form.format(most), value <= most)


def told(bar: str, what: str, figure: str) -> Figure:
    """A figure without a bar."""
    return Figure(bar, what, figure)


def show(figures: Sequence[Figure]) -> None:
    """Print the table."""
    table = Table("bar", "what", "figure", "wanted", "", title="Passerelle, bar by bar")
    for each in figures:
        style = {True: "green", False: "bold red", None: ""}[each.met]
        table.add_row(each.bar, each.what, each.figure, each.wanted, each.verdict, style=style)
    Console(width=max(120, Console().width)).print(table)


def keep(figures: Sequence[Figure], file: Path) -> None:
    """Write the table where readers find it: without a date, so that only changed figures change it."""
    missed = sum(each.met is False for each in figures)
    judged = sum(each.met is not None for each in figures)
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`, or a part at a time by",
        "",
        "    PYTHONPATH=layers/core:tests:functions .venv/bin/python -m bench --only NAME",
        "",
        "from figures measured then; a miss is shown as a miss. What is compared is measured in one run, but absolute",
        "figures differ from machine to machine and with what else the machine does. How each is measured is told in",
        "`tests/bench/`, a module a bar.",
        "",
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}. "
        f"{judged - missed} of {judged} bars met.",
        "",
        "| Bar | What | Figure | Wanted | |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {f.bar} | {f.what} | {f.figure} | {f.wanted} | {f.verdict} |" for f in figures]
    lines += ["", MISSED.read_text().rstrip()]
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(lines) + "\n")
