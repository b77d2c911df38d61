"""Counts what a process asks of AWS: calls by operation, and DynamoDB units reckoned from the sizes of the items.

An emulator's own figures are not believed: a write costs a unit for each KB begun of its item, a consistent read
one for each 4 KB begun, a transaction twice that. Source: the DynamoDB developer guide, "Capacity unit consumption".
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from passerelle.store.clients import Clients

type Wire = Mapping[str, Any]


def size(item: Wire) -> int:
    """Bytes of an item in wire form: names and values."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(wire: Wire) -> int:
    ((sort, value),) = wire.items()
    if sort in {"S", "B"}:
        return len(value.encode() if isinstance(value, str) else value)
    if sort == "N":
        return len(value) // 2 + 2
    if sort == "M":
        return 3 + sum(len(name) + 1 + _value(each) for name, each in value.items())
    if sort in {"L", "SS"}:
        return 3 + sum(1 + (_value(each) if sort == "L" else len(each)) for each in value)
    return 1


def written(items: Iterable[Wire]) -> int:
    """Write units of items written one by one."""
    return sum(max(1, ceil(size(item) / 1024)) for item in items)


class Meter:
    """Counts from when it is made; `take` answers and begins again."""

    def __init__(self, clients: Clients, ledger: str) -> None:
        self.calls: Counter[str] = Counter()
        self._ledger = ledger
        for client in (clients.dynamodb, clients.s3):
            client.meta.events.register("before-parameter-build.*.*", self._asked)
            client.meta.events.register("after-call.dynamodb.*", self._answered)

    def take(self) -> dict[str, int]:
        """The counts since the last time."""
        taken, self.calls = dict(self.calls), Counter()
        return taken

    def _asked(self, params: dict[str, Any], model: Any, **_: object) -> None:
        self.calls[model.name] += 1
        if model.name == "BatchWriteItem":
            for table, requests in params["RequestItems"].items():
                self.calls["ledger_writes" if table == self._ledger else "state_writes"] += len(requests)
                self.calls["write_units"] += written(each["PutRequest"]["Item"] for each in requests)
        elif model.name == "BatchGetItem":
            # A key that is not there costs a unit all the same.
            self.calls["read_units"] += sum(len(each["Keys"]) for each in params["RequestItems"].values())
        elif model.name == "PutItem":
            self.calls["write_units"] += written([params["Item"]])
            self.calls["ledger_writes"] += params["TableName"] == self._ledger
        elif model.name in {"UpdateItem", "DeleteItem"}:
            # What is updated one by one (runs, leases, paces) stays under a KB.
            self.calls["write_units"] += 1
        elif model.name == "TransactWriteItems":
            self._in_transaction(params["TransactItems"])

    def _in_transaction(self, actions: Iterable[Mapping[str, Any]]) -> None:
        """Twice the units; what is deleted from the ledger is a block or a page of the directory, reckoned at 8 KB."""
        for action in actions:
            ((name, what),) = action.items()
            ledger = what["TableName"] == self._ledger
            units = written([what["Item"]]) if name == "Put" else 8 if ledger else 1
            self.calls["write_units"] += 2 * units
            self.calls["ledger_writes"] += ledger

    def _answered(self, parsed: dict[str, Any], model: Any, **_: object) -> None:
        items: list[Wire] = []
        if model.name == "BatchGetItem":
            items = [each for found in parsed.get("Responses", {}).values() for each in found]
            self.calls["read_units"] += sum(max(0, ceil(size(each) / 4096) - 1) for each in items)
        elif model.name == "Query":
            self.calls["read_units"] += max(1, ceil(sum(map(size, parsed.get("Items", []))) / 4096))
        elif model.name == "GetItem":
            self.calls["read_units"] += max(1, ceil(size(parsed.get("Item", {})) / 4096))
