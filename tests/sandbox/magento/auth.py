"""Who may do what: admin and integration tokens as bearer, and OAuth 1.0a with HMAC-SHA256.

Source: https://developer.adobe.com/commerce/webapi/get-started/authentication/. The server orders the parameters with
PHP's `strnatcmp`, which is not byte order where a key holds a number of two digits.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from werkzeug.wrappers import Request

from sandbox.magento.refusal import RefusalError, unauthorized

EVERYTHING = "*"
ADMIN_HOURS = 4


@dataclass(frozen=True, slots=True)
class Integration:
    """What System › Integrations shows after an integration was activated."""

    consumer_key: str
    consumer_secret: str
    token: str
    token_secret: str
    resources: frozenset[str] = frozenset({EVERYTHING})


@dataclass(slots=True)
class Guard:
    """The tokens of a shop. `as_bearer`: oauth/consumer/enable_integration_as_bearer, off by default."""

    clock: Callable[[], datetime]
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    admins: dict[str, str] = field(default_factory=dict)
    integrations: list[Integration] = field(default_factory=list)
    as_bearer: bool = False
    fixed_token: str = ""
    """What the next sign-in gives; empty: something new each time."""
    _issued: dict[str, datetime] = field(default_factory=dict)
    _nonces: set[str] = field(default_factory=set)

    def sign_in(self, body: Mapping[str, Any]) -> str:
        """POST /V1/integration/admin/token."""
        name = str(body.get("username", ""))
        if name not in self.admins or self.admins[name] != body.get("password"):
            message = (
                "The account sign-in was incorrect or your account is disabled temporarily. "
                "Please wait and try again later."
            )
            raise RefusalError(401, message)
        token = self.fixed_token or hashlib.sha256(f"{name}{len(self._issued)}".encode()).hexdigest()[:32]
        self._issued[token] = self.clock()
        return token

    def admit(self, request: Request, resource: str, args: list[tuple[str, str]]) -> None:
        """Let a request pass, or raise RefusalError. `args`: the query as it was sent, decoded."""
        rights = self._rights(request, args)
        if resource != "anonymous" and not {EVERYTHING, resource} & rights:
            raise unauthorized(resource)

    def _rights(self, request: Request, args: list[tuple[str, str]]) -> frozenset[str]:
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._bearer(rest.strip())
        if scheme.lower() == "oauth":
            return self._signed(request, _parameters(rest), args)
        return frozenset()

    def _bearer(self, token: str) -> frozenset[str]:
        issued = self._issued.get(token)
        if issued is not None:
            fresh = self.clock() < issued + timedelta(hours=ADMIN_HOURS)
            return frozenset({EVERYTHING}) if fresh else frozenset()
        if self.as_bearer:
            found = [one.resources for one in self.integrations if one.token == token]
            return found[0] if found else self.tokens.get(token, frozenset())
        return self.tokens.get(token, frozenset())

    def _signed(
        self, request: Request, given: Mapping[str, str], args: list[tuple[str, str]]
    ) -> frozenset[str]:
        held = [one for one in self.integrations if one.consumer_key == given.get("oauth_consumer_key")]
        if not held:
            raise RefusalError(401, "A consumer having the specified key does not exist.")
        integration = held[0]
        if given.get("oauth_token") != integration.token:
            raise RefusalError(401, "Specified token does not exist")
        if given.get("oauth_signature_method") != "HMAC-SHA256":
            raise RefusalError(400, "Signature method %1 is not supported", [given["oauth_signature_method"]])
        nonce = f"{given.get('oauth_nonce')}/{given.get('oauth_timestamp')}"
        url = f"{request.scheme}://{request.host}{raw_path(request)}"
        parameters = [(k, v) for k, v in given.items() if k not in {"realm", "oauth_signature"}]
        expected = signature(integration, request.method, url, [*parameters, *args])
        if not hmac.compare_digest(expected, given.get("oauth_signature", "")):
            raise RefusalError(401, "The signature is invalid. Verify and try again.")
        if nonce in self._nonces:
            raise RefusalError(401, "The nonce is already being used by the consumer with an ID of %1.", [1])
        self._nonces.add(nonce)
        return integration.resources


def raw_path(request: Request) -> str:
    """The path as it was sent, percent signs and all."""
    return str(request.environ.get("RAW_URI") or request.path).partition("?")[0]


def signature(integration: Integration, method: str, url: str, parameters: list[tuple[str, str]]) -> str:
    """The signature that the server expects."""
    encoded = [(quote(name, safe="~"), quote(value, safe="~")) for name, value in parameters]
    ordered = sorted(encoded, key=lambda pair: natural(pair[0]))
    whole = "&".join(f"{name}={value}" for name, value in ordered)
    base = "&".join(quote(part, safe="~") for part in (method.upper(), url, whole))
    secrets = (integration.consumer_secret, integration.token_secret)
    key = "&".join(quote(secret, safe="~") for secret in secrets)
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()


def natural(text: str) -> list[tuple[int, int, str]]:
    """The order of `strnatcmp`: runs of digits compare as numbers."""
    parts = re.findall(r"\d+|\D", text)
    return [(ord("0"), int(part), part) if part.isdigit() else (ord(part), 0, "") for part in parts]


def query_pairs(query: str) -> list[tuple[str, str]]:
    """The query's parameters, decoded, in their order."""
    pairs = (pair.partition("=") for pair in filter(None, query.split("&")))
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def _parameters(header: str) -> dict[str, str]:
    return {name: unquote(value) for name, value in re.findall(r'([\w]+)="([^"]*)"', header)}
