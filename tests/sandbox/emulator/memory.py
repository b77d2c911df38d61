"""Repair: a table's time to live and point-in-time recovery are switched on where the template says so."""

import inspect
from collections.abc import Callable
from typing import Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

type Settle = Callable[[str, dict[str, Any]], None]


def apply() -> None:
    """Follow every creation and change of a table with the settings that the emulator leaves out."""
    followed_by("AWS::DynamoDB::Table", settle_table)


def followed_by(kind: str, settle: Settle) -> None:
    """Call `settle` with the physical id and the properties after a resource was made or changed."""
    handler = provisioners._RESOURCE_HANDLERS[kind]
    create, update = handler["create"], handler["update"]

    def made(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        answer = create(logical_id, properties, stack)
        settle(answer[0], properties)
        return answer

    def changed(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, *rest: Any, **more: Any
    ) -> Any:
        answer = update(physical_id, old, new, stack, *rest, **more)
        settle(answer[0], new)
        return answer

    changed.__signature__ = inspect.signature(update)  # the emulator counts a handler's parameters
    handler["create"], handler["update"] = made, changed


def settle_table(name: str, properties: dict[str, Any]) -> None:
    """Switch on what the properties ask for."""
    ttl = properties.get("TimeToLiveSpecification") or {}
    if str(ttl.get("Enabled")).lower() == "true":
        wanted = {"Enabled": True, "AttributeName": ttl["AttributeName"]}
        dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": wanted})
    recovery = properties.get("PointInTimeRecoverySpecification")
    if recovery:
        dynamodb._update_continuous_backups({"TableName": name, "PointInTimeRecoverySpecification": recovery})
