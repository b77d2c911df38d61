"""Many calls at once: handed in as a batch, awaited, and read result by result.

A batch that is finished has not therefore succeeded: each operation has its own status.
Source: https://mailchimp.com/developer/marketing/guides/run-async-requests-batch-endpoint/
"""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterator, Sequence
from itertools import batched
from typing import Any

from passerelle.connectors.mailchimp.api import Answer, Api, Operation
from passerelle.port import Unavailable

FEW = 10
"""Up to this many calls are made directly: a batch takes seconds to start."""
MOST = 1000
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
PER_OPERATION = 0.004
"""Seconds an operation is given before the first look: Mailchimp publishes no figure, and each look is a call."""
PATIENCE = 840.0
"""Seconds to wait for one batch; what it does meanwhile may be handed in again without harm."""


class Batches:
    """Carries out operations, directly or as batches. `sleep` waits for so many seconds."""

    def __init__(self, api: Api, sleep: Callable[[float], None]) -> None:
        self._api = api
        self._sleep = sleep

    def carry_out(self, operations: Sequence[Operation]) -> list[Answer]:
        """Answers in the order of the operations; status 0 where a batch left no result."""
        if len(operations) <= FEW:
            return self._api.each(operations) if operations else []
        parts = list(batched(operations, MOST, strict=False))
        handles = [self._submit(part) for part in parts]
        return [
            answer
            for part, handle in zip(parts, handles, strict=True)
            for answer in self._answers(handle, len(part))
        ]

    def _submit(self, operations: Sequence[Operation]) -> str:
        body = {"operations": [_packed(str(n), operation) for n, operation in enumerate(operations)]}
        return str(self._api.need("POST", "/batches", body=body)["id"])

    def _answers(self, handle: str, size: int) -> list[Answer]:
        results = {
            str(result.get("operation_id")): _answer(result)
            for result in _results(self._api.download(self._finished(handle, size)))
        }
        return [results.get(str(number), Answer(0)) for number in range(size)]

    def _finished(self, handle: str, size: int) -> str:
        """Where the results of the batch are. Raises Unavailable if it takes longer than our patience."""
        waited, wait = 0.0, FIRST_WAIT + size * PER_OPERATION
        fields = {"fields": "status,response_body_url"}
        while True:
            self._sleep(wait)
            waited += wait
            batch = self._api.need("GET", f"/batches/{handle}", params=fields)
            if batch.get("status") == "finished":
                return str(batch.get("response_body_url", ""))
            if waited >= PATIENCE:
                raise Unavailable("Mailchimp has been at a batch of writes for too long.")
            wait = min(LONGEST_WAIT, wait * 2)


def _packed(key: str, operation: Operation) -> dict[str, Any]:
    packed: dict[str, Any] = {"method": operation.method, "path": operation.path, "operation_id": key}
    if operation.params:
        packed["params"] = dict(operation.params)
    if operation.body is not None:
        packed["body"] = json.dumps(operation.body)
    return packed


def _results(archive: bytes) -> Iterator[dict[str, Any]]:
    """The results in a tar.gz of JSON files, entry by entry. Raises Unavailable if it is damaged."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as files:
            for entry in files:
                content = files.extractfile(entry)
                if content is not None:
                    yield from json.loads(content.read())
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, ValueError) as error:
        raise Unavailable("The results of a batch arrived damaged.") from error


def _answer(result: dict[str, Any]) -> Answer:
    """One result; its `response` is JSON inside JSON."""
    try:
        data = json.loads(result.get("response") or "{}")
    except ValueError:
        data = {}
    return Answer(int(result.get("status_code", 0)), data if isinstance(data, dict) else {})
