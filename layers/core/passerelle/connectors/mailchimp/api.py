"""Speaking to one Mailchimp account: addresses, authentication, and what its statuses mean.

Source: https://mailchimp.com/developer/marketing/docs/fundamentals/
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from passerelle.connectors.mailchimp.form import Credentials
from passerelle.connectors.mailchimp.refusals import refusal
from passerelle.http import Client
from passerelle.port import CredentialsRefused, PermissionMissing, Rejected, Throttled, Unavailable

TIMEOUT = 125.0
"""Seconds: Mailchimp itself gives up after 120."""
FORBIDDEN = 403
STAY_AWAY = 30.0
"""Seconds to wait after a refusal for volume, which says nothing about how long."""
THREADS = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with its JSON; status 0: it is not known what became of the call."""

    status: int
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked."""
        return 200 <= self.status < 300

    @property
    def unsettled(self) -> bool:
        """Whether sending it again later is the thing to do."""
        return self.status in {0, 403, 429} or self.status >= 500


@dataclass(frozen=True, slots=True)
class Operation:
    """One call that may be made alone or inside a batch. All of them may be repeated without harm."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    params: Mapping[str, str] = field(default_factory=dict)


class Api:
    """The account's API; safe to share between threads."""

    def __init__(self, credentials: Credentials, client: Client) -> None:
        self._root = f"https://{credentials.data_centre}.api.mailchimp.com/3.0"
        self._key = credentials.api_key
        self._client = client

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """One call. Other 4xx than the following are answers.

        Raises CredentialsRefused (401), PermissionMissing or Throttled (403, 429), Unavailable.
        """
        response = self._client.request(
            method,
            self._root + path,
            params=params,
            json=body,
            auth=("passerelle", self._key.get_secret_value()),
            repeatable=method != "POST" if repeatable is None else repeatable,
            timeout=TIMEOUT,
        )
        return self._read(response)

    def need(self, method: str, path: str, **options: Any) -> Mapping[str, Any]:
        """The JSON of a call that should succeed. Raises Rejected where it does not."""
        answer = self.call(method, path, **options)
        if not answer.ok:
            told = refusal(answer.data)
            raise Rejected(told.why, told.remedy, told.code, answer.status)
        return answer.data

    def each(self, operations: Sequence[Operation]) -> list[Answer]:
        """Make these calls one by one, several at a time; answers in the same order."""
        return self.together(
            lambda op: self.call(op.method, op.path, body=op.body, params=op.params), operations
        )

    def together[T, R](self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Run `work` on each item, several at a time; the first error is raised."""
        with ThreadPoolExecutor(THREADS, thread_name_prefix="mailchimp") as pool:
            return list(pool.map(work, items))

    def download(self, url: str) -> bytes:
        """A result file: it lies at another host, which must not see our key. Raises Unavailable."""
        response = self._client.request("GET", url, timeout=TIMEOUT)
        if not response.is_success:
            raise Unavailable(f"The results of a batch could not be fetched ({response.status_code}).")
        return response.content

    def _read(self, response: httpx.Response) -> Answer:
        status = response.status_code
        if status == 204 or not response.content:
            data: Mapping[str, Any] = {}
        else:
            data = _parsed(response)
        if status == 401:
            raise CredentialsRefused(
                "Mailchimp does not accept the API key any more.",
                "Make a new key and connect the account again.",
            )
        if status == FORBIDDEN:
            self._refuse_forbidden(data)
        return Answer(status, data)

    def _refuse_forbidden(self, data: Mapping[str, Any]) -> None:
        """At very high volume Mailchimp answers 403 without JSON; with JSON a right is missing."""
        if not data:
            self._client.pace.told(retry_after=STAY_AWAY)
            raise Throttled("Mailchimp turns us away for the volume of our calls.", STAY_AWAY)
        raise PermissionMissing(
            f"Mailchimp: {data.get('title', 'forbidden')}.", "Use a key of an account owner or administrator."
        )


def _parsed(response: httpx.Response) -> Mapping[str, Any]:
    try:
        data = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        if response.status_code == FORBIDDEN:
            return {}
        # A refusal that cannot be read is nobody's fault: whom it blames would be blamed for good.
        raise Unavailable("Mailchimp's answer was cut short.") from None
    return data if isinstance(data, dict) else {}
