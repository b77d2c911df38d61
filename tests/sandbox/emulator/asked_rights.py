"""Repair, for `AUTH=true`: which right a request asks for, where the emulator asks for another than AWS.

A schedule's ARN names its group: in the body of a create or an update, in the query of anything else; the
emulator calls every group `default`. A batch of SQS needs the right to the single action; there is none to batches.
Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
and https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions

UNKNOWN = ":schedule/default/"

_action, _arn = iam_actions.extract_iam_action, iam_actions.extract_resource_arn


def apply() -> None:
    """Stand in the way of every request."""
    iam_actions.extract_iam_action = extract_iam_action
    iam_actions.extract_resource_arn = extract_resource_arn


def extract_iam_action(*request: Any) -> str | None:
    """The action that a request is checked for."""
    action: str | None = _action(*request)
    return action.removesuffix("Batch") if action and action.startswith("sqs:") else action


def extract_resource_arn(
    service: str, method: str, path: str, headers: Any, body: bytes, parameters: Any, *rest: Any
) -> str:
    """What a request is about, with the group that it names."""
    arn = str(_arn(service, method, path, headers, body, parameters, *rest))
    if service != "scheduler" or UNKNOWN not in arn:
        return arn
    return arn.replace(UNKNOWN, f":schedule/{_group(body, parameters or {})}/")


def _group(body: bytes, parameters: Mapping[str, Any]) -> str:
    said = json.loads(body or b"{}").get("GroupName") or parameters.get("groupName") or "default"
    return str(said[0] if isinstance(said, list) else said)
