"""The FIFO queue before Follow: one group an object, so that its messages stay in order."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import orjson

from passerelle.memory import Dirty

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

TOGETHER = 10
"""SQS's limit a call."""


class NotQueued(Exception):
    """Some messages could not be enqueued; sending all again is safe, the queue knows those it has."""


class FollowQueue:
    """Messages of one tenant; a group is a feed and an object, a message within it is known by its mark."""

    def __init__(self, tenant: str, client: "SQSClient", url: str) -> None:
        self._tenant = tenant
        self._client = client
        self._url = url

    def send(self, messages: Sequence[Dirty]) -> None:
        """Enqueue durably, in this order. Raises NotQueued, or KeyError for another tenant's."""
        for each in messages:
            if each.tenant != self._tenant:
                raise KeyError(each.tenant)
        for at in range(0, len(messages), TOGETHER):
            self._send(messages[at : at + TOGETHER])

    def _send(self, messages: Sequence[Dirty]) -> None:
        answer = self._client.send_message_batch(
            QueueUrl=self._url,
            Entries=[
                {
                    "Id": str(number),
                    "MessageBody": orjson.dumps(asdict(each)).decode(),
                    "MessageGroupId": _digest(each.feed, each.object_id),
                    "MessageDeduplicationId": _digest(
                        each.feed, each.object_id, str(each.mark), "forced" if each.force else ""
                    ),
                }
                for number, each in enumerate(messages)
            ],
        )
        failed = answer.get("Failed", [])
        if failed:
            codes = ", ".join(sorted({each["Code"] for each in failed}))
            raise NotQueued(f"{len(failed)} of {len(messages)} messages were not enqueued: {codes}")


def read(body: str) -> Dirty:
    """The message in a record's body."""
    return Dirty(**orjson.loads(body))


def _digest(*words: str) -> str:
    """Words as an id that SQS takes, whatever a platform puts into its ids."""
    return hashlib.blake2b("#".join(words).encode(), digest_size=20).hexdigest()
