"""The tree of commands."""

import typer

from passerelle.cli import catalogue, feeds, incidents, keys, links, objects, runs, stores, syncs, tenants
from passerelle.cli.desk import Commands

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Passerelle from the command line. It speaks the HTTP API: PASSERELLE_URL and PASSERELLE_KEY say where and who.",
)

for name, group in (
    ("tenant", tenants.app),
    ("key", keys.app),
    ("store", stores.app),
    ("link", links.app),
    ("catalogue", catalogue.app),
    ("feed", feeds.app),
    ("sync", syncs.app),
    ("run", runs.app),
    ("incident", incidents.app),
    ("object", objects.app),
):
    app.add_typer(group, name=name, no_args_is_help=True)

app.command("preflight")(links.preflight)
