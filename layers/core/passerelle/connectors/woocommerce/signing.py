"""OAuth 1.0a with one leg: each try is signed with the consumer secret, which itself is never sent.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication-over-http. The parameters go into the
query, the body is not signed, the key is the secret with `&` behind it; a nonce is good once, within 15 minutes.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote

import httpx

HASHES: Mapping[str, Callable[..., "hashlib._Hash"]] = {
    "HMAC-SHA256": hashlib.sha256,
    "HMAC-SHA1": hashlib.sha1,
}


type Pair = tuple[str, str | int | float | bool | None]
"""As httpx wants them."""


class Signature:
    """Signs requests of one key. `method` is one of HASHES."""

    def __init__(
        self,
        key: str,
        secret: str,
        method: str,
        clock: Callable[[], float] = time.time,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._key, self._secret, self._method = key, secret, method
        self._clock, self._nonce = clock, nonce

    def __call__(self, verb: str, url: httpx.URL) -> tuple[httpx.URL, dict[str, str]]:
        """The URL with its signature, and no further headers."""
        asked: list[Pair] = [
            (name, text) for name, text in url.params.multi_items() if not name.startswith("oauth_")
        ]
        own = {
            "oauth_consumer_key": self._key,
            "oauth_nonce": self._nonce(),
            "oauth_signature_method": self._method,
            "oauth_timestamp": str(int(self._clock())),
        }
        told = [*asked, *own.items()]
        digest = hmac.new(
            f"{self._secret}&".encode(), _base(verb, url, told).encode(), HASHES[self._method]
        ).digest()
        signature = base64.b64encode(digest).decode()
        return url.copy_with(params=httpx.QueryParams([*told, ("oauth_signature", signature)])), {}


def _base(verb: str, url: httpx.URL, told: list[Pair]) -> str:
    """What is signed: the verb, the address without its query, the parameters in order."""
    path = url.raw_path.partition(b"?")[0].decode("ascii")
    address = f"{url.scheme}://{url.netloc.decode('ascii')}{path}"
    pairs = sorted((_normal(name), _normal(str(text))) for name, text in told)
    query = "&".join(f"{name}={text}" for name, text in pairs)
    return "&".join(quote(part, "") for part in (verb, address, query))


def _normal(text: str) -> str:
    """WooCommerce decodes once more before it encodes."""
    return quote(unquote(text), "")
