"""A Shopify shop's Admin GraphQL API 2026-07, as strict as the real one, as a WSGI application."""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.calls import Asked
from sandbox.moods import Mood
from sandbox.shopify.asked import InvalidError, Operation, understand
from sandbox.shopify.bucket import Bucket
from sandbox.shopify.cost import Bill
from sandbox.shopify.fields import RESOLVERS
from sandbox.shopify.imports import PATH as STAGED
from sandbox.shopify.imports import take
from sandbox.shopify.life import Life
from sandbox.shopify.mutations import MUTATIONS, check_directives, check_known
from sandbox.shopify.project import Projector
from sandbox.shopify.refusal import HTTP, THROTTLED, RefusedError, too_expensive
from sandbox.shopify.state import State, Thing, gid
from sandbox.shopify.stock import location
from sandbox.shopify.webhooks import Delivery, Messenger, Outside
from sandbox.shopify.world import World
from sandbox.stage import Platform, Stage

PATH = "/admin/api/2026-07/graphql.json"
RESULTS = "/_results/"
DEAREST = 1_000
FIRST_LOCATION = 800
ALL_SCOPES = frozenset(
    {
        "read_products",
        "write_products",
        "read_inventory",
        "write_inventory",
        "read_locations",
        "read_customers",
        "write_customers",
        "read_orders",
        "read_all_orders",
        "read_discounts",
    }
)
HARMLESS = ("bulkOperationRunQuery", "stagedUploadsCreate")
"""Mutations that write nothing into the shop."""
RANGE = re.compile(r"bytes=(\d+)-(\d*)$")


class Shop(Stage):
    """The shop itself: `state`, `life` (what happens there), `moods`, `calls`, `bucket`, `messenger`.

    `tokens`: access token → scopes. `clock` (seconds) drives the bucket, `now` the shop's time. `nodes_cost`:
    how `nodes(ids:)` is charged: "once" as the fitted model has it, "each" as the careful guess.
    `bulk_polls`: how often a bulk operation is still running when asked. `status`: another HTTP status than
    200 for everything (402, 403, 404, 423, 430). `hides_persons`: the app lacks approval for protected
    customer data. `local_hooks`: for a local stack, webhooks may also go to http addresses of this machine.
    """

    ALL_SCOPES = ALL_SCOPES

    def __init__(
        self,
        domain: str = "sample.myshopify.com",
        tokens: Mapping[str, Iterable[str]] | None = None,
        client_secret: str = "shpss_sandbox",
        *,
        rate: float = 100,
        bucket: float = 2_000,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        nodes_cost: str = "once",
        bulk_polls: int = 1,
        currency: str = "EUR",
        timezone: str = "Europe/Paris",
        number: int = 1,
        local_hooks: bool = False,
    ) -> None:
        self.domain = domain
        self.address = f"https://{domain}"
        self.tokens = {
            token: frozenset(scopes) for token, scopes in (tokens or {"shpat_sandbox": ALL_SCOPES}).items()
        }
        self.state = State(now, _settings(domain, currency, timezone, number))
        self.bucket = Bucket(rate, bucket, clock)
        self.messenger = Messenger(domain, client_secret)
        self.life = Life(self.state)
        self.nodes_cost, self.bulk_polls = nodes_cost, bulk_polls
        self.status = 200
        self.hides_persons = False
        self.local_hooks = local_hooks
        self.open_location("Entrepôt")
        super().__init__(self._respond, self._words(), self._acts())

    def load(self, things: Iterable[Thing]) -> None:
        """Fill the shop without telling anybody: products (with variants), customers, orders, checkouts."""
        shelves: dict[str, list[Thing]] = {}
        for thing in things:
            shelves.setdefault(thing["__typename"], []).append(thing)
        for kind, held in shelves.items():
            self.state.load(kind, held)
        self.state.load_variants(shelves.get("Product", ()))

    def open_location(self, name: str) -> int:
        """One more active location; its number."""
        place = FIRST_LOCATION + len(self.state.shelf("Location").things)
        self.state.load("Location", [location(place, name)])
        return place

    def deliveries(
        self, *, family: str = "x", duplicates: int = 0, shuffle: int | None = None
    ) -> Iterator[Delivery]:
        """Signed webhooks for what happened since the last time, one for each subscription."""
        yield from self.messenger.deliveries(
            self.state, family=family, duplicates=duplicates, shuffle=shuffle
        )

    def deliver_to(self, outside: Outside) -> None:
        """From now on, deliver every event by itself to the addresses that subscribed."""
        self.state.listener = lambda: outside.soon(lambda: list(self.deliveries()))

    def _acts(self) -> dict[str, Callable[..., object]]:
        life = self.life
        return {
            "edit": life.edit,
            "edit_variant": life.edit_variant,
            "delete": life.delete,
            "stock": life.stock,
            "consent": life.consent,
            "cancel": life.cancel,
            "drain": lambda left=0: self.bucket.drain(left),
            "deliveries": lambda **how: [
                {"url": each.url, "headers": dict(each.headers), "body": each.body.decode()}
                for each in self.deliveries(**how)
            ],
            "counts": lambda: {kind: len(shelf.things) for kind, shelf in self.state.shelves.items()},
        }

    def _words(self) -> Platform:
        return Platform(
            throttled=lambda _, __: _json({"errors": [THROTTLED], "extensions": self._cost(862, None)}),
            expired=lambda _, __: Response(HTTP[401], 401, content_type="application/json"),
            size=_size,
            is_write=_is_write,
            note=_operation_name,
        )

    def _cost(self, requested: int, actual: int | None) -> dict[str, Any]:
        figures = {"requestedQueryCost": requested, "actualQueryCost": actual}
        return {"cost": {**figures, "throttleStatus": self.bucket.status()}}

    def _respond(self, request: Request) -> Response:
        if request.path.startswith(RESULTS):
            return self._file(request)
        if request.path == STAGED and request.method == "POST":
            return take(self.state, request)
        status = self._door(request)
        if status != 200:
            return Response(HTTP.get(status, "{}"), status, content_type="application/json; charset=utf-8")
        try:
            asked = json.loads(request.get_data())
            text, variables = str(asked["query"]), asked.get("variables") or {}
        except (ValueError, KeyError, TypeError):
            return Response(HTTP[400], 400, content_type="application/json; charset=utf-8")
        with self.state.lock:
            return self._graphql(text, variables, asked.get("operationName"), self._world(request))

    def _door(self, request: Request) -> int:
        if self.status != 200:
            return self.status
        if request.path != PATH or request.method != "POST":
            return 404
        if request.headers.get("X-Shopify-Access-Token", "") not in self.tokens:
            return 401
        return 200 if request.mimetype == "application/json" else 406

    def _world(self, request: Request) -> World:
        token = request.headers["X-Shopify-Access-Token"]
        asked = Asked(request.method, request.path)
        lie = self.moods.take(Mood.LYING_COUNT, asked)
        return World(
            self.state,
            self.tokens[token],
            token,
            self.address,
            lie=int(lie.get("by", 1)) if lie is not None else 0,
            empty=self.moods.take(Mood.EMPTY_PAGE, asked) is not None,
            bulk_polls=self.bulk_polls,
            hides_persons=self.hides_persons,
            local_hooks=self.local_hooks,
        )

    def _graphql(self, text: str, variables: Mapping[str, Any], name: str | None, world: World) -> Response:
        try:
            operation = understand(text, variables, name)
            bill = Bill(operation, each_node=self.nodes_cost == "each")
            requested = bill.requested()
            if requested > DEAREST:
                raise too_expensive(requested)
            check_directives(operation)
        except InvalidError as error:
            return _json({"errors": error.errors})
        except RefusedError as refusal:
            return _json({"errors": [refusal.error]})
        if not self.bucket.admits(requested):
            return _json({"errors": [THROTTLED], "extensions": self._cost(requested, None)})
        return self._execute(operation, bill, requested, world)

    def _execute(self, operation: Operation, bill: Bill, requested: int, world: World) -> Response:
        projector = Projector(operation, world, {**RESOLVERS, **MUTATIONS})
        try:
            if operation.is_mutation:
                check_known(operation)
            data = projector.run()
        except RefusedError as refusal:
            self.bucket.give_back(requested)
            return _json({"errors": [refusal.error], "extensions": self._cost(requested, 0)})
        actual = min(requested, bill.actual(data)) if data is not None else 1
        self.bucket.give_back(requested - actual)
        answer: dict[str, Any] = {"data": data, "extensions": self._cost(requested, actual)}
        if projector.errors:
            answer["errors"] = projector.errors
        if world.warnings:
            answer["extensions"]["search"] = [{"path": [], "warnings": world.warnings}]
        return _json(answer)

    def _file(self, request: Request) -> Response:
        body = self.state.files.get(request.path.removeprefix(RESULTS))
        if body is None or request.args.get("signature") != "local":
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404, content_type="application/xml")
        part = RANGE.match(request.headers.get("Range", ""))
        if part is None:
            return Response(body, content_type="application/jsonl")
        first, last = int(part[1]), int(part[2] or len(body) - 1)
        headers = {"Content-Range": f"bytes {first}-{min(last, len(body) - 1)}/{len(body)}"}
        return Response(body[first : last + 1], 206, headers, content_type="application/jsonl")


def _settings(domain: str, currency: str, timezone: str, number: int) -> Thing:
    return {
        "__typename": "Shop",
        "id": gid("Shop", number),
        "name": domain.partition(".")[0].replace("-", " ").title(),
        "currencyCode": currency,
        "ianaTimezone": timezone,
        "taxesIncluded": True,
        "myshopifyDomain": domain,
        "url": f"https://{domain}",
        "primaryDomain": {"host": domain, "url": f"https://{domain}"},
        "plan": {"partnerDevelopment": False, "publicDisplayName": "Basic", "shopifyPlus": False},
    }


def _asked(asked: Asked) -> dict[str, Any]:
    try:
        body = json.loads(asked.body or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _size(asked: Asked) -> int:
    """How many whole objects are asked for by id, or sent; a page of a list counts as one."""
    variables = _asked(asked).get("variables") or {}
    sent = sum(1 for value in variables.values() if isinstance(value, dict))
    return max([sent, 1, *(len(value) for value in variables.values() if isinstance(value, list))])


def _is_write(asked: Asked) -> bool:
    text = str(_asked(asked).get("query", "")).lstrip()
    return text.startswith("mutation") and not any(name in text for name in HARMLESS)


def _operation_name(asked: Asked) -> str:
    found = re.match(r"\s*(?:query|mutation)\s+(\w+)", str(_asked(asked).get("query", "")))
    return found[1] if found else ""


def _json(content: Mapping[str, Any]) -> Response:
    raw = json.dumps(content, ensure_ascii=False)
    headers = {"X-Shopify-API-Version": "2026-07"}
    return Response(raw, 200, headers, content_type="application/json; charset=utf-8")
