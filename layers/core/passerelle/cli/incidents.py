"""Commands on incidents."""

from typing import Annotated

import typer

from passerelle.cli.desk import Json, desk

app = typer.Typer(help="Incidents: what a person may need to know.")
COLUMNS = ("id", "severity", "count", "title", "remedy", "last_at")
Incident = Annotated[str, typer.Argument(help="The incident's id.")]


@app.command("list")
def list_(
    context: typer.Context,
    severity: Annotated[str, typer.Option(help="info, retry or error.")] = "",
    json: Json = False,
) -> None:
    """The open incidents, newest first."""
    at = desk(context)
    at.show(list(at.service.every("/incidents", severity=severity)), json, COLUMNS)


@app.command()
def close(context: typer.Context, incident: Incident, json: Json = False) -> None:
    """Close an incident: it is seen to."""
    at = desk(context)
    at.show(at.service.post(f"/incidents/{incident}/close"), json, COLUMNS)


@app.command()
def retry(context: typer.Context, incident: Incident, json: Json = False) -> None:
    """Try again what the incident stopped."""
    at = desk(context)
    at.show(at.service.post(f"/incidents/{incident}/retry"), json, COLUMNS)
