"""Connects the connector to a sandbox shop, and doctors a shop's answers."""

import json
from collections.abc import Callable
from typing import Any

import httpx
from passerelle.connectors.prestashop import Connector, Credentials, Settings
from passerelle.http import Client
from sandbox.prestashop import Shop
from sandbox.prestashop.sample import RECORDED_KEY, SAMPLE_KEY
from sandbox.transport import InProcess

URL = "https://shop.example"

type Edit = Callable[[str, Any], Any]
"""(resource, decoded JSON answer) → what the connector gets instead."""


def connect(shop: Shop, key: str = "", edit: Edit | None = None, **settings: Any) -> Connector:
    """A connector on the shop, without waiting between tries. `key` empty: the one that may do everything."""
    whole = key or next(k for k in (RECORDED_KEY, SAMPLE_KEY) if k in shop.keys)
    transport: httpx.BaseTransport = InProcess({URL: shop})
    if edit is not None:
        transport = _Doctored(transport, edit)
    client = Client(transport, allow_private=True, sleep=lambda _: None)
    return Connector(Credentials(url=URL, key=whole), Settings(**settings), client)


class _Doctored(httpx.BaseTransport):
    def __init__(self, inner: httpx.BaseTransport, edit: Edit) -> None:
        self._inner, self._edit = inner, edit

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        body = answer.read()
        if body[:1] not in {b"{", b"["}:
            return answer
        changed = self._edit(request.url.path.removeprefix("/api/"), json.loads(body))
        return httpx.Response(answer.status_code, json=changed, request=request)


def counted(shop: Shop, act: Callable[[], object]) -> int:
    """How many calls something takes."""
    before = len(shop.calls)
    act()
    return len(shop.calls) - before
