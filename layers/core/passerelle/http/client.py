"""The client that every connector speaks through."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Self

import httpx

from passerelle.http.address import GuardedBackend, GuardedTransport, check_form, parse, trust
from passerelle.http.call import Call, Signer, make
from passerelle.http.download import Download, pieces, unavailable, whole
from passerelle.http.failure import Patience, TryError, retry_after
from passerelle.http.pace import Pace, Unpaced
from passerelle.port import Rejected, Throttled, TooLarge, Unavailable, WritesBlocked

LOG = logging.getLogger("passerelle.http")
# These two log whole URLs (at info) and headers (at debug); our own line says what may be said.
for _loud in ("httpx", "httpcore"):
    logging.getLogger(_loud).setLevel(logging.WARNING)

CONNECT_TIMEOUT = 5.0
MAX_HOPS = 3
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_CHANCE = secrets.SystemRandom()
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=30.0)


class Client:
    """Speaks HTTP for one connector and one account; safe to share between threads.

    `request` raises the errors of `port`: Unavailable (timeout, network, 5xx, answer cut short), Throttled
    (429 after our patience), TooLarge (413), Incomplete (an answer over `max_bytes`), AddressRefused,
    WritesBlocked. Every other answer is returned for the connector to read. Redirects of GET and HEAD are
    followed, at most 3.

    `pace`: the account's limiter; each try waits in it. `tries` and `patience` (seconds) bound the tries of
    one request. `writes_blocked`: test mode, only calls that read go out. Local development only:
    `allow_private` (no guard on addresses) and `routes` (origin → origin in its place; the Host header keeps
    the name).
    """

    def __init__(
        self,
        transport: httpx.BaseTransport | None = None,
        pace: Pace | None = None,
        *,
        allow_private: bool = False,
        writes_blocked: bool = False,
        routes: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = _CHANCE.random,
        tries: int = 3,
        patience: float = 20.0,
        max_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        if routes and not allow_private:
            raise ValueError("routes are for local development: they need allow_private")
        self.pace: Pace = pace or Unpaced()
        # No cookies: a shop's session would tie calls together, and PHP serves one call of a session at a time.
        cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._http = httpx.Client(
            transport=transport or _transport(allow_private), trust_env=False, cookies=cookies
        )
        self._allow_private = allow_private
        self._writes_blocked = writes_blocked
        self._routes = {_origin(parse(name)): parse(place) for name, place in (routes or {}).items()}
        self._sleep, self._clock, self._jitter = sleep, clock, jitter
        self._tries, self._patience, self._max_bytes = tries, patience, max_bytes
        self._lock = threading.Lock()
        self._calls = 0

    @property
    def sleep(self) -> Callable[[float], None]:
        """How this client waits, for a connector that has to wait between two calls."""
        return self._sleep

    @property
    def calls(self) -> int:
        """How many requests were sent so far, repeated ones included."""
        return self._calls

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | Signer | None = None,
        cost: float = 1.0,
        repeatable: bool | None = None,
        reads: bool = False,
        timeout: float = 30.0,
    ) -> httpx.Response:
        """Send one request and read the whole answer.

        `auth`: a user name with a password, or what signs each try.

        `repeatable`: may be sent again after 5xx or a timeout (default: only what reads); a 429 may always
        be. `reads`: a POST that changes nothing, such as a query. `cost` is in the platform's points,
        `timeout` in seconds for the whole answer.
        """
        call = make(method, url, params=params, headers=headers, auth=auth, cost=cost, timeout=timeout)
        call = call.carrying(json, content).meant(reads=reads, repeatable=repeatable)
        return self._followed(self._admitted(call), self._fetch)

    @contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | Signer | None = None,
        cost: float | None = None,
        timeout: float = 60.0,
    ) -> Iterator[Download]:
        """Open a large download and read it as it arrives: nothing is kept in memory, no size limit.

        Exports lie at other hosts than the API, so it stays outside the pace unless a `cost` is given.
        `timeout` is the longest silence, in seconds. Raises like `request`, and Rejected for an answer other
        than 2xx.
        """
        call = make(method, url, params=params, headers=headers, auth=auth, cost=cost, timeout=timeout)
        with ExitStack() as held:
            response = self._followed(self._admitted(call), lambda call: self._open(call, held))
            if not response.is_success:
                why = f"{call.name} answered {response.status_code} instead of a file."
                raise Rejected(why, "Start the export again.", "download_refused", response.status_code)
            yield Download(call, response, self._max_bytes)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _admitted(self, call: Call) -> Call:
        if self._writes_blocked and call.writes:
            raise WritesBlocked(f"{call.name} was not sent: this store is in test mode.", "Go live first.")
        return call

    def _followed(self, call: Call, attempt: Callable[[Call], httpx.Response]) -> httpx.Response:
        for _ in range(MAX_HOPS + 1):
            check_form(call.url, allow_private=self._allow_private)
            response = self._persist(call, attempt)
            onward = call.redirected(response)
            if onward is None:
                return response
            call = onward
        raise Unavailable(f"{call.name} redirects more than {MAX_HOPS} times.", "Look at the shop's address.")

    def _persist(self, call: Call, attempt: Callable[[Call], httpx.Response]) -> httpx.Response:
        patience = Patience(self._tries, self._patience, self._jitter)
        while True:
            try:
                return attempt(call)
            except TryError as failure:
                patience.spend(failure.took)
                wait = patience.wait(failure)
                if call.cost is not None and (failure.throttled or failure.retry_after is not None):
                    self.pace.told(retry_after=failure.retry_after or wait)
                if not patience.allows(failure, wait):
                    raise failure.final(wait) from None
                self._sleep(wait)
                patience.spend(wait)

    def _fetch(self, call: Call) -> httpx.Response:
        with self._exchange(call) as (response, began):
            body = bytearray()
            for piece in pieces(call, response, self._max_bytes):
                body += piece
                if self._clock() > began + call.timeout:
                    raise unavailable(call, f"the answer was not whole after {call.timeout:g} seconds")
            return whole(call, response, bytes(body))

    def _open(self, call: Call, held: ExitStack) -> httpx.Response:
        held.close()
        with ExitStack() as opening:
            response, _ = opening.enter_context(self._exchange(call))
            held.push(opening.pop_all())
        return response

    @contextmanager
    def _exchange(self, call: Call) -> Iterator[tuple[httpx.Response, float]]:
        with nullcontext() if call.cost is None else self.pace.slot(call.cost):
            began, status = self._clock(), "no answer"
            try:
                with self._sent(call) as response:
                    status = str(response.status_code)
                    _judge(call, response)
                    yield response, began
            except TryError as failure:
                failure.took = self._clock() - began
                raise
            finally:
                LOG.debug("%s %s %d ms", call.name, status, 1000 * (self._clock() - began))

    @contextmanager
    def _sent(self, call: Call) -> Iterator[httpx.Response]:
        with self._lock:
            self._calls += 1
        request = self._request(call)
        try:
            response = self._http.send(request, stream=True)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise unavailable(call, type(error).__name__, sent=not isinstance(error, UNSENT)) from None
        try:
            yield response
        finally:
            response.close()

    def _request(self, call: Call) -> httpx.Request:
        call = call.signed()
        timeout = httpx.Timeout(call.timeout, connect=min(CONNECT_TIMEOUT, call.timeout))
        url, headers = call.url, dict(call.headers)
        place = self._routes.get(_origin(url))
        if place is not None:
            headers["Host"] = url.netloc.decode()
            url = url.copy_with(scheme=place.scheme, host=place.host, port=place.port)
        return self._http.build_request(
            call.method, url, headers=headers, content=call.content, timeout=timeout
        )


def _judge(call: Call, response: httpx.Response) -> None:
    status = response.status_code
    if status == 413:
        raise TooLarge(f"{call.name} refuses this much at once.", "Nothing to do: the batch is split.")
    if status == 429:
        after = retry_after(response)
        error = Throttled(f"{call.name} asks us to slow down.")
        raise TryError(error, again=True, throttled=True, retry_after=after)
    if status >= 500:
        failure = unavailable(call, f"it answered {status}")
        failure.retry_after = retry_after(response)
        raise failure


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


def _transport(allow_private: bool) -> httpx.BaseTransport:
    if allow_private:
        return httpx.HTTPTransport(verify=trust(), trust_env=False, limits=LIMITS)
    return GuardedTransport(GuardedBackend())
