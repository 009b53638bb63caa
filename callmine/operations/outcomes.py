"""Build the report on won and lost deals from the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from callmine.operations.closed_period import closed_in_period, of_segment, segment_named, settings_of
from callmine.operations.counting import counted_from
from callmine.operations.emerging import resistance
from callmine.operations.linking import tell_failed, tell_waiting
from callmine.operations.loss_reasons import with_reasons
from callmine.playbook import Playbook, load_playbook
from callmine.reports.closed import Closed, heard_in
from callmine.reports.closed_answers import answers_that_work
from callmine.reports.closed_behind import parting_ids, with_parting_quotes
from callmine.reports.closed_themes import Themes, themes_of, with_themes
from callmine.reports.digest_values import DigestSettings
from callmine.reports.emerging import alike_among
from callmine.reports.outcome_sections import Material, with_sections
from callmine.reports.outcome_values import OutcomeReport
from callmine.reports.outcomes import draft_outcomes, with_quotes
from callmine.reports.quotes import QuoteMaker
from callmine.store import Store
from callmine.store.rows import HeardRow
from callmine.workspace import Workspace


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
        segment = segment_named(store.deals(), segment)
        period, closed, talks = closed_in_period(
            workspace, store, counted, since=since, until=until, segment=segment, now=now
        )
        tell_failed(store, progress)
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
        quotes = QuoteMaker(counted, timezone, reps_named=workspace.settings.messages.per_rep)
        report = with_quotes(drafted, evidence, quotes)
        report = replace(report, themes_sought=themes, segment=segment)
        material = Material(
            closed=closed,
            heard=heard,
            rows=rows,
            read=store.heard,
            talks=talks,
            deals=of_segment(store.deals(), segment),
            history=store.stage_history(),
            words={row.deal.deal_id: row.words for row in with_reasons(store)},
            own_names=playbook.own_names,
            rivals=playbook.rivals,
        )
        report = with_sections(
            report, material, counted, titles=titles, per_rep=workspace.settings.messages.per_rep
        )
        report = with_parting_quotes(report, store.evidence(ids=parting_ids(report.parting)), quotes)
        # Imported late, with the templates beside it.
        from callmine.reports.render.outcome_pages import JSON

        store.save_report("outcomes", _subject(report), JSON.kept(report), as_of=None)
        return replace(report, looks=store.reports_kept("outcomes"))


def _subject(report: OutcomeReport) -> str:
    period = f"{report.since}/{report.until}"
    return f"{period} {report.segment}" if report.segment else period


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


def titles_of(playbook: Playbook) -> dict[str, dict[str, str]]:
    """Return family to label to what people call it."""
    return {
        "objection": playbook.titles(all_labels=True),
        "message": {message.id: message.text for message in playbook.messages},
    }
