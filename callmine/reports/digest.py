"""The weekly objection digest: rows in, values out. Nothing is read, written or rendered here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Literal

from callmine.domain import Kind, Role
from callmine.reports.answers import answers_of
from callmine.reports.beside import wanted_beside, with_worked
from callmine.reports.competitors import competitor_counts
from callmine.reports.coverage import coverage_of
from callmine.reports.digest_more_values import Pick
from callmine.reports.digest_values import Change, Digest, DigestSettings, LabelCount
from callmine.reports.emerging import Heard, emerging_themes
from callmine.reports.limits import NO_LIMITS, Limits
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import Links, QuoteMaker, ranked, recording_link
from callmine.reports.requests import requests_of
from callmine.reports.since_last import Kept, since_last
from callmine.reports.tally import (
    Window,
    by_label,
    can_show_objections,
    count_accounts,
    deal_outcomes,
    reach_of,
    split_units,
    window_of,
)
from callmine.reports.top_line import top_line
from callmine.reports.trend_values import Trend
from callmine.reports.trends import trends_of_both
from callmine.reports.weeks import bounds, week_label
from callmine.store.rows import CallRow, EvidenceRow, ReplyRow, RepRow, WeekDeal


def build_digest(
    calls: Sequence[CallRow],
    evidence: Sequence[EvidenceRow],
    *,
    week: str,
    playbook_titles: Mapping[str, str],
    timezone: str,
    own_names: Sequence[str] = (),
    settings: DigestSettings | None = None,
    link: Links = recording_link,
    reps: Sequence[RepRow] = (),
    replies: Sequence[ReplyRow] = (),
    resistance: Sequence[Heard] = (),
    week_deals: Sequence[WeekDeal] = (),
    picks: Sequence[Pick] = (),
    kept: Kept = lambda week: None,
    limits: Limits = NO_LIMITS,
    whole: Sequence[CallRow] = (),
) -> Digest:
    """Build the digest of one week.

    Args:
        calls: Every call of the week and of the twelve weeks before it, whatever its state, and the
            undated ones.
        evidence: The findings of those calls, with outcomes as known at the week's end.
        week: ISO week such as ``2026-W40``.
        playbook_titles: ``label -> title`` of the objections that are listened for.
        timezone: IANA name; decides where the week begins and how days are shown.
        own_names: Our company's name, then our products'; never counted as competitors.
        settings: What counts and how much is shown.
        link: Where a call can be opened at a quote; by default its recording.
        reps: The voices known to be ours in the week's calls; without them nothing is said of answers.
        replies: The turns that show how answers were taken.
        resistance: Utterances of those calls that look like resistance and fit no label.
        week_deals: The deals open at the week's end or closed in it.
        picks: What people pinned and barred, in the order in which they said so.
        kept: Gives the digest of an earlier week as it was kept, as JSON, or nothing.
        limits: What all of this was limited to.
        whole: The calls before they were limited to a product or a persona.

    Raises:
        UsageError: The week or the time zone does not exist.
        CallmineError: A row's text is not a verbatim span (a bug).
    """
    settings = settings or DigestSettings()
    window = window_of(calls, week=week, timezone=timezone, settings=settings)
    quotes = QuoteMaker(
        settings,
        timezone,
        link,
        pinned=[pick.finding_id for pick in picks if pick.what == "pin"],
        barred=[pick.finding_id for pick in picks if pick.what == "bar"],
    )
    heard = by_label(evidence, window, settings, kind=Kind.OBJECTION, roles={Role.PROSPECT})
    read = [window.calls[c] for c, w in window.week_by_call.items() if w == week]
    this_week = [call for call in read if can_show_objections(call)]
    has_outcomes = any(call.outcome for call in window.calls.values())
    has_deals = any(call.deal_id for call in window.calls.values())
    weekly = {label: window.counts(rows) for label, rows in heard.items()}
    trend_of, longer_of = trends_of_both(weekly, window, settings)
    objections = _objections(
        heard, window, quotes, playbook_titles, (trend_of, longer_of), has_outcomes=has_outcomes
    )
    named = by_label(evidence, window, settings, kind=Kind.COMPETITOR, roles=set(Role))
    ours = {name.casefold() for name in own_names}
    rivals = {name: rows for name, rows in named.items() if name.casefold() not in ours}
    placed = {
        name: [row for row in rows if quotes.role(row) is not Role.UNKNOWN] for name, rows in rivals.items()
    }
    rival_trends, longer_rivals = trends_of_both(
        {name: window.counts(rows) for name, rows in placed.items()}, window, settings
    )
    competitors = competitor_counts(rivals, window, quotes, rival_trends)
    objection_changes = _changes("objection", heard, (trend_of, longer_of), window, playbook_titles)
    new, gone = (
        tuple(sorted([*pushback, *names], key=lambda change: (-change.heard, change.title)))
        for pushback, names in zip(
            objection_changes,
            _changes("competitor", placed, (rival_trends, longer_rivals), window, {}),
            strict=True,
        )
    )
    requests, requests_not_listed = requests_of(evidence, window, quotes)
    answers = answers_of(objections, heard, evidence, window, quotes, reps=reps, replies=replies)
    objections = with_worked(wanted_beside(objections, heard, evidence, requests, window, quotes), answers)
    coverage = coverage_of(
        calls, evidence, window=window, timezone=timezone, settings=settings, deals=week_deals
    )
    deals, unlinked = split_units(window.weekly[week])
    start, end = bounds(week, timezone=timezone)
    counted = [row for row in evidence if row.call_id in window.calls]
    return Digest(
        week=week,
        week_label=week_label(week),
        starts_at=start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ends_at=end.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        timezone=timezone,
        company=own_names[0] if own_names else None,
        top_line=top_line(
            window,
            objections,
            competitors,
            (new, gone),
            coverage,
            heard=heard,
            has_deals=has_deals,
            limited=bool(limits.names),
        ),
        unit="deals" if has_deals else "calls",
        calls=len(this_week),
        deals=deals,
        unlinked_calls=unlinked,
        heard_from=deals + unlinked,
        accounts=count_accounts(this_week),
        weeks=window.weeks,
        compared_with=window.baseline,
        first_week=len(window.weeks) == 1,
        has_outcomes=has_outcomes,
        objections=objections,
        competitors=competitors,
        phrases=_phrases(evidence, window, quotes),
        new=new,
        gone=gone,
        coverage=coverage,
        settings=settings,
        playbooks=tuple(sorted({row.playbook for row in counted})),
        extractors=tuple(sorted({row.extractor for row in counted})),
        requests=requests,
        requests_not_listed=requests_not_listed,
        answered=answers.answered,
        answers=answers.answers,
        answers_not_listed=answers.answers_not_listed,
        emerging=emerging_themes(resistance, evidence, window, quotes),
        compared_longer=window.longer,
        since_last=since_last(
            heard,
            placed,
            window,
            titles=lambda label: _title(label, playbook_titles),
            max_q=settings.max_q,
            kept=kept,
        ),
        picks=_of_this_week(picks, evidence, window),
        segment=limits.segment,
        product=limits.product,
        persona=limits.persona,
        limited_from=_counted(whole, week, timezone, settings)
        if limits.product or limits.persona
        else None,
    )


def _counted(calls: Sequence[CallRow], week: str, timezone: str, settings: DigestSettings) -> int:
    """Return in how many calls of a week an objection could be found."""
    window = window_of(calls, week=week, timezone=timezone, settings=settings)
    return sum(can_show_objections(window.calls[c]) for c, w in window.week_by_call.items() if w == week)


def _title(label: str, titles: Mapping[str, str]) -> str:
    return titles.get(label) or label.replace("_", " ").capitalize()


def _objections(
    heard: Mapping[str, list[EvidenceRow]],
    window: Window,
    quotes: QuoteMaker,
    titles: Mapping[str, str],
    trends: tuple[Mapping[str, Trend], Mapping[str, Trend]],
    *,
    has_outcomes: bool,
) -> tuple[LabelCount, ...]:
    found = []
    trend_of, longer_of = trends
    for label, rows in heard.items():
        now = window.now(rows)
        if not now:
            continue
        best, rest, not_listed = quotes.split(now)
        found.append(
            LabelCount(
                label=label,
                title=_title(label, titles),
                **reach_of(now, window),
                trend=trend_of[label],
                weekly=window.counts(rows),
                outcomes=deal_outcomes(now, window) if has_outcomes else None,
                quotes=best,
                others=rest,
                not_listed=not_listed,
                longer=longer_of.get(label),
            )
        )
    return tuple(sorted(found, key=lambda o: (-o.heard, -o.deals, -o.calls, -o.mentions, o.title)))


def _changes(
    kind: Literal["objection", "competitor"],
    found: Mapping[str, list[EvidenceRow]],
    trends: tuple[Mapping[str, Trend], Mapping[str, Trend]],
    window: Window,
    titles: Mapping[str, str],
) -> tuple[list[Change], list[Change]]:
    """Return what is new this week, and what was found before and not now, both beyond chance."""
    new: list[Change] = []
    gone: list[Change] = []
    for label, rows in found.items():
        told = [
            (spans[label], weeks)
            for spans, weeks in zip(trends, (window.baseline, window.longer), strict=True)
            if label in spans and spans[label].word in ("new", "gone")
        ]
        if not told:
            continue
        trend, weeks = told[0]
        before = (row for row in rows if window.week_by_call[row.call_id] in weeks)
        units = window.units(rows, window.week) if trend.word == "new" else window.units(before)
        title = _title(label, titles) if kind == "objection" else label
        (new if trend.word == "new" else gone).append(
            Change(
                kind,
                label,
                title,
                len(units),
                *split_units(units),
                before=trend.before or 0,
                before_out_of=trend.before_out_of or 0,
                weeks=trend.weeks,
            )
        )
    return new, gone


def _of_this_week(
    picks: Iterable[Pick], evidence: Iterable[EvidenceRow], window: Window
) -> tuple[Pick, ...]:
    """Return what people chose of this week's findings."""
    wanted = {pick.finding_id for pick in picks}
    if not wanted:
        return ()
    now = {
        row.finding_id
        for row in evidence
        if row.finding_id in wanted and window.week_by_call.get(row.call_id) == window.week
    }
    return tuple(pick for pick in picks if pick.finding_id in now)


def _phrases(evidence: Iterable[EvidenceRow], window: Window, quotes: QuoteMaker) -> tuple[Quote, ...]:
    """Return prospects' own words for value and pain, from as many accounts as possible."""
    grouped = by_label(evidence, window, quotes.settings, kind=Kind.POSITIONING, roles={Role.PROSPECT})
    rows = [row for rows in grouped.values() for row in rows if row.detail.get("side") == "prospect"]
    best, _ = quotes.choose(ranked(window.now(rows)), quotes.settings.phrases)
    return tuple(map(quotes.quote, best))
