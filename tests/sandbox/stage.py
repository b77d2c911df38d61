"""The stage a simulator plays on: log, moods and control door around its WSGI application."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from sandbox.calls import Asked, Call, Calls
from sandbox.control import Act, Control
from sandbox.moods import Mood, Moods, Spell

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TIMEOUT = "sandbox.timeout"
"""Environment key set by the in-process transport: the caller's read timeout in seconds, or None."""


class ConnectionDroppedError(ConnectionError):
    """The caller gets no answer: the connection is closed."""


class AnswerTooLateError(TimeoutError):
    """In process only: the caller's patience ended before the answer came."""


def _throttled(_: Asked, options: Mapping[str, Any]) -> Response:
    body = '{"title": "Too Many Requests"}' if options.get("body", True) else ""
    return Response(body, 429, content_type="application/json")


def _unavailable(_: Asked, options: Mapping[str, Any]) -> Response:
    page = "<html><body><h1>Service unavailable</h1></body></html>"
    return Response(page, int(options.get("status", 503)), content_type="text/html")


def _expired(_: Asked, __: Mapping[str, Any]) -> Response:
    return Response('{"title": "Unauthorized"}', 401, content_type="application/json")


def _writes(asked: Asked) -> bool:
    return asked.method not in {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Platform:
    """How a platform words its bad days, and how it reads a request."""

    throttled: Callable[[Asked, Mapping[str, Any]], Response] = _throttled
    unavailable: Callable[[Asked, Mapping[str, Any]], Response] = _unavailable
    expired: Callable[[Asked, Mapping[str, Any]], Response] = _expired
    size: Callable[[Asked], int] = lambda _: 1
    """How many objects a request asks for or sends."""
    is_write: Callable[[Asked], bool] = _writes
    note: Callable[[Asked], str] = lambda _: ""


class Stage:
    """A WSGI application that logs each call, plays the moods, and answers `/_sandbox/` itself.

    `answer(request) -> Response` is the simulator. `acts`: named things that the control door may do to it.
    """

    def __init__(
        self,
        answer: Callable[[Request], Response],
        platform: Platform | None = None,
        acts: Mapping[str, Act] | None = None,
    ) -> None:
        self.calls = Calls()
        self.moods = Moods()
        self.control = Control(self.calls, self.moods, acts or {})
        self._answer = answer
        self._platform = platform or Platform()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.startswith("/_sandbox/"):
            return self.control.answer(request)(environ, start_response)
        body = request.get_data(cache=True)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        asked = Asked(
            request.method,
            request.path,
            environ.get("QUERY_STRING", ""),
            body,
            tuple(request.headers.items()),
        )
        self.moods.arrived(asked)
        spell = self.moods.play(asked, self._platform.size)
        response = self._perform(asked, request, spell)
        return response(environ, start_response)

    def _perform(self, asked: Asked, request: Request, spell: Spell | None) -> Response:
        if spell is None:
            return self._log(asked, self._answer(request), "")
        refusal = self._refusal(asked, spell)
        if refusal is not None:
            return self._log(asked, refusal, spell.mood, happened=False)
        if spell.mood is Mood.DROPPED:
            self._log(asked, Response(status=0), spell.mood, happened=False)
            raise ConnectionDroppedError("the connection was dropped before the request was read")
        response = self._log(asked, self._answer(request), spell.mood)
        if spell.mood is Mood.LOST_ANSWER:
            raise ConnectionDroppedError("the connection was dropped before the answer")
        if spell.mood is Mood.SLOW:
            _dawdle(request, float(spell.options.get("seconds", 3600)))
            return response
        return _cut(response, spell.options)

    def _refusal(self, asked: Asked, spell: Spell) -> Response | None:
        match spell.mood:
            case Mood.THROTTLED:
                return self._platform.throttled(asked, spell.options)
            case Mood.UNAVAILABLE:
                return self._platform.unavailable(asked, spell.options)
            case Mood.FAILS_ABOVE:
                return self._platform.unavailable(asked, {"status": 500, **spell.options})
            case Mood.EXPIRED_CREDENTIALS:
                return self._platform.expired(asked, spell.options)
            case _:
                return None

    def _log(self, asked: Asked, response: Response, mood: str, *, happened: bool = True) -> Response:
        self.calls.add(
            Call(
                asked.method,
                asked.path,
                asked.query,
                response.status_code,
                self._platform.is_write(asked),
                happened,
                str(mood),
                self._platform.note(asked),
            )
        )
        return response


def _dawdle(request: Request, seconds: float) -> None:
    if TIMEOUT not in request.environ:
        time.sleep(seconds)
        return
    patience = request.environ[TIMEOUT]
    if patience is not None and seconds > patience:
        raise AnswerTooLateError(f"no answer within {patience} s")


def _cut(response: Response, options: Mapping[str, Any]) -> Response:
    whole = response.get_data()
    headers = response.headers.copy()
    kept = whole[: int(len(whole) * float(options.get("share", 0.5)))]
    headers["Content-Length"] = str(len(whole) if options.get("declared") else len(kept))
    return Response([kept], response.status_code, headers)


def application(app: object) -> WSGIApplication:
    """What a WSGI server may run: the simulator itself, typed as such."""
    if not callable(app):
        raise TypeError(f"{app!r} is not a WSGI application")
    return app
