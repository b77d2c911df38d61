"""Commands on feeds."""

import uuid
from typing import Annotated, Any

import typer

from passerelle.cli.desk import Json, desk
from passerelle.cli.progress import finished, watch

app = typer.Typer(help="Feeds: one flow of a link each, with its schedule.")
COLUMNS = ("id", "kind", "enabled", "schedule", "timezone", "batch_size", "first_full_at")
Feed = Annotated[str, typer.Argument(help="The feed's id: the link's, a dot, the kind.")]


@app.command("list")
def list_(
    context: typer.Context,
    link: Annotated[str, typer.Option(help="Only of this link.")] = "",
    json: Json = False,
) -> None:
    """The feeds."""
    at = desk(context)
    at.show(list(at.service.every("/feeds", link=link)), json, COLUMNS)


@app.command()
def run(
    context: typer.Context,
    feed: Feed,
    mode: Annotated[str, typer.Option(help="all, new or update.")] = "all",
    scope: Annotated[str, typer.Option(help="full or incremental.")] = "full",
    dry: Annotated[bool, typer.Option("--dry", help="Everything but the writes.")] = False,
    wait: Annotated[bool, typer.Option(help="Watch until it has ended.")] = True,
    json: Json = False,
) -> None:
    """Run a feed now."""
    at = desk(context)
    body = {"mode": mode, "scope": scope, "dry_run": dry}
    begun = at.service.post(f"/feeds/{feed}/runs", body, once=uuid.uuid4().hex)
    if not wait:
        at.show(begun, json)
        return
    (ended,) = watch(at.service, at.console, at.pause, lambda: [begun], finished)
    at.show(ended, json, ("id", "outcome", "why", "expected", "counts"))
    if ended["outcome"] != "completed":
        raise typer.Exit(1)


@app.command("set")
def set_(
    context: typer.Context,
    feed: Feed,
    enabled: Annotated[bool | None, typer.Option("--on/--off", help="Whether its schedule runs.")] = None,
    schedule: Annotated[str | None, typer.Option(help="rate(…) or cron(…); empty: only by hand.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Paris.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="1 to 500.")] = None,
    json: Json = False,
) -> None:
    """Change a feed's schedule or batch size."""
    at = desk(context)
    wanted: dict[str, Any] = {
        "enabled": enabled,
        "schedule": schedule,
        "timezone": timezone,
        "batch_size": batch_size,
    }
    body = {name: value for name, value in wanted.items() if value is not None}
    if not body:
        raise typer.BadParameter("say what to change: --on, --off, --schedule, --timezone or --batch-size")
    at.show(at.service.patch(f"/feeds/{feed}", body), json, COLUMNS)
