"""Schedules: whether rate(…) or cron(…) is one that EventBridge Scheduler takes, and when it fires next.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. A local time that the
clock jumps over in spring does not fire on that day; one that comes twice in autumn fires once.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from passerelle.rules.cron import Cron, CronError

_RATE = re.compile(r"rate\((\d{1,7}) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\(([^()]+)\)")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_HORIZON_DAYS = 366 * 8
"""A cron for 29 February may have to wait eight years (2096 to 2104)."""

_YEARS_CHECKED = range(2026, 2029)
"""Zones repeat their rules: three years show every way a clock jumps."""

_SHAPE = "a schedule is rate(5 minutes) or cron(0 3 * * ? *)"


class ScheduleError(ValueError):
    """A schedule that would not do, with the reason and what is allowed."""


def explain(text: str, timezone: str = "UTC") -> str:
    """Why the schedule cannot be taken, in words; empty if it can."""
    try:
        zone = _zone(timezone)
        parsed = _parse(text)
        if isinstance(parsed, Cron):
            _check_summer_time(parsed, zone)
    except (ScheduleError, CronError) as trouble:
        return str(trouble)
    return ""


def next_fires(text: str, timezone: str, after: datetime, count: int = 5) -> list[datetime]:
    """The next instants (UTC) strictly after `after`. A rate counts from `after`. Raises ScheduleError."""
    zone = _zone(timezone)
    try:
        parsed = _parse(text)
    except CronError as trouble:
        raise ScheduleError(str(trouble)) from None
    if isinstance(parsed, timedelta):
        return [after.astimezone(UTC) + parsed * turn for turn in range(1, count + 1)]
    return list(islice(_fires(parsed, zone, after), count))


def dropped_days(cron: Cron, zone: ZoneInfo, first: date, days: int) -> list[date]:
    """The days on which the cron would fire, but every time of it is one that the zone's clock leaves out."""
    return [
        day
        for day in (first + timedelta(days=turn) for turn in range(days))
        if cron.fires_on(day) and _leaves_out(zone, day) and not list(_on(cron, zone, day))
    ]


def _parse(text: str) -> Cron | timedelta:
    if found := _RATE.fullmatch(text):
        return _rate(int(found[1]), found[2], plural=bool(found[3]))
    if found := _CRON.fullmatch(text):
        return Cron.parse(found[1])
    raise ScheduleError(f"{_SHAPE}; this is neither")


def _rate(value: int, unit: str, *, plural: bool) -> timedelta:
    if value < 1:
        raise ScheduleError("the shortest rate is rate(1 minute)")
    if (value == 1) is plural:
        right = unit if value == 1 else f"{unit}s"
        raise ScheduleError(f"write rate({value} {right})")
    return _UNITS[unit] * value


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ScheduleError(f"{name!r} is no time zone; write one such as Europe/Paris or UTC") from None


def _fires(cron: Cron, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    day, last = after.astimezone(zone).date(), after.astimezone(zone).date()
    while (day - last).days < _HORIZON_DAYS:
        if cron.fires_on(day):
            yield from (instant for instant in _on(cron, zone, day) if instant > after)
            last = day
        day += timedelta(days=1)


def _on(cron: Cron, zone: ZoneInfo, day: date) -> Iterator[datetime]:
    """The instants of one local day: times left out by the clock are left out, repeated ones come once."""
    for hour in cron.hours:
        for minute in cron.minutes:
            local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
            instant = local.astimezone(UTC)
            if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                yield instant


def _leaves_out(zone: ZoneInfo, day: date) -> bool:
    """Whether the clock jumps forward within the local day."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (start + timedelta(days=1)).utcoffset() != start.utcoffset()


def _check_summer_time(cron: Cron, zone: ZoneInfo) -> None:
    """E-9: a daily run at a time that one day of the year does not have would be dropped on that day."""
    first = max(min(cron.years), _YEARS_CHECKED.start)
    dropped = dropped_days(cron, zone, date(first, 1, 1), 366 * len(_YEARS_CHECKED))
    if dropped:
        raise ScheduleError(
            f"on {dropped[0].isoformat()} the clocks in {zone.key} jump over this time"
            " and the run would be dropped; choose an hour earlier or later"
        )
