"""Runs a simulator as a server on the loopback interface."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Handler(WSGIRequestHandler):
    """Writes no log, and really closes the connection when the application drops it."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: the simulator keeps its own log of calls."""

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        """Leave the caller without an answer instead of waiting for their next request."""
        self.close_connection = True


class Server:
    """A simulator that is being served at `url`, until `stop`."""

    def __init__(self, server: BaseWSGIServer) -> None:
        self._server = server
        self.port = server.port
        self.url = f"http://127.0.0.1:{server.port}"
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port. Twice changes nothing."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve(app: WSGIApplication, port: int = 0) -> Server:
    """Serve `app` on 127.0.0.1, one thread a connection; port 0 picks a free one."""
    return Server(make_server("127.0.0.1", port, app, threaded=True, request_handler=_Handler))
