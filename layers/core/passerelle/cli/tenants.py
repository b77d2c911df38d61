"""Commands of the operator: tenants. They are signed with AWS credentials."""

from typing import Annotated

import typer

from passerelle.cli.desk import Json, desk

app = typer.Typer(help="Tenants (operator; signed with your AWS credentials).")


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call the tenant.")],
    json: Json = False,
) -> None:
    """Create a tenant."""
    at = desk(context)
    at.show(at.service.post("/tenants", {"name": name}, operator=True), json)
