"""Live progress of runs: a bar a run, with batches done and in flight, rate and time left."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from passerelle.cli.service import Service

SECONDS = 1.0


def watch(
    service: Service,
    console: Console,
    pause: Callable[[float], None],
    runs: Callable[[], Sequence[Mapping[str, Any]]],
    complete: Callable[[Sequence[Mapping[str, Any]]], bool],
) -> list[Mapping[str, Any]]:
    """Ask again and again until `complete`; answers the runs as they ended."""
    bars: dict[str, TaskID] = {}
    with _bars(console) as progress:
        while True:
            seen = [service.get(f"/runs/{run['id']}") for run in runs()]
            for run in seen:
                _draw(progress, bars, run)
            if complete(seen):
                return list(seen)
            pause(SECONDS)


def finished(runs: Iterable[Mapping[str, Any]]) -> bool:
    """Whether every one of these runs has ended, or waits for a person."""
    return all(run["status"] in {"finished", "awaiting_approval"} for run in runs)


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[batches]}"),
        TextColumn("{task.fields[pace]}", style="dim"),
        console=console,
    )


def _draw(progress: Progress, bars: dict[str, TaskID], run: Mapping[str, Any]) -> None:
    """Move the bar of a run to where it is."""
    told = run["progress"]
    if run["id"] not in bars:
        bars[run["id"]] = progress.add_task(run["kind"], total=None, batches="", pace="")
    progress.update(
        bars[run["id"]],
        total=told["objects_total"] or None,
        completed=told["objects_done"],
        batches=_batches(run),
        pace=_pace(run),
    )


def _batches(run: Mapping[str, Any]) -> str:
    told = run["progress"]
    failed = f", {told['batches_failed']} failed" if told["batches_failed"] else ""
    flight = f", {told['batches_running']} in flight" if told["batches_running"] else ""
    return f"batches {told['batches_done']}/{told['batches_total']}{flight}{failed}"


def _pace(run: Mapping[str, Any]) -> str:
    """Rate and time left while it runs, the outcome once it has ended."""
    if run["status"] == "finished":
        return str(run["outcome"]).replace("_", " ")
    told = run["progress"]
    rate = f"{told['rate']:.0f}/s" if told["rate"] else run["status"]
    left = f", {told['eta_seconds']} s left" if told["eta_seconds"] is not None else ""
    idle = f", quiet for {told['idle_seconds']} s" if (told["idle_seconds"] or 0) > 30 else ""
    return rate + left + idle
