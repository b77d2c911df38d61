"""One request as it will be sent, and the words in which it is spoken of."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import orjson

from passerelle.http.address import parse, port_of

READING = frozenset({"GET", "HEAD"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HARMLESS = frozenset({"accept", "accept-language", "user-agent"})
USER_AGENT = "Passerelle/1"

type Signer = Callable[[str, httpx.URL], tuple[httpx.URL, Mapping[str, str]]]
"""(method, URL) → the URL and the further headers to send. Asked for each try, as a nonce is good for one."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `cost` None: outside the pace. `writes`: it may change something at the platform."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    content: bytes | None
    cost: float | None
    repeatable: bool
    writes: bool
    timeout: float
    sign: Signer | None = None

    @property
    def name(self) -> str:
        """How the call is named in logs and errors: without its query and without e-mails in its path."""
        return f"{self.method} {self.url.host}{nameless(self.url.path)}"

    def carrying(self, json: Any, content: bytes | None) -> "Call":
        """The call with a body: `json` encoded, or `content` as it is."""
        if json is None:
            return replace(self, content=content)
        headers = httpx.Headers({"Content-Type": "application/json"})
        headers.update(self.headers)
        return replace(self, headers=headers, content=orjson.dumps(json, option=orjson.OPT_NON_STR_KEYS))

    def meant(self, *, reads: bool, repeatable: bool | None) -> "Call":
        """The call as its caller means it, where the method does not say it all."""
        writes = self.writes and not reads
        return replace(self, writes=writes, repeatable=not writes if repeatable is None else repeatable)

    def signed(self) -> "Call":
        """The call as this try sends it."""
        if self.sign is None:
            return self
        url, further = self.sign(self.method, self.url)
        headers = httpx.Headers(dict(self.headers))
        headers.update(dict(further))
        return replace(self, url=url, headers=headers)

    def redirected(self, response: httpx.Response) -> "Call | None":
        """The call that the answer points to, None where it does not or where we do not follow.

        On another origin only harmless headers go along: platforms keep secrets in headers of their own.
        """
        location = response.headers.get("location")
        if self.method not in READING or response.status_code not in REDIRECTS or not location:
            return None
        url = parse(str(self.url.join(parse(location))))
        if same_origin(self.url, url):
            return replace(self, url=url)
        harmless = {name: value for name, value in self.headers.items() if name.lower() in HARMLESS}
        return replace(self, url=url, headers=harmless, sign=None)


def make(
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None,
    headers: Mapping[str, str] | None,
    auth: tuple[str, str] | Signer | None,
    cost: float | None,
    timeout: float,
) -> Call:
    """A call without a body. Raises AddressRefused where the URL is none."""
    method = method.upper()
    reads = method in READING
    target = parse(url)
    if params:
        target = target.copy_merge_params(dict(params))
    sent = httpx.Headers({"User-Agent": USER_AGENT})
    basic, sign = (auth, None) if auth is None or isinstance(auth, tuple) else (None, auth)
    sent.update(with_basic(headers or {}, basic))
    return Call(method, target, sent, None, cost, reads, not reads, timeout, sign)


def nameless(path: str) -> str:
    """A path whose segments that hold an e-mail are blotted out."""
    return "/".join("…" if "@" in part or "%40" in part else part for part in path.split("/"))


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether credentials for one may go to the other: the same origin, or its move from http to https."""
    if one.host != other.host:
        return False
    if one.scheme == "http" and other.scheme == "https":
        return port_of(one) == 80 and port_of(other) == 443
    return one.scheme == other.scheme and port_of(one) == port_of(other)


def with_basic(headers: Mapping[str, str], auth: tuple[str, str] | None) -> dict[str, str]:
    """The headers with a user name and a password (RFC 7617)."""
    if auth is None:
        return dict(headers)
    token = base64.b64encode(":".join(auth).encode()).decode()
    return {**headers, "Authorization": f"Basic {token}"}
