"""Writes many objects: through the shop's queue, where accepted is not done, or one by one.

Source: https://developer.adobe.com/commerce/webapi/rest/use-rest/bulk-endpoints/ and …/operation-status-endpoints/. The
bulk API answers 202 to anything that is a list; what fails, fails when the queue's consumer works on it, and only the
operation's status tells: 1 done, 2 failed and may be sent again, 3 failed, 4 open, 5 rejected.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from passerelle.connectors.magento.refusals import Limited, worded
from passerelle.connectors.magento.rest import Rest, Row
from passerelle.port import Rejected, Unavailable

type Body = dict[str, Any]

MOST = 500
MOST_BYTES = 4 * 1024 * 1024
AT_ONCE = 4
WAITS = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0, 20.0, 20.0, 20.0)
"""Seconds between two looks at the queue; a cron that starts consumers does so every minute."""
DONE, AGAIN, OPEN = 1, 2, 4
NOT_RUN = "Look whether the shop's cron runs its consumer async.operations.all; or switch the link's setting bulk off."


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one object: `row` as the shop has it now, or `why` it has not. `later`: send it again."""

    row: Row = field(default_factory=dict)
    why: str = ""
    later: bool = False


class Writer(Protocol):
    """Writes objects at a path, in the scope of every store view."""

    def post(self, path: str, bodies: Sequence[Body]) -> list[Written]:
        """One answer per body, in their order. Raises Unavailable where it is not known what was written."""


class OneByOne:
    """For shops whose queue nobody works on."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def post(self, path: str, bodies: Sequence[Body]) -> list[Written]:
        """See Writer."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda body: self._one(path, body), bodies))

    def _one(self, path: str, body: Body) -> Written:
        try:
            row = self._rest.send("POST", path, body, scope="all")
        except Rejected as refusal:
            return Written(why=refusal.why)
        return Written(row if isinstance(row, dict) else {})


class Queue:
    """The asynchronous bulk API."""

    def __init__(self, rest: Rest) -> None:
        self._rest, self._most = rest, MOST

    def post(self, path: str, bodies: Sequence[Body]) -> list[Written]:
        """See Writer. Several bulks are under way together."""
        under_way: list[tuple[str, list[Row]]] = []
        waiting = [list(part) for part in parts(bodies, self._most)]
        while waiting:
            part = waiting.pop(0)
            try:
                under_way.append(self._accepted(path, part))
            except Limited as limited:
                self._most = limited.most
                waiting[:0] = [list(less) for less in parts(part, self._most)]
        return [one for uuid, items in under_way for one in self._done(uuid, items)]

    def _accepted(self, path: str, bodies: Sequence[Body]) -> tuple[str, list[Row]]:
        answer = self._rest.send("POST", path, list(bodies), scope="all", queued=True)
        items = sorted(answer.get("request_items") or (), key=lambda item: int(item["id"]))
        if not answer.get("bulk_uuid") or len(items) != len(bodies):
            raise Unavailable("The shop took another number of writes than it was sent.", "Nothing to do.")
        return str(answer["bulk_uuid"]), items

    def _done(self, uuid: str, items: Sequence[Row]) -> list[Written]:
        """Wait for the consumer. Raises Unavailable where it leaves operations open for too long."""
        for wait in (*WAITS, 0.0):
            status = self._rest.get(f"bulk/{uuid}/status")
            open_ones = [one for one in status.get("operations_list") or () if one.get("status") == OPEN]
            if not open_ones and status.get("operations_list"):
                return self._told(uuid, items)
            self._rest.sleep(wait)
        waited = int(sum(WAITS))
        why = f"The shop accepted the writes and has not worked on {len(open_ones)} of them in {waited} seconds."
        raise Unavailable(why, NOT_RUN)

    def _told(self, uuid: str, items: Sequence[Row]) -> list[Written]:
        detailed = self._rest.get(f"bulk/{uuid}/detailed-status").get("operations_list") or ()
        by_id = {one.get("id"): one for one in detailed}
        return [_written(item, by_id.get(item["id"])) for item in items]


def _written(item: Row, operation: Row | None) -> Written:
    if item.get("status") == "rejected":
        return Written(why=worded(str(item.get("error_message") or "The shop rejects it.")))
    if operation is None:
        return Written(why="The shop has lost sight of this write.", later=True)
    if operation.get("status") == DONE:
        result = orjson.loads(operation.get("result_serialized_data") or "{}")
        return Written(result if isinstance(result, dict) else {})
    why = worded(str(operation.get("result_message") or "The shop failed to save it."))
    return Written(why=why, later=operation.get("status") == AGAIN)


def parts(bodies: Sequence[Body], most: int) -> list[list[Body]]:
    """The bodies in lists that are neither too long nor too heavy."""
    found: list[list[Body]] = []
    weight = MOST_BYTES
    for body in bodies:
        heavy = len(orjson.dumps(body))
        if not found or len(found[-1]) >= most or weight + heavy > MOST_BYTES:
            found.append([])
            weight = 0
        found[-1].append(body)
        weight += heavy
    return found
