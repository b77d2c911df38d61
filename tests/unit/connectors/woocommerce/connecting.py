"""Connects the connector to a sandbox shop, and doctors a shop's answers."""

import json
from collections.abc import Callable
from typing import Any

import httpx
from passerelle.connectors.woocommerce import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Kind
from passerelle.port import Selection
from sandbox.transport import InProcess
from sandbox.woocommerce import Shop
from sandbox.woocommerce.sample import RECORDED_KEY, RECORDED_SECRET

URL = "https://shop.example"
HOOK = "https://api.example/hooks/abc"

type Edit = Callable[[str, Any], Any]
"""(path, decoded JSON answer) → what the connector gets instead."""


def credentials(
    key: str = RECORDED_KEY, secret: str = RECORDED_SECRET, url: str = URL, **more: Any
) -> Credentials:
    return Credentials(url=url, consumer_key=key, consumer_secret=secret, **more)


def connect(
    shop: Shop, given: Credentials | None = None, edit: Edit | None = None, **settings: Any
) -> Connector:
    """A connector on the shop, without waiting between tries."""
    given = given or credentials()
    transport: httpx.BaseTransport = InProcess({given.url: shop})
    if edit is not None:
        transport = _Doctored(transport, edit)
    client = Client(transport, allow_private=True, sleep=lambda _: None)
    return Connector(given, Settings(**settings), client, lambda: shop.state.clock().timestamp())


class _Doctored(httpx.BaseTransport):
    def __init__(self, inner: httpx.BaseTransport, edit: Edit) -> None:
        self._inner, self._edit = inner, edit

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        body = answer.read()
        if body[:1] not in {b"{", b"["}:
            return answer
        changed = self._edit(request.url.path.removeprefix("/wp-json/wc/v3/"), json.loads(body))
        kept = {name: answer.headers[name] for name in ("x-wp-total",) if name in answer.headers}
        return httpx.Response(answer.status_code, json=changed, headers=kept, request=request)


def counted(shop: Shop, act: Callable[[], object]) -> int:
    """How many calls something takes."""
    before = len(shop.calls)
    act()
    return len(shop.calls) - before


def listed(connector: Connector, kind: Kind, selection: Selection | None = None) -> list[str]:
    """Every id of an index."""
    ids: list[str] = []
    after: str | None = None
    while True:
        page = connector.index(kind, selection or Selection(), after)
        ids += [entry.id for entry in page.entries]
        after = page.after
        if after is None:
            return ids
