"""Speaks with the HTTP API: the key or an AWS signature on each request, a problem document as an exception."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session

from passerelle.cli.config import Config


class Refused(Exception):
    """The API answered with a problem; `document` is what it said."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(str(document.get("title", "The service refused the request")))
        self.document = document


class Unreached(Exception):
    """No usable answer from the service."""


class Signature(httpx.Auth):
    """AWS Signature Version 4 with the operator's own AWS credentials."""

    requires_request_body = True

    def __init__(self, session: Session) -> None:
        self.session = session

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Sign the request for API Gateway."""
        credentials = self.session.get_credentials()
        if credentials is None:
            raise Unreached(
                "This needs AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret."
            )
        region = self.session.get_config_variable("region") or "eu-west-1"
        signed = AWSRequest(
            request.method, str(request.url), {"Host": request.url.netloc.decode()}, request.content
        )
        SigV4Auth(credentials.get_frozen_credentials(), "execute-api", region).add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        yield request


class Loopback(httpx.HTTPTransport):
    """Names under `localhost` are this machine (RFC 6761), whether or not the system's resolver knows."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange; the Host header stays as it was written and signed."""
        if request.url.host.endswith(".localhost"):
            request.url = request.url.copy_with(host="127.0.0.1")
        return super().handle_request(request)


@dataclass
class Service:
    """The API at the other end; `transport` is the seam where a test puts the application itself."""

    config: Config
    transport: httpx.BaseTransport | None = None
    session: Session | None = None

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            base_url=self.config.url, transport=self.transport or Loopback(), timeout=60
        )

    def get(self, path: str, **params: Any) -> Any:
        """GET; parameters that are None or empty are left out."""
        return self._send(
            "GET", path, params={key: value for key, value in params.items() if value not in (None, "")}
        )

    def post(
        self, path: str, body: dict[str, Any] | None = None, *, operator: bool = False, once: str = ""
    ) -> Any:
        """POST; `once` is an Idempotency-Key."""
        headers = {"Idempotency-Key": once} if once else {}
        return self._send("POST", path, json=body or {}, headers=headers, operator=operator)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """PATCH."""
        return self._send("PATCH", path, json=body)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """PUT."""
        return self._send("PUT", path, json=body)

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self._send("DELETE", path)

    def every(self, path: str, most: int = 1000, **params: Any) -> Iterator[Any]:
        """The items of a list, page after page, up to `most`."""
        cursor, seen = "", 0
        while True:
            page = self.get(path, limit=min(100, most), cursor=cursor, **params)
            for item in page["items"][: most - seen]:
                seen += 1
                yield item
            cursor = page.get("next") or ""
            if not cursor or seen >= most:
                return

    def _send(self, method: str, path: str, *, operator: bool = False, **options: Any) -> Any:
        bearer = {"Authorization": f"Bearer {self.config.key}"} if self.config.key else {}
        headers = options.pop("headers", {}) | ({} if operator else bearer)
        auth = Signature(self.session or Session()) if operator else None
        try:
            answer = self.client.request(method, f"/v1{path}", headers=headers, auth=auth, **options)
        except httpx.HTTPError as error:
            raise Unreached(f"{self.config.url} does not answer ({type(error).__name__}).") from error
        return _read(answer)


def _read(answer: httpx.Response) -> Any:
    """The JSON of a good answer. Raises Refused for a problem, Unreached for anything that is not ours."""
    try:
        document = answer.json() if answer.content else None
    except ValueError:
        raise Unreached(
            f"The answer ({answer.status_code}) is not the service's; check PASSERELLE_URL."
        ) from None
    if answer.is_success:
        return document
    told = document if isinstance(document, dict) else {}
    if answer.status_code in {401, 403} and "code" not in told:
        remedy = "Check PASSERELLE_KEY; operator commands need AWS credentials that may call the API."
        told = {"title": "The service did not accept the key", "remedy": remedy}
    raise Refused({"status": answer.status_code} | told)
