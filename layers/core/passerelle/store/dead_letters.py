"""The dead letter queue: what was told to us and nobody here handles, kept for a person to look at (F-4)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson

from passerelle.store.ids import new, now

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class DeadLetters:
    """Letters hold ids and words of ours, never the body of a delivery: it may name a buyer."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def put(self, letter: Mapping[str, str]) -> None:
        """Keep a letter."""
        body = orjson.dumps(dict(letter)).decode()
        if self._url.endswith(".fifo"):
            id = new("letter", now())
            self._client.send_message(
                QueueUrl=self._url, MessageBody=body, MessageGroupId=id, MessageDeduplicationId=id
            )
        else:
            self._client.send_message(QueueUrl=self._url, MessageBody=body)
