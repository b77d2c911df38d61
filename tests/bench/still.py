"""A shop and an audience that cost nothing to ask: precomputed answers, in a process of their own.

The customers of a Shopify shop (index, pull by id, and plain pages for those who read that way) and the calls of
Mailchimp that a sync of customers makes. It refuses nothing: what is right is proven against the strict simulators.

    python -m bench.still PORT CUSTOMERS [LATENCY_MS]
"""

import json
import re
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from passerelle.connectors.mailchimp.census import subscriber_hash
from sandbox.shopify.sample import customer

AUDIENCE = "a1b2c3d4e5"
PAGE = 250
EXPORT = "/_results/customers.jsonl"
COST = {
    "requestedQueryCost": 1,
    "actualQueryCost": 1,
    "throttleStatus": {"maximumAvailable": 2e7, "currentlyAvailable": 2e7, "restoreRate": 1e6},
}
"""A bucket that is never empty: what is compared here is work, not waiting."""
EXTENSIONS = b',"extensions":' + orjson.dumps({"cost": COST}) + b"}"


class Shelf:
    """Customers as bytes; made when they are first read, so that a million need no minute of preparation."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.made: dict[int, bytes] = {}
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()

    def person(self, place: int) -> bytes:
        """The customer at a place."""
        found = self.made.get(place)
        if found is None:
            thing = customer(place, consent=("SUBSCRIBED", "NOT_SUBSCRIBED")[place % 2])
            found = orjson.dumps({name: value for name, value in thing.items() if name != "__typename"})
            if self.size <= 200_000:
                self.made[place] = found
        return found

    def count(self, what: str) -> None:
        """One more of these."""
        with self.lock:
            self.counts[what] += 1


def graphql(shelf: Shelf, body: bytes) -> bytes:
    """The answer to one query, chosen by its form."""
    asked = orjson.loads(body)
    text, variables = asked["query"], asked.get("variables") or {}
    if "nodes(ids" in text:
        places = (int(each.rpartition("/")[2]) - FIRST for each in variables["ids"])
        return b'{"data":{"nodes":[' + b",".join(map(shelf.person, places)) + b"]}" + EXTENSIONS
    if "page:" in text:
        return _page(shelf, text, variables)
    state = {
        "id": "gid://shopify/BulkOperation/1",
        "status": "COMPLETED",
        "errorCode": None,
        "partialDataUrl": None,
        "objectCount": str(shelf.size),
        "rootObjectCount": str(shelf.size),
        "url": f"https://still.myshopify.com{EXPORT}",
    }
    data = {
        "bulkOperations": {"nodes": []},
        "bulkOperationRunQuery": {"bulkOperation": state, "userErrors": []},
        "bulkOperation": state,
        "shop": {"id": "gid://shopify/Shop/1", "name": "Still", "currencyCode": "EUR", "ianaTimezone": "UTC"},
        "currentAppInstallation": {"accessScopes": []},
        "customers": {"nodes": []},
        "total": {"count": shelf.size, "precision": "EXACT"},
    }
    return b'{"data":' + orjson.dumps(data) + EXTENSIONS


def _page(shelf: Shelf, text: str, variables: dict[str, Any]) -> bytes:
    beyond = re.search(r"id:>(\d+)", variables.get("query") or "")
    start = int(variables.get("after") or (int(beyond[1]) - FIRST + 1 if beyond else 0))
    since = re.search(r"updated_at:>='([^']+)'", variables.get("query") or "")
    size = 0 if since and since[1] > CHANGED else shelf.size
    end = min(size, start + int(variables.get("first") or PAGE))
    info = {"hasNextPage": end < size, "endCursor": str(end)}
    if "emailAddress" in text:
        nodes = b",".join(shelf.person(place) for place in range(start, end))
    else:
        nodes = b",".join(
            b'{"id":"gid://shopify/Customer/%d","updatedAt":"%b"}' % (FIRST + place, CHANGED.encode())
            for place in range(start, end)
        )
    total = b',"total":{"count":%d,"precision":"EXACT"}' % size
    page = b'{"data":{"page":{"nodes":[' + nodes + b'],"pageInfo":' + orjson.dumps(info) + b"}"
    return page + total + b"}" + EXTENSIONS


FIRST = 20_000
"""The number of the first customer of the sample."""
CHANGED = "2026-01-01T00:00:00Z"
"""When all of them last changed."""


def mailchimp(method: str, path: str, body: bytes) -> bytes:
    """The answer to one call of the audience."""
    if method == "POST" and path.endswith(f"/lists/{AUDIENCE}"):
        members = orjson.loads(body)["members"]
        made = [
            {
                "id": subscriber_hash(member["email_address"]),
                "email_address": member["email_address"],
                "status": member["status"],
                "merge_fields": member.get("merge_fields", {}),
                "timestamp_opt": "2026-01-01T00:00:00+00:00",
                "last_changed": "2026-01-01T00:00:00+00:00",
                "list_id": AUDIENCE,
            }
            for member in members
        ]
        figures = {"total_created": len(made), "total_updated": 0, "error_count": 0}
        return orjson.dumps({"new_members": made, "updated_members": [], "errors": [], **figures})
    if path.endswith("/members"):
        return b'{"members":[],"total_items":0}'
    return orjson.dumps({"id": "shop", "list_id": AUDIENCE, "account_id": "still", "account_name": "Still"})


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    shelf: Shelf
    latency = 0.0

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if path == EXPORT:
            self._export()
            return
        if path == "/_counts":
            answer = json.dumps(self.shelf.counts).encode()
            self.shelf.counts = Counter()
        else:
            answer = self._work(path, body)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _export(self) -> None:
        """The whole shop, a line a customer, in chunks."""
        self.shelf.count("shop")
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, self.shelf.size, 1000):
            places = range(start, min(self.shelf.size, start + 1000))
            part = b"".join(
                b'{"__typename":"Customer",' + self.shelf.person(each)[1:] + b"\n" for each in places
            )
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def _work(self, path: str, body: bytes) -> bytes:
        time.sleep(self.latency)
        if path.startswith("/3.0"):
            contacts = self.command == "POST" and path.endswith(f"/lists/{AUDIENCE}")
            self.shelf.count("contact_writes" if contacts else "mailchimp")
            if self.command != "GET":
                self.shelf.count("writes")
            return mailchimp(self.command, path, body)
        self.shelf.count("shop")
        return graphql(self.shelf, body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  # the base class's names


def main(port: int, customers: int, latency_ms: int = 0) -> None:
    """Serve until the process is ended."""
    Handler.shelf, Handler.latency = Shelf(customers), latency_ms / 1000
    for place in range(min(customers, 200_000)):
        Handler.shelf.person(place)
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
