"""Periods of a brief: the one it is about, those it is held against, and what people call them."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from callmine.reports.text import plural, spelled
from callmine.reports.weeks import MONTHS, long_day

BEFORE = 3
"""Periods that one is held against, each as long: three months before a month make a quarter."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both ends included."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """Return ``2026-10-01/2026-10-31``."""
        return f"{self.first}/{self.last}"

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last - self.first).days + 1

    @property
    def months(self) -> int:
        """Return how many whole months it is; 0 where it is none."""
        whole = self.first.day == 1 and self.last == _month_end(self.last)
        return _month(self.last) - _month(self.first) + 1 if whole else 0


def last_complete_month(days: Iterable[date], today: date) -> Span | None:
    """Return the last month that is over and holds one of the days; ``None`` where there is none."""
    past = [day for day in days if _month(day) < _month(today)]
    return _months(_month(max(past)), 1) if past else None


def spans_of(span: Span) -> tuple[Span, ...]:
    """Return the periods before one and itself, oldest first: months where it is months, else days.

    Periods that would begin before there are dates are left out.
    """
    found = [span]
    for back in range(1, BEFORE + 1):
        if span.months:
            earlier = _month(span.first) - back * span.months
            if earlier < 12:
                break
            found.append(_months(earlier, span.months))
        elif (span.first - date.min).days < back * span.days:
            break
        else:
            shift = timedelta(days=back * span.days)
            found.append(Span(span.first - shift, span.last - shift))
    return tuple(reversed(found))


def span_label(span: Span) -> str:
    """Return a period as people write it: ``October 2026``, ``July to September 2026`` or its days."""
    if span.months == 1:
        return f"{MONTHS[span.first.month - 1]} {span.first.year}"
    if span.months:
        first = MONTHS[span.first.month - 1]
        year = "" if span.first.year == span.last.year else f" {span.first.year}"
        return f"{first}{year} to {MONTHS[span.last.month - 1]} {span.last.year}"
    if span.first == span.last:
        return long_day(span.first.isoformat())
    return f"{long_day(span.first.isoformat())} to {long_day(span.last.isoformat())}"


def before_label(span: Span, periods: int) -> str:
    """Return what the periods before are called: ``the three months before``, ``the 84 days before``."""
    if span.months:
        count = span.months * periods
        return "the month before" if count == 1 else f"the {spelled(count)} months before"
    count = span.days * periods
    return "the day before" if count == 1 else f"the {plural(count, 'day')} before"


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _months(first: int, count: int) -> Span:
    """Return whole months from the one with this number on."""
    year, month = divmod(first, 12)
    last_year, last_month = divmod(first + count - 1, 12)
    return Span(date(year, month + 1, 1), _month_end(date(last_year, last_month + 1, 1)))


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
