"""The report on approved messages in short, for e-mails and posts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from callmine.reports.message_values import ClaimGroup, MessageCount, MessageOutcomes, MessageReport
from callmine.reports.outcome_values import Family
from callmine.reports.render import message_deal_words as e
from callmine.reports.render import message_words as b
from callmine.reports.render import odds, outcome_words
from callmine.reports.render.message_quote_words import LOOSE_SHOWN
from callmine.reports.render.summaries import Entry, Part, Row, Summary, filled, of_part, said
from callmine.reports.text import capital
from callmine.reports.weeks import monday

MESSAGES = ("message", "")


def message_summary(report: MessageReport) -> Summary:
    """Return what an e-mail and a post show of the report."""
    of = (report.company,) if report.company else ()
    only = (f"only deals of {report.segment}",) if report.segment else ()
    command = f"callmine messages --since {monday(report.weeks[0])}"
    if report.segment:
        command += f" --segment {shlex.quote(report.segment)}"
    return Summary(
        subject=f"Messages{of_part(report.segment)}, {b.span(report)}: {b.headline(report)}",
        kind="Messages",
        about=(*of, *only, b.span(report)),
        headline=b.headline(report),
        standfirst=b.standfirst(report),
        basis=(b.INSIDE,),
        parts=filled(_parts(report)),
        foot=" ".join(b.basis(report)),
        whole="the whole report",
        command=command,
    )


def _parts(report: MessageReport) -> Iterator[Part]:
    yield Part(
        "Said, and taken up",
        heads=("Message", "Calls, and what became of it"),
        rows=tuple(_row(message, report) for message in report.messages),
        entries=tuple(_entry(message, report) for message in report.messages if message.said),
        noun=MESSAGES,
    )
    yield Part("How deals with a message ended", e.no_outcomes(report))
    if report.outcomes:
        yield from _outcomes(report.outcomes)
    if report.claims:
        yield Part(
            "What reps say instead",
            e.claims_note(report.claims, report) if report.claims.instead else "",
            entries=tuple(map(_group, report.claims.instead)),
            noun=("claim", ""),
        )
    yield Part(
        "Said in other words than approved",
        entries=tuple(
            Entry(
                message.text,
                (b.wording_sentence(message, report),),
                said(message.wording.quotes if message.wording else ()),
            )
            for message in b.drifted(report)
        ),
        noun=MESSAGES,
    )
    if report.claims and report.claims.candidates:
        yield Part(
            "Candidates from the field",
            e.CANDIDATE,
            entries=tuple(map(_group, report.claims.candidates)),
            noun=("candidate", ""),
        )


def _row(message: MessageCount, report: MessageReport) -> Row:
    if not message.said:
        return Row(message.text, "not heard")
    taken = f"taken up in {message.echoed:,}" if message.echoed else "not heard to be taken up"
    verdict = e.short_verdict(e.verdict_of(message, report))
    share = f"{b.share(message.said, report.calls)} in 100"
    return Row(message.text, f"{b.how_often_said(message, report)}; {share}", f"{taken} · {verdict}")


def _entry(message: MessageCount, report: MessageReport) -> Entry:
    facts = (b.said_sentence(message, report), b.change_sentence(message, report))
    who = tuple(f"{one.name}: {b.adoption_words(one)}" for one in (*message.groups, *message.reps))
    theirs = (
        said(message.examples, "As reps say it:")
        if message.examples
        else said(message.loosely[:LOOSE_SHOWN], "As reps say it, loosely:")
    )
    return Entry(
        message.text,
        (*filter(None, facts), *who),
        (*said(message.echoes, "Taken up by prospects:"), *theirs),
    )


def _outcomes(outcomes: MessageOutcomes) -> Iterator[Part]:
    if outcomes.said.lines:
        yield _family("How deals with a message ended", e.deals_note(outcomes), outcomes.said, outcomes)
    if outcomes.echoed.lines:
        yield _family("Deals in which a prospect took it up", "", outcomes.echoed, outcomes)
    yield Part(
        "Held against each other",
        e.PAIRS if outcomes.pairs else "",
        entries=tuple(
            Entry(e.pair_title(pair), (e.pair_answer(pair), *e.pair_figures(pair)))
            for pair in outcomes.pairs
        ),
        noun=("pair", ""),
    )


def _family(title: str, note: str, family: Family, outcomes: MessageOutcomes) -> Part:
    least, (won, other) = outcomes.settings.min_deals, outcome_words.HEADS[family.family]
    rows = []
    for line in family.lines:
        a = line.association
        with_it, without = odds.count_words(a.with_it), odds.count_words(a.without)
        many = min(a.with_it.total, a.without.total) >= least
        rows.append(
            Row(
                line.title,
                capital(outcome_words.answer_words(a)),
                f"{won}: {with_it}. {other}: {without}.",
                (a.with_it, a.without) if many else (),
                f"{with_it}, others {without}",
            )
        )
    return Part(
        title,
        note,
        heads=("Message", "What can be said, and how many were won"),
        rows=tuple(rows),
        noun=MESSAGES,
    )


def _group(group: ClaimGroup) -> Entry:
    taken = said(group.taken_up, "How prospects took it up:")
    return Entry(e.group_title(group), (e.group_sentence(group),), (*said(group.quotes), *taken))
