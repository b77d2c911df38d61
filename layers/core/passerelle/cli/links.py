"""Commands on links: create, list, and look before a sync."""

from typing import Annotated

import typer

from passerelle.cli.desk import Json, desk

app = typer.Typer(help="Links between a store and an audience.")
COLUMNS = ("id", "kind", "source", "destination", "audience", "name")
Link = Annotated[str, typer.Argument(help="The link's id.")]


@app.command()
def create(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The store's id.")],
    destination: Annotated[str, typer.Argument(help="The id of the Mailchimp account (also a store).")],
    audience: Annotated[str, typer.Option(help="The audience's id; see `store audiences`.")],
    name: Annotated[str, typer.Option(help="What to call it.")] = "",
    json: Json = False,
) -> None:
    """Link a store to an audience. Its feeds are made with it; the first full sync is yours to start."""
    at = desk(context)
    body = {"source": source, "destination": destination, "audience": audience} | (
        {"name": name} if name else {}
    )
    at.show(at.service.post("/links", body), json)


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """The links."""
    at = desk(context)
    at.show(list(at.service.every("/links")), json, COLUMNS)


def preflight(context: typer.Context, link: Link, json: Json = False) -> None:
    """What a full sync of a link would read: objects, batches, calls, time."""
    at = desk(context)
    told = at.service.post(f"/links/{link}/preflight")
    if json:
        at.show(told, json)
        return
    columns = ("kind", "objects", "variants", "batch_size", "batches", "calls", "seconds")
    at.show(told["feeds"], json, columns)
