"""The plan of a run in S3, and its large answers, under `runs/<tenant>/<run>/`; they expire by lifecycle.

Whole objects, which name people, are under `brought/` and expire within a day or two: the run that needs them is over
then, or pulls them again.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import orjson
from botocore.exceptions import ClientError

from passerelle.port import Indexed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Manifests:
    """Slices of ids, the list that the Map reads, and documents, of one tenant's runs."""

    def __init__(self, tenant: str, client: "S3Client", bucket: str) -> None:
        self._tenant = tenant
        self._client = client
        self._bucket = bucket

    def put_slice(self, run: str, number: int, entries: Sequence[Indexed]) -> None:
        """Write the ids and versions of a slice."""
        self._put(self._slice(run, number), orjson.dumps([(each.id, each.version) for each in entries]))

    def get_slice(self, run: str, number: int) -> list[Indexed]:
        """Read them. Raises KeyError."""
        body = self._get(self._slice(run, number))
        if body is None:
            raise KeyError(f"{run} slice {number}")
        return [Indexed(id, version) for id, version in orjson.loads(body)]

    def finish(self, run: str, numbers: Iterable[int]) -> str:
        """Write the JSONL that the Map reads, one line a slice; answer its key."""
        lines = [orjson.dumps({"slice": number}) for number in numbers]
        key = self._key(run, "manifest.jsonl")
        self._put(key, b"\n".join(lines))
        return key

    def put_document(self, run: str, name: str, body: bytes) -> None:
        """Keep a large answer of the run."""
        self._put(self._key(run, "documents", name), body)

    def get_document(self, run: str, name: str) -> bytes | None:
        """Read it; None if there is none."""
        return self._get(self._key(run, "documents", name))

    def put_brought(self, run: str, number: int, body: bytes) -> None:
        """Keep the whole objects of a slice for as long as it takes to carry them."""
        self._put(self._brought(run, number), body)

    def get_brought(self, run: str, number: int) -> bytes | None:
        """Read them; None if there are none, or none any more."""
        return self._get(self._brought(run, number))

    def _brought(self, run: str, number: int) -> str:
        return "/".join(("brought", self._tenant, run, f"{number:05d}"))

    def _put(self, key: str, body: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body)

    def _get(self, key: str) -> bytes | None:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    def _slice(self, run: str, number: int) -> str:
        return self._key(run, "slices", f"{number:05d}.json")

    def _key(self, run: str, *words: str) -> str:
        return "/".join(("runs", self._tenant, run, *words))
