"""How a request shows who sends it: bearer tokens, and OAuth 1.0a with HMAC-SHA256.

Source: https://developer.adobe.com/commerce/webapi/get-started/authentication/gs-authentication-oauth/. The server
sorts the parameters in PHP's natural order, the standard in byte order. Both agree as long as no parameter's name holds
a number of two digits, so none here does.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl, quote

import httpx

from passerelle.connectors.magento.settings import Credentials

type Pairs = Sequence[tuple[str, str]]


class Bearer:
    """A token as it is; it may be fetched anew."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def __call__(self, method: str, url: httpx.URL) -> tuple[httpx.URL, dict[str, str]]:
        """See passerelle.http.Signer."""
        del method
        return url, {"Authorization": f"Bearer {self._token()}"}


class OAuth:
    """Signs each try by itself: a nonce is good for one."""

    def __init__(
        self,
        credentials: Credentials,
        clock: Callable[[], float],
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._credentials, self._clock, self._nonce = credentials, clock, nonce

    def __call__(self, method: str, url: httpx.URL) -> tuple[httpx.URL, dict[str, str]]:
        """See passerelle.http.Signer."""
        key, key_secret, token, token_secret = (one.get_secret_value() for one in self._credentials.four)
        given = {
            "oauth_consumer_key": key,
            "oauth_nonce": self._nonce(),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(self._clock())),
            "oauth_token": token,
            "oauth_version": "1.0",
        }
        query = parse_qsl(url.query.decode(), keep_blank_values=True)
        base = base_string(method, str(url).partition("?")[0], [*given.items(), *query])
        keys = f"{escaped(key_secret)}&{escaped(token_secret)}".encode()
        signed = hmac.new(keys, base.encode(), hashlib.sha256)
        given["oauth_signature"] = base64.b64encode(signed.digest()).decode()
        listed = ", ".join(f'{name}="{escaped(value)}"' for name, value in given.items())
        return url, {"Authorization": f"OAuth {listed}"}


def escaped(text: str) -> str:
    """Percent-encoded as RFC 3986 has it."""
    return quote(text, safe="~")


def base_string(method: str, url: str, parameters: Pairs) -> str:
    """What is signed (RFC 5849, section 3.4.1)."""
    for name, _ in parameters:
        if re.search(r"\d\d", name):
            raise ValueError(f"{name} would be sorted otherwise by the server")
    pairs = sorted((escaped(name), escaped(value)) for name, value in parameters)
    whole = "&".join(f"{name}={value}" for name, value in pairs)
    return "&".join((method.upper(), escaped(url), escaped(whole)))
