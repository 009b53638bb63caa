"""What a report that is sent is about, as one line of text: that is how recipes and retries name it.

A week for digests, a competitor for battlecards, a deal for reviews; days for what is about a period:
``2026-07-01``, ``2026-07-01/2026-09-30``, ``last month`` or ``last quarter``. A review of a period says the
side before them: ``lost last quarter``.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from callmine.errors import UsageError
from callmine.operations.days import day_of
from callmine.reports.weeks import monday, zone
from callmine.workspace import Workspace

SIDES = ("lost", "won")
LAST_MONTH, LAST_QUARTER = "last month", "last quarter"


def about_of(
    report: str,
    about: str = "",
    *,
    week: str = "",
    side: str = "",
    since: str | None = None,
    until: str | None = None,
) -> str:
    """Return what a report is about, from the options of a command.

    Raises:
        UsageError: They do not go together.
    """
    if about and week:
        raise UsageError("--week says what the report is about; leave out one of the two")
    if week and report != "digest":
        raise UsageError(f"--week is for digests, and not for {report!r}")
    if not (side or since or until):
        return about or week
    if about or week:
        raise UsageError("a period says what the report is about; leave out one of the two")
    if report not in ("review", "outcomes", "messages", "brief") or (side and report != "review"):
        options = "--lost and --won are" if side else "--since and --until are"
        raise UsageError(f"{options} not for {report!r}")
    if report == "messages" and until:
        raise UsageError("--until is not for 'messages', which end with the last complete week")
    if report == "review" and not side:
        raise UsageError(
            "--since and --until need a side", hint="Say which deals are meant: --lost or --won."
        )
    if not since:
        raise UsageError("--since is missing", hint="Say from which day of close on: --since 2026-07-01.")
    days = f"{since}/{until}" if until else since
    return f"{side} {days}" if side else days


def side_of(about: str) -> tuple[str, str]:
    """Return the side and the days of a review of a period; the side is empty where it is a deal's."""
    side, _, days = about.strip().partition(" ")
    return (side, days.strip()) if side in SIDES and days.strip() else ("", about)


def period_asked(
    days: str, workspace: Workspace, *, now: datetime | None = None
) -> tuple[str | None, str | None]:
    """Return the first and the last day that is meant, ISO; ``None`` for the report's own.

    Args:
        days: As the module says; empty for the report's own.
        workspace: Its time zone says which month it is.
        now: For tests; an aware datetime.

    Raises:
        UsageError: No days can be read in it.
    """
    days = " ".join(days.split()).casefold()
    if not days:
        return None, None
    if days in (LAST_MONTH, LAST_QUARTER):
        today = (now or datetime.now(UTC)).astimezone(zone(workspace.settings.timezone)).date()
        first, last = _last(today, months=1 if days == LAST_MONTH else 3)
        return first.isoformat(), last.isoformat()
    since, slash, until = days.partition("/")
    if slash and not until.strip():
        raise UsageError(
            f"{days!r} has no last day", hint="Write 2026-07-01/2026-09-30, or the first day only."
        )
    where = "the days of the report"
    return day_of(since.strip(), where), day_of(until.strip(), where) if slash else None


def weeks_asked(days: str) -> tuple[str | None, str | None]:
    """Return the first day, ISO, and the last week that are meant; ``None`` for the report's own.

    Args:
        days: A day, or the weeks of a report that was built: ``2026-W33/2026-W40``.

    Raises:
        UsageError: It is neither.
    """
    first, slash, last = (part.strip() for part in days.partition("/"))
    if not first:
        return None, None
    if slash and not _WEEK.fullmatch(last):
        raise UsageError(
            f"{last!r} is no week to end with", hint="Write 2026-W33/2026-W40, or the first day only."
        )
    since = monday(first).isoformat() if _WEEK.fullmatch(first) else day_of(first, "the first day")
    return since, last or None


_WEEK = re.compile(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])")


def _last(today: date, *, months: int) -> tuple[date, date]:
    """Return the first and the last day of the last calendar month, or quarter, that is over."""
    begun = (today.month - 1) // months * months + 1
    end = date(today.year, begun, 1) - timedelta(days=1)
    return date(end.year, end.month - months + 1, 1), end
