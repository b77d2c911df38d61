"""The same job with dlt: the same shop and pages, the same audience by 500. Run by the Python that dlt is in.

    python with_dlt.py SHOP_URL

Prints what the second and any later run would use as well: dlt keeps nothing that spares the destination. The
processor time is told without imports, as it is for Passerelle.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import dlt
import requests

AUDIENCE = "a1b2c3d4e5"
PAGE = """query Customers($first: Int!, $after: String) { page: customers(first: $first, after: $after) {
  pageInfo { hasNextPage endCursor } nodes { id firstName lastName locale tags updatedAt
  defaultEmailAddress { emailAddress marketingState } defaultPhoneNumber { phoneNumber }
  defaultAddress { address1 city countryCodeV2 zip } } } }"""


def customers(url: str) -> Iterator[list[dict[str, Any]]]:
    """The customers, a page of 250 at a time."""
    session, after = requests.Session(), None
    while True:
        asked = {"query": PAGE, "variables": {"first": 250, "after": after}}
        answer = session.post(f"{url}/admin/api/2026-07/graphql.json", json=asked, timeout=30)
        page = answer.json()["data"]["page"]
        yield page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def member(row: dict[str, Any]) -> dict[str, Any]:
    """A row as dlt hands it to a destination (nested keys as they came) as a member of the audience."""
    email, home = row["defaultEmailAddress"], row.get("defaultAddress") or {}
    subscribed = email["marketingState"] == "SUBSCRIBED"
    fields = {"FNAME": row.get("firstName"), "LNAME": row.get("lastName")}
    phone = row.get("defaultPhoneNumber")
    if phone:
        fields["PHONE"] = phone["phoneNumber"]
    if home:
        fields["ADDRESS"] = {
            "addr1": home["address1"],
            "city": home["city"],
            "zip": home["zip"],
            "country": home["countryCodeV2"],
        }
    status = "subscribed" if subscribed else "transactional"
    return {"email_address": email["emailAddress"], "status": status, "merge_fields": fields}


def run(url: str, name: str, folder: str) -> dict[str, Any]:
    """One pipeline run."""
    session = requests.Session()
    written = 0

    @dlt.destination(
        batch_size=500, max_table_nesting=0, naming_convention="direct", skip_dlt_columns_and_tables=True
    )
    def audience(items: list[dict[str, Any]], table: Any) -> None:
        nonlocal written
        body = {"members": [member(row) for row in items], "update_existing": True}
        answer = session.post(f"{url}/3.0/lists/{AUDIENCE}", json=body, timeout=120)
        if answer.json()["error_count"]:
            raise RuntimeError("Some members were refused.")
        written += len(items)

    pipeline = dlt.pipeline(pipeline_name=name, destination=audience, pipelines_dir=folder)
    source = dlt.resource(lambda: customers(url), name="customers", max_table_nesting=0)
    wall, cpu = time.perf_counter(), _cpu()
    pipeline.run(source())
    cpu, wall = _cpu() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": cpu, "wall": wall, "items": written, "peak_mb": peak}


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as room:
        first, again = (run(sys.argv[1], "bench", room) for _ in range(2))
    print(json.dumps({"first": first, "again": again, "dlt": dlt.__version__}))
