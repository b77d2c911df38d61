"""Speaks to the webservice: lists by filter, writes in XML, and what its refusals mean.

Source: https://devdocs.prestashop-project.org/8/webservice/ (getting started, cheat sheet).
Input is XML only; JSON answers give an empty list as `[]` and drop falsy fields of single entities, so only lists
are read here. Refusals are `{"errors": [{"code", "message"}]}`: 401 with 16 to 21 is a bad key, 401 with 26 or 405
with 25 a missing right.
"""

import html
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import httpx
import orjson

from passerelle.connectors.prestashop.settings import Credentials, Settings
from passerelle.http import Client
from passerelle.port import CredentialsRefused, Incomplete, PermissionMissing, Rejected, Unavailable

type Row = dict[str, Any]

CHUNK = 150
"""Ids in one filter: a page that PHP still builds within its time limit."""
MAX_FILTER = 4000
"""Characters of one filter, well under the 8 KB at which Apache refuses an address."""
TIMEOUT = 90.0
OTHERWISE = {"product_customization_fields": "customization_fields"}
"""What a list is called, where that is not the resource's name."""
RIGHTS_WHERE = "Open Advanced Parameters › Webservice in the shop's back office, edit the key and tick it."


class Webservice:
    """One shop's webservice behind one key."""

    def __init__(self, credentials: Credentials, settings: Settings, client: Client) -> None:
        self.url = credentials.url
        self._auth = (credentials.key.get_secret_value(), "")
        self._shop = {"id_shop": str(settings.shop)} if settings.shop else {}
        self._client = client
        self._version = ""

    @property
    def patches(self) -> bool:
        """Whether the shop knows PATCH; before 8.0 it does not. It names its version in each answer."""
        return not re.match(r"[01]\.", self._version)

    def rows(
        self,
        resource: str,
        display: str = "full",
        filters: Mapping[str, str] | None = None,
        **extra: str,
    ) -> list[Row]:
        """The entities of a list. `display` is "full" or names between commas; filters are in PrestaShop's notation.

        Raises CredentialsRefused, PermissionMissing, Rejected, Unavailable, and Incomplete for an answer that is
        not such a list.
        """
        shown = display if display == "full" else f"[{display}]"
        params = {"output_format": "JSON", "display": shown, **self._shop, **extra}
        params |= {f"filter[{name}]": text for name, text in (filters or {}).items()}
        response = self._send("GET", resource, params)
        return _listed(resource, _decoded(resource, response.content))

    def among(
        self, resource: str, field: str, values: Iterable[str], display: str = "full", **extra: str
    ) -> list[Row]:
        """The entities whose `field` is one of these values, in as few calls as the address's length allows."""
        found: list[Row] = []
        for part in chunked(values):
            found += self.rows(resource, display, {field: one_of(part)}, **extra)
        return found

    def entities(self, resource: str, ids: Iterable[str], display: str = "full", **extra: str) -> list[Row]:
        """The entities with these ids. Those that did not come are asked for again before they count as gone.

        Raises Incomplete where the second answer contradicts the first.
        """
        wanted = list(dict.fromkeys(id for id in ids if id not in {"", "0"}))
        rows = self.among(resource, "id", wanted, display, **extra)
        arrived = {str(row.get("id")) for row in rows}
        absent = [id for id in wanted if id not in arrived]
        if absent and self.among(resource, "id", absent, "id"):
            raise Incomplete(
                f"The shop left out {resource} that it has.", "Nothing to do: they are read again."
            )
        return rows

    def root(self) -> httpx.Response:
        """The list of resources with the key's rights, in XML: the root answers 500 to JSON."""
        return self._send("GET", "", {})

    def synopsis(self, resource: str) -> str:
        """What the fields of a resource may hold, in XML."""
        return self._send("GET", resource, {"schema": "synopsis"}).text

    def patch(self, resource: str, body: bytes) -> None:
        """Change entities; the shop saves them in order and stops at the first that it refuses (Rejected)."""
        self.send("PATCH", resource, body)

    def post(self, resource: str, body: bytes) -> None:
        """Make an entity. Raises Rejected, PermissionMissing."""
        self.send("POST", resource, body)

    def send(self, method: str, resource: str, body: bytes) -> None:
        """Write a document. Raises Rejected, PermissionMissing, Unavailable."""
        self._send(method, resource, {"output_format": "JSON", **self._shop}, body)

    def delete(self, resource: str, ids: Iterable[str]) -> None:
        """Delete entities; where one is missing none is deleted (Rejected, 404)."""
        self._send("DELETE", resource, {"id": f"[{','.join(ids)}]", "output_format": "JSON", **self._shop})

    def delete_picture(self, product: str, picture: str) -> None:
        """Delete a picture of a product. Raises Rejected."""
        self._send("DELETE", f"images/products/{product}/{picture}", dict(self._shop))

    def upload(self, product: str, content: bytes, kind: str) -> str:
        """Add a picture to a product; answers its id, or "" where the answer does not tell it. Raises Rejected."""
        edge = secrets.token_hex(16)
        head = f'--{edge}\r\nContent-Disposition: form-data; name="image"; filename="picture.{kind}"\r\n'
        body = f"{head}Content-Type: image/{kind}\r\n\r\n".encode() + content + f"\r\n--{edge}--\r\n".encode()
        form = f"multipart/form-data; boundary={edge}"
        told = self._send("POST", f"images/products/{product}", dict(self._shop), body, form).text
        found = re.search(r"<id>(?:<!\[CDATA\[)?(\d+)", told)
        return found[1] if found else ""

    def picture(self, url: str, most: int) -> bytes | None:
        """What lies at another address; None where it is larger than this. Raises Unavailable, Rejected and others."""
        with self._client.stream("GET", url, timeout=TIMEOUT) as download:
            content = bytearray()
            for piece in download.pieces():
                content += piece
                if len(content) > most:
                    return None
            return bytes(content)

    def _send(
        self,
        method: str,
        resource: str,
        params: Mapping[str, str],
        body: bytes | None = None,
        form: str = "text/xml",
    ) -> httpx.Response:
        response = self._client.request(
            method,
            f"{self.url}/api/{resource}",
            params=params,
            content=body,
            headers={"Content-Type": form} if body else None,
            auth=self._auth,
            timeout=TIMEOUT,
        )
        told = response.headers.get("PSWS-Version", "")
        self._version = told if told not in {"", "0"} else self._version
        if not response.is_success:
            raise _refusal(method, resource, response)
        return response


def chunked(values: Iterable[str]) -> Iterator[list[str]]:
    """The values without doubles, in parts that fit into one address."""
    part: list[str] = []
    length = 0
    for value in dict.fromkeys(values):
        if part and (len(part) >= CHUNK or length + len(value) > MAX_FILTER):
            yield part
            part, length = [], 0
        part.append(value)
        # A character outside ASCII takes up to 12 in an address.
        length += 3 + sum(1 if char.isascii() else 12 for char in value)
    if part:
        yield part


def one_of(values: Sequence[str]) -> str:
    """The filter for these values. `[1,2]` would be a range, so a lone value with a comma is given twice."""
    doubled = [*values, *values] if len(values) == 1 and "," in values[0] else values
    return f"[{'|'.join(doubled)}]"


def _decoded(resource: str, body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        why = f"The shop's answer about {resource} is cut short or is not JSON."
        raise Unavailable(why, "Nothing to do: it is asked again.") from None


def _listed(resource: str, content: object) -> list[Row]:
    if content == []:
        return []
    named = content if isinstance(content, dict) else {}
    rows = named.get(resource, named.get(OTHERWISE.get(resource, "")))
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Incomplete(
            f"The shop's answer about {resource} is not a list of them.", "Look at the shop's modules."
        )
    return rows


def _refusal(method: str, resource: str, response: httpx.Response) -> Exception:
    code, message = _error(response)
    status, right = response.status_code, f"{method} {resource or 'root'}"
    if status == 401 and code == 26:
        return PermissionMissing(
            f"The webservice key may not use {resource}: the right {right} is missing.", RIGHTS_WHERE
        )
    if status == 405 or code == 25:
        return PermissionMissing(f"The right {right} is missing on the webservice key.", RIGHTS_WHERE)
    if status in {401, 403}:
        return CredentialsRefused("The shop refuses the webservice key.", "Enable the key or give a new one.")
    if status == 404 and code is None:
        why = f"The shop has no webservice at {right}."
        return Rejected(why, "Enable it under Advanced Parameters › Webservice.", "no_webservice", 404)
    why = f"The shop refuses {right}: {message or f'status {status}'}"
    return Rejected(why, "Correct the object in the shop.", f"prestashop_{code or status}", status)


def _error(response: httpx.Response) -> tuple[int | None, str]:
    """(code, message) of the first error; the message names fields, never their values."""
    try:
        first = orjson.loads(response.content)["errors"][0]
        return int(first["code"]), html.unescape(str(first["message"]))[:200]
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, ValueError):
        found = re.search(rb"<code><!\[CDATA\[(\d+)\]\]></code>", response.content)
        return (int(found[1]) if found else None), ""
