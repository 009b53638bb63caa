"""The deals that a report on won and lost looks at: the period, the segment, and what is enough."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from callmine.domain import Deal, Outcome
from callmine.errors import NoSuchPart, NotYet, UsageError
from callmine.operations.days import day_of, ends_too_early, not_to_come
from callmine.reports.closed import Closed, closed_deals
from callmine.reports.digest_values import DigestSettings
from callmine.reports.text import cut_name
from callmine.reports.weeks import zone
from callmine.store import Store
from callmine.store.rows import TalkRow
from callmine.validation import did_you_mean
from callmine.workspace import Workspace

if TYPE_CHECKING:
    from callmine.reports.outcome_values import OutcomeSettings


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which deals closed, both included."""

    since: date
    until: date


def segment_named(deals: tuple[Deal, ...], segment: str | None) -> str | None:
    """Return a segment's name as the CRM writes it, so that all reports call it the same.

    Raises:
        NoSuchPart: No deal is of that segment.
    """
    return None if segment is None else of_segment(deals, segment)[0].segment


def of_segment(deals: tuple[Deal, ...], segment: str | None) -> tuple[Deal, ...]:
    """Return the deals of a segment, or all.

    Raises:
        NoSuchPart: No deal is of that segment.
    """
    if segment is None:
        return deals
    wanted = segment.strip().casefold()
    found = tuple(deal for deal in deals if (deal.segment or "").casefold() == wanted)
    if not found:
        known = sorted({deal.segment for deal in deals if deal.segment})
        raise NoSuchPart(
            f"no deal is of the segment {cut_name(segment)!r}{did_you_mean(segment, known)}",
            hint=f"Known: {', '.join(known[:12])}." if known else "The deals have no segment column.",
        )
    return found


def settings_of(workspace: Workspace) -> OutcomeSettings:
    """Return what a workspace takes for enough."""
    options = workspace.settings.outcomes
    from callmine.reports.outcome_values import OutcomeSettings  # late: digests need none of it

    return OutcomeSettings(
        min_deals=options.min_deals,
        smallest_effect=options.smallest_effect,
        max_q=options.max_q,
        sensitivity_days=options.sensitivity_days,
    )


def closed_in_period(
    workspace: Workspace,
    store: Store,
    counted: DigestSettings,
    *,
    since: str | None = None,
    until: str | None = None,
    segment: str | None = None,
    now: datetime | None = None,
) -> tuple[Period, Closed, list[TalkRow]]:
    """Return the deals that closed in a period, with the calls that are evidence for them, and all calls.

    Args:
        workspace: Where.
        store: Its store.
        counted: What counts.
        since: See :func:`callmine.operations.outcomes.outcome_report`.
        until: The same.
        segment: The same.
        now: The same.

    Raises:
        UsageError: See :func:`callmine.operations.outcomes.outcome_report`.
    """
    timezone = workspace.settings.timezone
    today = (now or datetime.now(UTC)).astimezone(zone(timezone)).date()
    deals, months = of_segment(store.deals(), segment), workspace.settings.outcomes.months
    period = period_of(deals, since=since, until=until, months=months, today=today)
    talks = store.talks(min_role_confidence=counted.min_role_confidence)
    closed = closed_deals(
        deals,
        talks,
        since=period.since,
        until=period.until,
        timezone=timezone,
    )
    if not closed.deals:
        raise NotYet(
            f"no deal was won or lost from {period.since} to {period.until}",
            hint="Widen the period with --since and --until; `callmine deals` lists the deals.",
        )
    return period, closed, talks


def period_of(
    deals: tuple[Deal, ...], *, since: str | None, until: str | None, months: int, today: date
) -> Period:
    """Return the period that a report is about.

    Raises:
        UsageError: There are no closed deals to choose it by, a day is none or to come, or it ends before
            it begins.
    """
    ended = [deal for deal in deals if deal.outcome not in (Outcome.OPEN, Outcome.EXCLUDED)]
    closes = sorted(deal.close_date for deal in ended if deal.close_date)
    if ended and not closes:
        raise UsageError(
            "no deal that is won or lost has a close date",
            hint="Take in an export with that column, named close_date or by a file given with --mapping.",
        )
    if not closes:
        what = "no deal is won or lost yet" if deals else "there are no deals"
        raise NotYet(what, hint="Take in an export of the CRM: callmine deals FILE.")
    past = [day for day in closes if day <= today.isoformat()]
    if until:
        last = not_to_come(date.fromisoformat(day_of(until, "--until")), today, "--until")
    else:  # a report of days to come could not be asked for by them, as a retry does
        last = date.fromisoformat(past[-1]) if past else today
    if since and not until:
        not_to_come(date.fromisoformat(day_of(since, "--since")), today, "--since")
    first = date.fromisoformat(day_of(since, "--since")) if since else months_before(last, months)
    if first > last and not until:
        raise NotYet(
            f"no deal that is won or lost has closed on {first} or later: the last closed on {last}",
            hint="Begin earlier with --since, or take in a newer export: callmine deals FILE.",
        )
    if first > last:
        raise ends_too_early(first, last)
    return Period(first, last)


def months_before(day: date, months: int) -> date:
    """Return the day after the one so many months earlier: twelve months end where they began."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < date.min.year:
        return date.min
    last = min(day.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, last) + timedelta(days=1)
