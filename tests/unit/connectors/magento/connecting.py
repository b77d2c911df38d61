"""Connects the connector to a sandbox shop, and doctors a shop's answers."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
from passerelle.connectors.magento import Connector, Credentials, Settings
from passerelle.http import Client
from passerelle.model import Kind
from passerelle.port import IndexPage, Selection
from sandbox.magento import Integration, Shop
from sandbox.magento.app import TOKEN
from sandbox.magento.generate import shop_of
from sandbox.transport import InProcess

URL = "https://shop.example"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEYS = Integration("ck", "consumer-secret", "at", "access-secret")
SIGNED = {
    "consumer_key": KEYS.consumer_key,
    "consumer_secret": KEYS.consumer_secret,
    "access_token": KEYS.token,
    "access_token_secret": KEYS.token_secret,
}

type Edit = Callable[[str, Any], Any]
"""(path under /V1/, decoded JSON answer) → what the connector gets instead."""


class Ticking:
    """A clock that goes when told, or when somebody waits."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


def a_shop(*sizes: int, **how: Any) -> Shop:
    """A generated shop: products, customers, orders."""
    return shop_of(*(sizes or (8, 8, 6)), **({"clock": lambda: NOW, "integrations": (KEYS,)} | how))


def connect(
    shop: Shop,
    keys: dict[str, str] | None = None,
    edit: Edit | None = None,
    origins: dict[str, Any] | None = None,
    **settings: Any,
) -> Connector:
    """A connector on the shop, without waiting between tries. No keys: the token that may do everything."""
    transport: httpx.BaseTransport = InProcess({URL: shop, **(origins or {})})
    if edit is not None:
        transport = _Doctored(transport, edit)
    client = Client(transport, allow_private=True, sleep=lambda _: None)
    return Connector(
        Credentials(url=URL, **(keys or {"token": TOKEN})), Settings(**settings), client, lambda: NOW
    )


class _Doctored(httpx.BaseTransport):
    def __init__(self, inner: httpx.BaseTransport, edit: Edit) -> None:
        self._inner, self._edit = inner, edit

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        body = answer.read()
        if body[:1] not in {b"{", b"["}:
            return answer
        changed = self._edit(request.url.path.partition("/V1/")[2], json.loads(body))
        return httpx.Response(answer.status_code, json=changed, request=request)


def listed(connector: Connector, kind: Kind, **selection: Any) -> list[str]:
    """All ids that are listed."""
    return [entry.id for page in pages(connector, kind, **selection) for entry in page.entries]


def pages(connector: Connector, kind: Kind, **selection: Any) -> Iterator[IndexPage]:
    """The pages of an index."""
    after: str | None = None
    while True:
        page = connector.index(kind, Selection(**selection), after)
        yield page
        after = page.after
        if after is None:
            return


def counted(shop: Shop, act: Callable[[], object]) -> int:
    """How many calls something takes."""
    before = len(shop.calls)
    act()
    return len(shop.calls) - before
