"""Customers to Mailchimp, first and unchanged: Passerelle, dlt and the best script, on one shop in one run."""

import statistics
import subprocess
import sys
import venv
from typing import Any

from bench.bars import Figure, Options, at_most, told
from bench.places import ROOT, BenchError, as_text, emulated, ran, still

FIRST, AGAIN, SPEED = "3 first sync", "2 nothing changed", "9 speed"
ROOM = ROOT / ".local/bench"
LOCK = ROOT / "requirements/bench.txt"
RUNS = 3


def measure(options: Options) -> list[Figure]:
    """Bars 2, 3 and 9."""
    size = 50_000 if options.large else 20_000
    install()
    with emulated() as (resources, variables), still(size) as url:

        def ours(way: str) -> dict[str, Any]:
            command = [sys.executable, "-m", "bench.contender", url, as_text(resources), way]
            return ran(command, variables)

        rounds = [_round(ours, url, size) for _ in range(RUNS)]
    return _figures(rounds)


def install() -> None:
    """dlt in an environment of its own, from its lock file; nothing is done twice."""
    stamp = ROOM / ".stamp"
    if stamp.exists() and stamp.stat().st_mtime >= LOCK.stat().st_mtime:
        return
    venv.create(ROOM, with_pip=True, clear=True)
    command = [str(ROOM / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    answer = subprocess.run([*command, "--require-hashes", "-r", str(LOCK)], check=False)
    if answer.returncode:
        raise BenchError("dlt could not be installed to compare with.")
    stamp.touch()


def _round(ours: Any, url: str, size: int) -> dict[str, Any]:
    """Everybody once, one after another."""
    dlt = [str(ROOM / "bin/python"), str(ROOT / "tests/bench/with_dlt.py"), url]
    floor = [sys.executable, "-m", "bench.floor", url, str(size)]
    return {"paged": ours("paged"), "export": ours("export"), "dlt": ran(dlt), "floor": {"first": ran(floor)}}


def _each(rounds: list[dict[str, Any]], who: str, when: str, what: str = "cpu") -> float:
    """The median over the rounds, per item."""
    return statistics.median(each[who][when][what] / each[who][when]["items"] for each in rounds)


def _figures(rounds: list[dict[str, Any]]) -> list[Figure]:
    one = rounds[-1]
    figures: list[Figure] = []
    for when, bar, ratio in (("again", AGAIN, 1 / 5), ("first", FIRST, 1 / 3)):
        dlt = _each(rounds, "dlt", when)
        figures.append(told(bar, "processor time per customer, dlt", _micro(dlt)))
        for who, words in (("paged", "by pages"), ("export", "by the shop's bulk export")):
            cpu = _each(rounds, who, when)
            figures.append(told(bar, f"processor time per customer, {words}", _micro(cpu)))
            figures.append(at_most(bar, f"of dlt's, {words}", cpu / dlt, ratio, "{:.2f}"))
    unchanged = one["paged"]["again"]
    writes = unchanged["asked"].get("writes", 0)
    figures.append(at_most(AGAIN, "writes at the destination (dlt: all again)", writes, 0, "{:.0f}"))
    figures.append(
        at_most(AGAIN, "ledger items written", unchanged["aws"].get("ledger_writes", 0), 0, "{:.0f}")
    )
    if unchanged["counts"][2] != unchanged["items"]:
        raise BenchError(f"Not all were found unchanged: {unchanged['counts']} {unchanged['why']}")
    floor = _each(rounds, "floor", "first")
    figures.append(
        told(FIRST, "processor time per customer, best script (no state, no rules)", _micro(floor))
    )
    return figures + _speed(rounds)


def _speed(rounds: list[dict[str, Any]]) -> list[Figure]:
    floor = 1 / _each(rounds, "floor", "first", "wall")
    figures = [told(SPEED, "customers per second, best script", f"{floor:,.0f}")]
    for who, when, words in (
        ("dlt", "first", "dlt"),
        ("paged", "first", "first sync"),
        ("paged", "again", "unchanged"),
    ):
        speed = 1 / _each(rounds, who, when, "wall")
        figures.append(
            told(
                SPEED, f"customers per second, {words}", f"{speed:,.0f} ({speed / floor:.2f} of the script's)"
            )
        )
    return figures


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs"
