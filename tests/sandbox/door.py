"""The deployed API in process: an httpx transport that plays API Gateway before the real functions' code."""

import base64
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext
from passerelle.api import hooks, pixel_door
from passerelle.api.app import answer, build
from passerelle.api.authorizing import Unauthorized, decide
from passerelle.http import Client
from passerelle.runtime import Local, Runtime
from passerelle.runtime import runtime as composed
from passerelle.store.repositories import Storage
from passerelle.store.resources import Resources

from sandbox.transport import InProcess

URL = "https://api.example"
ARN = "arn:aws:execute-api:eu-west-1:123456789012:api1/dev"
OPERATOR = "arn:aws:iam::123456789012:user/operator"
_REFUSED = {"type": "about:blank", "title": "Unauthorized", "status": 401, "code": "key_refused"}


class Lambda(LambdaContext):
    """What Lambda tells a function of its call."""

    def __init__(self) -> None:
        self._function_name = "api"
        self._aws_request_id = uuid.uuid4().hex

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Milliseconds until the worker is ended."""
        return 29_000


def runtime_over(resources: Resources, origins: Mapping[str, Any], **local: Any) -> Runtime:
    """A runtime over emulated AWS, whose network is these simulators (`{"https://shop.example": app}`)."""

    def client(**wanted: Any) -> Client:
        network = InProcess(dict(origins))
        return Client(network, sleep=lambda _: None, **{**wanted, "pace": None, "routes": None})

    return Runtime(Storage(resources), Local(**({"allow_private": True} | local)), client=client)


@dataclass
class Door(httpx.BaseTransport):
    """Requests go in as to the deployed address; what the gateway refuses never reaches the code."""

    runtime: Runtime
    app: APIGatewayRestResolver = field(default_factory=build)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        self.app.dependency_overrides[composed] = lambda: self.runtime

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange."""
        path = unquote(request.url.path)
        event = event_of(request, path)
        if path.startswith("/hooks/"):
            event["pathParameters"] = {"hook_id": path.removeprefix("/hooks/")}
            return _response(hooks.answer(self.runtime, event))
        if path.startswith("/pixel/"):
            event["pathParameters"] = {"pixel_key": path.removeprefix("/pixel/")}
            return _response(pixel_door.answer(self.runtime, event))
        if path == "/v1/tenants" or path.startswith("/v1/tenants/"):
            if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
                return httpx.Response(403, json={"message": "Missing Authentication Token"})
            event["requestContext"]["identity"]["userArn"] = OPERATOR
        elif path.startswith("/v1/"):
            try:
                policy = decide(self.runtime, self._asked(request))
            except Unauthorized:
                media = {"Content-Type": "application/problem+json"}
                return httpx.Response(401, json=_REFUSED, headers=media)
            event["requestContext"]["authorizer"] = policy["context"] | {"principalId": policy["principalId"]}
        return _response(answer(self.app, event, Lambda()))

    def _asked(self, request: httpx.Request) -> dict[str, str]:
        token = request.headers.get("authorization", "")
        return {"type": "TOKEN", "authorizationToken": token, "methodArn": f"{ARN}/{request.method}/v1"}


def event_of(request: httpx.Request, path: str) -> dict[str, Any]:
    """A proxy event as API Gateway makes it with binary media types `*/*`: the body in base64."""
    query = parse_qs(request.url.query.decode(), keep_blank_values=True)
    content = request.read()
    return {
        "version": "1.0",
        "resource": "/v1/{proxy+}",
        "path": path,
        "httpMethod": request.method,
        "headers": dict(request.headers),
        "multiValueHeaders": {name: [value] for name, value in request.headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": None,
        "requestContext": {
            "stage": "dev",
            "domainName": "api.example",
            "path": path,
            "requestId": uuid.uuid4().hex,
            "identity": {"sourceIp": "192.0.2.1"},
            "httpMethod": request.method,
        },
        "body": base64.b64encode(content).decode() if content else None,
        "isBase64Encoded": bool(content),
    }


def _response(given: Mapping[str, Any]) -> httpx.Response:
    body = given["body"] or ""
    content = base64.b64decode(body) if given.get("isBase64Encoded") else body.encode()
    headers = [(name, value) for name, value in (given.get("headers") or {}).items()]
    headers += [
        (name, value) for name, values in (given.get("multiValueHeaders") or {}).items() for value in values
    ]
    # As a stream, so that the client reads it as from a network and knows how long it took.
    return httpx.Response(given["statusCode"], headers=headers, stream=httpx.ByteStream(content))
