"""The web API as a WSGI application: who asks, which route, queue and consumer, answers in JSON or XML."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from sandbox.calls import Asked
from sandbox.magento import bulk, stock
from sandbox.magento.acts import Acts
from sandbox.magento.auth import EVERYTHING, Guard, Integration, query_pairs, raw_path
from sandbox.magento.criteria import InputLimits, nested, projected, read
from sandbox.magento.refusal import RefusalError, unauthorized
from sandbox.magento.routes import CATALOGUE, Ask, find
from sandbox.magento.state import State
from sandbox.moods import Mood
from sandbox.stage import Platform, Stage

TOKEN = "sandbox-token"
MEDIA = "/media/catalog/product"
PATH = re.compile(r"/rest(?:/(?!V1/|async/)([\w-]+))?(/async/bulk)?/V1/(.+?)/?")
VERSION = "Magento/2.4 (Community)"


class Shop(Stage):
    """A shop's web API under `/rest/`.

    `tokens`: bearer token → resources (EVERYTHING for all). `limits`: input limiting, off by default as in
    Magento. `msi`: whether the inventory modules are there. `repeats_last_page`: as versions before 2.4 do.
    `consumer_after`: how often a bulk's status must be asked before the queue's consumer has run; None: it
    runs only when `consume` is called.
    """

    def __init__(
        self,
        tokens: Mapping[str, frozenset[str]] | None = None,
        *,
        clock: Callable[[], datetime] | None = None,
        limits: InputLimits | None = None,
        integrations: tuple[Integration, ...] = (),
        msi: bool = True,
        repeats_last_page: bool = False,
        consumer_after: int | None = 1,
    ) -> None:
        self.state = State(clock)
        self.guard = Guard(
            self.state.clock,
            dict(tokens or {TOKEN: frozenset({EVERYTHING})}),
            integrations=list(integrations),
        )
        self.limits, self.msi, self.repeats_last_page = limits, msi, repeats_last_page
        self.consumer_after = consumer_after
        self.acts = Acts(self.state)
        platform = Platform(expired=_expired, unavailable=_unavailable, throttled=_throttled, size=_size)
        super().__init__(self._reply, platform, self.acts.all() | {"consume": self.consume})

    def consume(self) -> int:
        """The queue's consumer runs; answers how many operations it worked on."""
        with self.state.lock:
            return sum(bulk.work(self.state, one, self._executed) for one in self.state.bulks.values())

    def consents(self) -> dict[str, str]:
        """Customer → whether they have the newsletter."""
        people = self.state.customers.items()
        return {str(id): str(row["extension_attributes"]["is_subscribed"]) for id, row in people}

    def _reply(self, request: Request) -> Response:
        if request.path == "/magento_version":
            return Response(VERSION, 200, content_type="text/html; charset=UTF-8")
        if request.path.startswith(MEDIA):
            kind, content = self.state.files.get(request.path.removeprefix(MEDIA), ("text/html", b""))
            return Response(content, 200 if content else 404, content_type=kind)
        if request.path == "/graphql":
            # The search index of the shop that was recorded is empty.
            found = {"data": {"products": {"total_count": 0, "items": []}}}
            return Response(json.dumps(found), content_type="application/json")
        with self.state.lock:
            try:
                status, body = self._route(request)
            except RefusalError as refusal:
                status, body = refusal.status, refusal.body
        if "xml" in request.headers.get("Accept", "") and isinstance(body, dict):
            return Response(_xml(body), status, content_type="application/xml; charset=utf-8")
        return _json(body, status)

    def _route(self, request: Request) -> tuple[int, Any]:
        found = PATH.fullmatch(raw_path(request))
        if found is None:
            raise RefusalError(404, "Request does not match any route.")
        self.state.scope = found[1] or ""
        path, raw = found[3], request.environ.get("QUERY_STRING", "")
        if path == "integration/admin/token":
            return 200, self.guard.sign_in(_body(request) or {})
        if found[2]:
            return self._queued(request, path, raw)
        resource, answer, parts = self._find(request.method, path)
        self.guard.admit(request, resource, query_pairs(raw))
        args = nested(raw)
        asked = Asked(request.method, request.path)
        ask = Ask(
            self.state,
            tuple(unquote(part) for part in parts),
            _body(request),
            self.limits,
            lambda: read(args, self.limits, repeats_last_page=self.repeats_last_page),
            lambda total: total + int((self.moods.take(Mood.LYING_COUNT, asked) or {}).get("by", 0)),
            lambda: self.moods.take(Mood.EMPTY_PAGE, asked) is not None,
        )
        if path.startswith("bulk/"):
            self._consumer_turns(parts[0])
        return 200, projected(answer(ask), args.get("fields"))

    def _find(self, method: str, path: str) -> Any:
        if path.startswith("inventory/") and not self.msi:
            raise RefusalError(404, "Request does not match any route.")
        return find(method, path)

    def _queued(self, request: Request, path: str, raw: str) -> tuple[int, Any]:
        resource = self._find(request.method, path)[0]
        self.guard.admit(request, resource, query_pairs(raw))
        body = _body(request)
        if self.limits is not None and isinstance(body, list) and len(body) > self.limits.items_async:
            raise stock.too_many(path, self.limits.items_async)
        return 202, bulk.accept(self.state, request.method, path, body)

    def _consumer_turns(self, id: str) -> None:
        one = self.state.bulks.get(id)
        if one is not None and self.consumer_after is not None and one["asked"] >= self.consumer_after:
            bulk.work(self.state, one, self._executed)

    def _executed(self, method: str, path: str, body: Any) -> Any:
        """One operation, as the consumer executes it."""
        _, answer, parts = find(method, path)
        given = [str(body.get("product", {}).get("sku", "")) if part == "bySku" else part for part in parts]
        ask = Ask(
            self.state, tuple(given), body, self.limits, lambda: read({}, None), lambda n: n, lambda: False
        )
        answered = answer(ask)
        extra = {"product_links": [], "tier_prices": []} if path.startswith("products") else {}
        return extra | answered if isinstance(answered, dict) else answered


def _body(request: Request) -> Any:
    content = request.get_data()
    if not content:
        return {} if request.method in {"POST", "PUT"} else None
    try:
        return json.loads(content)
    except ValueError:
        raise RefusalError(400, "Decoding error.") from None


def _json(body: Any, status: int = 200) -> Response:
    text = json.dumps(body, separators=(",", ":")).replace("/", "\\/")
    headers = {"Cache-Control": "no-store"} | ({"X-Frame-Options": "SAMEORIGIN"} if status < 300 else {})
    return Response(text, status, headers, content_type="application/json; charset=utf-8")


def _xml(body: Mapping[str, Any]) -> str:
    lines = "".join(f"  <{name}>{_text(value)}</{name}>\n" for name, value in body.items())
    return f'<?xml version="1.0"?>\n<response>\n{lines}</response>\n'


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _expired(_: Asked, __: Mapping[str, Any]) -> Response:
    return _json(unauthorized(CATALOGUE).body, 401)


def _unavailable(_: Asked, options: Mapping[str, Any]) -> Response:
    body = {"message": "Internal Error. Details are available in Magento log file. Report ID: webapi-1"}
    return _json(body, int(options.get("status", 503)))


def _throttled(_: Asked, __: Mapping[str, Any]) -> Response:
    return Response('{"message":"Too Many Requests"}', 429, content_type="application/json; charset=utf-8")


def _size(asked: Asked) -> int:
    """How many objects a request asks for or sends."""
    if asked.body:
        body = json.loads(asked.body)
        lists = [one for one in body.values() if isinstance(one, list)] if isinstance(body, dict) else [body]
        return max((len(one) for one in lists), default=1)
    values = (value for name, value in query_pairs(asked.query) if name.endswith("[value]"))
    return max((value.count(",") + 1 for value in values), default=1)
