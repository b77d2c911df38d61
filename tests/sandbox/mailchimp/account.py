"""The account itself: the door that every call comes through."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from sandbox.calls import Asked
from sandbox.mailchimp import contract
from sandbox.mailchimp.answers import Ask, Problem, invalid
from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.batches import Batches
from sandbox.mailchimp.hooks import Hooks
from sandbox.mailchimp.lists import Lists, Reply
from sandbox.mailchimp.reports import Reports
from sandbox.mailchimp.stores import Store, Stores
from sandbox.mailchimp.texts import Texts
from sandbox.moods import Mood
from sandbox.stage import Platform, Stage

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CONNECTIONS = 10
BASE = "/3.0"


class Account:
    """A Mailchimp account, callable as a WSGI application.

    `clock` tells the time (aware UTC). `dawdle` is called while a call holds its connection: a test may make
    calls overlap with it. Reach it as `https://<dc>.api.mailchimp.com` and, for results, `batches.RESULTS`.
    """

    def __init__(
        self,
        api_key: str = "0123456789abcdef0123456789abcdef-us1",
        audiences: Sequence[Audience] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        dawdle: Callable[[], None] = lambda: None,
    ) -> None:
        self.api_key, self.clock, self.dawdle = api_key, clock, dawdle
        self.audiences = {audience.id: audience for audience in audiences or (Audience(),)}
        for audience in self.audiences.values():
            audience.clock = clock
        self._lists, self._stores = Lists(self.audiences), Stores(self.audiences)
        self.texts = Texts(self.audiences)
        self.reports = Reports(self.audiences, clock)
        self.batches = Batches(clock, self._execute)
        self.hooks = Hooks(self.audiences, clock)
        self.batches.tell = self.hooks.batch_ended
        self.most_connections = 0
        """The highest number of calls that were open at once."""
        self._open = 0
        self._counting, self._state = threading.Lock(), threading.RLock()
        self._routes: dict[tuple[str, str], Callable[[Ask], Reply]] = {
            ("GET", "/"): lambda _: (200, self._root()),
            ("GET", "/ping"): lambda _: (200, {"health_status": "Everything's Chimpy!"}),
            **self._lists.routes,
            **self._stores.routes,
            **self.texts.routes,
            **self.reports.routes,
            **self.batches.routes,
            **self.hooks.routes,
        }
        platform = Platform(throttled=_throttled, unavailable=_unavailable, expired=_expired, size=_size)
        self._stage = Stage(self._answer, platform, self._acts())
        self.moods, self.calls = self._stage.moods, self._stage.calls

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._stage(environ, start_response)

    @property
    def audience(self) -> Audience:
        """The first audience."""
        return next(iter(self.audiences.values()))

    @property
    def stores(self) -> dict[str, Store]:
        """The e-commerce stores, by id."""
        return self._stores.stores

    @property
    def automations_started(self) -> list[tuple[str, str]]:
        """Automations that e-commerce writes started: (what, object id)."""
        return self._stores.automations_started

    # --- the door ------------------------------------------------------------------------------------

    def _answer(self, request: Request) -> Response:
        if not request.path.startswith(BASE):
            return self._result(request)
        with self._counting:
            self._open += 1
            crowded = self._open > CONNECTIONS
            self.most_connections = max(self.most_connections, self._open)
        try:
            if crowded:
                return _throttled(None, {})
            self.dawdle()
            return self._within(request)
        finally:
            with self._counting:
                self._open -= 1

    def _within(self, request: Request) -> Response:
        if not self._known(request.headers.get("Authorization", "")):
            return _expired(None, {})
        with self._state:
            self.batches.advance()
            body = request.get_data(as_text=True) or None
            method = request.headers.get("X-HTTP-Method-Override", request.method)
            path = request.path.removeprefix(BASE) or "/"
            status, answer = self._execute(method, path, dict(request.args), body)
            self._play_pages(request, answer)
        kind = "application/problem+json" if status >= 400 else "application/json"
        text = "" if answer is None else json.dumps(answer)
        return Response(text, status, content_type=f"{kind}; charset=utf-8")

    def _execute(self, method: str, path: str, query: dict[str, str], body: str | None) -> Reply:
        """One call, direct or out of a batch."""
        try:
            template, values = contract.route(path.rstrip("/") or "/")
            handler = self._routes.get((method, template))
            if method not in contract.methods(template) or handler is None:
                raise Problem(405, "Method Not Allowed", f"{method} is not a method of {template}.")
            content = _parsed(body)
            contract.check(method, template, content)
            return handler(Ask(method, path, query, content, values))
        except Problem as problem:
            return problem.status, problem.document

    def _play_pages(self, request: Request, answer: dict[str, Any] | None) -> None:
        """The two moods of lists: a page without its objects, a total that is off."""
        if answer is None or "total_items" not in answer:
            return
        asked = Asked(request.method, request.path)
        if self.moods.take(Mood.EMPTY_PAGE, asked) is not None:
            answer.update({name: [] for name, value in answer.items() if isinstance(value, list)})
        lie = self.moods.take(Mood.LYING_COUNT, asked)
        if lie is not None:
            answer["total_items"] += int(lie.get("by", 1))

    def _known(self, authorization: str) -> bool:
        scheme, _, rest = authorization.partition(" ")
        if scheme == "Bearer":
            return rest == self.api_key
        if scheme != "Basic":
            return False
        return base64.b64decode(rest).decode().partition(":")[2] == self.api_key

    def _result(self, request: Request) -> Response:
        """A result file, from the store of files: it refuses a second way of authentication."""
        if "Authorization" in request.headers:
            return Response(
                "<Error><Code>InvalidArgument</Code></Error>", 400, content_type="application/xml"
            )
        with self._state:
            packed = self.batches.result(request.path.strip("/").removesuffix("-response.tar.gz"))
        if packed is None:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, content_type="application/xml")
        return Response(packed, content_type="application/gzip")

    def _root(self) -> dict[str, Any]:
        return {
            "account_id": "8d3a3db4d97663a9074efcc16",
            "account_name": "Maison d'essai",
            "login_id": "42",
            "account_timezone": "Europe/Paris",
            "role": "owner",
            "total_subscribers": sum(len(audience.members) for audience in self.audiences.values()),
        }

    def _acts(self) -> dict[str, Callable[..., object]]:
        return {
            "person_subscribes": self.audience.person_subscribes,
            "person_unsubscribes": self.audience.person_unsubscribes,
            "mail_bounces": self.audience.mail_bounces,
            "admin_deletes_permanently": self.audience.admin_deletes_permanently,
            "status": self.audience.status,
            "automations_started": lambda: self.automations_started,
            "totals": self._totals,
        }

    def _totals(self) -> dict[str, Any]:
        held = {
            name: sum(len(getattr(store, name)) for store in self.stores.values())
            for name in ("products", "orders", "carts", "customers", "promo_rules")
        }
        members = sum(len(audience.members) for audience in self.audiences.values())
        syncing = [store.data["id"] for store in self.stores.values() if store.data["is_syncing"]]
        return {**held, "members": members, "syncing": syncing}


def _parsed(body: str | None) -> Any:
    if body is None:
        return {}
    try:
        return json.loads(body)
    except ValueError:
        raise invalid(("", "The body is not JSON.")) from None


def _problem(problem: Problem) -> Response:
    text = json.dumps(problem.document)
    return Response(text, problem.status, content_type="application/problem+json; charset=utf-8")


def _throttled(_: Asked | None, options: Mapping[str, Any]) -> Response:
    """429, or `status=403`, without JSON where `body=False`; there are no rate headers."""
    status = int(options.get("status", 429))
    if not options.get("body", True):
        page = "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD></HTML>"
        return Response(page, status, content_type="text/html")
    detail = f"You have exceeded the limit of {CONNECTIONS} simultaneous connections."
    return _problem(Problem(status, "Too Many Requests", detail))


def _unavailable(_: Asked | None, options: Mapping[str, Any]) -> Response:
    detail = "An unexpected internal error has occurred. Please contact Support for more information."
    return _problem(Problem(int(options.get("status", 500)), "Internal Server Error", detail))


def _expired(_: Asked | None, __: Mapping[str, Any]) -> Response:
    detail = "Your API key may be invalid, or you've attempted to access the wrong datacenter."
    return _problem(Problem(401, "API Key Invalid", detail))


def _size(asked: Asked) -> int:
    """Members or operations that a request carries, or objects that it asks for."""
    if asked.method == "GET":
        found = [part[6:] for part in asked.query.split("&") if part.startswith("count=")]
        return int(found[0]) if found else 10
    body = json.loads(asked.body or b"{}")
    return max(len(body.get("members", ())), len(body.get("operations", ())), 1)
