"""Commands on API keys."""

from typing import Annotated

import typer

from passerelle.cli.desk import Json, desk

app = typer.Typer(help="API keys.")
COLUMNS = ("id", "name", "scopes", "created_at", "revoked_at")


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[str] | None, typer.Option(help="read, sync, admin; may be repeated.")] = None,
    tenant: Annotated[
        str, typer.Option(help="Operator: make the tenant's key with your AWS credentials instead of a key.")
    ] = "",
    json: Json = False,
) -> None:
    """Create a key. Its secret is shown once."""
    at = desk(context)
    body = {"name": name, "scopes": scope or (["read", "sync", "admin"] if tenant else ["read"])}
    path = f"/tenants/{tenant}/keys" if tenant else "/keys"
    at.show(at.service.post(path, body, operator=bool(tenant)), json)
    at.say("Keep the secret now: it is not shown again.", json)


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """The tenant's keys, without their secrets."""
    at = desk(context)
    at.show(list(at.service.every("/keys")), json, COLUMNS)


@app.command()
def revoke(
    context: typer.Context, key: Annotated[str, typer.Argument(help="The key's id.")], json: Json = False
) -> None:
    """Revoke a key. It stops working within minutes (the gateway remembers an answer that long)."""
    at = desk(context)
    at.service.delete(f"/keys/{key}")
    at.say(f"{key} is revoked.", json)
