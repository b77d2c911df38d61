"""One DynamoDB table with the text keys `pk` and `sk`: a thin typed wrapper over the low-level client."""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from passerelle.store import cursors
from passerelle.store.wire import Item, WireItem, decode_item, encode, encode_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Key = tuple[str, str]
type Action = dict[str, Any]
"""One part of a transaction, made by `putting`, `updating`, `deleting`."""

GET_BATCH = 100
WRITE_BATCH = 25
TRANSACTION = 100
"""DynamoDB's limits a call."""
ATTEMPTS = 10
WORKERS = 4
_LONGEST_PARTITION_KEY = 2048
_NAME = re.compile(r"#(\w+)")


class ConditionFailed(Exception):
    """The condition of a write did not hold: somebody was first. `refused` numbers the actions refused."""

    def __init__(self, why: str, refused: tuple[int, ...] = (0,)) -> None:
        super().__init__(why)
        self.refused = refused


class TableBusy(Exception):
    """The table left part of a batch undone through all attempts; doing it again is safe."""


@dataclass(frozen=True, slots=True)
class Page[T]:
    """A page of a list; `cursor` asks for the next page, None at the end."""

    items: tuple[T, ...]
    cursor: str | None = None


class Table:
    """Reads are consistent. In expressions `#name` is an attribute, `:word` a value given as `word`."""

    def __init__(
        self,
        client: "DynamoDBClient",
        name: str,
        sleep: Callable[[float], None] = time.sleep,
        workers: int = WORKERS,
    ) -> None:
        self._client = client
        self.name = name
        self._sleep = sleep
        self._workers = workers

    @cached_property
    def pool(self) -> ThreadPoolExecutor:
        """A few threads, made when the first large batch needs them."""
        return ThreadPoolExecutor(self._workers, thread_name_prefix=f"table-{self.name}")

    def get(self, pk: str, sk: str) -> Item | None:
        """The item, or None; also None for a key that no item can have."""
        if not sk or len(sk.encode()) > cursors.LONGEST or len(pk.encode()) > _LONGEST_PARTITION_KEY:
            return None
        answer = self._client.get_item(TableName=self.name, Key=wire_key((pk, sk)), ConsistentRead=True)
        return decode_item(answer["Item"]) if "Item" in answer else None

    def put(
        self, item: Mapping[str, object], condition: str = "", values: Mapping[str, object] | None = None
    ) -> None:
        """Write the item whole. Raises ConditionFailed."""
        self._once_more(self._client.put_item, self.putting(item, condition, values)["Put"])

    def update(
        self,
        key: Key,
        expression: str,
        values: Mapping[str, object],
        condition: str = "",
        returns: Literal["NONE", "ALL_OLD", "ALL_NEW"] = "NONE",
    ) -> Item:
        """Change an item by an update expression; answers what `returns` asks. Raises ConditionFailed."""
        arguments = self.updating(key, expression, values, condition)["Update"] | {"ReturnValues": returns}
        return decode_item(self._once_more(self._client.update_item, arguments).get("Attributes", {}))

    def delete(self, key: Key, condition: str = "", values: Mapping[str, object] | None = None) -> None:
        """Delete an item; nothing happens if it is not there. Raises ConditionFailed."""
        self._once_more(self._client.delete_item, self.deleting(key, condition, values)["Delete"])

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        limit: int = 100,
        cursor: str | None = None,
        newest_first: bool = False,
    ) -> Page[Item]:
        """A page of a partition in the order of `sk`. Raises CursorRefused for one of another partition."""
        if len(pk.encode()) > _LONGEST_PARTITION_KEY:
            return Page(())
        start = wire_key(cursors.decode(cursor, pk)) if cursor else None
        wire, last = self.page(pk, prefix=prefix, limit=limit, start=start, newest_first=newest_first)
        after = cursors.encode((last["pk"]["S"], last["sk"]["S"])) if last else None
        return Page(tuple(decode_item(each) for each in wire), after)

    def stream(self, pk: str, prefix: str = "") -> Iterator[Item]:
        """Every item of a partition in the order of `sk`, read page by page."""
        start: WireItem | None = None
        while True:
            wire, start = self.page(pk, prefix=prefix, start=start)
            yield from map(decode_item, wire)
            if not start:
                return

    def page(
        self,
        pk: str,
        *,
        prefix: str = "",
        limit: int | None = None,
        start: WireItem | None = None,
        newest_first: bool = False,
        only: str = "",
    ) -> tuple[list[WireItem], WireItem | None]:
        """One raw page (≤ 1 MB) and the key to go on from; `only` is a projection expression."""
        condition, values = "#pk = :pk", {"pk": pk}
        if prefix:
            condition, values = "#pk = :pk AND begins_with(#sk, :prefix)", {"pk": pk, "prefix": prefix}
        optional: dict[str, Any] = {"Limit": limit, "ExclusiveStartKey": start, "ProjectionExpression": only}
        answer: Any = self._client.query(
            TableName=self.name,
            KeyConditionExpression=condition,
            ConsistentRead=True,
            ScanIndexForward=not newest_first,
            **_placeholders(f"{condition} {only}", values),
            **{name: value for name, value in optional.items() if value},
        )
        return answer["Items"], answer.get("LastEvaluatedKey") or None

    def batch_get(self, keys: Iterable[Key], only: str = "") -> list[WireItem]:
        """The items that exist among these keys, in wire form, in no order; in parallel past 100."""
        wanted = [wire_key(key) for key in dict.fromkeys(keys)]
        cuts = [wanted[at : at + GET_BATCH] for at in range(0, len(wanted), GET_BATCH)]
        read = partial(self._get_batch, only=only)
        found = map(read, cuts) if len(cuts) < 2 else self.pool.map(read, cuts)
        return [item for page in found for item in page]

    def batch_write(self, puts: Iterable[WireItem] = (), deletes: Iterable[Key] = ()) -> None:
        """Write and delete in any number, in parallel past 25; of two writes of one key the last counts."""
        requests: dict[Key, Any] = {
            (each["pk"]["S"], each["sk"]["S"]): {"PutRequest": {"Item": each}} for each in puts
        }
        requests |= {key: {"DeleteRequest": {"Key": wire_key(key)}} for key in deletes}
        wanted = list(requests.values())
        cuts = [wanted[at : at + WRITE_BATCH] for at in range(0, len(wanted), WRITE_BATCH)]
        for _ in map(self._write_batch, cuts) if len(cuts) < 2 else self.pool.map(self._write_batch, cuts):
            pass

    def transact(self, actions: Sequence[Action]) -> None:
        """All of these writes or none. Raises ConditionFailed, also where another transaction interfered."""
        items: Any = list(actions)
        try:
            self._client.transact_write_items(TransactItems=items)
        except ClientError as error:
            reasons = [each.get("Code", "None") for each in error.response.get("CancellationReasons", [])]
            refused = tuple(number for number, code in enumerate(reasons) if code != "None")
            lost = {"ConditionalCheckFailed", "TransactionConflict"}
            if not refused or any(reasons[number] not in lost for number in refused):
                raise
            raise ConditionFailed("somebody else changed this at the same time", refused) from error

    def putting(
        self, item: Mapping[str, object], condition: str = "", values: Mapping[str, object] | None = None
    ) -> Action:
        """A put as part of a transaction."""
        return {"Put": {"TableName": self.name, "Item": encode_item(item)} | _conditional(condition, values)}

    def updating(
        self, key: Key, expression: str, values: Mapping[str, object] | None = None, condition: str = ""
    ) -> Action:
        """An update as part of a transaction."""
        arguments = {"TableName": self.name, "Key": wire_key(key), "UpdateExpression": expression}
        if condition:
            arguments["ConditionExpression"] = condition
        return {"Update": arguments | _placeholders(f"{expression} {condition}", values)}

    def deleting(self, key: Key, condition: str = "", values: Mapping[str, object] | None = None) -> Action:
        """A delete as part of a transaction."""
        return {"Delete": {"TableName": self.name, "Key": wire_key(key)} | _conditional(condition, values)}

    def _once_more(self, call: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        for attempt in range(ATTEMPTS):
            try:
                return call(**arguments)
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                if code == "ConditionalCheckFailedException":
                    raise ConditionFailed("somebody else changed this at the same time") from error
                if code != "TransactionConflictException":
                    raise
                self.pause(attempt)
        raise TableBusy(f"{self.name} was in the middle of another transaction through {ATTEMPTS} attempts")

    def _get_batch(self, keys: list[Any], only: str) -> list[WireItem]:
        found: list[WireItem] = []
        projection = {"ProjectionExpression": only, **_placeholders(only, None)} if only else {}
        for attempt in range(ATTEMPTS):
            wanted: Any = {self.name: {"Keys": keys, "ConsistentRead": True} | projection}
            answer: Any = self._client.batch_get_item(RequestItems=wanted)
            found += answer["Responses"].get(self.name, [])
            keys = list(answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", []))
            if not keys:
                return found
            self.pause(attempt)
        raise TableBusy(f"{self.name} left {len(keys)} of a batch unread through {ATTEMPTS} attempts")

    def _write_batch(self, requests: list[Any]) -> None:
        for attempt in range(ATTEMPTS):
            answer = self._client.batch_write_item(RequestItems={self.name: requests})
            requests = list(answer.get("UnprocessedItems", {}).get(self.name, []))
            if not requests:
                return
            self.pause(attempt)
        raise TableBusy(f"{self.name} left {len(requests)} of a batch unwritten through {ATTEMPTS} attempts")

    def pause(self, attempt: int) -> None:
        """Wait before the next attempt, by chance and longer each time."""
        self._sleep(random.uniform(0, min(5.0, 0.05 * 2**attempt)))  # noqa: S311  # jitter, no secret


def wire_key(key: Key) -> dict[str, dict[str, str]]:
    """A key in wire form."""
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def _conditional(condition: str, values: Mapping[str, object] | None) -> dict[str, Any]:
    return {"ConditionExpression": condition} | _placeholders(condition, values) if condition else {}


def _placeholders(expressions: str, values: Mapping[str, object] | None) -> dict[str, Any]:
    names = {f"#{name}": name for name in _NAME.findall(expressions)}
    given = {f":{word}": encode(value) for word, value in (values or {}).items()}
    both = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": given}
    return {argument: value for argument, value in both.items() if value}
