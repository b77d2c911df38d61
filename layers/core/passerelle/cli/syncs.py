"""The command of the main job: sync everything of a link, and watch it."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from passerelle.cli.desk import Desk, Json, desk
from passerelle.cli.progress import finished, watch

app = typer.Typer(help="Sync everything of a link.", no_args_is_help=True)
COLUMNS = (
    "kind",
    "outcome",
    "expected",
    "counts.created",
    "counts.updated",
    "counts.unchanged",
    "counts.skipped",
)


@app.callback()
def group() -> None:
    """Sync everything of a link."""


@app.command("all")
def all_(
    context: typer.Context,
    link: Annotated[str, typer.Argument(help="The link's id.")],
    mode: Annotated[str, typer.Option(help="all, new or update.")] = "all",
    orders: Annotated[bool, typer.Option(help="Past orders and carts too.")] = True,
    wait: Annotated[bool, typer.Option(help="Watch until it has ended.")] = True,
    json: Json = False,
) -> None:
    """Products and customers first, then orders and carts. Exit 1 unless everything completed."""
    at = desk(context)
    body = {"mode": mode, "orders": orders, "carts": orders}
    begun = at.service.post(f"/links/{link}/sync-all", body, once=uuid.uuid4().hex)
    if not wait:
        at.show(begun, json)
        return
    runs = _watch(at, begun)
    at.show(runs, json, (*COLUMNS, "counts.failed"))
    if any(run["outcome"] != "completed" for run in runs):
        at.say("Not everything completed: see `run show` and `incident list`.", json)
        raise typer.Exit(1)


def _watch(at: Desk, begun: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Follow the runs of a sync-all; they appear as their turn comes."""

    def of_it() -> list[Any]:
        return list(at.service.every("/runs", parent=begun["id"]))

    def complete(runs: Sequence[Mapping[str, Any]]) -> bool:
        return {run["feed"] for run in runs} >= set(begun["feeds"]) and finished(runs)

    return watch(at.service, at.console, at.pause, of_it, complete)
