"""The brief for the 1:1 of sales and marketing: rows and arrays in, values out. Nothing is read here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date

from callmine.domain import Outcome
from callmine.outcomes.association import Association, associate
from callmine.outcomes.judging import judge_interval
from callmine.outcomes.rates import difference, rate
from callmine.outcomes.verdicts import Verdict
from callmine.reports.brief_agreed import agreed_of
from callmine.reports.brief_counts import linked, pooled, trends_of
from callmine.reports.brief_material import BriefMaterial
from callmine.reports.brief_questions import questions_of
from callmine.reports.brief_quotes import at_stage, by_buyers, in_lost, surest
from callmine.reports.brief_spans import Span, before_label, span_label
from callmine.reports.brief_values import BriefReport, Jeopardy, PeriodCount, Thing
from callmine.reports.closed import Key, closed_within
from callmine.reports.closed_steps import behind_steps
from callmine.reports.message_wording import loose_calls, loosely_worded
from callmine.reports.outcome_values import OutcomeSettings
from callmine.reports.outcomes import deal_ref
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker, choose, ranked
from callmine.reports.review_sides import amounts_of
from callmine.store.rows import EvidenceRow, HeardRow

QUOTES = 4
"""Quotes behind a fact at most, of different accounts."""

Evidence = Callable[[Collection[str]], Sequence[EvidenceRow]]
"""Reads findings by their ids, with all that a quote needs."""


def build_brief(
    matter: BriefMaterial,
    quotes: QuoteMaker,
    evidence: Evidence,
    *,
    timezone: str,
    company: str | None,
    settings: OutcomeSettings,
) -> BriefReport:
    """Build the brief.

    Args:
        matter: What it is made of.
        quotes: Makes the quotes.
        evidence: Reads what is quoted.
        timezone: IANA name in which days are shown.
        company: Our name.
        settings: What is enough.

    Raises:
        CallmineError: A row's text is not a verbatim span (a bug).
    """
    *earlier, span = matter.spans
    things = {family: _things(family, matter, quotes, settings) for family in _FAMILIES}
    points = [step for step in matter.steps if step.in_jeopardy]
    agreed = agreed_of(
        matter.agreements, matter.watched, quotes.settings, settings, since=span.first, timezone=timezone
    )
    wanted: dict[Key, tuple[str, ...]] = {
        (family, one.label): surest(by_buyers(matter.said.within((family, one.label), span)), matter)
        for family, found in things.items()
        for one in found
    }
    wanted |= {("stage", step.stage): at_stage(step.stage, matter) for step in points}
    wanted["won", ""] = in_lost(matter, span)
    for one in agreed:
        if one.since is not None:
            wanted["agreed", str(one.number)] = surest(matter.watched.said_since(one), matter)
    found = {row.finding_id: row for row in evidence({one for ids in wanted.values() for one in ids})}

    def quoted(key: Key) -> tuple[Quote, ...]:
        chosen, _ = choose(ranked(found[one] for one in wanted[key] if one in found), QUOTES)
        # One finding may stand behind several facts; an anchor leads to one place.
        below = f"-{key[0]}-{key[1]}" if key[0] in _ELSEWHERE else ""
        return tuple(replace(q, quote_id=f"{q.quote_id}{below}") for q in map(quotes.quote, chosen))

    behind, _ = behind_steps(matter.deals, matter.history, matter.steps, until=span.last)
    now = [deal for deal in matter.deals if closed_within(deal, span.first, span.last)]
    before = [
        deal for deal in matter.deals if any(closed_within(deal, one.first, one.last) for one in earlier)
    ]
    won, won_before = (sum(deal.outcome is Outcome.WON for deal in some) for some in (now, before))
    change = difference(won, len(now), won_before, len(before))
    now.sort(key=lambda deal: (deal.close_date or "", deal.deal_id), reverse=True)
    report = BriefReport(
        since=span.first.isoformat(),
        until=span.last.isoformat(),
        period=span_label(span),
        before_since=matter.spans[0].first.isoformat(),
        before=before_label(span, len(earlier)),
        periods=len(earlier),
        known_periods=_known_periods(matter, earlier),
        is_month=span.months == 1,
        as_of=matter.as_of.isoformat(),
        known_until=matter.watched.known_until.isoformat(),
        won_since=matter.won_since.isoformat(),
        timezone=timezone,
        company=company,
        calls=tuple(_calls(matter, one) for one in matter.spans),
        spoken=len(units := matter.said.base("objection", span)),
        unlinked=sum(not linked(unit) for unit in units),
        closed=rate(won, len(now)),
        closed_before=rate(won_before, len(before)),
        change=change,
        verdict=judge_interval(
            change.value if change else 0.0,
            (change.low, change.high) if change else None,
            q=change.p_value if change and min(len(now), len(before)) >= settings.min_deals else None,
            smallest_effect=settings.smallest_effect,
            max_q=settings.max_q,
        ),
        won_amounts=amounts_of(deal for deal in now if deal.outcome is Outcome.WON),
        won_without_amount=sum(deal.amount is None for deal in now if deal.outcome is Outcome.WON),
        said_in_lost=quoted(("won", "")),
        closed_deals=tuple(deal.deal_id for deal in now),
        objections=_quoted(things["objection"], quoted),
        competitors=_quoted(things["competitor"], quoted),
        messages=_quoted(things["message"], quoted),
        steps=matter.steps,
        jeopardy=tuple(
            Jeopardy(
                step,
                quoted(("stage", step.stage)),
                tuple(one for one in behind if one.stage == step.stage),
            )
            for step in points
        ),
        agreed=tuple(
            replace(one, since=replace(one.since, quotes=quoted(("agreed", str(one.number)))))
            if one.since is not None
            else one
            for one in agreed
        ),
        settings=settings,
    )
    report = replace(report, questions=questions_of(report))
    named = _named(report)
    return replace(
        report,
        deals=tuple(
            deal_ref(deal)
            for deal in sorted(matter.deals, key=lambda deal: deal.deal_id)
            if deal.deal_id in named
        ),
    )


_FAMILIES = ("objection", "competitor", "message")
_ELSEWHERE = ("stage", "won", "agreed")


def _things(
    family: str, matter: BriefMaterial, quotes: QuoteMaker, settings: OutcomeSettings
) -> tuple[Thing, ...]:
    """Return what was heard of a family, most deals first, without quotes."""
    said = matter.said
    labels = {label for kind, label in said.rows if kind == family}
    if family == "message":
        labels = set(matter.messages)
    counts = said.counts([(family, label) for label in labels], matter.spans)
    trends = trends_of({label: counts[family, label] for label in sorted(labels)}, quotes.settings)
    against = _associations(family, matter, settings)
    span = matter.spans[-1]
    base, unit = said.base(family, span), str if family == "message" else said.calls.unit
    made = []
    for label in labels:
        rows = counts[family, label]
        if not rows[-1].heard and family != "message":
            continue
        found = against.get(label)
        title = matter.titles.get(family, {}).get(label, label)
        heard = [row for row in said.within((family, label), span) if unit(row.call_id) in base]
        made.append(
            Thing(
                family=family,
                label=label,
                title=title,
                now=pooled(rows[-1:]),
                counts=rows,
                trend=trends[label],
                won=found.with_it if found else None,
                verdict=found.verdict if found else Verdict.NOT_ENOUGH,
                deals=_deals_of(heard, matter),
                loose=loose_calls(heard, loosely_worded(title, heard)) if family == "message" else 0,
            )
        )
    return tuple(sorted(made, key=lambda one: (-one.now.successes, one.title, one.label)))


def _associations(family: str, matter: BriefMaterial, settings: OutcomeSettings) -> dict[str, Association]:
    """Return what the report on outcomes says of each thing of a family."""
    firsts = {label: first for (kind, label), first in matter.heard.firsts.items() if kind == family}
    found = associate(
        matter.closed.cohort,
        firsts,
        min_deals=settings.min_deals,
        smallest_effect=settings.smallest_effect,
        max_q=settings.max_q,
        sensitivity_days=settings.sensitivity_days,
    )
    return {row.label: row for row in found.rows}


def _quoted(things: Iterable[Thing], quoted: Callable[[Key], tuple[Quote, ...]]) -> tuple[Thing, ...]:
    return tuple(replace(one, quotes=quoted((one.family, one.label))) for one in things)


def _known_periods(matter: BriefMaterial, earlier: Sequence[Span]) -> int:
    """Return how many periods do not end before anything is known."""
    days = {*matter.said.calls.day_of.values()} | {
        date.fromisoformat(deal.close_date)
        for deal in matter.deals
        if deal.close_date and deal.outcome not in (Outcome.OPEN, Outcome.EXCLUDED)
    }
    return sum(one.last >= min(days, default=one.first) for one in earlier)


def _calls(matter: BriefMaterial, span: Span) -> PeriodCount:
    """Return the sales calls of a period, and those of them in which prospects are known to speak."""
    within = matter.said.calls.within(span)
    showing = sum(call in matter.said.calls.showing for call in within)
    return PeriodCount(span.name, showing, len(within))


def _deals_of(rows: Iterable[HeardRow], matter: BriefMaterial) -> tuple[str, ...]:
    """Return the deals of findings, that of the last call first."""
    calls = matter.said.calls
    last = sorted({row.call_id for row in rows}, key=lambda call: (calls.day_of[call], call), reverse=True)
    return tuple(dict.fromkeys(calls.deal_of[call] for call in last if call in calls.deal_of))


def _named(report: BriefReport) -> frozenset[str]:
    """Return the ids of all deals that a report names."""
    things = (*report.objections, *report.competitors, *report.messages)
    steps = (row for point in report.jeopardy for row in point.deals)
    return frozenset(report.closed_deals).union(
        *(one.deals for one in things),
        *((*row.went_on, *row.stayed, *row.under_way) for row in steps),
    )
