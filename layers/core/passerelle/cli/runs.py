"""Commands on runs."""

from typing import Annotated

import typer

from passerelle.cli.desk import Json, desk
from passerelle.cli.progress import finished, watch

app = typer.Typer(help="Runs: one execution of a feed each.")
COLUMNS = ("id", "kind", "trigger", "status", "outcome", "expected", "counts", "started_at")
Run = Annotated[str, typer.Argument(help="The run's id.")]


@app.command("list")
def list_(
    context: typer.Context,
    feed: Annotated[str, typer.Option(help="Only of this feed.")] = "",
    status: Annotated[
        str, typer.Option(help="planning, carrying, settling, awaiting_approval or finished.")
    ] = "",
    outcome: Annotated[str, typer.Option(help="completed, completed_with_errors, failed …")] = "",
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    json: Json = False,
) -> None:
    """Runs, newest first."""
    at = desk(context)
    found = at.service.every("/runs", most, feed=feed, status=status, outcome=outcome)
    at.show(list(found), json, COLUMNS)


@app.command()
def show(
    context: typer.Context,
    run: Run,
    wait: Annotated[bool, typer.Option(help="Watch until it has ended.")] = False,
    json: Json = False,
) -> None:
    """One run, with its progress."""
    at = desk(context)
    if wait:
        watch(at.service, at.console, at.pause, lambda: [{"id": run}], finished)
    at.show(at.service.get(f"/runs/{run}"), json)


@app.command()
def cancel(context: typer.Context, run: Run, json: Json = False) -> None:
    """Begin no more batches; those in flight finish."""
    at = desk(context)
    at.show(at.service.post(f"/runs/{run}/cancel"), json, COLUMNS)


@app.command()
def resume(context: typer.Context, run: Run, json: Json = False) -> None:
    """Go on where a cancelled, truncated or failed run stopped."""
    at = desk(context)
    at.show(at.service.post(f"/runs/{run}/resume"), json, COLUMNS)


@app.command()
def raises(
    context: typer.Context,
    run: Run,
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    json: Json = False,
) -> None:
    """Whom the run would subscribe, and by which rule."""
    at = desk(context)
    columns = ("id", "rule", "status_before", "status_after", "consent_before", "consent_after")
    at.show(list(at.service.every(f"/runs/{run}/raises", most)), json, columns)


@app.command()
def approve(context: typer.Context, run: Run, json: Json = False) -> None:
    """Let a waiting run go on with those whom it would subscribe."""
    at = desk(context)
    at.show(at.service.post(f"/runs/{run}/approve"), json, COLUMNS)


@app.command()
def discard(context: typer.Context, run: Run, json: Json = False) -> None:
    """Let a waiting run end without them."""
    at = desk(context)
    at.show(at.service.post(f"/runs/{run}/discard"), json, COLUMNS)


@app.command()
def undo(context: typer.Context, run: Run, json: Json = False) -> None:
    """Take back the consents that a run wrote, where nobody has acted since."""
    at = desk(context)
    at.show(at.service.post(f"/runs/{run}/undo"), json, COLUMNS)
