"""The six fields of an EventBridge cron expression: read strictly, asked whether a day is one of its days.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_YEAR, LAST_YEAR = 1970, 2199
_MONTH_WORDS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_WORDS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = dict(zip(_MONTH_WORDS, range(1, 13), strict=True))
_WEEKDAYS = dict(zip(_DAY_WORDS, range(1, 8), strict=True))


class CronError(ValueError):
    """A field that does not do, with the reason and what is allowed."""


@dataclass(frozen=True, slots=True)
class Field:
    """The name and the bounds of a field, and the words it knows for its numbers."""

    name: str
    low: int
    high: int
    words: dict[str, int]

    def numbers(self, text: str) -> tuple[int, ...]:
        """The numbers of a list such as `1-5,10/5,MON`, sorted. Raises CronError."""
        return tuple(sorted({each for part in text.split(",") for each in self._part(part)}))

    def number(self, text: str) -> int:
        """One number or word within the bounds. Raises CronError."""
        value = self.words.get(text.upper())
        if value is None and re.fullmatch(r"[0-9]{1,4}", text):
            value = int(text)
        if value is None or not self.low <= value <= self.high:
            raise CronError(f"{text!r} is no {self.name} ({self.low} to {self.high})")
        return value

    def _part(self, part: str) -> range:
        span, slash, step_text = part.partition("/")
        step = self._step(step_text) if slash else 1
        first, dash, last = span.partition("-")
        if span == "*":
            return range(self.low, self.high + 1, step)
        start = self.number(first)
        end = self.number(last) if dash else (self.high if slash else start)
        if end < start:
            raise CronError(f"{span!r} runs backwards in the {self.name}")
        return range(start, end + 1, step)

    def _step(self, text: str) -> int:
        if not re.fullmatch(r"[1-9][0-9]{0,3}", text):
            raise CronError(f"{text!r} is no step of the {self.name}; write a number of 1 or more")
        return int(text)


MINUTE, HOUR = Field("minute", 0, 59, {}), Field("hour", 0, 23, {})
DAY, MONTH = Field("day of the month", 1, 31, {}), Field("month", 1, 12, _MONTHS)
WEEKDAY, YEAR = Field("day of the week", 1, 7, _WEEKDAYS), Field("year", FIRST_YEAR, LAST_YEAR, {})


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression; `day` and `weekday` stay text: L, W and # need a calendar, `?` asks nothing."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    day: str
    months: frozenset[int]
    weekday: str
    years: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> "Cron":
        """Read `minutes hours day-of-month month day-of-week year`. Raises CronError."""
        fields = text.split(" ")
        if len(fields) != 6 or not all(fields):
            raise CronError("a cron has six fields: minutes hours day-of-month month day-of-week year")
        minutes, hours, day, months, weekday, years = fields
        if (day == "?") == (weekday == "?"):
            raise CronError("exactly one of day-of-month and day-of-week is a question mark")
        cron = cls(
            MINUTE.numbers(minutes),
            HOUR.numbers(hours),
            day.upper(),
            frozenset(MONTH.numbers(months)),
            weekday.upper(),
            frozenset(YEAR.numbers(years)),
        )
        cron.fires_on(date(min(cron.years), min(cron.months), 1))
        return cron

    def fires_on(self, day: date) -> bool:
        """Whether it fires on this local day. Raises CronError for a day field that makes no sense."""
        of_month = self.day == "?" or _day_matches(self.day, day)
        of_week = self.weekday == "?" or _weekday_matches(self.weekday, day)
        return of_month and of_week and day.month in self.months and day.year in self.years


def _day_matches(text: str, day: date) -> bool:
    last = monthrange(day.year, day.month)[1]
    if text == "L":
        return day.day == last
    if text == "LW":
        return day == _nearest_weekday(day, last)
    if text.endswith("W"):
        wanted = DAY.number(text[:-1])
        return wanted <= last and day == _nearest_weekday(day, wanted)
    return day.day in DAY.numbers(text)


def _nearest_weekday(month: date, wanted: int) -> date:
    """Monday to Friday nearest to a day of the month, within the month."""
    day = month.replace(day=wanted)
    shift = {5: -1, 6: 1}.get(day.weekday(), 0)
    moved = day + timedelta(days=shift)
    if moved.month == day.month:
        return moved
    return day + timedelta(days=2 if shift < 0 else -2)


def _weekday_matches(text: str, day: date) -> bool:
    mine = day.isoweekday() % 7 + 1
    if text == "L":
        return mine == 7
    if "#" in text:
        name, _, turn = text.partition("#")
        if turn not in ("1", "2", "3", "4", "5"):
            raise CronError(f"{turn!r} is no turn of a weekday in its month (1 to 5)")
        return mine == WEEKDAY.number(name) and (day.day - 1) // 7 + 1 == int(turn)
    if text.endswith("L"):
        is_last = day.day + 7 > monthrange(day.year, day.month)[1]
        return mine == WEEKDAY.number(text[:-1]) and is_last
    return mine in WEEKDAY.numbers(text)
