"""ISO weeks in the workspace's time zone: names, bounds in UTC, and how they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callmine.errors import UsageError

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_WEEK = re.compile(r"([1-9][0-9]{3})-W([0-9]{2})")
_HINT = "Write an ISO week such as 2026-W40."


def monday(week: str) -> date:
    """Return the Monday on which a week such as ``2026-W40`` begins.

    Raises:
        UsageError: It is not an ISO week, or that year has no such week.
    """
    match = _WEEK.fullmatch(week)
    if not match:
        raise UsageError(f"{week!r} is not a week", hint=_HINT)
    try:
        first = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        first + timedelta(days=8)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"there is no week {week}", hint=_HINT) from error
    return first


def week_name(day: date) -> str:
    """Return the ISO week that holds ``day``, such as ``2026-W40``."""
    year, number, _ = day.isocalendar()
    return f"{year:04d}-W{number:02d}"


def shift(week: str, by: int) -> str:
    """Return the week ``by`` weeks later (earlier when negative)."""
    return week_name(monday(week) + timedelta(weeks=by))


def zone(timezone: str) -> ZoneInfo:
    """Return the time zone of an IANA name such as ``Europe/Berlin``.

    Raises:
        UsageError: There is no such zone.
    """
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(
            f"{timezone!r} is not a time zone", hint="Write an IANA name such as Europe/Berlin."
        ) from error


def bounds(week: str, *, timezone: str) -> tuple[datetime, datetime]:
    """Return the UTC instants at which a week begins and the next one does (half-open).

    The bounds are local midnights, so a week in which the clocks change has 167 or 169 hours.

    Raises:
        UsageError: The week or the zone does not exist.
    """
    start, end = (
        datetime.combine(monday(name), time(), tzinfo=zone(timezone)).astimezone(UTC)
        for name in (week, shift(week, 1))
    )
    return start, end


def instant(text: str) -> datetime:
    """Parse a stored instant such as ``2026-10-02T08:30:00Z``; without an offset it is UTC."""
    value = datetime.fromisoformat(text)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def week_of(started_at: str, *, timezone: str) -> str:
    """Return the week in which a stored instant falls, in the time zone given."""
    return week_name(instant(started_at).astimezone(zone(timezone)).date())


def last_complete_week(started_at: Iterable[str | None], now: datetime, *, timezone: str) -> str | None:
    """Return the last week that is over at ``now`` and has a call in it, or ``None``.

    Args:
        started_at: When each call began, UTC instants; undated calls (``None``) are in no week.
        now: An aware datetime.
        timezone: IANA name; decides where weeks begin.
    """
    current = week_name(now.astimezone(zone(timezone)).date())
    weeks = {week_of(text, timezone=timezone) for text in started_at if text}
    # Four-digit years and two-digit weeks make names sort like the weeks themselves.
    return max((week for week in weeks if week < current), default=None)


def week_label(week: str) -> str:
    """Return a week as people write it: ``28 September – 4 October 2026``."""
    first = monday(week)
    return days_label(first, first + timedelta(days=6))


def days_label(first: date, last: date) -> str:
    """Return days as people write them: ``28 September – 4 October 2026``; of one day only that."""
    end = f"{last.day} {MONTHS[last.month - 1]} {last.year}"
    if first.year != last.year:
        return f"{first.day} {MONTHS[first.month - 1]} {first.year} – {end}"
    if first == last:
        return end
    if first.month != last.month:
        return f"{first.day} {MONTHS[first.month - 1]} – {end}"
    return f"{first.day}–{end}"


def day_label(started_at: str, *, timezone: str) -> str:
    """Return the local day of a stored instant: ``Thu 1 October``."""
    day = instant(started_at).astimezone(zone(timezone)).date()
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def days_between(since: str, until: str) -> str:
    """Return :func:`days_label` of two ISO days."""
    return days_label(date.fromisoformat(since[:10]), date.fromisoformat(until[:10]))


def long_day(day: str) -> str:
    """Return an ISO day as people write it: ``1 October 2026``."""
    known = date.fromisoformat(day[:10])
    return f"{known.day} {MONTHS[known.month - 1]} {known.year}"
