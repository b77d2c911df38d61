"""The calls under `/batches`: many operations at once, done later, in no particular order."""

import gzip
import io
import json
import tarfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.mailchimp.answers import Ask, Problem, bad, not_found, page, trimmed
from sandbox.mailchimp.lists import Reply, stamp

MOST_PENDING = 500
MOST_OPERATIONS = 1000
RESULTS = "https://mailchimp-api-batch.s3.amazonaws.com"
"""Where results are fetched from: another host, which refuses our credentials."""

type Execute = Callable[[str, str, dict[str, str], str | None], tuple[int, dict[str, Any] | None]]


@dataclass(slots=True)
class Batch:
    """One batch; `results` is filled when it has run."""

    id: str
    operations: list[dict[str, Any]]
    submitted_at: datetime
    results: list[dict[str, Any]] = field(default_factory=list)
    completed_at: datetime | None = None

    @property
    def errored(self) -> int:
        """How many operations failed; the batch is `finished` all the same."""
        return sum(result["status_code"] >= 400 for result in self.results)


class Batches:
    """Runs batches `seconds` after they were handed in, by the account's clock."""

    def __init__(self, clock: Callable[[], datetime], execute: Execute) -> None:
        self.clock = clock
        self.seconds = 3.0
        self.result_lives = timedelta(minutes=10)
        self.spoils: Callable[[str], int] = lambda _path: 0
        """The status with which an operation at a path fails inside its batch; 0 where it does not."""
        self.lost_operations = 0
        """How many operations of the next batch leave no result, as happens."""
        self.batches: dict[str, Batch] = {}
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.tell: Callable[[str, dict[str, str]], None] = lambda *_: None
        self._execute = execute
        self.routes: dict[tuple[str, str], Callable[[Ask], Reply]] = {
            ("GET", "/batches"): lambda ask: (
                200,
                page(ask, "batches", list(map(self._view, self.batches.values()))),
            ),
            ("POST", "/batches"): self._submit,
            ("GET", "/batches/{batchId}"): self._status,
            ("DELETE", "/batches/{batchId}"): self._delete,
            ("GET", "/batch-webhooks"): lambda ask: (
                200,
                page(ask, "webhooks", list(self.webhooks.values())),
            ),
            ("POST", "/batch-webhooks"): self._add_webhook,
            ("PATCH", "/batch-webhooks/{batchWebhookId}"): self._change_webhook,
            ("DELETE", "/batch-webhooks/{batchWebhookId}"): self._delete_webhook,
        }

    def advance(self) -> None:
        """Run the batches whose time has come."""
        for batch in self.batches.values():
            if batch.completed_at is None and self._age(batch) >= self.seconds:
                self._run(batch)

    def result(self, id: str) -> bytes | None:
        """The tar.gz of a finished batch; None where there is none (any more)."""
        batch = self.batches.get(id)
        if (
            batch is None
            or batch.completed_at is None
            or self.clock() > batch.completed_at + self.result_lives
        ):
            return None
        return _archive(batch)

    def _age(self, batch: Batch) -> float:
        return (self.clock() - batch.submitted_at).total_seconds()

    def _submit(self, ask: Ask) -> Reply:
        pending = sum(batch.completed_at is None for batch in self.batches.values())
        if pending >= MOST_PENDING:
            raise Problem(429, "Too Many Requests", f"You have more than {MOST_PENDING} pending batches.")
        operations = ask.body["operations"]
        if not 1 <= len(operations) <= MOST_OPERATIONS:
            raise bad(f"A batch has 1 to {MOST_OPERATIONS} operations.")
        batch = Batch(uuid.uuid4().hex[:10], operations, self.clock())
        self.batches[batch.id] = batch
        return 200, self._view(batch)

    def _status(self, ask: Ask) -> Reply:
        return 200, trimmed(self._view(self._found(ask)), ask.query.get("fields", ""))

    def _delete(self, ask: Ask) -> Reply:
        del self.batches[self._found(ask).id]
        return 204, None

    def _found(self, ask: Ask) -> Batch:
        batch = self.batches.get(ask.values["batchId"])
        if batch is None:
            raise not_found()
        return batch

    def _run(self, batch: Batch) -> None:
        for operation in reversed(batch.operations):
            status, answer = self._perform(operation)
            batch.results.append(
                {
                    "status_code": status,
                    "operation_id": operation.get("operation_id", ""),
                    "response": "" if answer is None else json.dumps(answer),
                }
            )
        batch.results = batch.results[self.lost_operations :]
        self.lost_operations = 0
        batch.completed_at = self.clock()
        for hook in [hook for hook in self.webhooks.values() if hook["enabled"]]:
            self.tell(hook["url"], {f"data[{name}]": str(value) for name, value in self._view(batch).items()})

    def _perform(self, operation: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        if spoilt := self.spoils(operation["path"]):
            title = "Internal Server Error" if spoilt >= 500 else "Bad Request"
            return spoilt, {"status": spoilt, "title": title, "detail": "It cannot be done.", "type": ""}
        return self._execute(
            operation["method"],
            operation["path"],
            {key: str(value) for key, value in (operation.get("params") or {}).items()},
            operation.get("body"),
        )

    def _view(self, batch: Batch) -> dict[str, Any]:
        done, age = batch.completed_at is not None, self._age(batch)
        early = (
            "pending" if age < self.seconds / 3 else "started" if age < self.seconds * 2 / 3 else "finalizing"
        )
        return {
            "id": batch.id,
            "status": "finished" if done else early,
            "total_operations": len(batch.operations),
            "finished_operations": len(batch.operations) if done else 0,
            "errored_operations": batch.errored,
            "submitted_at": stamp(batch.submitted_at),
            "completed_at": stamp(batch.completed_at),
            "response_body_url": f"{RESULTS}/{batch.id}-response.tar.gz?signed=1" if done else "",
        }

    def _add_webhook(self, ask: Ask) -> Reply:
        id = uuid.uuid4().hex[:10]
        self.webhooks[id] = {"id": id, "enabled": True, **ask.body}
        return 200, self.webhooks[id]

    def _change_webhook(self, ask: Ask) -> Reply:
        hook = self.webhooks.get(ask.values["batchWebhookId"])
        if hook is None:
            raise not_found()
        hook.update(ask.body)
        return 200, hook

    def _delete_webhook(self, ask: Ask) -> Reply:
        if self.webhooks.pop(ask.values["batchWebhookId"], None) is None:
            raise not_found()
        return 204, None


def _archive(batch: Batch) -> bytes:
    """One folder, and files of at most 400 results, as Mailchimp packs them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        folder = tarfile.TarInfo(f"{batch.id}/")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for start in range(0, len(batch.results), 400):
            content = json.dumps(batch.results[start : start + 400]).encode()
            entry = tarfile.TarInfo(f"{batch.id}/{start}.json")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), 1)
