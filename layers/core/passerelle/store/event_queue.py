"""The FIFO queue of customer events: an event has always the same group, so no two workers have it at once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson

from passerelle.memory.customer_events import Handful, Occurrence
from passerelle.rules.customer_events import Named
from passerelle.store.queue import TOGETHER, NotQueued

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

GROUPS = 4
"""Handfuls of one link that may be worked at once."""
MOST = 25
"""Events of one message: with the longest properties, ten messages stay below the limit of a call."""


class EventQueue:
    """Messages of one tenant, each a handful of events of one link; no e-mail address is in them."""

    def __init__(self, tenant: str, client: "SQSClient", url: str) -> None:
        self._tenant, self._client, self._url = tenant, client, url

    def send(self, link: str, events: Sequence[Occurrence]) -> None:
        """Enqueue durably. Raises NotQueued."""
        groups: dict[int, list[Occurrence]] = {}
        for event in events:
            groups.setdefault(_group(event), []).append(event)
        handfuls = [
            Handful(self._tenant, link, uuid4().hex, str(group), part)
            for group, held in groups.items()
            for part in batched(held, MOST, strict=False)
        ]
        for part in batched(handfuls, TOGETHER, strict=False):
            self._send(part)

    def _send(self, handfuls: Sequence[Handful]) -> None:
        answer = self._client.send_message_batch(
            QueueUrl=self._url,
            Entries=[
                {
                    "Id": str(number),
                    "MessageBody": orjson.dumps(asdict(each)).decode(),
                    "MessageGroupId": f"{each.link}.{each.group}",
                    "MessageDeduplicationId": each.id,
                }
                for number, each in enumerate(handfuls)
            ],
        )
        failed = answer.get("Failed", [])
        if failed:
            codes = ", ".join(sorted({each["Code"] for each in failed}))
            raise NotQueued(f"{len(failed)} of {len(handfuls)} messages were not enqueued: {codes}")


def read_handful(body: str) -> Handful:
    """The message in a record's body."""
    told = orjson.loads(body)
    events = tuple(_occurrence(each) for each in told["events"])
    return Handful(told["tenant"], told["link"], told["id"], told["group"], events)


def _occurrence(told: Mapping[str, Any]) -> Occurrence:
    pairs = tuple((name, value) for name, value in told["properties"])
    at, named = datetime.fromisoformat(told["at"]), Named(**told["named"])
    return Occurrence(**{**told, "at": at, "named": named, "properties": pairs})


def _group(event: Occurrence) -> int:
    return hashlib.blake2b(event.id.encode(), digest_size=1).digest()[0] % GROUPS
