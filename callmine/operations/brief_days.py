"""The days that a brief is about, and the day as of which it tells what was agreed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from callmine.domain import Deal, Outcome
from callmine.errors import UsageError
from callmine.operations.days import day_of, ends_too_early, not_to_come
from callmine.reports.brief_counts import Talked
from callmine.reports.brief_spans import Span, last_complete_month
from callmine.reports.weeks import zone
from callmine.store.agreements import AgreementRow


def told_on(as_of: str | None, span: Span, today: date, *, as_it_ended: bool) -> date | None:
    """Return the day at whose end agreements are told; ``None`` for all that is known today.

    Raises:
        UsageError: It is none, to come, or before the last day of the brief.
    """
    if as_of is None:
        return span.last if as_it_ended else None
    day = not_to_come(date.fromisoformat(day_of(as_of, "--as-of")), today, "--as-of")
    if day < span.last:
        raise UsageError(
            f"--as-of {day} is before {span.last}, the last day of the brief",
            hint=f"Write {span.last} or a later day, or leave it out.",
        )
    return day


def as_they_stood(rows: Iterable[AgreementRow], last: date, timezone: str) -> list[AgreementRow]:
    """Return agreements as they stood at the end of a day: what came later is none of its business."""
    made = [row for row in rows if row.agreed_on <= last.isoformat()]

    def ended(row: AgreementRow) -> bool:
        at = datetime.fromisoformat(row.ended_at).astimezone(zone(timezone)) if row.ended_at else None
        return at is not None and at.date() <= last

    return [row if ended(row) else row._replace(ended_at=None, ended_by=None) for row in made]


def eventful(deals: Iterable[Deal], calls: Talked) -> set[date]:
    """Return the days on which there was a sales call, or a deal closed."""
    ended = (deal for deal in deals if deal.outcome not in (Outcome.OPEN, Outcome.EXCLUDED))
    return {*calls.day_of.values()} | {
        date.fromisoformat(deal.close_date) for deal in ended if deal.close_date
    }


def span_of(since: str | None, until: str | None, *, days: set[date], today: date) -> Span:
    """Return the days that a brief is about.

    Raises:
        UsageError: See :func:`callmine.operations.brief.brief_report`.
    """
    if not days:
        raise UsageError(
            "there is no dated sales call that was read, and no closed deal",
            hint="Take in calls and deals (callmine add, callmine deals), then callmine run.",
        )
    if since is None and until is None:
        month = last_complete_month(days, today)
        if month is None:
            raise UsageError(
                "no month with a sales call or a closed deal is over yet",
                hint=f"Say the days: --since {min(days)} --until {today}.",
            )
        return month
    if since is None:
        raise UsageError("--until needs --since", hint="Say from which day on: --since 2026-10-01.")
    first = date.fromisoformat(day_of(since, "--since"))
    last = date.fromisoformat(day_of(until, "--until")) if until else today - timedelta(days=1)
    last = not_to_come(last, today, "--until")
    if first > last:
        raise ends_too_early(first, last)
    if not any(first <= day <= last for day in days):
        raise UsageError(
            f"there was no sales call that was read and no closed deal from {first} to {last}",
            hint="Widen the period with --since and --until.",
        )
    return Span(first, last)
