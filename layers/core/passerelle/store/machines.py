"""Starting state machines by name: a start that happened already is a success; payloads carry ids."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
from botocore.exceptions import ClientError

from passerelle.store.resources import Resources

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

LARGEST = 262_144
"""Bytes of a payload that Step Functions takes."""


class Machines:
    """The sync machine and the machine above it."""

    def __init__(self, tenant: str, client: "SFNClient", resources: Resources) -> None:
        self._tenant = tenant
        self._client = client
        self._resources = resources

    def sync(self, run: str, again: str = "") -> None:
        """Start the sync machine for a run that `Runs.start` keeps; twice changes nothing.

        `again` names a second execution of the same run, as a name is used once only.
        """
        name = f"{run}-{again}" if again else run
        self._start(self._resources.sync_machine_arn, name, {"run": run})

    def sync_all(self, sync_all: str, first: list[dict[str, Any]], then: list[dict[str, Any]]) -> None:
        """Start a sync-all of feeds ({"feed", "mode"}), first these, then those; twice changes nothing."""
        payload = {"sync_all": sync_all, "first": first, "then": then}
        self._start(self._resources.sync_all_machine_arn, sync_all, payload)

    def _start(self, machine: str, name: str, payload: Mapping[str, Any]) -> None:
        body = orjson.dumps({"tenant": self._tenant} | dict(payload))
        if len(body) > LARGEST:
            raise ValueError(f"{len(body)} bytes are more than a state machine takes: pass ids, not objects")
        try:
            self._client.start_execution(stateMachineArn=machine, name=name, input=body.decode())
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
