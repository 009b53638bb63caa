"""Weeks: names, bounds in a time zone, labels."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callmine.errors import UsageError
from callmine.reports.weeks import (
    bounds,
    day_label,
    days_between,
    last_complete_week,
    monday,
    shift,
    week_label,
    week_name,
    week_of,
)

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Santiago",
]


@pytest.mark.parametrize(
    "bad", ["2026-40", "2026-W60", "2025-W53", "2026-W00", "W40", "2026-W40 ", "９９９９-W01", ""]
)
def test_bad_week_is_a_usage_error_with_an_example(bad: str) -> None:
    """A week that does not exist is refused, and the message shows how to write one."""
    with pytest.raises(UsageError) as raised:
        monday(bad)
    assert "2026-W40" in raised.value.hint


def test_last_representable_week_is_refused_not_crashed() -> None:
    """The end of the calendar is a usage error too."""
    with pytest.raises(UsageError):
        bounds("9999-W52", timezone="UTC")


def test_unknown_time_zone_is_a_usage_error() -> None:
    """A misspelt zone is refused."""
    with pytest.raises(UsageError, match="Mars/Olympus"):
        bounds("2026-W40", timezone="Mars/Olympus")


def test_bounds_are_local_midnights_in_utc() -> None:
    """A Berlin week begins at 22:00 UTC on Sunday in summer."""
    start, end = bounds("2026-W40", timezone="Europe/Berlin")
    assert start == datetime(2026, 9, 27, 22, tzinfo=UTC)
    assert end == datetime(2026, 10, 4, 22, tzinfo=UTC)


@pytest.mark.parametrize(("week", "hours"), [("2026-W13", 167), ("2026-W43", 169), ("2026-W30", 168)])
def test_a_week_in_which_the_clocks_change_has_an_hour_less_or_more(week: str, hours: int) -> None:
    """Daylight saving changes the length of a week, not its midnights."""
    start, end = bounds(week, timezone="Europe/Berlin")
    assert end - start == timedelta(hours=hours)


@settings(deadline=None)
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)).map(lambda d: d.replace(tzinfo=UTC)),
    st.sampled_from(ZONES),
)
def test_every_instant_is_in_exactly_the_week_whose_bounds_hold_it(at: datetime, zone: str) -> None:
    """Naming a week and bounding it agree, also at the change of the clocks."""
    week = week_of(at.isoformat(), timezone=zone)
    start, end = bounds(week, timezone=zone)
    assert start <= at < end
    assert bounds(shift(week, 1), timezone=zone)[0] == end


@settings(deadline=None)
@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)), st.integers(-200, 200))
def test_shifting_there_and_back_is_the_same_week(day: date, by: int) -> None:
    """Shifting is exact across years of 52 and 53 weeks."""
    assert shift(shift(week_name(day), by), -by) == week_name(day)


def test_last_complete_week_needs_a_call_and_to_be_over() -> None:
    """The running week and weeks without calls are not the default; undated calls are no help."""
    now = datetime(2026, 10, 7, 12, tzinfo=UTC)
    calls = ["2026-10-06T09:00:00Z", None, "2026-09-23T09:00:00Z", "2026-09-16T09:00:00Z"]
    assert last_complete_week(calls, now, timezone="UTC") == "2026-W39"


def test_last_complete_week_is_none_without_one() -> None:
    """With calls of the running week only there is no complete week."""
    now = datetime(2026, 10, 7, 12, tzinfo=UTC)
    assert last_complete_week(["2026-10-06T09:00:00Z", None], now, timezone="UTC") is None


def test_last_complete_week_ends_at_local_midnight() -> None:
    """Late on Sunday in Berlin the week is not over, though in Auckland it is."""
    now = datetime(2026, 10, 4, 21, 30, tzinfo=UTC)
    calls = ["2026-09-30T09:00:00Z", "2026-09-23T09:00:00Z"]
    assert last_complete_week(calls, now, timezone="Europe/Berlin") == "2026-W39"
    assert last_complete_week(calls, now, timezone="Pacific/Auckland") == "2026-W40"


def test_days_of_one_day_and_across_years() -> None:
    """One day is named once; years only where they differ."""
    assert days_between("2026-10-01", "2026-10-01") == "1 October 2026"
    assert days_between("2025-10-10", "2026-10-09") == "10 October 2025 – 9 October 2026"


@pytest.mark.parametrize(
    ("week", "label"),
    [
        ("2026-W40", "28 September – 4 October 2026"),
        ("2026-W41", "5–11 October 2026"),
        ("2026-W53", "28 December 2026 – 3 January 2027"),
    ],
)
def test_week_label_says_month_and_year_once(week: str, label: str) -> None:
    """A week is shown the way people write it."""
    assert week_label(week) == label


def test_day_label_is_the_local_day() -> None:
    """A call late on Wednesday in New York is on Thursday in Berlin."""
    assert day_label("2026-09-30T23:30:00Z", timezone="Europe/Berlin") == "Thu 1 October"
    assert day_label("2026-09-30T23:30:00Z", timezone="America/New_York") == "Wed 30 September"
