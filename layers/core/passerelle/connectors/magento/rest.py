"""Speaks to the web API: searches, single calls, and the shop's limits as they are met.

Source: https://developer.adobe.com/commerce/webapi/rest/use-rest/performing-searches/. Filters of one group are
alternatives, groups add up; `in` takes its values between commas. Without input limits a page may be as long as
wanted; with them at most 300. A page beyond the end may be empty or the last one again, so pages are never numbered:
each begins behind the key that ended the one before.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import time
from typing import Any

import httpx
import orjson

from passerelle.connectors.magento import refusals
from passerelle.connectors.magento.settings import Credentials, Settings
from passerelle.connectors.magento.signing import Bearer, OAuth, Pairs, escaped
from passerelle.http import Client, Signer
from passerelle.port import CredentialsRefused, Incomplete, PermissionMissing, TooLarge, Unavailable

type Row = dict[str, Any]
type Filter = tuple[str, str, str]
"""(field, condition, value)"""
type Groups = Sequence[Sequence[Filter]]

PAGE = 1000
LEAST_PAGE = 50
"""Whole objects that any shop tells at once; more are asked for as long as the shop stands it."""
MAX_FILTER = 6000
"""Characters of one filter as it is sent, well under the 8 KB at which web servers refuse an address."""
ALTERNATIVES = 10
"""Filters in one group: more would need numbers of two digits in parameters' names (see signing)."""
TIMEOUT = 90.0
SIGN_IN = "integration/admin/token"
PROBES = ("products", "orders", "customers/search", "carts/search", "inventory/sources", "store/storeConfigs")
"""Where one asks whether a token is good for anything."""


class CutShort(Unavailable):
    """An answer broke off; what it was to tell of may have been done."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search, and how many match in all."""

    rows: list[Row]
    total: int


class Rest:
    """One shop's web API behind one set of credentials."""

    def __init__(
        self, credentials: Credentials, settings: Settings, client: Client, clock: Callable[[], float] = time
    ) -> None:
        self.url, self.page = credentials.url, PAGE
        self._credentials, self._settings, self._client = credentials, settings, client
        self._admin_token = ""
        self._signer: Signer = Bearer(self._token)
        if credentials.consumer_key.get_secret_value():
            self._signer = OAuth(credentials, clock)

    @property
    def sleep(self) -> Callable[[float], None]:
        """How to wait between two calls."""
        return self._client.sleep

    # --- single calls ----------------------------------------------------------------------------------------

    def get(self, path: str, query: Pairs = (), scope: str = "") -> Any:
        """What lies at a path under /V1/. Raises the errors of the port.

        An answer that is cut short is asked for once more: several calls make one object, and each may have its moment.
        """
        try:
            return self.send("GET", path, query=query, scope=scope)
        except CutShort:
            return self.send("GET", path, query=query, scope=scope)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Pairs = (),
        scope: str = "",
        queued: bool = False,
    ) -> Any:
        """One call. `scope` "all": the values behind every store view; `queued`: through the asynchronous bulk API.

        Raises CredentialsRefused, PermissionMissing, Rejected (Limited where the shop's limits are met), Unavailable.
        """
        response = self._answered(method, self._address(path, scope, queued), body, query)
        if response.is_success:
            return _decoded(path, response.content)
        _, resource = refusals.told(response)
        if response.status_code == 401 and resource:
            raise self._shut_out(method, path, resource)
        raise refusals.refusal(f"{method} {path.partition('/')[0]}", response)

    def version(self) -> str:
        """What the shop says of its version; empty where it does not."""
        response = self._client.request("GET", f"{self.url}/magento_version", timeout=TIMEOUT)
        text = response.text.strip()
        return text if response.is_success and text.startswith("Magento/") else ""

    def fetched(self, url: str) -> httpx.Response:
        """What lies at another address, such as a picture. Raises Unavailable, AddressRefused."""
        return self._client.request("GET", url, timeout=TIMEOUT)

    def _address(self, path: str, scope: str, queued: bool) -> str:
        view = scope or self._settings.store
        parts = (self.url, "rest", view, "async/bulk" if queued else "", "V1", path)
        return "/".join(part for part in parts if part)

    def _answered(self, method: str, url: str, body: Any, query: Pairs) -> httpx.Response:
        response = self._request(method, url, body, query)
        if response.status_code == 401 and self._admin_token and refusals.told(response)[1]:
            self._admin_token = ""  # An admin's token is good for four hours.
            return self._request(method, url, body, query)
        return response

    def _request(self, method: str, url: str, body: Any, query: Pairs) -> httpx.Response:
        asked = "&".join(f"{escaped(name)}={escaped(value)}" for name, value in query)
        return self._client.request(
            method,
            f"{url}?{asked}" if asked else url,
            json=body,
            headers={"Accept": "application/json"},
            auth=self._signer,
            timeout=TIMEOUT,
        )

    def _token(self) -> str:
        if not self._credentials.username:
            return self._credentials.token.get_secret_value()
        if not self._admin_token:
            given = {
                "username": self._credentials.username,
                "password": self._credentials.password.get_secret_value(),
            }
            address = f"{self.url}/rest/V1/{SIGN_IN}"
            response = self._client.request("POST", address, json=given, reads=True, timeout=TIMEOUT)
            if not response.is_success:
                raise refusals.refusal("the sign-in", response)
            self._admin_token = str(_decoded(SIGN_IN, response.content))
        return self._admin_token

    def _shut_out(self, method: str, path: str, resource: str) -> Exception:
        """A bad token and a missing right sound alike: a token that opens nothing is a bad one."""
        if not any(self._opens(probe) for probe in PROBES if probe != path):
            why = "The shop takes the token for nobody's: it opens nothing."
            return CredentialsRefused(why, "Activate the integration again, or give new credentials.")
        why = f"The right {resource} is missing, so {method} {path.partition('/')[0]} is refused."
        return PermissionMissing(why, refusals.ROLES_WHERE)

    def _opens(self, probe: str) -> bool:
        query = criteria((), 1, "", "total_count")
        return self._answered("GET", self._address(probe, "", queued=False), None, query).status_code != 401

    # --- searches --------------------------------------------------------------------------------------------

    def search(
        self,
        path: str,
        groups: Groups = (),
        *,
        size: int = 0,
        sort: str = "",
        fields: str = "",
        scope: str = "",
    ) -> Found:
        """The first page of a search; `fields` names what of an item is wanted, `scope` as in send.

        Raises Incomplete where the page holds another number of items than the shop's total says.
        """
        while True:
            try:
                return self._page(path, groups, size or self.page, fields, sort, scope)
            except refusals.Limited as limited:
                self.page = limited.most
            except (TooLarge, Unavailable):
                # Whole objects may be more than the shop's memory holds; anything else is not the page's fault.
                if fields or size or self.page <= LEAST_PAGE:
                    raise
                self.page = max(LEAST_PAGE, self.page // 4)

    def everything(
        self, path: str, key: str, groups: Groups = (), *, fields: str = "", name: str = ""
    ) -> Iterator[Row]:
        """Every match of a search, by keyset over the field `key`, called `name` in the items."""
        after: Sequence[Filter] = ()
        while True:
            found = self.search(path, [*groups, after] if after else groups, sort=key, fields=fields)
            yield from found.rows
            if found.total <= len(found.rows):
                return
            after = [(key, "gt", str(found.rows[-1][name or key]))]

    def among(
        self,
        path: str,
        field: str,
        values: Iterable[str],
        groups: Groups = (),
        *,
        fields: str = "",
        each: int = 1,
        scope: str = "",
    ) -> list[Row]:
        """The items whose `field` is one of these values, in as few calls as limits and addresses allow.

        `each`: how many items a value may have; `scope`: see send.
        """
        plain, odd = sorted_by_comma(values)
        rows = self._parted(path, field, plain, groups, fields, each, scope)
        waiting = [odd[start : start + ALTERNATIVES] for start in range(0, len(odd), ALTERNATIVES)]
        while waiting:
            part = waiting.pop(0)
            group = [(field, "eq", value) for value in part]
            found = self.search(path, [*groups, group], fields=fields, scope=scope)
            if found.total > len(found.rows) and len(part) > 1:
                waiting[:0] = halves(part)
                continue
            rows += found.rows
        return rows

    def _parted(
        self, path: str, field: str, values: list[str], groups: Groups, fields: str, each: int, scope: str
    ) -> list[Row]:
        """The same for values without a comma; a part that turns out too large is asked for in halves."""
        rows: list[Row] = []
        waiting = list(chunked(values, self.page))
        while waiting:
            part = waiting.pop(0)
            if len(part) > 1 and len(part) * each > self.page:
                waiting[:0] = halves(part)
                continue
            group = [(field, "in", ",".join(part))]
            try:
                found = self._page(path, [*groups, group], len(part) * each, fields, scope=scope)
            except refusals.Limited as limited:
                self.page = limited.most
                waiting[:0] = [part]
                continue
            if found.total > len(found.rows):
                each = max(2, -(-found.total // len(part)))
                waiting[:0] = halves(part)
                continue
            rows += found.rows
        return rows

    def _page(
        self, path: str, groups: Groups, size: int, fields: str, sort: str = "", scope: str = ""
    ) -> Found:
        most = max(1, min(size, self.page))
        wanted = f"items[{fields}],total_count" if fields else ""
        return _found(path, self.get(path, criteria(groups, most, sort, wanted), scope), most)


def halves(part: list[str]) -> list[list[str]]:
    """The values in two parts; a single one stays as it is."""
    half = len(part) // 2
    return [part[:half], part[half:]] if half else [part]


def criteria(groups: Groups, size: int, sort: str, fields: str, page: int = 1) -> list[tuple[str, str]]:
    """A search as query parameters. No index reaches two digits."""
    query: list[tuple[str, str]] = []
    for number, group in enumerate(group for group in groups if group):
        for place, (field, condition, value) in enumerate(group):
            begin = f"searchCriteria[filter_groups][{number}][filters][{place}]"
            query += [
                (f"{begin}[field]", field),
                (f"{begin}[value]", value),
                (f"{begin}[condition_type]", condition),
            ]
    if sort:
        begin = "searchCriteria[sortOrders][0]"
        query += [(f"{begin}[field]", sort), (f"{begin}[direction]", "ASC")]
    query += [("searchCriteria[pageSize]", str(size)), ("searchCriteria[currentPage]", str(page))]
    return [*query, ("fields", fields)] if fields else query


def chunked(values: Iterable[str], most: int) -> Iterator[list[str]]:
    """The values without doubles, in parts that fit into one address and one page."""
    part: list[str] = []
    length = 0
    for value in dict.fromkeys(values):
        size = 3 + len(escaped(value))
        if part and (len(part) >= most or length + size > MAX_FILTER):
            yield part
            part, length = [], 0
        part.append(value)
        length += size
    if part:
        yield part


def sorted_by_comma(values: Iterable[str]) -> tuple[list[str], list[str]]:
    """(values that fit into `in`, those that hold a comma), without doubles."""
    whole = [value for value in dict.fromkeys(values) if value]
    return [value for value in whole if "," not in value], [value for value in whole if "," in value]


def _decoded(path: str, content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        why = f"The shop's answer about {path.partition('/')[0]} is cut short or is not JSON."
        raise CutShort(why, "Nothing to do: it is asked again.") from None


def _found(path: str, answer: Any, size: int) -> Found:
    rows = answer.get("items") if isinstance(answer, dict) else None
    total = answer.get("total_count") if isinstance(answer, dict) else None
    # Some searches answer null where nothing matches.
    rows = [] if rows is None and total == 0 else rows
    if not isinstance(rows, list) or not isinstance(total, int) or not all(isinstance(r, dict) for r in rows):
        raise Incomplete(
            f"The shop's answer about {path} is not a list of them.", "Look at the shop's extensions."
        )
    if len(rows) != min(size, total):
        why = f"The shop gave {len(rows)} {path} where its own total says {min(size, total)}."
        raise Incomplete(why, "Nothing to do: they are read again.")
    return Found(rows, total)
