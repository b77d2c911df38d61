"""Commands on connected stores."""

from typing import Annotated

import typer

from passerelle.cli import secrets
from passerelle.cli.desk import Json, desk

app = typer.Typer(help="Stores, and the accounts they are synced to.")
COLUMNS = ("id", "platform", "name", "status", "currency", "timezone")
Store = Annotated[str, typer.Argument(help="The store's id.")]


@app.command()
def connect(
    context: typer.Context,
    platform: Annotated[str, typer.Argument(help="prestashop, shopify, mailchimp …")],
    name: Annotated[str, typer.Option(help="What to call it; the shop's own name if left out.")] = "",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A field that is no secret, as name=value; may be repeated."),
    ] = None,
    credentials: Annotated[
        str, typer.Option(help="A JSON file with the form, or - for standard input.")
    ] = "",
    json: Json = False,
) -> None:
    """Connect a store. What is missing is asked for; secrets are not echoed (or set PASSERELLE_<FIELD>)."""
    at = desk(context)
    form = secrets.given(credentials) | secrets.pairs(set_ or [])
    schema = at.service.get(f"/platforms/{platform}")["credentials"]
    body = {
        "platform": platform,
        "credentials": secrets.fill(schema, form, None if credentials == "-" else secrets.ask),
    }
    at.show(at.service.post("/stores", body | ({"name": name} if name else {})), json)


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """The stores that are connected."""
    at = desk(context)
    at.show(list(at.service.every("/stores")), json, COLUMNS)


@app.command()
def show(context: typer.Context, store: Store, json: Json = False) -> None:
    """One store."""
    at = desk(context)
    at.show(at.service.get(f"/stores/{store}"), json)


@app.command()
def audiences(context: typer.Context, store: Store, json: Json = False) -> None:
    """The audiences of a connected Mailchimp account."""
    at = desk(context)
    found = at.service.get(f"/stores/{store}/audiences")["items"]
    at.show(found, json, ("id", "name", "members", "double_opt_in", "required_fields"))
