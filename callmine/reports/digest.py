"""The weekly objection digest: rows in, values out. Nothing is read, written or rendered here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Literal

from callmine.domain import Kind, Role
from callmine.reports.answers import answers_of
from callmine.reports.competitors import competitor_counts
from callmine.reports.coverage import coverage_of
from callmine.reports.digest_values import Change, Digest, DigestSettings, LabelCount
from callmine.reports.emerging import Heard, emerging_themes
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import Links, QuoteMaker, choose, ranked, recording_link
from callmine.reports.requests import requests_of
from callmine.reports.tally import (
    Window,
    by_label,
    can_show_objections,
    deal_outcomes,
    reach_of,
    split_units,
    window_of,
)
from callmine.reports.top_line import top_line
from callmine.reports.trend_values import Trend
from callmine.reports.trends import trends
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
) -> Digest:
    """Build the digest of one week.

    Args:
        calls: Every call of the week and of at least the four weeks before it, whatever its
            state, and the undated ones. Earlier weeks, up to ``weeks_shown``, fill the charts.
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

    Raises:
        UsageError: The week or the time zone does not exist.
        CallmineError: A row's text is not a verbatim span (a bug).
    """
    settings = settings or DigestSettings()
    window = window_of(calls, week=week, timezone=timezone, settings=settings)
    quotes = QuoteMaker(settings, timezone, link)
    heard = by_label(evidence, window, settings, kind=Kind.OBJECTION, roles={Role.PROSPECT})
    read = [window.calls[c] for c, w in window.week_by_call.items() if w == week]
    this_week = [call for call in read if can_show_objections(call)]
    has_outcomes = any(call.outcome for call in window.calls.values())
    has_deals = any(call.deal_id for call in window.calls.values())
    trend_of = trends({label: window.counts(rows) for label, rows in heard.items()}, window, settings)
    objections = _objections(heard, window, quotes, playbook_titles, trend_of, has_outcomes=has_outcomes)
    named = by_label(evidence, window, settings, kind=Kind.COMPETITOR, roles=set(Role))
    ours = {name.casefold() for name in own_names}
    rivals = {name: rows for name, rows in named.items() if name.casefold() not in ours}
    placed = {
        name: [row for row in rows if quotes.role(row) is not Role.UNKNOWN] for name, rows in rivals.items()
    }
    rival_trends = trends({name: window.counts(rows) for name, rows in placed.items()}, window, settings)
    competitors = competitor_counts(rivals, window, quotes, rival_trends)
    objection_changes = _changes("objection", heard, trend_of, window, playbook_titles)
    new, gone = (
        tuple(sorted([*pushback, *names], key=lambda change: (-change.heard, change.title)))
        for pushback, names in zip(
            objection_changes, _changes("competitor", placed, rival_trends, window, {}), strict=True
        )
    )
    requests, requests_not_listed = requests_of(evidence, window, quotes)
    answers = answers_of(objections, heard, evidence, window, quotes, reps=reps, replies=replies)
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
        top_line=top_line(window, objections, competitors, new, coverage, heard=heard, has_deals=has_deals),
        unit="deals" if has_deals else "calls",
        calls=len(this_week),
        deals=deals,
        unlinked_calls=unlinked,
        heard_from=deals + unlinked,
        accounts=len({call.account.casefold() for call in this_week if call.account}),
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
    )


def _title(label: str, titles: Mapping[str, str]) -> str:
    return titles.get(label) or label.replace("_", " ").capitalize()


def _objections(
    heard: Mapping[str, list[EvidenceRow]],
    window: Window,
    quotes: QuoteMaker,
    titles: Mapping[str, str],
    trend_of: Mapping[str, Trend],
    *,
    has_outcomes: bool,
) -> tuple[LabelCount, ...]:
    found = []
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
            )
        )
    return tuple(sorted(found, key=lambda o: (-o.heard, -o.deals, -o.calls, -o.mentions, o.title)))


def _changes(
    kind: Literal["objection", "competitor"],
    found: Mapping[str, list[EvidenceRow]],
    trend_of: Mapping[str, Trend],
    window: Window,
    titles: Mapping[str, str],
) -> tuple[list[Change], list[Change]]:
    """Return what is new this week, and what was found before and not now, both beyond chance."""
    new: list[Change] = []
    gone: list[Change] = []
    for label, rows in found.items():
        trend = trend_of[label]
        if trend.word not in ("new", "gone"):
            continue
        before = (row for row in rows if window.week_by_call[row.call_id] in window.baseline)
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
            )
        )
    return new, gone


def _phrases(evidence: Iterable[EvidenceRow], window: Window, quotes: QuoteMaker) -> tuple[Quote, ...]:
    """Return prospects' own words for value and pain, from as many accounts as possible."""
    grouped = by_label(evidence, window, quotes.settings, kind=Kind.POSITIONING, roles={Role.PROSPECT})
    rows = [row for rows in grouped.values() for row in rows if row.detail.get("side") == "prospect"]
    best, _ = choose(ranked(window.now(rows)), quotes.settings.phrases)
    return tuple(map(quotes.quote, best))
