"""The asynchronous bulk API: requests are accepted, queued, and worked on when the consumer runs.

Source: https://developer.adobe.com/commerce/webapi/rest/use-rest/bulk-endpoints/ and …/operation-status-endpoints/.
What fails, fails there: the request itself was answered 202.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

from sandbox.magento.refusal import RefusalError
from sandbox.magento.state import Row, State

DONE, RETRIABLE, FAILED, OPEN = 1, 2, 3, 4
TOPICS = {
    "products": ("catalog.api.productrepositoryinterface", "Catalog\\Model\\ProductRepository\\Interceptor"),
    "customers": (
        "customer.api.accountmanagementinterface",
        "Customer\\Model\\AccountManagement\\Interceptor",
    ),
    "inventory/source-items": (
        "inventoryapi.api.sourceitemssaveinterface",
        "Inventory\\Model\\SourceItem\\Command\\SourceItemsSave\\Interceptor",
    ),
}

type Perform = Callable[[str, str, Any], Any]
"""(method, path under /V1/, body) → the service's result. Raises RefusalError."""


def accept(state: State, method: str, path: str, body: Any) -> Row:
    """Take a list of requests into the queue."""
    if not isinstance(body, list) or not body:
        raise RefusalError(400, "Request body should be an array.")
    name, service = TOPICS.get(path.split("/by", maxsplit=1)[0], (path, path))
    topic = f"async.magento.{name}.{'save' if 'repository' in name else 'execute'}.{method.lower()}"
    operations = [
        {"id": number, "method": method, "path": path, "body": one, "status": OPEN, "result_message": None}
        | {"error_code": None, "service": f"Magento\\{service}::save", "result": None}
        for number, one in enumerate(body)
    ]
    made: Row = {"bulk_id": str(uuid.uuid4()), "topic": topic, "operations": operations, "asked": 0}
    made |= {"start_time": state.now(), "scope": state.scope}
    state.bulks[made["bulk_id"]] = made
    hashes = [hashlib.sha256(json.dumps(one, sort_keys=True).encode()).hexdigest() for one in body]
    items = [{"id": number, "data_hash": one, "status": "accepted"} for number, one in enumerate(hashes)]
    return {"bulk_uuid": made["bulk_id"], "request_items": items, "errors": False}


def work(state: State, bulk: Row, perform: Perform) -> int:
    """What the consumer does with one bulk, in its scope; answers how many operations it worked on."""
    state.scope = bulk["scope"]
    waiting = [one for one in bulk["operations"] if one["status"] == OPEN]
    for one in waiting:
        try:
            one["result"] = perform(one["method"], one["path"], one["body"])
        except RefusalError as refusal:
            one |= {"status": FAILED, "result_message": refusal.filled, "error_code": 0}
        else:
            one |= {"status": DONE, "result_message": f"Service execution success {one['service']}"}
    return len(waiting)


def status(state: State, id: str, *, detailed: bool) -> Row:
    """GET /V1/bulk/:id/status and …/detailed-status."""
    bulk = state.bulks.get(id)
    if bulk is None:
        told = {"fieldName": "bulkUuid", "fieldValue": id}
        raise RefusalError(404, "No such entity with %fieldName = %fieldValue", told)
    bulk["asked"] += 1
    kept = ("id", "status", "result_message", "error_code")
    operations = [{name: one[name] for name in kept} for one in bulk["operations"]]
    if detailed:
        for place, one in enumerate(bulk["operations"]):
            operations[place] |= _details(bulk, one)
    return {
        "operations_list": operations,
        "user_type": 1,
        "bulk_id": id,
        "description": f"Topic {bulk['topic']}",
        "start_time": bulk["start_time"],
        "user_id": 1,
        "operation_count": len(operations),
    }


def _details(bulk: Row, one: Row) -> Row:
    waiting = one["status"] == OPEN
    sent = {"entity_id": None, "entity_link": "", "meta_information": _json(one["body"]), "store_id": "1"}
    return {
        "bulk_uuid": bulk["bulk_id"],
        "topic_name": bulk["topic"],
        "serialized_data": _json(sent) if waiting else None,
        "result_serialized_data": None if one["result"] is None else _json(one["result"]),
    }


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
