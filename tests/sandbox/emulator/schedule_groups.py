"""Repair, for `AUTH=true`: a schedule's ARN names its group, which a policy may be limited to.

The emulator calls every group `default`; on AWS the group is in the body of a create or an update, and in the
query of anything else.
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions

UNKNOWN = ":schedule/default/"

_extract = iam_actions.extract_resource_arn


def apply() -> None:
    """Stand in the way of every request."""
    iam_actions.extract_resource_arn = extract_resource_arn


def extract_resource_arn(
    service: str, method: str, path: str, headers: Any, body: bytes, parameters: Any, *rest: Any
) -> str:
    """What a request is about, with the group that it names."""
    arn = str(_extract(service, method, path, headers, body, parameters, *rest))
    if service != "scheduler" or UNKNOWN not in arn:
        return arn
    return arn.replace(UNKNOWN, f":schedule/{_group(body, parameters or {})}/")


def _group(body: bytes, parameters: Mapping[str, Any]) -> str:
    said = json.loads(body or b"{}").get("GroupName") or parameters.get("groupName") or "default"
    return str(said[0] if isinstance(said, list) else said)
