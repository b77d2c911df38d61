"""One EventBridge schedule per enabled feed, in the stage's group, targeting the sync machine.

The service's own list is not relied on: the state table keeps which schedules a tenant has, written before
a schedule is made and deleted after it is gone, so that none is ever left behind unknown (E-10).
"""

import re
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from botocore.exceptions import ClientError

from passerelle.memory import Feed
from passerelle.store.resources import Resources
from passerelle.store.tenancy import Tenancy

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

_RATE = re.compile(r"rate\([1-9]\d{0,4} (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\(\S+ \S+ \S+ \S+ \S+ \S+\)")


class ScheduleRefused(ValueError):
    """A schedule that is no rate(…) or cron(…), or a time zone that does not exist."""


class Schedules:
    """Schedules of one tenant's feeds; every verb may be repeated."""

    def __init__(self, tenancy: Tenancy, client: "EventBridgeSchedulerClient", resources: Resources) -> None:
        self._at = tenancy
        self._client = client
        self._resources = resources
        self._pk = tenancy.pk("SCHEDULES")

    def put(self, feed: Feed) -> None:
        """Make the schedule what the feed says: created, changed, or deleted. Raises ScheduleRefused."""
        if feed.tenant != self._at.tenant:
            raise KeyError(feed.tenant)
        if not (feed.enabled and feed.schedule):
            self.delete(feed.id)
            return
        check(feed.schedule, feed.timezone)
        line = {"pk": self._pk, "sk": feed.id, "schedule": feed.schedule, "timezone": feed.timezone}
        self._at.table.put(line)
        arguments = self._arguments(feed)
        try:
            self._client.update_schedule(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            self._create(arguments)

    def delete(self, feed: str) -> None:
        """Take a feed's schedule away; nothing happens if it has none."""
        try:
            self._client.delete_schedule(Name=feed, GroupName=self._resources.schedule_group)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
        self._at.table.delete((self._pk, feed))

    def delete_all(self, link: str = "") -> None:
        """Take away every schedule of a link, or of the tenant."""
        for feed in self.list(link):
            self.delete(feed)

    def list(self, link: str = "") -> list[str]:
        """The feeds that have a schedule, of a link or all."""
        return [item["sk"] for item in self._at.table.stream(self._pk, f"{link}." if link else "")]

    def _create(self, arguments: dict[str, Any]) -> None:
        try:
            self._client.create_schedule(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":
                raise
            self._client.update_schedule(**arguments)

    def _arguments(self, feed: Feed) -> dict[str, Any]:
        payload = {"tenant": self._at.tenant, "feed": feed.id, "trigger": "schedule"}
        return {
            "Name": feed.id,
            "GroupName": self._resources.schedule_group,
            "ScheduleExpression": feed.schedule,
            "ScheduleExpressionTimezone": feed.timezone,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "ENABLED",
            "Target": {
                "Arn": self._resources.sync_machine_arn,
                "RoleArn": self._resources.schedule_role_arn,
                "Input": orjson.dumps(payload).decode(),
                "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600},
            },
        }


def check(schedule: str, timezone: str) -> None:
    """Raises ScheduleRefused, in words for the person who wrote the schedule."""
    if not (_RATE.fullmatch(schedule) or _CRON.fullmatch(schedule)):
        raise ScheduleRefused(
            "A schedule is rate(number unit), such as rate(15 minutes), or cron(…) with six fields, "
            "such as cron(0 3 * * ? *)."
        )
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ScheduleRefused(f"{timezone!r} is not a time zone such as Europe/Paris.") from None
