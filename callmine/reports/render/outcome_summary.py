"""The report on won and lost deals in short, for e-mails and posts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

from callmine.outcomes.rates import Rate
from callmine.outcomes.verdicts import Verdict
from callmine.reports.outcome_values import Family, Line, OutcomeReport
from callmine.reports.reason_values import MOST_PARTING
from callmine.reports.render import answer_words, odds, reason_words, section_words
from callmine.reports.render import outcome_folds as fold
from callmine.reports.render import outcome_words as o
from callmine.reports.render.summaries import Entry, Part, Row, Summary, filled, of_part, said
from callmine.reports.text import capital
from callmine.reports.weeks import days_between

NO_CAUSE = "What goes with winning or losing need not be what wins or loses."


def outcome_summary(report: OutcomeReport) -> Summary:
    """Return what an e-mail and a post show of the report."""
    of = (report.company,) if report.company else ()
    only = (f"only deals of {report.segment}",) if report.segment else ()
    deals, part = report.basis.deals, of_part(report.segment)
    span = days_between(report.since, report.until)
    command = f"callmine outcomes --since {report.since} --until {report.until}"
    if report.segment:
        command += f" --segment {shlex.quote(report.segment)}"
    jeopardy = (
        (section_words.step_summary(report.steps),) if section_words.in_jeopardy(report.steps) else ()
    )
    return Summary(
        subject=f"Won and lost{part}, {span}: {deals.successes:,} of {deals.total:,} deals won",
        kind="Won and lost",
        about=(*of, *only, f"closed {span}"),
        headline=o.headline(report),
        standfirst=(*o.standfirst(report), *jeopardy),
        basis=o.basis(report),
        parts=filled(_parts(report)),
        foot=f"{NO_CAUSE} Days are shown in {report.timezone}.",
        whole="the whole report",
        command=command,
    )


def _parts(report: OutcomeReport) -> Iterator[Part]:
    yield _tallies(report)
    noted: set[str] = set()
    for family in sorted(report.families, key=lambda one: not _finds(one)):
        part = _family(report, family)
        yield replace(part, note="") if part.note in noted else part
        noted.add(part.note)
    yield _answers(report)
    yield _steps(report)
    yield from _reasons(report)
    if report.groups:
        yield Part(
            "Win rates by kind of deal",
            lines=tuple(
                f"By {one.by}, win rates {section_words.grouping_words(one)}: "
                + "; ".join(
                    f"{section_words.group_name(group)} {share(group.won, report.settings.min_deals)}"
                    for group in section_words.in_order(one)
                )
                + "."
                for one in section_words.groupings(report)
                if len(one.groups) > 1
            ),
        )
    if report.coverage:
        yield Part(
            "What was seen, and what was not",
            section_words.bias_summary(report.bias),
            lines=(
                *section_words.coverage_words(report.coverage),
                *map(section_words.level_words, section_words.differing(report.bias)),
            ),
        )


def share(rate: Rate, least: int) -> str:
    """Return ``41 in 100 (36 to 46), 74 of 180``; of a handful only the counts."""
    if not rate.total or rate.value is None:
        return "no deal"
    if rate.total < least:
        return odds.count_words(rate)
    return f"{odds.rate_words(rate)}, {odds.count_words(rate)}"


def _tallies(report: OutcomeReport) -> Part:
    return Part(
        "What is known",
        heads=("List", "Known"),
        rows=tuple(
            Row(
                one.heading,
                odds.number(one.known),
                f"{one.unknown:,} not known yet"
                + (f", {one.parted:,} {_depend(one.parted)} on how one compares" if one.parted else ""),
            )
            for one in fold.tallies(report)
        ),
    )


def _depend(count: int) -> str:
    return "depends" if count == 1 else "depend"


def _finds(family: Family) -> int:
    """Return how many lines of a list go with winning or losing: lists with such lines come first."""
    return sum(line.association.verdict in (Verdict.WINS, Verdict.LOSSES) for line in family.lines)


def _family(report: OutcomeReport, family: Family) -> Part:
    found, heading = fold.folds(family), o.HEADINGS[family.family]
    shown = found.shown or (found.unknown if found.is_open else ())
    if not shown:
        return Part("")
    won, other = o.HEADS[family.family]
    return Part(
        heading,
        o.alike_sentence(family),
        heads=(capital(o.NOUNS[family.family][0]), "What can be said, and how many were won"),
        rows=tuple(_row(line, report.settings.min_deals, won, other) for line in shown),
        entries=tuple(
            Entry(
                f"{line.title}: {o.answer_words(line.association)}",
                tuple(filter(None, (o.like_sentence(line), o.surely(line.association)))),
                said(line.quotes),
            )
            for line in found.known
        ),
        lines=fold.warnings(found.warned),
        noun=o.NOUNS[family.family],
    )


def _row(line: Line, least: int, won: str, other: str) -> Row:
    a = line.association
    with_it, without = share(a.with_it, least), share(a.without, least)
    return Row(
        line.title,
        capital(o.answer_words(a)),
        f"{won}: {with_it}. {other}: {without}.",
        (a.with_it, a.without) if min(a.with_it.total, a.without.total) >= least else (),
        f"{odds.count_words(a.with_it)}, others {odds.count_words(a.without)}",
    )


def _answers(report: OutcomeReport) -> Part:
    least = report.settings.min_deals
    entries = [
        Entry(
            f"{one.title}, {answer_words.answer_name(line)}: {o.VERDICTS[line.comparison.verdict]}",
            (
                f"Won with this answer: {share(line.comparison.a, least)}."
                f" With others: {share(line.comparison.b, least)}.",
            ),
            said(line.quotes),
        )
        for one in fold.answers_known(report, known=True)
        for line in one.lines
    ]
    return Part("Answers, and how those deals ended", entries=tuple(entries), noun=("answer", ""))


def _steps(report: OutcomeReport) -> Part:
    if not report.steps:
        return Part("")
    least = report.settings.min_deals
    return Part(
        "Conversion points",
        section_words.step_summary(report.steps),
        heads=("From stage", "Went on"),
        rows=tuple(
            Row(
                step.stage,
                "; ".join(f"{one.period}: {share(one.moved, least)}" for one in step.periods),
                section_words.STEP_WORDS[step.verdict],
                tuple(one.moved for one in reversed(step.periods) if one.moved.total >= least),
                "; ".join(f"{one.period} {odds.count_words(one.moved)}" for one in step.periods),
            )
            for step in report.steps
        ),
        lines=tuple(
            f"{step.stage}: {section_words.moved_words(report, moved)}"
            for step in report.steps
            for moved in step.heard
            if moved.beyond_chance
        ),
        noun=("stage", ""),
    )


def _reasons(report: OutcomeReport) -> Iterator[Part]:
    if not (report.reasons and (report.reasons.labels or report.reasons.without_reason)):
        return
    named = fold.by_id(report)
    yield Part(
        "The CRM’s loss reason, and what was heard",
        reason_words.reasons_summary(report.reasons, report.settings.min_deals),
        entries=tuple(
            Entry(
                fold.deal_words(named, [row.deal], 1),
                (capital(f"{reason_words.parting_words(report, row)}."),),
                tuple(
                    one
                    for found in row.quotes
                    for one in said((found.quote,), capital(reason_words.shown_as(report, found)))
                ),
            )
            for row in report.parting[:MOST_PARTING]
        ),
        lines=tuple(
            f"{reason_words.reason_title(report, row.label)}: in the CRM and heard {row.both:,}, in the CRM"
            f" and not heard {row.reason_only:,}, heard and not in the CRM {row.heard_only:,}"
            for row in reason_words.reason_rows(report.reasons)
        ),
        noun=("deal", ""),
    )
