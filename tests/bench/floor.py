"""The best script one would write: a few threads, pages, a hash, batches of 500, no state and no rules.

python -m bench.floor SHOP_URL [THREADS]
"""

import hashlib
import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from typing import Any

import httpx
import orjson

PAGE, AUDIENCE = 250, "a1b2c3d4e5"
QUERY = """query Customers($first: Int!, $after: String) { page: customers(first: $first, after: $after) {
  pageInfo { hasNextPage endCursor } nodes { id defaultEmailAddress { emailAddress marketingState } } } }"""


def member(row: dict[str, Any]) -> dict[str, Any]:
    """A customer as a member."""
    email, home, phone = row["defaultEmailAddress"], row["defaultAddress"], row["defaultPhoneNumber"]
    fields: dict[str, Any] = {"FNAME": row["firstName"], "LNAME": row["lastName"]}
    if phone:
        fields["PHONE"] = phone["phoneNumber"]
    if home:
        fields["ADDRESS"] = {"addr1": home["address1"], "city": home["city"], "zip": home["zip"]}
    status = "subscribed" if email["marketingState"] == "SUBSCRIBED" else "transactional"
    made = {"email_address": email["emailAddress"], "status": status, "merge_fields": fields}
    hashlib.blake2b(orjson.dumps(made), digest_size=16).digest()
    return made


def main(url: str, size: int, threads: int = 8) -> dict[str, Any]:
    """All customers, two pages to a call; the shop's cursors are places, so pages are read side by side."""
    client = httpx.Client(timeout=120)

    def page(start: int) -> list[dict[str, Any]]:
        body = orjson.dumps({"query": QUERY, "variables": {"first": PAGE, "after": str(start)}})
        answer = client.post(f"{url}/admin/api/2026-07/graphql.json", content=body)
        return [member(row) for row in orjson.loads(answer.content)["data"]["page"]["nodes"]]

    def carry(starts: tuple[int, ...]) -> int:
        members = [each for start in starts for each in page(start)]
        body = orjson.dumps({"members": members, "update_existing": True})
        answer = client.post(f"{url}/3.0/lists/{AUDIENCE}", content=body)
        return len(members) - orjson.loads(answer.content)["error_count"]

    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        written = sum(pool.map(carry, batched(range(0, size, PAGE), 2, strict=False)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": cpu, "wall": wall, "items": written, "peak_mb": peak}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], *map(int, sys.argv[2:]))))
