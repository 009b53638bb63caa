"""The brief for the 1:1 of sales and marketing in short, for e-mails and posts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callmine.reports import brief_facts as f
from callmine.reports.brief_values import Agreed, BriefReport, Thing
from callmine.reports.quote_values import Quote
from callmine.reports.render import brief_folds as folds
from callmine.reports.render import brief_words as b
from callmine.reports.render.brief_opening import headline, standfirst
from callmine.reports.render.summaries import Entry, Part, Row, Said, Summary, filled, said
from callmine.reports.text import cut_name, money, verb

QUOTES = 2
"""Quotes of a thing that an e-mail shows at most: a brief is one page."""


def brief_summary(report: BriefReport) -> Summary:
    """Return what an e-mail and a post show of a brief."""
    of = (report.company,) if report.company else ()
    return Summary(
        subject=f"Sales and marketing, {report.period}: {headline(report)}",
        kind="Sales and marketing: the brief",
        about=(*of, report.period, b.period_spelled(report)),
        headline=headline(report),
        standfirst=(" ".join(standfirst(report)),),
        basis=(),
        parts=filled(_parts(report)),
        foot=f"Days are shown in {report.timezone}. {b.HOW[0]} {b.HOW[2]}",
        whole="the whole brief",
        command=b.command(report),
    )


def _parts(report: BriefReport) -> Iterator[Part]:
    yield Part("In figures", rows=tuple(_figures(report)), entries=_lost(report))
    yield from _things(report)
    yield Part(
        "Where deals get stuck",
        "" if report.jeopardy else b.steps_clear(report),
        entries=tuple(
            Entry(f"In jeopardy: {f.step_fact(point.step)}", (), _said(point.quotes))
            for point in report.jeopardy
        ),
        noun=("conversion point", ""),
    )
    if report.questions:
        yield Part(
            b.questions_title(len(report.questions)),
            lines=tuple(f"{one.text} {one.fact}" for one in report.questions),
            noun=("question", ""),
        )
    yield Part(
        "What you agreed",
        "" if report.agreed else b.nothing_agreed(),
        lines=tuple(_agreed(one, report) for one in report.agreed),
        noun=("agreement", ""),
    )


def _figures(report: BriefReport) -> Iterator[Row]:
    calls, closed = report.calls[-1].out_of, report.closed
    yield Row(f"Sales {verb(calls, 'call', 'calls')}", f"{calls:,}", b.usual_calls(report))
    yield Row(f"{verb(closed.total, 'Deal', 'Deals')} closed", f"{closed.total:,}", b.usual_closed(report))
    changed = b.WON_CHANGES[report.verdict] if closed.total and report.closed_before.total else ""
    many = closed.total >= f.ENOUGH
    yield Row(
        "Won",
        f.share(closed),
        "; ".join(filter(None, (b.won_range(report), changed))),
        (closed, report.closed_before) if many else (),
        f"now {f.share(closed)}, before {f.share(report.closed_before)}",
    )
    if report.won_amounts:
        first = report.won_amounts[0]
        yield Row("Worth", money(first.amount, first.currency), b.further_amounts(report))


def _lost(report: BriefReport) -> tuple[Entry, ...]:
    quotes = report.said_in_lost
    return (Entry("Said in deals that were lost", (), _said(quotes)),) if quotes else ()


def _things(report: BriefReport) -> Iterator[Part]:
    for title, rows in (
        ("What buyers push back on", report.objections),
        ("Whom we meet", report.competitors),
        ("What we say", report.messages),
    ):
        shown, _ = folds.in_the_open(rows)
        also = folds.also(rows)
        yield Part(
            title,
            f"More than before as well: {also}." if also else "",
            entries=tuple(_thing(one, report) for one in shown),
        )


def _thing(one: Thing, report: BriefReport) -> Entry:
    changed = b.change(one)
    facts = [b.counts(one, report)]
    if one.family != "message" and (won := b.won_with(one, report)):
        facts.append(f"{won}, {b.AMONG_LIKE[one.verdict]}" if one.verdict in b.AMONG_LIKE else won)
    title = f"{cut_name(one.title)}: {f.share(one.now)}"
    return Entry(f"{title}, {changed}" if changed else title, ("; ".join(facts),), _said(one.quotes))


def _said(quotes: Sequence[Quote]) -> tuple[Said, ...]:
    return said(map(b.short, quotes[:QUOTES]))


def _agreed(one: Agreed, report: BriefReport) -> str:
    since = f.since_fact(one, one.since) if one.since else b.not_told(one, report)
    line = f"{one.text} ({one.number}; {b.agreed_line(one)})"
    return f"{line} {since}" if since else line
