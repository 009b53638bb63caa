"""Build the brief for the 1:1 of sales and marketing from the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from callmine.domain import Kind, Outcome
from callmine.operations.brief_days import as_they_stood, eventful, span_of, told_on
from callmine.operations.closed_period import months_before, settings_of
from callmine.operations.counting import counted_from
from callmine.operations.linking import tell_failed, tell_waiting
from callmine.operations.outcomes import titles_of
from callmine.outcomes.stages import stage_order
from callmine.playbook import Playbook, load_playbook
from callmine.reports.brief import build_brief
from callmine.reports.brief_agreed import Watched, first_watched
from callmine.reports.brief_counts import said_in, talked
from callmine.reports.brief_material import BriefMaterial
from callmine.reports.brief_spans import spans_of
from callmine.reports.brief_values import BriefReport
from callmine.reports.closed import closed_deals, heard_in
from callmine.reports.closed_steps import paths_of
from callmine.reports.outcome_sections import Material, conversion_points
from callmine.reports.quotes import QuoteMaker
from callmine.reports.weeks import zone
from callmine.store import Store
from callmine.workspace import Workspace

KINDS = (Kind.OBJECTION, Kind.COMPETITOR, Kind.POSITIONING)
"""What a brief tells of."""


def brief_report(
    workspace: Workspace,
    *,
    since: str | None = None,
    until: str | None = None,
    as_of: str | None = None,
    as_it_ended: bool = False,
    now: datetime | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> BriefReport:
    """Build the brief on a period, and keep it.

    Args:
        workspace: Where.
        since: First day, ISO; by default of the last complete month with a sales call or a closed deal.
        until: Last day; by default of that month, or with ``since`` yesterday.
        as_of: Day at whose end agreements are told, followed up to the day before it or to the last day,
            whichever is later; by default today, or with ``until`` that day.
        as_it_ended: Tell agreements as they stood on the last day, as with ``until``, also of the default
            month: what is sent, and sent again later, is the same then.
        now: For tests; an aware datetime.
        progress: Is told of calls that wait for a run.

    Raises:
        UsageError: There is nothing in the period, or to choose it by, or it ends before it begins
            or on a day to come; or ``as_of`` is none of the days from its last one up to today.
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
        span = span_of(since, until, days=eventful(deals, calls), today=today)
        spans = spans_of(span)
        won_since = months_before(span.last, workspace.settings.outcomes.months)
        closed = closed_deals(deals, talks, since=won_since, until=span.last, timezone=timezone)
        day = told_on(as_of, span, today, as_it_ended=as_it_ended or bool(until))
        known_until = max(span.last, (day or today) - timedelta(days=1))
        agreements = store.agreements()
        if day is not None:
            agreements = as_they_stood(agreements, day, timezone)
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
                as_of=day or today,
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
        if report.as_of != report.until:
            subject += f" as of {report.as_of}"
        store.save_report("brief", subject, JSON.kept(report), as_of=None)
    return report


def known_titles(playbook: Playbook) -> dict[str, dict[str, str]]:
    """Return family to label to what people call it, of everything that a brief tells of."""
    names = {rival.name: rival.name for rival in playbook.competitors}
    return {**titles_of(playbook), "competitor": names}
