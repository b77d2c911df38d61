"""Commands on the catalogue between stores: keys, invitations, links, what a dependent receives, and mappings by hand."""

import uuid
from typing import Annotated, Any

import typer

from passerelle.cli.desk import Json, desk
from passerelle.cli.wishes import wishes

app = typer.Typer(help="The catalogue: a main store that feeds others.")
LINKS = ("id", "store", "main.name", "status", "idle", "created_at")
INVITATIONS = ("id", "main", "address", "status", "link", "expires_at")
Store = Annotated[str, typer.Argument(help="The store's id.")]
Link = Annotated[str, typer.Argument(help="The catalogue link's id.")]
Product = Annotated[str, typer.Argument(help="The product's id at the main store.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="A preference, as price=false or prices.factor=1.08; may be repeated."),
]
File = Annotated[str, typer.Option("--file", help="A JSON file with preferences, or - for standard input.")]
Most = Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")]


@app.command()
def key(
    context: typer.Context,
    store: Store,
    rotate: Annotated[bool, typer.Option("--rotate", help="Make a new one; the old one is refused.")] = False,
    json: Json = False,
) -> None:
    """The connection key of a main store: who has it may link a store of theirs."""
    at = desk(context)
    path = f"/stores/{store}/connection-key"
    at.show(at.service.post(f"{path}/rotate") if rotate else at.service.get(path), json)


@app.command()
def invite(
    context: typer.Context,
    store: Store,
    url: Annotated[str, typer.Argument(help="The address of the shop to invite.")],
    json: Json = False,
) -> None:
    """Invite the store at an address to be fed by a main store."""
    at = desk(context)
    at.show(at.service.post(f"/stores/{store}/invitations", {"url": url}), json, INVITATIONS)


@app.command()
def invitations(
    context: typer.Context,
    sent: Annotated[str, typer.Option(help="Those that this main store has sent, instead.")] = "",
    store: Annotated[str, typer.Option(help="Only those for this store.")] = "",
    json: Json = False,
) -> None:
    """The invitations of your stores."""
    at = desk(context)
    found = (
        at.service.every(f"/stores/{sent}/invitations")
        if sent
        else at.service.every("/invitations", store=store)
    )
    at.show(list(found), json, INVITATIONS)


@app.command()
def accept(
    context: typer.Context,
    invitation: Annotated[str, typer.Argument(help="The invitation's id.")],
    store: Store,
    set_: Set = None,
    file: File = "",
    json: Json = False,
) -> None:
    """Accept an invitation: the store is linked, and synced once you start it."""
    at = desk(context)
    body = {"store": store, **_preferring(wishes(file, set_ or [], {}))}
    at.show(at.service.post(f"/invitations/{invitation}/accept", body), json, LINKS)


@app.command()
def decline(
    context: typer.Context,
    invitation: Annotated[str, typer.Argument(help="The invitation's id.")],
    json: Json = False,
) -> None:
    """Decline an invitation."""
    at = desk(context)
    at.show(at.service.post(f"/invitations/{invitation}/decline"), json, INVITATIONS)


@app.command()
def link(
    context: typer.Context,
    store: Store,
    key: Annotated[
        str,
        typer.Option(envvar="PASSERELLE_CONNECTION_KEY", help="The main store's connection key."),
    ] = "",
    main: Annotated[str, typer.Option(help="The main store's id, where it is yours too.")] = "",
    set_: Set = None,
    file: File = "",
    json: Json = False,
) -> None:
    """Link a store to a main store; the first sync is yours to start."""
    at = desk(context)
    if not key and not main:
        raise typer.BadParameter("the main store is named by --key, or by --main where it is yours too")
    ends = {"main": main} if main else {"connection_key": key}
    body = {"store": store, **ends, **_preferring(wishes(file, set_ or [], {}))}
    at.show(at.service.post("/catalogue-links", body), json, LINKS)


@app.command()
def links(
    context: typer.Context,
    store: Annotated[str, typer.Option(help="Only links of this store.")] = "",
    json: Json = False,
) -> None:
    """The links that feed your stores."""
    at = desk(context)
    at.show(list(at.service.every("/catalogue-links", store=store)), json, LINKS)


@app.command()
def dependents(context: typer.Context, store: Store, json: Json = False) -> None:
    """The stores that a main store feeds."""
    at = desk(context)
    columns = ("link", "name", "url", "status", "since")
    at.show(list(at.service.every(f"/stores/{store}/dependents")), json, columns)


@app.command()
def preferences(
    context: typer.Context, link: Link, set_: Set = None, file: File = "", json: Json = False
) -> None:
    """What a link brings: shown, or changed by --set and --file."""
    at = desk(context)
    path = f"/catalogue-links/{link}"
    now = at.service.get(path)
    wanted = wishes(file, set_ or [], now["preferences"])
    told = at.service.patch(path, {"preferences": wanted}) if wanted else now
    at.show(told["preferences"], json)


@app.command()
def disconnect(
    context: typer.Context,
    link: Link,
    products: Annotated[str, typer.Option(help="What becomes of them: keep, zero_stock or draft.")] = "keep",
    json: Json = False,
) -> None:
    """End a link. Linked again, it goes on as it was."""
    at = desk(context)
    body = {"products": products}
    told = at.service.post(f"/catalogue-links/{link}/disconnect", body, once=uuid.uuid4().hex)
    at.show(told, json, ("link.id", "link.status", "run.id"))


@app.command("sync-all")
def sync_all(context: typer.Context, store: Store, json: Json = False) -> None:
    """Sync all of a main store's dependents, or a dependent itself. Exit 1 where one could not be started."""
    at = desk(context)
    told = at.service.post(f"/stores/{store}/sync-all", once=uuid.uuid4().hex)["items"]
    at.show(told, json, ("link", "store", "sync_all", "problem.title", "problem.remedy"))
    if any(each["problem"] for each in told):
        raise typer.Exit(1)


@app.command()
def unmapped(context: typer.Context, link: Link, most: Most = 100, json: Json = False) -> None:
    """Products that no run could match, with what they may be."""
    at = desk(context)
    found = list(at.service.every(f"/catalogue-links/{link}/unmapped", most))
    if json:
        at.show(found, json)
        return
    rows = [each | {"may_be": [_suggestion(one) for one in each["suggestions"]]} for each in found]
    at.show(rows, json, ("product", "title", "skus", "reason", "may_be"))


def _suggestion(one: dict[str, Any]) -> str:
    return f"{one['product']} by {one['by']}"


@app.command("map")
def map_(
    context: typer.Context,
    link: Link,
    product: Product,
    counterpart: Annotated[str, typer.Argument(help="The product's id at the dependent store.")],
    variant: Annotated[
        list[str] | None,
        typer.Option(help="Which variant is which, as main=dependent; may be repeated."),
    ] = None,
    json: Json = False,
) -> None:
    """Say which product of the dependent store it is."""
    at = desk(context)
    body: dict[str, Any] = {"product": counterpart}
    if variant:
        if not all("=" in each for each in variant):
            raise typer.BadParameter("a variant is main=dependent, two ids")
        body["variants"] = dict(each.split("=", 1) for each in variant)
    at.show(at.service.put(f"/catalogue-links/{link}/mappings/{product}", body), json)


@app.command()
def unmap(context: typer.Context, link: Link, product: Product) -> None:
    """Say that it is none of the dependent store's."""
    desk(context).service.delete(f"/catalogue-links/{link}/mappings/{product}")


def _preferring(wanted: dict[str, Any]) -> dict[str, Any]:
    return {"preferences": wanted} if wanted else {}
