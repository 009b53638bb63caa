"""Build the brief for the 1:1 of sales and marketing from the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import partial

from callmine.domain import Deal, Kind, Outcome
from callmine.errors import UsageError
from callmine.operations.closed_period import months_before, settings_of
from callmine.operations.counting import counted_from
from callmine.operations.linking import tell_failed, tell_waiting
from callmine.operations.listing import day_of, ends_too_early, not_to_come
from callmine.operations.outcomes import titles_of
from callmine.outcomes.stages import stage_order
from callmine.playbook import Playbook, load_playbook
from callmine.reports.brief import BriefMaterial, build_brief
from callmine.reports.brief_agreed import Watched, first_watched
from callmine.reports.brief_counts import Talked, said_in, talked
from callmine.reports.brief_spans import Span, last_complete_month, spans_of
from callmine.reports.brief_values import BriefReport
from callmine.reports.closed import closed_deals, heard_in
from callmine.reports.closed_steps import paths_of
from callmine.reports.outcome_sections import Material, conversion_points
from callmine.reports.quotes import QuoteMaker
from callmine.reports.weeks import zone
from callmine.store import Store
from callmine.store.agreements import AgreementRow
from callmine.workspace import Workspace

KINDS = (Kind.OBJECTION, Kind.COMPETITOR, Kind.POSITIONING)
"""What a brief tells of."""


def brief_report(
    workspace: Workspace,
    *,
    since: str | None = None,
    until: str | None = None,
    as_it_ended: bool = False,
    now: datetime | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> BriefReport:
    """Build the brief on a period, and keep it.

    Args:
        workspace: Where.
        since: First day, ISO; by default of the last complete month with a sales call or a closed deal.
        until: Last day; by default of that month, or with ``since`` yesterday.
        as_it_ended: Tell agreements as they stood on the last day, as with ``until``, also of the default
            month: what is sent, and sent again later, is the same then.
        now: For tests; an aware datetime.
        progress: Is told of calls that wait for a run.

    Raises:
        UsageError: There is nothing in the period, or to choose it by, or it ends before it begins
            or on a day to come.
        ModelError: The model's card, which says from which score on findings count, is missing or damaged.
    """
    playbook, counted = load_playbook(workspace.playbook), counted_from(workspace)
    timezone, settings = workspace.settings.timezone, settings_of(workspace)
    today = (now or datetime.now(UTC)).astimezone(zone(timezone)).date()
    with Store(workspace.database) as store:
        tell_failed(store, progress)
        tell_waiting(workspace, store, playbook, progress)
        deals = store.deals()
        talks = store.talks(min_role_confidence=counted.min_role_confidence)
        excluded = {deal.deal_id for deal in deals if deal.outcome is Outcome.EXCLUDED}
        calls = talked(talks, excluded=excluded, timezone=timezone)
        span = _span(since, until, days=_days(deals, calls), today=today)
        spans = spans_of(span)
        won_since = months_before(span.last, workspace.settings.outcomes.months)
        closed = closed_deals(deals, talks, since=won_since, until=span.last, timezone=timezone)
        as_it_ended = as_it_ended or bool(until)
        known_until = span.last if as_it_ended else today - timedelta(days=1)
        agreements = store.agreements()
        if as_it_ended:
            agreements = _as_of(agreements, span.last, timezone)
        first = min(filter(None, (spans[0].first, first_watched(agreements))))
        last = max(span.last, known_until)
        read = {call for call, day in calls.day_of.items() if first <= day <= last} | {*closed.call_ids}
        rows = store.heard(read, kinds=KINDS)
        heard = heard_in(closed, rows, counted, own_names=playbook.own_names)
        history = store.stage_history()
        steps = conversion_points(
            Material(
                closed=closed,
                heard=heard,
                rows=rows,
                read=partial(store.heard, kinds=KINDS),
                talks=talks,
                deals=deals,
                history=history,
                words={},
                own_names=playbook.own_names,
            ),
            counted,
            settings,
            until=span.last,
        )
        said = said_in(calls, rows, counted, own_names=playbook.own_names)
        titles = known_titles(playbook)
        paths = paths_of(deals, history, until=known_until)[1]
        report = build_brief(
            BriefMaterial(
                spans=spans,
                said=said,
                talks=talks,
                deals=deals,
                history=history,
                closed=closed,
                heard=heard,
                won_since=won_since,
                steps=steps,
                watched=Watched(
                    said=said,
                    paths=paths,
                    stages=frozenset(stage_order(paths)),
                    titles=titles,
                    known_until=known_until,
                ),
                agreements=agreements,
                titles=titles,
                messages=tuple(message.id for message in playbook.messages),
            ),
            QuoteMaker(counted, timezone, reps_named=False),
            lambda ids: store.evidence(ids=ids),
            timezone=timezone,
            company=playbook.own_names[0],
            settings=settings,
        )
        # Imported late, with the templates beside it.
        from callmine.reports.render.brief_pages import JSON

        subject = f"{report.since}/{report.until}"
        if report.known_until != report.until:
            subject += f" known until {report.known_until}"
        store.save_report("brief", subject, JSON.kept(report), as_of=None)
    return report


def known_titles(playbook: Playbook) -> dict[str, dict[str, str]]:
    """Return family to label to what people call it, of everything that a brief tells of."""
    names = {rival.name: rival.name for rival in playbook.competitors}
    return {**titles_of(playbook), "competitor": names}


def _as_of(rows: Iterable[AgreementRow], last: date, timezone: str) -> list[AgreementRow]:
    """Return agreements as they stood at the end of a day: what came later is none of its business."""
    made = [row for row in rows if row.agreed_on <= last.isoformat()]

    def ended(row: AgreementRow) -> bool:
        at = datetime.fromisoformat(row.ended_at).astimezone(zone(timezone)) if row.ended_at else None
        return at is not None and at.date() <= last

    return [row if ended(row) else row._replace(ended_at=None, ended_by=None) for row in made]


def _days(deals: Iterable[Deal], calls: Talked) -> set[date]:
    """Return the days on which there was a sales call, or a deal closed."""
    ended = (deal for deal in deals if deal.outcome not in (Outcome.OPEN, Outcome.EXCLUDED))
    return {*calls.day_of.values()} | {
        date.fromisoformat(deal.close_date) for deal in ended if deal.close_date
    }


def _span(since: str | None, until: str | None, *, days: set[date], today: date) -> Span:
    """Return the days that a brief is about.

    Raises:
        UsageError: See :func:`brief_report`.
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
