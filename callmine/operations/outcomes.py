"""Build the report on won and lost deals from the store and write it."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from callmine.domain import Deal, Outcome
from callmine.errors import UsageError
from callmine.files import write_whole
from callmine.operations.counting import counted_from
from callmine.operations.emerging import resistance
from callmine.operations.linking import tell_waiting
from callmine.operations.listing import day_of, ends_too_early
from callmine.playbook import Playbook, load_playbook
from callmine.reports.closed import Closed, closed_deals, heard_in
from callmine.reports.closed_answers import answers_that_work
from callmine.reports.closed_themes import Themes, themes_of, with_themes
from callmine.reports.digest_values import DigestSettings
from callmine.reports.emerging import alike_among
from callmine.reports.outcome_sections import Material, with_sections
from callmine.reports.outcome_values import OutcomeReport, OutcomeSettings
from callmine.reports.outcomes import draft_outcomes, with_quotes
from callmine.reports.quotes import QuoteMaker
from callmine.reports.weeks import zone
from callmine.store import Store
from callmine.store.rows import HeardRow, TalkRow
from callmine.validation import did_you_mean
from callmine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which deals closed, both included."""

    since: date
    until: date


def outcome_report(
    workspace: Workspace,
    *,
    since: str | None = None,
    until: str | None = None,
    segment: str | None = None,
    themes: bool = False,
    now: datetime | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> OutcomeReport:
    """Build the report on the deals that closed in a period, and keep it.

    Each report that differs from the last one counts as another look at the data, which it says.

    Args:
        workspace: Where.
        since: First day, ISO; by default as many months before ``until`` as the settings say.
        until: Last day, ISO; by default the last day, up to today, on which a deal closed.
        segment: Only deals of this segment, as the CRM calls it.
        themes: Whether emerging themes are looked for, which goes through the kept reading of every call.
        now: For tests; an aware datetime.
        progress: Is told of calls that wait for a run, and of kept readings that are damaged.

    Raises:
        UsageError: There are no deals, none of the segment, none closed in the period, or it ends before
            it begins.
        ModelError: The model's card, which says from which score on findings count, is missing or damaged;
            for themes the encoder.
    """
    playbook, counted = load_playbook(workspace.playbook), counted_from(workspace)
    timezone, settings = workspace.settings.timezone, settings_of(workspace)
    with Store(workspace.database) as store:
        period, closed, talks = closed_in_period(
            workspace, store, counted, since=since, until=until, segment=segment, now=now
        )
        tell_waiting(workspace, store, playbook, progress)
        rows = store.heard(closed.call_ids)
        heard = heard_in(closed, rows, counted, own_names=playbook.own_names)
        titles = titles_of(playbook)
        found = themes_of(())
        if themes:
            found = _themes_in(workspace, store, closed, rows, counted, titles["objection"], progress)
            heard = with_themes(closed, heard, found)
        titles["theme"] = found.titles
        drafted = draft_outcomes(
            closed,
            heard,
            since=period.since.isoformat(),
            until=period.until.isoformat(),
            timezone=timezone,
            titles=titles,
            company=playbook.own_names[0],
            answers=answers_that_work(closed, heard, rows, counted, settings, playbook.answers),
            looks=0,
            settings=settings,
        )
        evidence = [*store.evidence(ids=drafted.wanted), *found.evidence]
        report = with_quotes(drafted, evidence, QuoteMaker(counted, timezone))
        report = replace(report, themes_sought=themes, segment=segment)
        material = Material(
            closed=closed,
            heard=heard,
            rows=rows,
            read=store.heard,
            talks=talks,
            deals=of_segment(store.deals(), segment),
            history=store.stage_history(),
            words={row.deal.deal_id: row.words for row in store.deal_rows()},
            own_names=playbook.own_names,
        )
        report = with_sections(
            report, material, counted, titles=titles, per_rep=workspace.settings.messages.per_rep
        )
        # Imported late, with the templates beside it.
        from callmine.reports.render.outcome_pages import kept_json

        store.save_report("outcomes", _subject(report), kept_json(report), as_of=None)
        return replace(report, looks=store.reports_kept("outcomes"))


def _subject(report: OutcomeReport) -> str:
    period = f"{report.since}/{report.until}"
    return f"{period} {report.segment}" if report.segment else period


def of_segment(deals: tuple[Deal, ...], segment: str | None) -> tuple[Deal, ...]:
    """Return the deals of a segment, or all.

    Raises:
        UsageError: No deal is of that segment.
    """
    if segment is None:
        return deals
    wanted = segment.strip().casefold()
    found = tuple(deal for deal in deals if (deal.segment or "").casefold() == wanted)
    if not found:
        known = sorted({deal.segment for deal in deals if deal.segment})
        raise UsageError(
            f"no deal is of the segment {segment!r}{did_you_mean(segment, known)}",
            hint=f"Known: {', '.join(known[:12])}." if known else "The deals have no segment column.",
        )
    return found


def _themes_in(
    workspace: Workspace,
    store: Store,
    closed: Closed,
    rows: Sequence[HeardRow],
    counted: DigestSettings,
    labels: Collection[str],
    progress: Callable[[str], None],
) -> Themes:
    """Return the emerging themes of the calls that are evidence."""
    resisting = resistance(
        store, calls=closed.call_ids, learned=workspace.learned, labels=labels, progress=progress
    )
    return themes_of(alike_among(resisting, rows, frozenset(closed.call_ids), counted))


def settings_of(workspace: Workspace) -> OutcomeSettings:
    """Return what a workspace takes for enough."""
    options = workspace.settings.outcomes
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
        since: See :func:`outcome_report`.
        until: The same.
        segment: The same.
        now: The same.

    Raises:
        UsageError: See :func:`outcome_report`.
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
        raise UsageError(
            f"no deal was won or lost from {period.since} to {period.until}",
            hint="Widen the period with --since and --until; `callmine deals` lists the deals.",
        )
    return period, closed, talks


def period_of(
    deals: tuple[Deal, ...], *, since: str | None, until: str | None, months: int, today: date
) -> Period:
    """Return the period that a report is about.

    Raises:
        UsageError: There are no closed deals to choose it by, a day is none, or it ends before it begins.
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
        raise UsageError(what, hint="Take in an export of the CRM: callmine deals FILE.")
    past = [day for day in closes if day <= today.isoformat()]
    last = date.fromisoformat(day_of(until, "--until") if until else (past or closes)[-1])
    first = date.fromisoformat(day_of(since, "--since")) if since else _months_before(last, months)
    if first > last and not until:
        raise UsageError(
            f"no deal that is won or lost has closed on {first} or later: the last closed on {last}",
            hint="Begin earlier with --since, or take in a newer export: callmine deals FILE.",
        )
    if first > last:
        raise ends_too_early(first, last)
    return Period(first, last)


def _months_before(day: date, months: int) -> date:
    """Return the day after the one so many months earlier: twelve months end where they began."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < date.min.year:
        return date.min
    last = min(day.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, last) + timedelta(days=1)


def titles_of(playbook: Playbook) -> dict[str, dict[str, str]]:
    """Return family to label to what people call it."""
    return {
        "objection": playbook.titles(all_labels=True),
        "message": {message.id: message.text for message in playbook.messages},
    }


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was written: where, and the value it shows."""

    path: Path
    report: OutcomeReport


def write_outcomes(
    workspace: Workspace,
    *,
    since: str | None = None,
    until: str | None = None,
    segment: str | None = None,
    themes: bool = False,
    format: str = "html",
    output: Path | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Written:
    """Build the report and write it; by default to ``reports/outcomes-UNTIL.FORMAT``.

    Raises:
        UsageError: See :func:`outcome_report`; or the file cannot be written.
        ModelError: See :func:`outcome_report`.
    """
    report = outcome_report(
        workspace, since=since, until=until, segment=segment, themes=themes, progress=progress
    )
    path = output or workspace.reports / f"outcomes-{report.until}.{format}"
    write_whole(path, RENDERERS[format]()(report), folders=True)
    return Written(path, report)


def _html() -> Callable[[OutcomeReport], str]:
    from callmine.reports.render.outcome_pages import render_html

    return render_html


def _markdown() -> Callable[[OutcomeReport], str]:
    from callmine.reports.render.outcome_pages import render_markdown

    return render_markdown


def _json() -> Callable[[OutcomeReport], str]:
    from callmine.reports.render.outcome_pages import render_json

    return render_json


RENDERERS: dict[str, Callable[[], Callable[[OutcomeReport], str]]] = {
    "html": _html,
    "md": _markdown,
    "json": _json,
}
"""Format to the renderer, imported when it is asked for."""
