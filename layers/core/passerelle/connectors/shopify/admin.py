"""Speaks GraphQL to one shop: one request, its cost told to the pace, its errors in the words of the port."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import orjson

from passerelle.connectors.shopify.documents import Document
from passerelle.connectors.shopify.forms import VERSION, Credentials
from passerelle.http import Client
from passerelle.port import (
    CredentialsRefused,
    PermissionMissing,
    Rejected,
    Throttled,
    TooLarge,
    Unavailable,
)

type Data = dict[str, Any]

WAIT = "Nothing to do if it passes: the sync tries again. If it lasts, look at https://www.shopifystatus.com."


class TooExpensive(TooLarge):
    """A query above the 1,000 points that one query may cost; `cost` is what Shopify reckoned."""

    def __init__(self, cost: float) -> None:
        super().__init__(
            f"Shopify reckons {cost:g} points for one query and allows 1,000.", "Ask for fewer at once."
        )
        self.cost = cost


class Admin:
    """One shop's Admin API. Safe to share between threads."""

    def __init__(self, credentials: Credentials, client: Client) -> None:
        self.client = client
        self._shop = credentials.shop
        self._url = f"https://{credentials.shop}/admin/api/{VERSION}/graphql.json"
        self._token = credentials.access_token
        self._costs: dict[str, float] = {}
        self._lock = threading.Lock()

    def ask(self, document: Document, variables: Mapping[str, Any] | None = None) -> Data:
        """The data of one request.

        Raises CredentialsRefused, PermissionMissing, Rejected, Throttled, TooExpensive, Unavailable.
        """
        response = self.client.request(
            "POST",
            self._url,
            content=orjson.dumps({"query": document.text, "variables": dict(variables or {})}),
            headers={
                "X-Shopify-Access-Token": self._token.get_secret_value(),
                "Content-Type": "application/json",
                "Accept": "application/json",
            },
            cost=self._costs.get(document.name, document.cost),
            repeatable=document.repeatable,
            reads=not document.writes,
        )
        if response.status_code != 200:
            raise self._refusal(response)
        return self._read(document, _decode(response))

    def _read(self, document: Document, answer: Data) -> Data:
        cost = (answer.get("extensions") or {}).get("cost") or {}
        self._learn(document, cost)
        errors = answer.get("errors")
        if errors:
            raise self._error(errors if isinstance(errors, list) else [{"message": str(errors)}], cost)
        data = answer.get("data")
        if not isinstance(data, dict):
            raise Unavailable("Shopify's answer holds no data.", WAIT)
        return data

    def _learn(self, document: Document, cost: Data) -> None:
        status = cost.get("throttleStatus") or {}
        requested, actual = cost.get("requestedQueryCost"), cost.get("actualQueryCost")
        # Shopify holds back what a query may cost, and gives the rest back with the answer.
        spared = float(requested) - float(actual) if requested and actual else None
        if status:
            available, rate = status.get("currentlyAvailable"), status.get("restoreRate")
            self.client.pace.told(available=available, rate=rate, spared=spared)
        if cost.get("requestedQueryCost") and not document.writes:
            with self._lock:
                self._costs[document.name] = float(cost["requestedQueryCost"])

    def _refusal(self, response: httpx.Response) -> Exception:
        shop = self._shop
        match response.status_code:
            case 401:
                return CredentialsRefused(
                    f"{shop} no longer accepts the access token.",
                    "Connect the shop again with a new access token.",
                )
            case 402 | 423:
                return Rejected(
                    f"Shopify has locked {shop} ({response.status_code}).",
                    "Ask the owner to settle the shop's plan, then sync again.",
                    "shop_locked",
                    response.status_code,
                )
            case 403:
                return PermissionMissing(
                    f"{shop} refuses this app.",
                    "Install the app in the shop and give it the scopes it asks for.",
                )
            case 404:
                return Rejected(
                    f"There is no shop at {shop}, or not with API version {VERSION}.",
                    "Look at the address: it ends in .myshopify.com and is not the shop's public domain.",
                    "shop_not_found",
                    404,
                )
        return Rejected(
            f"{shop} answered {response.status_code}.", "Try again later.", "refused", response.status_code
        )

    def _error(self, errors: Sequence[Data], cost: Data) -> Exception:
        coded = {(error.get("extensions") or {}).get("code"): error for error in reversed(errors)}
        if "THROTTLED" in coded:
            return self._throttled(cost)
        if "MAX_COST_EXCEEDED" in coded:
            return TooExpensive(float(coded["MAX_COST_EXCEEDED"]["extensions"].get("cost", 2_000)))
        if "ACCESS_DENIED" in coded:
            needed = coded["ACCESS_DENIED"]["extensions"].get("requiredAccess") or "more access scopes"
            return PermissionMissing(
                f"{self._shop} does not let this app read or write that: it needs {needed}",
                "Add the scope to the app, install it again and connect the shop with the new token. For buyers' "
                "data, also ask Shopify for access to protected customer data.",
            )
        if "INTERNAL_SERVER_ERROR" in coded or "TIMEOUT" in coded:
            return Unavailable("Shopify failed inside while answering.", WAIT)
        code = next((str(code).lower() for code in coded if code), "query_refused")
        return Rejected(
            f"Shopify refuses this request ({code}).", "Tell the operator: the request must be changed.", code
        )

    def _throttled(self, cost: Data) -> Throttled:
        status = cost.get("throttleStatus") or {}
        rate = float(status.get("restoreRate") or 100)
        lacking = float(cost.get("requestedQueryCost") or rate) - float(status.get("currentlyAvailable") or 0)
        wait = max(1.0, lacking / rate)
        self.client.pace.told(retry_after=wait)
        return Throttled(f"{self._shop} has no points left for this request.", wait)


def _decode(response: httpx.Response) -> Data:
    try:
        answer = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        raise Unavailable("Shopify's answer was cut short.", WAIT) from None
    if not isinstance(answer, dict):
        raise Unavailable("Shopify's answer makes no sense.", WAIT)
    return answer
