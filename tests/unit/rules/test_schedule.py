"""Schedules: refused in words where EventBridge Scheduler would refuse, and true to the clock on the wall."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from passerelle.rules.cron import Cron
from passerelle.rules.schedule import ScheduleError, explain, next_fires

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    "good",
    [
        "rate(1 minute)",
        "rate(5 minutes)",
        "rate(1 hour)",
        "rate(4 hours)",
        "rate(30 days)",
        "cron(0 3 * * ? *)",
        "cron(0/15 8-18 ? * MON-FRI *)",
        "cron(15 10 L * ? *)",
        "cron(0 9 LW * ? *)",
        "cron(0 9 15W * ? *)",
        "cron(15 10 ? * 6L 2027-2030)",
        "cron(0 8 ? * 2#1 *)",
        "cron(0 8 ? JAN,jul sun *)",
        "cron(*/10 * * * ? *)",
    ],
)
def test_what_the_scheduler_takes_is_taken(good):  # E-1
    assert explain(good) == ""
    assert len(next_fires(good, "UTC", NEW_YEAR, 3)) == 3


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("", "rate(5 minutes) or cron"),
        ("every day", "rate(5 minutes) or cron"),
        ("rate(0 minutes)", "shortest"),
        ("rate(30 seconds)", "rate(5 minutes) or cron"),
        ("rate(1.5 hours)", "rate(5 minutes) or cron"),
        ("rate(1 minutes)", "rate(1 minute)"),
        ("rate(5 minute)", "rate(5 minutes)"),
        ("rate(-5 minutes)", "rate(5 minutes) or cron"),
        ("at(2027-01-01T00:00:00)", "rate(5 minutes) or cron"),
        ("cron(0 3 * * ?)", "six fields"),
        ("cron(0 3 * *  ? *)", "six fields"),
        ("cron(0 3 * * * *)", "question mark"),
        ("cron(0 3 ? * ? *)", "question mark"),
        ("cron(60 3 * * ? *)", "minute"),
        ("cron(0 24 * * ? *)", "hour"),
        ("cron(0 3 32 * ? *)", "day of the month"),
        ("cron(0 3 0W * ? *)", "day of the month"),
        ("cron(0 3 * 13 ? *)", "month"),
        ("cron(0 3 ? * 8 *)", "day of the week"),
        ("cron(0 3 ? * 2#6 *)", "turn of a weekday"),
        ("cron(0 3 * * ? 1969)", "year"),
        ("cron(5-1 3 * * ? *)", "backwards"),
        ("cron(0 3 ? * SUN,L *)", "day of the week"),
        ("cron(0/0 3 * * ? *)", "step"),
        ("cron(0 3 * FOO ? *)", "month"),
        ("cron(٣ 3 * * ? *)", "minute"),
    ],
)
def test_what_the_scheduler_refuses_is_refused_in_words(bad, says):  # E-1
    assert says in explain(bad)
    with pytest.raises(ScheduleError):
        next_fires(bad, "UTC", NEW_YEAR)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "/etc/passwd"])
def test_a_time_zone_that_does_not_exist_is_refused(zone):  # E-1
    assert "time zone" in explain("rate(1 day)", zone)


@given(st.text(max_size=30))
def test_any_text_is_taken_or_refused_in_words(text):
    for wrapped in (text, f"cron({text})", f"rate({text})"):
        assert isinstance(explain(wrapped), str)


def test_a_rate_counts_from_where_it_starts():
    assert next_fires("rate(4 hours)", "Europe/Paris", NEW_YEAR, 2) == [
        NEW_YEAR + timedelta(hours=4),
        NEW_YEAR + timedelta(hours=8),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cron(0 3 L * ? *)", ["2027-01-31", "2027-02-28", "2027-03-31"]),
        ("cron(0 3 LW * ? *)", ["2027-01-29", "2027-02-26", "2027-03-31"]),
        ("cron(0 3 15W * ? *)", ["2027-01-15", "2027-02-15", "2027-03-15"]),
        ("cron(0 3 16W * ? *)", ["2027-01-15", "2027-02-16", "2027-03-16"]),
        ("cron(0 3 1W 5,8 ? *)", ["2027-05-03", "2027-08-02", "2028-05-01"]),
        ("cron(0 3 31 * ? *)", ["2027-01-31", "2027-03-31", "2027-05-31"]),
        ("cron(0 3 29 2 ? *)", ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("cron(0 3 ? * 2#1 *)", ["2027-01-04", "2027-02-01", "2027-03-01"]),
        ("cron(0 3 ? * 6L *)", ["2027-01-29", "2027-02-26", "2027-03-26"]),
        ("cron(0 3 ? * L *)", ["2027-01-02", "2027-01-09", "2027-01-16"]),
    ],
)
def test_calendar_words_fall_on_the_right_days(text, expected):  # E-1
    found = [instant.date().isoformat() for instant in next_fires(text, "UTC", NEW_YEAR, 3)]
    assert found == expected


@pytest.mark.parametrize(
    "zone", ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "UTC"]
)
@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("minute", [0, 15, 30, 59])
def test_a_daily_run_that_is_accepted_fires_once_on_every_local_day(zone, hour, minute):  # E-9
    text = f"cron({minute} {hour} * * ? *)"
    if explain(text, zone):
        return
    start = datetime(2027, 1, 1, tzinfo=ZoneInfo(zone)) - timedelta(seconds=1)
    days = Counter(
        instant.astimezone(ZoneInfo(zone)).date() for instant in next_fires(text, zone, start, 365)
    )
    assert days == {date(2027, 1, 1) + timedelta(days=turn): 1 for turn in range(365)}


def test_a_daily_run_in_the_hour_that_spring_takes_away_is_refused():  # E-9
    assert "2026-03-29" in explain("cron(30 2 * * ? *)", "Europe/Paris")
    assert explain("cron(30 2 * * ? *)", "UTC") == ""
    assert explain("cron(30 3 * * ? *)", "Europe/Paris") == ""
    assert explain("cron(0 * * * ? *)", "Europe/Paris") == ""
    assert explain("cron(0 2,4 * * ? *)", "Europe/Paris") == ""


def test_the_hour_that_autumn_repeats_fires_once():  # E-9
    before = datetime(2027, 10, 30, 12, tzinfo=UTC)
    fires = next_fires("cron(30 2 * * ? *)", "Europe/Paris", before, 2)
    assert [instant.astimezone(PARIS).strftime("%d %H:%M") for instant in fires] == ["31 02:30", "01 02:30"]


def test_an_expression_that_never_fires_again_has_no_next_instant():
    assert next_fires("cron(0 3 * * ? 2020)", "UTC", NEW_YEAR) == []


@given(st.integers(0, 4 * 365 * 24 * 60))
def test_the_next_instants_are_later_than_now_and_rising(minutes):
    now = NEW_YEAR + timedelta(minutes=minutes)
    fires = next_fires("cron(10/20 1-4 ? * MON-FRI *)", "Europe/Paris", now, 6)
    assert [now, *fires] == sorted({now, *fires})


def test_fields_are_read_as_sets_of_numbers():
    cron = Cron.parse("5,1-3,50/5 */6 ? JAN-MAR 2-4 2027/2")
    assert cron.minutes == (1, 2, 3, 5, 50, 55)
    assert cron.hours == (0, 6, 12, 18)
    assert cron.months == {1, 2, 3}
    assert {2027, 2029} < cron.years
    assert 2028 not in cron.years
