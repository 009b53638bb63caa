"""Days and times as people write them in options, and as they read them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from callmine.errors import UsageError
from callmine.reports.text import cut_name


def instant_of(text: str, timezone: str, option: str) -> str:
    """Return the UTC instant of an ISO date (its midnight in ``timezone``) or date and time.

    Raises:
        UsageError: It is neither; ``option`` is named.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(timezone))
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{option}: {cut_name(text)!r} is not a date", hint="Write 2026-10-02.") from error


def day_of(text: str, option: str) -> str:
    """Return an ISO date as such.

    Raises:
        UsageError: It is none; ``option`` is named.
    """
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"{option}: {cut_name(text)!r} is not a date", hint="Write 2026-10-02.") from error


def end_of(text: str, timezone: str, option: str) -> str:
    """Return the UTC instant before which everything "until" a text lies: a date's day is part of it.

    A date and time is that instant itself, and what begins at it is left out.

    Raises:
        UsageError: It is neither; ``option`` is named.
    """
    with suppress(
        ValueError, OverflowError
    ):  # a time, or nothing that can be read, which the last line says
        text = (date.fromisoformat(text) + timedelta(days=1)).isoformat()
    return instant_of(text, timezone, option)


def ends_too_early(since: str | date, until: str | date) -> UsageError:
    """Return the error of a period that ends before it begins."""
    return UsageError(f"the period ends on {until}, before it begins on {since}", hint="Swap the days.")


def not_to_come(day: date, today: date, option: str) -> date:
    """Return a day that is not to come, of which nothing is known: deals would seem to stand still.

    Raises:
        UsageError: It is; ``option`` is named. Somebody wrote it, so no job takes it for nothing to tell.
    """
    if day > today:
        raise UsageError(
            f"{option} {day} is to come", hint=f"Write {today} at the latest, or leave it out."
        )
    return day


def local_time(instant: str, timezone: str) -> str:
    """Return a UTC instant as people in ``timezone`` read it: ``2026-10-02 14:30``."""
    moment = datetime.fromisoformat(instant).astimezone(ZoneInfo(timezone))
    return moment.strftime("%Y-%m-%d %H:%M")
