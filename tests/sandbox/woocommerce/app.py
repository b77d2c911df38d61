"""A WooCommerce shop as a WSGI application: `/wp-json/wc/v3`, its two ways of signing in, its moods.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/ (recorded on 10.0.2).
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from werkzeug.wrappers import Request, Response

from sandbox.calls import Asked
from sandbox.moods import Mood
from sandbox.stage import Platform, Stage
from sandbox.woocommerce.acts import Acts
from sandbox.woocommerce.auth import Key, Porter
from sandbox.woocommerce.desk import Answer, Desk
from sandbox.woocommerce.hooks import Hooks
from sandbox.woocommerce.refusal import RefusalError, unlisted
from sandbox.woocommerce.routes import checked, find
from sandbox.woocommerce.state import Row, State

PREFIX = "/wp-json"
JSON = "application/json; charset=UTF-8"
BATCH = 100
FEW = 8
"""Fields of an object that are told without thinking."""


class Shop(Stage):
    """A shop. `keys`: consumer key → Key. `variations`: whether it is 10.3 or later, with `GET /variations`.

    `clock` gives aware instants; `hooks.post` is how it reaches the world, `deliver()` sends what is due.
    """

    def __init__(
        self,
        keys: Mapping[str, Key] | None = None,
        clock: Callable[[], datetime] | None = None,
        *,
        variations: bool = True,
        **traits: Any,
    ) -> None:
        clock = clock or (lambda: datetime.now(UTC))
        version = {"version": "10.3.1"} if variations else {}
        self.state = State(clock, **{**version, **traits})
        self.variations = variations
        self.porter = Porter(dict(keys or {}), lambda: clock().timestamp())
        self.hooks = Hooks(self.state)
        self.acts = Acts(self.state)
        platform = Platform(
            expired=_expired, throttled=_throttled, unavailable=_unavailable, size=_size, is_write=_is_write
        )
        super().__init__(self._reply, platform, {**self.acts.all(), "deliver": self.deliver})

    @property
    def keys(self) -> dict[str, Key]:
        """The keys that open it."""
        return self.porter.keys

    def consents(self) -> dict[str, str]:
        """Customer → what plugins keep of their consent, without the day it was noted."""
        return {
            str(id): ", ".join(
                f"{one['key']}={str(one['value']).partition('@')[0]}" for one in row["meta_data"]
            )
            for id, row in self.state.customers.items()
        }

    def desk(self, home: str = "https://shop.example") -> Desk:
        """What the shop does for a caller under an address."""
        return Desk(self.state, self.hooks, self.state.home or home)

    def deliver(self, home: str = "https://shop.example") -> list[int]:
        """Send the webhooks that are due; answers the statuses."""
        with self.state.lock:
            desk = self.desk(home)
            return self.hooks.deliver(desk.payload, self.state.home or home)

    def _reply(self, request: Request) -> Response:
        with self.state.lock:
            secure = request.headers.get("X-Forwarded-Proto") == "https"
            root = request.host_url.rstrip("/")
            home = self.state.home or (root.replace("http://", "https://", 1) if secure else root)
            return _Exchange(self, request, home).answer()


class _Exchange:
    """One request and its answer."""

    def __init__(self, shop: Shop, request: Request, home: str) -> None:
        self._shop, self._request, self._home = shop, request, home
        self._desk = Desk(shop.state, shop.hooks, home)
        self._allow = ""

    def answer(self) -> Response:
        """The answer; a refusal is JSON like everything else."""
        path = self._request.path
        if not path.startswith(PREFIX):
            return Response("<!DOCTYPE html><html></html>", 404, content_type="text/html; charset=UTF-8")
        try:
            found = self._routed(path.removeprefix(PREFIX).rstrip("/") or "/")
        except RefusalError as refusal:
            found = Answer(refusal.body, refusal.status)
            if refusal.code in {"rest_no_route", "wc_user_invalid_id"}:
                self._allow = ""
        body = json.dumps(found.body, separators=(",", ":"), ensure_ascii=False).replace("/", "\\/")
        headers = {**found.headers, **({"Allow": self._allow} if self._allow else {})}
        return Response(body.encode(), found.status, headers, content_type=JSON)

    def _routed(self, path: str) -> Answer:
        if path == "/":
            return Answer(self._desk.itself.about())
        if path.startswith("/wc/store/v1/products"):
            return self._desk.open_shelf(self._query())
        key = self._shop.porter.admit(self._request, self._home)
        route = find(path, variations=self._shop.variations, brands=self._shop.state.has_brands)
        arguments = route.arguments(self._method)
        if key is None:
            raise unlisted()
        resource = path.split("/")[3] if path.count("/") > 2 else ""
        right = "read" if self._method == "GET" else "write"
        if f"{right} {resource}" in key.barred:
            raise RefusalError("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 403)
        self._allow = route.allow
        query = self._query()
        given = checked(query, arguments, query=True) if self._method in {"GET", "DELETE"} else {}
        if path.endswith("/batch"):
            return self._batch(path, route.named)
        if self._method in {"POST", "PUT", "PATCH"}:
            given = checked(self._body(), arguments, query=False)
            self._defaults_are_for_new_ones(given, arguments)
        named = {name: int(value) if value.isdigit() else value for name, value in route.named.items()}
        answer = self._desk.act(self._method, path, named, given, query)
        return self._spoilt(answer) if self._method == "GET" and isinstance(answer.body, list) else answer

    @property
    def _method(self) -> str:
        return "GET" if self._request.method == "HEAD" else self._request.method

    def _defaults_are_for_new_ones(self, given: Row, arguments: Mapping[str, Any]) -> None:
        if self._method != "POST":
            body = self._body()
            for name in [name for name in given if name not in body]:
                del given[name]

    def _query(self) -> Row:
        found: Row = {}
        for name, values in self._request.args.lists():
            bare = name.partition("[")[0]
            found[bare] = values if bare != name else values[-1]
        return {n: v for n, v in found.items() if not n.startswith(("oauth_", "consumer_", "rest_route"))}

    def _body(self) -> Row:
        raw = self._request.get_data()
        if not raw:
            return {}
        try:
            body = json.loads(raw)
        except ValueError:
            code = {"json_error_code": 4, "json_error_message": "Syntax error"}
            raise RefusalError("rest_invalid_json", "Invalid JSON body passed.", 400, **code) from None
        return body if isinstance(body, dict) else {}

    def _batch(self, path: str, named: Mapping[str, str]) -> Answer:
        """Each item by itself, unchecked by the arguments; what is refused stands in its place."""
        body = self._body()
        works = (("create", "POST"), ("update", "PUT"), ("delete", "DELETE"))
        if sum(len(body.get(work) or ()) for work, _ in works) > BATCH:
            message = f"Unable to accept more than {BATCH} items for this request."
            raise RefusalError("woocommerce_rest_request_entity_too_large", message, 413)
        numbers = {name: int(value) for name, value in named.items()}
        told: Row = {}
        for work, method in works:
            if body.get(work):
                told[work] = [
                    self._one(path.removesuffix("/batch"), method, one, numbers) for one in body[work]
                ]
        return Answer(told or [])

    def _one(self, path: str, method: str, item: Any, named: Mapping[str, int]) -> Row:
        given = item if isinstance(item, dict) else {"id": item}
        if method == "DELETE":
            # What a batch deletes is deleted for good.
            given = {"force": True, **given}
        id = given.get("id", 0 if method == "POST" else None)
        where = path if method == "POST" else f"{path}/{id}"
        try:
            answer = self._desk.act(method, where, {**named, "id": id or 0}, given, {})
        except RefusalError as refusal:
            return {"id": id, "error": refusal.body}
        return dict(answer.body)

    def _spoilt(self, answer: Answer) -> Answer:
        """A list on a bad day: an empty page, or a wrong total."""
        asked = Asked(self._request.method, self._request.path)
        headers = dict(answer.headers)
        lying = self._shop.moods.take(Mood.LYING_COUNT, asked)
        if lying is not None:
            headers["X-WP-Total"] = str(int(headers.get("X-WP-Total", 0)) + int(lying.get("by", 5)))
        empty = self._shop.moods.take(Mood.EMPTY_PAGE, asked) is not None
        return Answer([] if empty else answer.body, 200, headers)


def _refusal(code: str, message: str, status: int) -> Response:
    body = json.dumps(RefusalError(code, message, status).body)
    return Response(body, status, content_type=JSON)


def _expired(_: Asked, __: Mapping[str, Any]) -> Response:
    return _refusal("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401)


def _throttled(_: Asked, options: Mapping[str, Any]) -> Response:
    # WooCommerce itself never throttles; a host's firewall does, in its own words.
    page = "<html><body><h1>429 Too Many Requests</h1></body></html>" if options.get("body", True) else ""
    return Response(page, 429, {"Retry-After": "1"}, content_type="text/html")


def _unavailable(_: Asked, options: Mapping[str, Any]) -> Response:
    page = "<!DOCTYPE html><html><body><p>There has been a critical error on this website.</p></body></html>"
    return Response(page, int(options.get("status", 503)), content_type="text/html; charset=UTF-8")


def _is_write(asked: Asked) -> bool:
    """An empty batch is only a question after rights."""
    empty = asked.path.endswith("/batch") and asked.body.replace(b" ", b"") in (b"", b"{}", b"[]")
    return asked.method not in {"GET", "HEAD", "OPTIONS"} and not empty


def _size(asked: Asked) -> int:
    """How many objects a request names or sends."""
    if asked.body:
        try:
            body = json.loads(asked.body)
        except ValueError:
            return 1
        works = (
            [body.get(work) or () for work in ("create", "update", "delete")]
            if isinstance(body, dict)
            else []
        )
        return sum(len(work) for work in works) or 1
    told = {name: values[-1] for name, values in parse_qs(asked.query).items()}
    if told.get("include"):
        return told["include"].count(",") + 1
    # A list of few fields is no work for PHP.
    whole = told.get("_fields", "").count(",") + 1 > FEW or "_fields" not in told
    return int(told.get("per_page", 10)) if whole else 1
