"""Commands on one customer, product or order."""

from typing import Annotated

import typer

from passerelle.cli.desk import Json, desk

app = typer.Typer(help="One customer, product or order of a link.")
Link = Annotated[str, typer.Argument(help="The link's id.")]
Kind = Annotated[str, typer.Argument(help="products, customers, orders or carts.")]
Id = Annotated[str, typer.Argument(help="Its id at the source store.")]


@app.command()
def show(context: typer.Context, link: Link, kind: Kind, id: Id, json: Json = False) -> None:
    """Where it stands, what was done with it, and why it did not sync."""
    at = desk(context)
    told = at.service.get(f"/links/{link}/{kind}/{id}")
    if json:
        at.show(told, json)
        return
    at.show(told, json, ("id", "kind", "state", "destination_id", "result", "reason", "run", "at"))
    at.show(told["activity"], json, ("at", "direction", "action", "field", "before", "after", "reason"))


@app.command()
def resync(context: typer.Context, link: Link, kind: Kind, id: Id, json: Json = False) -> None:
    """Carry it again, as it is now."""
    at = desk(context)
    told = at.service.post(f"/links/{link}/{kind}/{id}/resync")
    at.show(told, json)
