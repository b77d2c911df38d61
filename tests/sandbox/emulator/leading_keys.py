"""Repair, for `AUTH=true`: policies may speak of `dynamodb:LeadingKeys`, the partition keys a request names.

Without it a condition with `ForAllValues` finds no values and lets everything pass.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from ministack.core import iam_actions
from ministack.services import dynamodb

EQUALITY = re.compile(r"([#\w.\-]+)\s*=\s*(:\w+)")

_context = iam_actions.dynamodb_service_context


def apply() -> None:
    """Put the keys into what a policy may look at."""
    iam_actions.dynamodb_service_context = context


def context(body: bytes) -> dict[str, Any]:
    """What the emulator says of a request, and the partition keys that it names."""
    said = dict(_context(body))
    keys = sorted({str(key) for key in leading_keys(json.loads(body or b"{}"))})
    return {**said, "dynamodb:LeadingKeys": keys} if keys else said


def leading_keys(request: dict[str, Any]) -> Iterator[Any]:
    """The partition keys in a request of any of the item operations."""
    yield from in_item(request)
    for action in request.get("TransactItems") or ():
        for part in action.values():
            yield from in_item(part)
    for table, wanted in (request.get("RequestItems") or {}).items():
        for part in parts_of_batch(wanted):
            yield from in_item({"TableName": table, "Key": part})
    names, values = (
        request.get("ExpressionAttributeNames") or {},
        request.get("ExpressionAttributeValues") or {},
    )
    for name, value in EQUALITY.findall(request.get("KeyConditionExpression") or ""):
        if names.get(name, name) == partition_key(request):
            yield scalar(values.get(value))


def parts_of_batch(wanted: Any) -> Iterator[dict[str, Any]]:
    """The keys of a batch read, or the items and keys of a batch write."""
    if isinstance(wanted, dict):
        yield from wanted.get("Keys", ())
        return
    for write in wanted:
        yield write["PutRequest"]["Item"] if "PutRequest" in write else write["DeleteRequest"]["Key"]


def in_item(part: dict[str, Any]) -> Iterator[Any]:
    """The partition key of one item or key."""
    key = partition_key(part)
    item = part.get("Key") or part.get("Item") or {}
    if key in item:
        yield scalar(item[key])


def partition_key(part: dict[str, Any]) -> str | None:
    """The name of the table's, or the index's, partition key."""
    table = dynamodb._tables.get(str(part.get("TableName", "")).rsplit("/", 1)[-1]) or {}
    for index in [*(table.get("GlobalSecondaryIndexes") or ()), *(table.get("LocalSecondaryIndexes") or ())]:
        if index["IndexName"] == part.get("IndexName"):
            return next(key["AttributeName"] for key in index["KeySchema"] if key["KeyType"] == "HASH")
    return table.get("pk_name")


def scalar(value: Any) -> Any:
    """The value inside DynamoDB's typed form."""
    return next(iter(value.values())) if isinstance(value, dict) and value else None
