"""The review of a period in short, for e-mails and posts."""

from __future__ import annotations

from collections.abc import Iterator

from callmine.reports.reason_values import MOST_PARTING
from callmine.reports.render import period_words as p
from callmine.reports.render import reason_words, section_words
from callmine.reports.render.summaries import Entry, Part, Row, Summary, filled, of_part, said
from callmine.reports.review_period import LOST
from callmine.reports.review_period_values import FromInterviews, PeriodReview, Reason
from callmine.reports.text import capital, cut_name, plural
from callmine.reports.weeks import days_between

DEALS = ("deal", "")


def period_summary(report: PeriodReview) -> Summary:
    """Return what an e-mail and a post show of a period's review."""
    of = (report.company,) if report.company else ()
    only = (f"only deals of {report.segment}",) if report.segment else ()
    span = days_between(report.since, report.until)
    return Summary(
        subject=f"{p.title(report)}{of_part(report.segment)}, {span}: {p.headline(report)}",
        kind=p.title(report),
        about=(*of, *only, f"closed {span}"),
        headline=p.headline(report),
        standfirst=(" ".join(p.standfirst(report)),),
        basis=(p.basis(report), p.ROOMS),
        parts=filled(_parts(report)),
        foot=f"Days are shown in {report.timezone}. {p.no_test(report)}",
        whole="the whole review",
        command=p.command(report).removesuffix(" --json"),
    )


def _parts(report: PeriodReview) -> Iterator[Part]:
    lost = report.side == LOST
    if report.interviews:
        yield _interviews(report.interviews)
    if report.words:
        yield Part(
            "In their own words",
            "What prospects of won deals said on sales calls of value, of what troubles them and of what"
            " they want.",
            entries=(Entry(said=said(report.words)),),
        )
    reasons = "Reasons in the buyers’ words" if lost else "What they raised, and bought all the same"
    yield _heard(report, reasons, "Objection", report.reasons)
    if lost:
        yield Part("How they were lost", entries=tuple(_endings(report)), noun=("way", ""))
    yield _heard(report, "Competitors", "Competitor", report.competitors)
    yield Part(
        "By segment",
        heads=("Segment", capital(report.side)),
        rows=tuple(
            Row(
                p.segment_name(one),
                plural(one.deals, "deal"),
                f"won of all closed: {p.share_words(one.won, report.settings.min_deals)}"
                + (f" · {p.ranked(one.objections, 'raised')}" if one.objections else ""),
            )
            for one in report.segments
        ),
        noun=("segment", ""),
    )
    yield from _crm(report)
    yield from _pairs(report, lost=lost)
    yield Part(
        "The deals",
        lines=tuple(f"{p.deal_words(report, (d.deal_id,))}: {p.deal_facts(d)}" for d in report.deals),
        noun=DEALS,
    )


def _interviews(found: FromInterviews) -> Part:
    raised = tuple(
        Entry(one.title, (f"In interviews on {plural(one.deals, 'deal')}",), said(one.quotes))
        for one in found.reasons
    )
    wants = Entry("What troubles them, and what they want", (), said(found.words))
    return Part(
        "What buyers said in interviews",
        p.interviews_facts(found),
        entries=(*raised, wants) if found.words else raised,
        noun=("objection", ""),
    )


def _heard(report: PeriodReview, title: str, noun: str, rows: tuple[Reason, ...]) -> Part:
    if not rows:
        return Part("")
    least, other = report.settings.min_deals, p.OTHER[report.side]
    drawn = [rate for one in rows for rate in (one.here, one.there) if rate.total >= least]
    return Part(
        title,
        heads=(noun, f"Of {report.side} deals, and of {other} ones, with calls that count"),
        rows=tuple(
            Row(
                one.title,
                f"{capital(report.side)}: {p.share_words(one.here, least)}",
                f"{capital(other)}: {p.share_words(one.there, least)}",
                (one.here, one.there) if drawn else (),
                f"{report.side} {p.short(one.here)}, {other} {p.short(one.there)}",
            )
            for one in rows
        ),
        entries=tuple(Entry(one.title, (), said(one.quotes)) for one in rows if one.quotes),
        noun=(noun.lower(), ""),
    )


def _endings(report: PeriodReview) -> Iterator[Entry]:
    for one in report.endings:
        facts = [p.ending_facts(one, report)]
        facts += [p.ranked(one.objections)] if one.objections else []
        facts += [p.ranked(one.competitors, "Named")] if one.competitors else []
        yield Entry(p.ENDINGS[one.outcome], tuple(facts))


def _crm(report: PeriodReview) -> Iterator[Part]:
    if not report.crm:
        return
    summary = (
        reason_words.reasons_summary(report.agreement, report.settings.min_deals)
        if report.agreement
        else ""
    )
    yield Part(
        "The CRM’s reasons, and what was heard",
        summary,
        heads=("Reason in the CRM", "Lost deals"),
        rows=tuple(
            Row(cut_name(one.reason) if one.reason else "none given", plural(one.deals, "deal"))
            for one in report.crm
        ),
        noun=("reason", ""),
    )
    entries = [
        Entry(
            p.deal_words(report, (row.deal,)),
            (capital(f"{reason_words.parting_words(report, row)}."),),
            tuple(
                one
                for found in row.quotes
                for one in said((found.quote,), capital(reason_words.shown_as(report, found)))
            ),
        )
        for row in report.parting[:MOST_PARTING]
    ]
    yield Part("Where CRM and calls differ", entries=tuple(entries), noun=DEALS)


def _pairs(report: PeriodReview, *, lost: bool) -> Iterator[Part]:
    if not (report.pairs and report.pairs.pairs):
        return
    yield Part(
        "Lost deals beside won ones like them" if lost else "Won deals beside lost ones like them",
        f"{section_words.pairs_summary(report.pairs)} {p.pairs_note(report)}",
        lines=tuple(
            f"{section_words.title_of(report, row.label)}: {section_words.paired_words(row)}."
            for row in report.pairs.labels[:8]
        ),
    )
