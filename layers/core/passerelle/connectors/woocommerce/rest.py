"""Speaks to `/wp-json/wc/v3`: lists, batches, and what its refusals mean.

Source: https://woocommerce.github.io/woocommerce-rest-api-docs/ (recorded on 10.0.2). Lists tell their total in
`X-WP-Total` and hold 100 at most. Refusals are `{"code", "message", "data": {"status"}}`; a bad key, a bad secret and
a missing right of the key are all 401, what the key's user may not do is 403.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from passerelle.connectors.woocommerce.settings import Credentials
from passerelle.connectors.woocommerce.signing import Signature
from passerelle.http import Client, Signer
from passerelle.port import CredentialsRefused, Incomplete, PermissionMissing, Rejected, Unavailable

type Row = dict[str, Any]

PAGE = 100
"""The most that WooCommerce lists, or takes, at once."""
TIMEOUT = 90.0
KEYS_WHERE = "Open WooCommerce › Settings › Advanced › REST API in the shop's back office"
_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list; `total`: how many the shop says there are in all, None where it does not say."""

    rows: list[Row]
    total: int | None


class Rest:
    """One shop's API behind one key."""

    def __init__(
        self, credentials: Credentials, client: Client, clock: Callable[[], float] = time.time
    ) -> None:
        self.url = credentials.url
        self._client = client
        self._auth = _authentication(credentials, clock)

    def page(self, resource: str, /, **asked: object) -> Listed:
        """One page of a list; `fields` names what to tell of each. Raises the port's errors."""
        response = self._send("GET", resource, _query(asked))
        rows = _decoded(resource, response.content)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            why = f"The shop's answer about {resource} is not a list of them."
            raise Incomplete(why, "Look at the shop's plugins.")
        total = response.headers.get("X-WP-Total", "")
        return Listed(rows, int(total) if total.isdigit() else None)

    def among(self, resource: str, ids: Iterable[str], /, **asked: object) -> list[Row]:
        """The objects with these ids, in as few calls as there are hundreds of them.

        Those that did not come are asked for again before they count as gone.
        """
        wanted = [id for id in dict.fromkeys(ids) if id.isdigit() and int(id)]
        rows = list(self._included(resource, wanted, asked))
        arrived = {str(row.get("id")) for row in rows}
        absent = [id for id in wanted if id not in arrived]
        if absent and any(self._included(resource, absent, {**asked, "fields": "id"})):
            raise Incomplete(
                f"The shop left out {resource} that it has.", "Nothing to do: they are read again."
            )
        return rows

    def _included(self, resource: str, ids: Sequence[str], asked: Mapping[str, object]) -> Iterator[Row]:
        for part in chunked(ids):
            order: Row = {"include": ",".join(part), "per_page": PAGE, "orderby": "id", "order": "asc"}
            yield from self.page(resource, **{**asked, **order}).rows

    def every(self, resource: str, /, **asked: object) -> list[Row]:
        """A whole list that is short, page by page."""
        rows: list[Row] = []
        while True:
            found = self.page(resource, **{**asked, "per_page": PAGE, "offset": len(rows)})
            rows += found.rows
            if len(found.rows) < PAGE:
                return rows

    def one(self, path: str, /, **asked: object) -> Row:
        """One object."""
        return _object(path, self._send("GET", path, _query(asked)))

    def about(self) -> Row:
        """What WordPress tells everybody of the site; a key there would be taken for a user's password."""
        fields = {"_fields": "name,home,timezone_string,gmt_offset,namespaces"}
        response = self._client.request("GET", f"{self.url}/wp-json/", params=fields, timeout=TIMEOUT)
        if not response.is_success:
            raise _refusal("GET", "/", response)
        return _object("the site", response)

    def post(self, path: str, body: Row) -> Row:
        """Make an object. Raises Rejected."""
        return _object(path, self._send("POST", path, {}, body))

    def delete(self, path: str, *, force: bool) -> None:
        """Delete an object, or put it into the bin; one that is gone is none. Raises Rejected."""
        try:
            self._send("DELETE", path, {"force": "true"} if force else {})
        except Rejected as refusal:
            if refusal.status not in {404, 410}:
                raise

    def batch(self, resource: str, work: str, items: Sequence[Row | int]) -> list[Row]:
        """Create, update or delete up to 100 objects; answers one row an item, refused ones with `error`.

        Raises Unavailable where it is not known what was written.
        """
        return self.works(resource, {work: items})[work]

    def works(self, resource: str, works: Mapping[str, Sequence[Row | int]]) -> dict[str, list[Row]]:
        """The same of `create`, `update` and `delete` in one call, 100 objects together."""
        body: Row = {work: list(items) for work, items in works.items() if items}
        told = _object(resource, self._send("POST", f"{resource}/batch", {}, body))
        for work, items in body.items():
            if not isinstance(told.get(work), list) or len(told[work]) != len(items):
                why = f"The shop did not answer for each of {len(items)} {resource}."
                raise Unavailable(why, "Nothing to do: they are looked at again.")
        return {work: told[work] for work in body}

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        body: Row | None = None,
    ) -> httpx.Response:
        response = self._client.request(
            method,
            f"{self.url}/wp-json/wc/v3/{path}",
            params=params,
            json=body,
            headers={"Accept": "application/json"},
            auth=self._auth,
            timeout=TIMEOUT,
        )
        if not response.is_success:
            raise _refusal(method, path, response)
        return response


def refused(row: Row) -> tuple[str, str] | None:
    """(code, what the shop says) of an item of a batch that was refused; None for one that was not."""
    error = row.get("error")
    if not isinstance(error, dict):
        return None
    return str(error.get("code", "")), blotted(str(error.get("message", "")))


def blotted(message: str) -> str:
    """A message of the shop's without the e-mail addresses that it repeats."""
    return _EMAIL.sub("…", message)[:200]


def chunked(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """The values in parts that the shop takes at once."""
    for start in range(0, len(values), PAGE):
        yield values[start : start + PAGE]


def _authentication(credentials: Credentials, clock: Callable[[], float]) -> tuple[str, str] | Signer:
    key, secret = credentials.consumer_key, credentials.consumer_secret.get_secret_value()
    method = credentials.signing or ("" if credentials.url.startswith("https://") else "HMAC-SHA256")
    return Signature(key, secret, method, clock) if method else (key, secret)


def _query(asked: Mapping[str, object]) -> dict[str, str]:
    """Texts for the query; `fields` is `_fields`, None and empty ones are left out."""
    return {
        "_fields" if name == "fields" else name: str(value)
        for name, value in asked.items()
        if value not in (None, "")
    }


def _decoded(name: str, body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        why = f"The shop's answer about {name} is cut short or is not JSON."
        raise Unavailable(why, "Nothing to do: it is asked again.") from None


def _object(name: str, response: httpx.Response) -> Row:
    told = _decoded(name, response.content)
    if told == []:
        # PHP writes an empty object so.
        return {}
    if not isinstance(told, dict):
        raise Incomplete(f"The shop's answer about {name} is not an object.", "Look at the shop's plugins.")
    return told


def _refusal(method: str, path: str, response: httpx.Response) -> Exception:
    code, message = _told(response)
    status, resource = response.status_code, path.partition("/")[0]
    right = f"{'read' if method == 'GET' else 'write'} {resource}"
    if status == 401:
        return _unauthorised(code, message)
    if status < 400:
        why = f"The shop is at another address than {right} was sent to."
        return Rejected(why, "Connect it with the address that a browser ends at.", "moved", status)
    if status == 403:
        if not code:
            why = f"The shop's host refuses {right} before WooCommerce sees it."
            return PermissionMissing(
                why, "Ask the host to let requests to /wp-json/wc/ through its firewall."
            )
        why = f"The key's user may not {right}."
        return PermissionMissing(why, f"{KEYS_WHERE} and make the key for an administrator or shop manager.")
    if code in {"rest_no_route", ""} and status == 404:
        why = f"The shop has no WooCommerce API for {resource}."
        remedy = "Activate WooCommerce, and choose any permalinks but the plain ones."
        return Rejected(why, remedy, "no_webservice", 404)
    why = f"The shop refuses to {right}: {message or f'status {status}'}"
    return Rejected(why, "Correct the object in the shop.", code or f"woocommerce_{status}", status)


def _unauthorised(code: str, message: str) -> Exception:
    lacking = re.search(r"does not have (\w+) permissions", message)
    if lacking:
        why = f"The key lacks the permission {lacking[1]}."
        return PermissionMissing(why, f"{KEYS_WHERE} and set the key to Read/Write.")
    if "timestamp" in message:
        why = "The shop's clock differs from ours by more than a quarter of an hour."
        return CredentialsRefused(why, "Set the clock of the shop's server.")
    if code == "woocommerce_rest_authentication_error":
        return CredentialsRefused(
            "The shop refuses the key or its secret.", f"{KEYS_WHERE} and make a new key."
        )
    remedy = f"{KEYS_WHERE} and look whether the key is there. If it is, the host may take the Authorization header "
    return CredentialsRefused(
        "The shop does not know the key.", f"{remedy}away: choose a way of signing then."
    )


def _told(response: httpx.Response) -> tuple[str, str]:
    """(code, message) of a refusal in JSON; empty texts of any other."""
    try:
        body = orjson.loads(response.content)
        return str(body["code"]), blotted(str(body.get("message", "")))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return "", ""
