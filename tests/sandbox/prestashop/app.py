"""The webservice as a WSGI application: keys and rights, routing, headers, moods."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from werkzeug.wrappers import Request, Response

from sandbox.calls import Asked
from sandbox.moods import Mood
from sandbox.prestashop import pictures, rules, schema
from sandbox.prestashop.acts import Acts
from sandbox.prestashop.fields import Resource
from sandbox.prestashop.query import displayed, languages, select
from sandbox.prestashop.refusal import CrashError, EmptyAnswerError, RefusalError, guess
from sandbox.prestashop.render import (
    View,
    Xml,
    errors_json,
    errors_xml,
    list_json,
    single_json,
    to_json,
)
from sandbox.prestashop.state import RESOURCES, State
from sandbox.prestashop.write import save
from sandbox.stage import Platform, Stage

VERSION = "8.2.1"
METHODS = frozenset({"GET", "PUT", "POST", "PATCH", "DELETE", "HEAD"})
ALL: Mapping[str, frozenset[str]] = {"*": METHODS}
"""Every right on every resource."""
WELCOME = (
    'Basic realm="Welcome to PrestaShop Webservice, please enter the authentication key as the login. '
    'No password required."'
)
DIRECTORY: list[tuple[str, str, bool]] = [
    (name, text, described)
    for name, text, described in json.loads((Path(__file__).parent / "directory.json").read_text())
]
"""(resource, description, has schemas) as the root lists them."""
NAMES = [name for name, _, _ in DIRECTORY]

type Rights = Mapping[str, frozenset[str]]
"""Resource → methods; `*` stands for every resource."""


class Shop(Stage):
    """A shop's webservice under `/api/`.

    `keys`: key → rights. `languages`: 1 (English) or 2 (and French). `clock` gives aware instants.
    `version`: below 8 there is no PATCH. `acts`: what people do in it.
    """

    def __init__(
        self,
        keys: Mapping[str, Rights] | None = None,
        languages: int = 1,
        timezone: str = "Europe/Paris",
        currency: str = "EUR",
        name: str = "Sandbox",
        clock: Callable[[], datetime] | None = None,
        version: str = VERSION,
    ) -> None:
        self.version = version
        self.keys = dict(keys or {})
        self.name = name
        self.state = State(timezone, clock)
        self.acts = Acts(self.state)
        _settle_in(self.state, languages, timezone, currency)
        platform = Platform(expired=_expired, size=_size, unavailable=_unavailable, throttled=_throttled)
        super().__init__(self._reply, platform, self.acts.all())

    def _reply(self, request: Request) -> Response:
        if not request.path.startswith("/api"):
            content = pictures.seen(self.state, request.path)
            if content is None:
                return Response("", 404, content_type="text/html")
            return Response(content, 200, content_type="image/jpeg")
        with self.state.lock:
            return _Exchange(self, request).answer()


class _Exchange:
    """One request and its answer."""

    def __init__(self, shop: Shop, request: Request) -> None:
        self.shop, self.state, self.request = shop, shop.state, request
        self.args = {name: values[-1] for name, values in request.args.lists()}
        wanted = self.args.get("output_format") or self.args.get("io_format")
        wanted = wanted or request.headers.get("Output-Format") or request.headers.get("Io-Format") or "XML"
        self.json = wanted.upper() == "JSON"
        self.segments = [part for part in request.path.removeprefix("/api").split("/") if part]
        self.xml = Xml(self.state, f"{request.host_url}api/")
        self.known = True

    def answer(self) -> Response:
        """The answer, whatever happens."""
        key = self._key()
        if key is None:
            headers = {"WWW-Authenticate": WELCOME}
            return Response("401 Unauthorized", 401, headers, content_type="text/html; charset=utf-8")
        try:
            rights = self._rights(key)
            status, body = self._route(rights)
        except RefusalError as refusal:
            render = errors_json if self.json else errors_xml
            return self._response(refusal.status, render(refusal.errors), signed=False)
        except EmptyAnswerError as empty:
            return self._response(empty.status, None, signed=False)
        except CrashError:
            return Response("", 500, content_type="text/html; charset=utf-8")
        return self._response(status, body, signed=bool(body) or status != 404)

    def _key(self) -> str | None:
        """The key that was given, as user name or in the query."""
        header = self.request.headers.get("Authorization", "")
        if header.startswith("Basic "):
            return base64.b64decode(header[6:]).decode("utf-8", "replace").partition(":")[0]
        return self.args.get("ws_key")

    def _rights(self, key: str) -> Rights:
        if len(key) != 32:
            self.known = False
            raise RefusalError(401, (18, "Invalid authentication key format"))
        if key not in self.shop.keys:
            self.known = False
            inactive = (20, "Authentification key is not active")
            raise RefusalError(401, inactive, (21, "No permission for this authentication key"))
        return self.shop.keys[key]

    def _route(self, rights: Rights) -> tuple[int, bytes | None]:
        if not self.segments:
            if self.json:
                raise CrashError
            return 200, self._root(rights)
        if self.request.method == "PATCH" and self.shop.version.startswith("1."):
            raise RefusalError(405, (23, "Method PATCH is not valid"))
        name = self.segments[0]
        if name not in NAMES:
            raise RefusalError(400, (27, f'Resource of type "{name}" does not exists. {guess(name, NAMES)}'))
        self._permit(rights, name)
        if name == "images":
            return self._images()
        resource = RESOURCES.get(name) or Resource(name, name.rstrip("s"), name, ())
        method = self.request.method
        if method in {"GET", "HEAD"}:
            return 200, self._read(resource)
        if method == "DELETE":
            return self._delete(resource)
        written = save(self.state, resource, method, self.request.get_data())
        view = View(resource.names, self.state.languages(), full=True)
        body = (
            single_json(self.state, resource, written.id, written.row, view, written.shown_id)
            if self.json
            else self.xml.document(self.xml.entity(resource, written.id, written.row, view))
        )
        return (201 if method == "POST" else 200), body

    def _permit(self, rights: Rights, name: str) -> None:
        method = self.request.method
        allowed = rights.get(name, rights.get("*"))
        if not allowed:
            why = f'Resource of type "{name}" is not allowed with this authentication key'
            raise RefusalError(401, (26, why))
        forbidden = RESOURCES[name].forbidden if name in RESOURCES else ()
        if method not in allowed or method in forbidden:
            why = f"Method {method} is not allowed for the resource {name} with this authentication key"
            raise RefusalError(405, (25, why))

    def _read(self, resource: Resource) -> bytes:
        if "schema" in self.args:
            describe = schema.blank if self.args["schema"] == "blank" else schema.synopsis
            return describe(self.xml, resource)
        display = self.args.get("display")
        single = len(self.segments) > 1
        names = displayed(resource, display)
        view = View(
            resource.names if single and names is None else names,
            languages(self.state, self.args.get("language")),
            full=display == "full" or (single and names is None),
            prices=_prices(self.args),
        )
        if single:
            return self._one(resource, view, listed=display is not None)
        return self._many(resource, view)

    def _one(self, resource: Resource, view: View, *, listed: bool) -> bytes:
        text = self.segments[1]
        table = self.state.tables.get(resource.name)
        if table is None or not text.isdigit() or int(text) not in table.rows:
            raise EmptyAnswerError(404)
        id = int(text)
        if self.json and listed:
            return list_json(self.state, resource, [id], view)
        if self.json:
            return single_json(self.state, resource, id, table.rows[id], view)
        return self.xml.document(self.xml.entity(resource, id, table.rows[id], view))

    def _many(self, resource: Resource, view: View) -> bytes:
        table = self.state.tables.get(resource.name)
        ids = select(self.state, table, self.args) if table else []
        asked = Asked(self.request.method, self.request.path)
        if ids and self.shop.moods.take(Mood.EMPTY_PAGE, asked) is not None:
            ids = []
        if self.json:
            return list_json(self.state, resource, ids, view)
        return self.xml.listing(resource, ids, view)

    def _delete(self, resource: Resource) -> tuple[int, bytes | None]:
        table = self.state.tables.get(resource.name)
        wanted = self.segments[1] if len(self.segments) > 1 else self.args.get("id", "").strip("[]")
        ids = [int(part) for part in wanted.split(",") if part.isdigit()]
        missing = [id for id in ids if table is None or id not in table.rows]
        if missing or not ids:
            raise RefusalError(404, (87, f"Id(s) not exists: {', '.join(map(str, missing))}"))
        for id in ids:
            rules.forget(self.state, resource, id)
        return 200, None

    def _images(self) -> tuple[int, bytes | None]:
        """Pictures of a product: in JSON the list comes under an empty name with an error, as in 8.2.1."""
        kind, product, picture = [*self.segments[1:], "", "", ""][:3]
        if self.request.method == "POST" and kind == "products":
            return 200, pictures.add(self.state, product, self.request.files.get("image"))
        if self.request.method == "DELETE" and kind == "products":
            pictures.remove(self.state, product, picture)
            return 200, None
        images = self.state.images.get(int(product)) if product.isdigit() else None
        if not images:
            raise EmptyAnswerError(404)
        error = (61, "This image does not exist on disk")
        if not self.json:
            raise RefusalError(500, error)
        listed = [{"id": image} for image in (images[0], *images)]
        return 500, to_json({"": listed, "errors": [{"code": error[0], "message": error[1]}]})

    def _root(self, rights: Rights) -> bytes:
        lines = []
        for name, text, described in DIRECTORY:
            allowed = rights.get(name, rights.get("*"))
            if allowed:
                lines.append(self._entry(name, text, allowed, described=described))
        return self.xml.document(f'<api shopName="{self.shop.name}">\n{"".join(lines)}</api>\n')

    def _entry(self, name: str, text: str, allowed: frozenset[str], *, described: bool) -> str:
        link = f"{self.xml.base}{name}"
        flags = " ".join(
            f'{verb}="{"true" if verb.upper() in allowed else "false"}"'
            for verb in ("get", "put", "post", "patch", "delete", "head")
        )
        schemas = "".join(
            f'<schema xlink:href="{link}?schema={kind}" type="{kind}"/>\n' for kind in ("blank", "synopsis")
        )
        return (
            f'<{name} xlink:href="{link}" {flags}>\n<description xlink:href="{link}" {flags}>\n'
            f"{text}</description>\n{schemas if described else ''}</{name}>\n"
        )

    def _response(self, status: int, body: bytes | None, *, signed: bool) -> Response:
        whole = body or b""
        headers = [] if self.known else [("WWW-Authenticate", WELCOME)]
        headers += [
            ("Access-Time", str(int(self.state.clock().timestamp()))),
            ("PSWS-Version", self.shop.version if self.known else "0"),
        ]
        if body is None:
            headers.append(("Content-Type", ""))
        elif self.json and "schema" not in self.args:
            headers.append(("Content-Type", "application/json"))
        else:
            headers.append(("Content-type", "text/xml;charset=utf-8"))
        headers.append(("Execution-Time", "0.003" if self.known else "0"))
        if signed and body is not None:
            # PHP answers an image's list with the digest of what it would have sent: nothing.
            digest = b"" if status == 500 else whole
            headers.append(("Content-Sha1", hashlib.sha1(digest, usedforsecurity=False).hexdigest()))
        return Response(b"" if self.request.method == "HEAD" else whole, status, headers)


def _prices(args: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """`price[name][parameter]=value` → name → parameters."""
    found: dict[str, dict[str, str]] = {}
    for key, value in args.items():
        if key.startswith("price[") and key.endswith("]"):
            name, _, parameter = key[6:-1].partition("][")
            found.setdefault(name, {})[parameter] = value
    return found


def _settle_in(state: State, languages: int, timezone: str, currency: str) -> None:
    """What every shop has from its first day."""
    spoken: Sequence[tuple[str, str, str, str]] = (
        ("English (English)", "en", "en-US", "m/d/Y"),
        ("Français", "fr", "fr-FR", "d/m/Y"),
    )
    for number, (name, iso, locale, date) in enumerate(spoken[:languages], 1):
        row: dict[str, Any] = {"name": name, "iso_code": iso, "locale": locale, "active": 1}
        row |= {
            "language_code": locale.lower(),
            "date_format_lite": date,
            "date_format_full": f"{date} H:i:s",
        }
        state.tables["languages"].insert(row, number)
    settings = {
        "PS_TIMEZONE": timezone,
        "PS_CURRENCY_DEFAULT": "1",
        "PS_LANG_DEFAULT": "1",
        "PS_COUNTRY_DEFAULT": "8",
        "PS_PRICE_ROUND_MODE": "2",
        "PS_HOME_CATEGORY": "2",
        "PS_STOCK_MANAGEMENT": "1",
        "PS_TAX": "1",
        "PS_LIMIT_UPLOAD_IMAGE_VALUE": "8",
        "PS_OS_CANCELED": "6",
        "PS_OS_REFUND": "7",
    }
    for name, value in settings.items():
        state.tables["configurations"].insert({"name": name, "value": value})
    state.tables["currencies"].insert(
        {"names": currency, "name": currency, "iso_code": currency, "active": 1, "conversion_rate": 1}
    )
    shop = {"id_shop_group": 1, "id_category": 2, "active": 1, "name": "Sandbox", "theme_name": "classic"}
    state.tables["shops"].insert(shop)


def _expired(_: Asked, __: Mapping[str, Any]) -> Response:
    body = errors_json([(20, "Authentification key is not active")])
    headers = {"WWW-Authenticate": WELCOME, "PSWS-Version": "0"}
    return Response(body, 401, headers, content_type="application/json")


def _unavailable(_: Asked, options: Mapping[str, Any]) -> Response:
    return Response("", int(options.get("status", 503)), content_type="text/html; charset=utf-8")


def _throttled(_: Asked, __: Mapping[str, Any]) -> Response:
    # PrestaShop itself never throttles; a host's proxy does.
    page = "<html><body><h1>429 Too Many Requests</h1></body></html>"
    return Response(page, 429, {"Retry-After": "1"}, content_type="text/html")


def _size(asked: Asked) -> int:
    """How many objects a request names: ids in a filter, or entities in the body."""
    if asked.body:
        return asked.body.count(b"<id>")
    query = parse_qs(asked.query)
    return max(
        (values[0].count("|") + 1 for name, values in query.items() if name.startswith("filter")), default=1
    )
