"""Reaches simulators without a socket: an httpx transport over their WSGI applications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import httpx

from sandbox.stage import TIMEOUT, AnswerTooLateError, ConnectionDroppedError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class InProcess(httpx.BaseTransport):
    """Sends each request to the application that stands for its origin (`{"https://shop.example": app}`).

    Dropped connections, timeouts and unknown hosts are raised as httpx raises them on a network.
    Safe to use from many threads if the applications are.
    """

    def __init__(self, origins: Mapping[str, WSGIApplication]) -> None:
        self._applications = {_origin(httpx.URL(url)): app for url, app in origins.items()}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange, with the whole answer read."""
        app = self._applications.get(_origin(request.url))
        if app is None:
            raise httpx.ConnectError(f"nothing answers at {request.url.host}", request=request)
        inner = httpx.WSGITransport(app=_Marked(app, request))
        try:
            answer = inner.handle_request(request)
            stream = answer.stream
            if not isinstance(stream, httpx.SyncByteStream):
                raise TypeError("a WSGI application answers synchronously")
            content = b"".join(stream)
        except ConnectionDroppedError as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        except AnswerTooLateError as error:
            raise httpx.ReadTimeout(str(error), request=request) from error
        _refuse_short(request, answer, content)
        return httpx.Response(answer.status_code, headers=answer.headers, content=content, request=request)


class _Marked:
    """Tells the application what a server would have: the raw path, and the caller's patience."""

    def __init__(self, app: WSGIApplication, request: httpx.Request) -> None:
        self._app = app
        self._request = request

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[TIMEOUT] = self._request.extensions.get("timeout", {}).get("read")
        environ["REQUEST_URI"] = environ["RAW_URI"] = self._request.url.raw_path.decode("ascii")
        return self._app(environ, start_response)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return (url.scheme, url.host, url.port)


def _refuse_short(request: httpx.Request, answer: httpx.Response, content: bytes) -> None:
    declared = answer.headers.get("content-length")
    if declared is not None and request.method != "HEAD" and len(content) < int(declared):
        raise httpx.RemoteProtocolError(
            f"peer closed connection without sending complete message body (received {len(content)} bytes, "
            f"expected {declared})",
            request=request,
        )
