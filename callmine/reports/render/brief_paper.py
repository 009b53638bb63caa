"""How full the sheet is on which a brief is printed, so that it is one sheet, and no emptier than need be.

CSS cannot shorten the lists of a page that is too long for its paper. So its height is estimated here, with
a wide typeface in mind, and the style sheet leaves out more or less by what comes of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callmine.reports.brief_facts import since_fact, step_fact
from callmine.reports.brief_values import BriefReport, Jeopardy, Thing
from callmine.reports.quote_values import Quote
from callmine.reports.render import brief_folds as folds
from callmine.reports.render import brief_words as b
from callmine.reports.render.brief_opening import headline, standfirst
from callmine.reports.text import cut_name

SHEET = 890
"""Estimated pixels that still fit: what is above and below the columns takes up to 130 of 1058."""

FACT, QUOTE, TEXT, ASK, NAME = 12.6, 14.2, 15.0, 16.6, 16.6
"""Heights of a line of each sort of text, pixels."""

APART, HEAD, REDACTED = 7, 38, 20
"""Space between two things of a list, a section's heading with its space, and the note of redaction."""


@dataclass(frozen=True, slots=True)
class Column:
    """How many characters of each sort of text are in a line."""

    fact: int
    quote: int
    text: int
    ask: int
    name: int


LEFT = Column(fact=78, quote=64, text=66, ask=56, name=30)
RIGHT = Column(fact=51, quote=42, text=43, ask=37, name=19)


def fullness(report: BriefReport) -> str:
    """Return ``roomy``, ``tight`` (quotes of the narrow column are left out) or ``crowded`` (lines are)."""
    if height(report, quoted=True) <= SHEET:
        return "roomy"
    return "tight" if height(report, quoted=False) <= SHEET else "crowded"


def height(report: BriefReport, *, quoted: bool) -> float:
    """Estimate the height of the columns, and of what a headline takes beyond a line, in pixels.

    Args:
        report: The brief.
        quoted: With quotes in the narrow column.
    """
    facts = HEAD + 2 * FACT + _things(report.objections, report, LEFT, quoted=True)
    facts += HEAD + TEXT + sum(_point(one) for one in report.jeopardy[: b.MOST_POINTS])
    facts += FACT * (len(report.jeopardy) > b.MOST_POINTS)
    facts += _asked(report)
    aside = sum(
        HEAD + _things(things, report, RIGHT, quoted=quoted)
        for things in (report.competitors, report.messages)
        if things
    )
    # What was agreed on stands below the questions where there are none.
    if report.questions:
        aside += _agreed(report, RIGHT)
    else:
        facts += _agreed(report, LEFT)
    lead = _of(headline(report), 48, 28) + _of(" ".join(standfirst(report)), 92, 19) - 28
    return lead + max(facts, aside) + REDACTED * report.redacted


def _things(things: Sequence[Thing], report: BriefReport, column: Column, *, quoted: bool) -> float:
    tall = _of(folds.also(things), column.fact - 22, FACT)
    for one in folds.in_the_open(things)[0]:
        told = f"{b.counts(one, report)} · {b.won_with(one, report)}, {b.AMONG_LIKE.get(one.verdict, '')}"
        tall += APART + _of(cut_name(one.title), column.name, NAME) + _of(told, column.fact, FACT)
        tall += _quote(one.quotes, column) if quoted else 0
    return tall


def _asked(report: BriefReport) -> float:
    asked = (
        APART
        + _of(one.text, LEFT.ask, ASK)
        + _of(one.fact, LEFT.fact - 5, FACT)
        + (_quote(one.quotes, LEFT) if one.kind in b.QUOTED_THERE else 0)
        for one in report.questions
    )
    return HEAD + (sum(asked) or FACT)


def _agreed(report: BriefReport, column: Column) -> float:
    told = (
        APART
        + _of(f"{one.number} {one.text}", column.text, TEXT)
        + _of(b.agreed_line(one), column.fact, FACT)
        + _of(since_fact(one, one.since) if one.since else b.not_told(one, report), column.fact, FACT)
        for one in report.agreed[: b.MOST_AGREED]
    )
    return HEAD + (sum(told) or 2 * FACT)


def _point(point: Jeopardy) -> float:
    said = _of(f"In jeopardy {step_fact(point.step)}", LEFT.text, TEXT)
    return APART + said + _quote(point.quotes, LEFT)


def _quote(quotes: Iterable[Quote], column: Column) -> float:
    for quote in quotes:
        short = b.short(quote)
        words = f"“{short.before}{short.marked}{short.after}” {cut_name(quote.account or '', 40)} ……"
        return _of(words, column.quote, QUOTE) + 2
    return 0


def _of(text: str, width: int, line: float) -> float:
    """Return the height of a text in lines of so many characters."""
    return math.ceil(len(text) / width) * line
