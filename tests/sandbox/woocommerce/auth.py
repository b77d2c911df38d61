"""Who asks: Basic over https, OAuth 1.0a one-legged anywhere, and what the key may do.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication (recorded on 10.0.2).
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from werkzeug.wrappers import Request

from sandbox.woocommerce.refusal import unauthentic

WINDOW = 15 * 60
"""Seconds that a signed request may be old, or ahead."""
OAUTH = (
    "oauth_consumer_key",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
)
ALGORITHMS: Mapping[str, Callable[..., Any]] = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Key:
    """A key: what it may do (read, write or read_write), and what its user may not (`read orders`)."""

    secret: str
    permissions: str = "read_write"
    barred: frozenset[str] = frozenset()
    nonces: dict[str, int] = field(default_factory=dict)


class Porter:
    """Lets requests in."""

    def __init__(self, keys: dict[str, Key], clock: Callable[[], float]) -> None:
        self.keys, self._clock = keys, clock

    def admit(self, request: Request, home: str) -> Key | None:
        """The key behind a request; None where nobody is signed in. Raises RefusalError for wrong credentials."""
        secure = request.scheme == "https" or request.headers.get("X-Forwarded-Proto") == "https"
        key = self._basic(request) if secure else None
        key = key or self._oauth(request, home)
        if key is not None:
            _permitted(key, request.method)
        return key

    def _basic(self, request: Request) -> Key | None:
        name, secret = request.args.get("consumer_key", ""), request.args.get("consumer_secret", "")
        header = request.headers.get("Authorization", "")
        if not (name and secret) and header.startswith("Basic "):
            try:
                name, _, secret = base64.b64decode(header[6:]).decode("utf-8", "replace").partition(":")
            except binascii.Error:
                return None
        found = self.keys.get(name)
        if found is None or not secret:
            return None
        if not hmac.compare_digest(found.secret.encode(), secret.encode()):
            raise unauthentic("Consumer secret is invalid.")
        return found

    def _oauth(self, request: Request, home: str) -> Key | None:
        pairs = _pairs(request)
        told = dict(pairs)
        present = [name for name in OAUTH if told.get(name)]
        if not present:
            return None
        missing = [name for name in OAUTH if name not in present]
        if missing:
            raise unauthentic(f"Missing OAuth parameter{'s' * (len(missing) > 1)} {', '.join(missing)}")
        found = self.keys.get(told["oauth_consumer_key"])
        if found is None:
            raise unauthentic("Consumer key is invalid.")
        self._signature(request, home, pairs, found)
        self._fresh(found, told["oauth_timestamp"], told["oauth_nonce"])
        return found

    def _signature(self, request: Request, home: str, pairs: Sequence[tuple[str, str]], key: Key) -> None:
        told = dict(pairs)
        algorithm = ALGORITHMS.get(told["oauth_signature_method"])
        if algorithm is None:
            raise unauthentic("Invalid signature - signature method is invalid.")
        signed = sorted((_told(n), _told(v)) for n, v in pairs if n != "oauth_signature")
        query = "%26".join(f"{quote(name, '')}%3D{quote(value, '')}" for name, value in signed)
        base = f"{request.method}&{quote(home + request.path, '')}&{query}"
        digest = hmac.new(f"{key.secret}&".encode(), base.encode(), algorithm).digest()
        given = told["oauth_signature"].replace(" ", "+")
        if not hmac.compare_digest(base64.b64encode(digest), given.encode()):
            raise unauthentic("Invalid signature - provided signature does not match.")

    def _fresh(self, key: Key, stamp: str, nonce: str) -> None:
        now = self._clock()
        if not re.fullmatch(r"\d+", stamp) or abs(now - int(stamp)) > WINDOW:
            raise unauthentic("Invalid timestamp.")
        if nonce in key.nonces:
            raise unauthentic("Invalid nonce - nonce has already been used.")
        key.nonces[nonce] = int(stamp)


def _pairs(request: Request) -> list[tuple[str, str]]:
    """Every parameter of the query and of an OAuth header, decoded."""
    raw = request.query_string.decode("ascii", "replace")
    parts = (part.partition("=") for part in raw.split("&") if part)
    pairs = [(unquote_plus(name), unquote_plus(value)) for name, _, value in parts]
    header = request.headers.get("Authorization", "")
    if header.startswith("OAuth "):
        pairs += [(n, unquote(v)) for n, v in re.findall(r'(oauth_[a-z_-]*)="([^"]*)"', header)]
    return pairs


def _permitted(key: Key, method: str) -> None:
    reads = method in READING
    wanted = ("read", "read_write") if reads else ("write", "read_write")
    if key.permissions not in wanted:
        right = "read" if reads else "write"
        raise unauthentic(f"The API key provided does not have {right} permissions.")


def _told(text: str) -> str:
    """As WooCommerce normalises a name or a value: decoded once more than it came, then encoded."""
    return quote(unquote(text), "")
