"""A comparison of two things as text for the terminal, and as JSON; quotes are checked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from callmine.outcomes.compare import Comparison
from callmine.outcomes.verdicts import Verdict
from callmine.reports.comparison import CompareReport, Side
from callmine.reports.quotes import check_quote
from callmine.reports.render import outcome_words as o
from callmine.reports.render.json import plain, schema_of
from callmine.reports.text import listed, plural, verb
from callmine.spans import clock

FORMAT = "callmine-compare/1"

DEALS_SHOWN = 8

_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
"""What a CRM's names may hold, and what would make two lines of one."""


def compare_json(report: CompareReport) -> dict[str, Any]:
    """Return the comparison as a JSON value: its fields by name, and ``format`` first.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(report)
    return {"format": FORMAT, **plain(report)}


def render_json(report: CompareReport) -> str:
    """Return the comparison as indented JSON text.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    return json.dumps(compare_json(report), ensure_ascii=False, indent=2) + "\n"


def compare_schema() -> dict[str, Any]:
    """Return the JSON Schema of :func:`compare_json`, published as ``docs/compare-schema.json``."""
    return schema_of(CompareReport, title="Comparison of two things heard", format=FORMAT)


def render_text(report: CompareReport) -> str:
    """Return the comparison as a screen of text.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(report)
    return "\n".join(_BREAKS.sub(" ", line) for line in _lines(report))


def _lines(report: CompareReport) -> Iterator[str]:
    c = report.comparison
    yield answer(report)
    yield ""
    for name, side, rate in (("A", report.a, c.a), ("B", report.b, c.b)):
        yield f"{name}: {_named(side)}"
        yield (
            f"   {plural(rate.total, 'deal')} with it and not the other, {rate.successes:,}"
            f" {verb(rate.successes, 'was', 'were')} won: {o.rate_words(rate)}"
        )
    yield ""
    yield from _figures(c)
    yield (
        f"{plural(c.both, 'deal')} {verb(c.both, 'has', 'have')} both and {verb(c.both, 'says', 'say')}"
        f" nothing about which is better; {report.neither:,} of"
        f" {plural(report.closed, 'deal')} with calls, closed from {report.since} to {report.until},"
        f" {verb(report.neither, 'has', 'have')} neither."
    )
    if sentence := _needed(c, report.settings.smallest_effect):
        yield sentence
    if report.looks > 1:
        yield (
            f"This is comparison number {report.looks} in this workspace: who compares often finds"
            " something by chance sooner or later."
        )
    yield "It describes what was heard and how deals ended, not what would have happened otherwise."
    for name, side in (("A", report.a), ("B", report.b)):
        yield ""
        yield f"{name}, in their words:" if side.quotes else f"{name}: no quote"
        for quote in side.quotes:
            ended = o.OUTCOMES.get(quote.outcome, "open") if quote.outcome else "open"
            where = f"{quote.account or quote.source}, {ended}; {quote.source} @ {clock(quote.play_ms)}"
            yield f"   “{quote.before}{quote.marked}{quote.after}” ({where})"
        yield f"   deals: {_deals(side)}"


def answer(report: CompareReport) -> str:
    """Return the answer in one sentence."""
    c = report.comparison
    if c.verdict in (Verdict.WINS, Verdict.LOSSES):
        better = "better" if c.verdict is Verdict.WINS else "worse"
        return f"Deals with A end {better} than deals with B, beyond what chance explains."
    if c.verdict is Verdict.NO_DIFFERENCE:
        points = o.of_100(report.settings.smallest_effect)
        return f"No difference that matters: any there is between A and B is smaller than {points} points."
    return "Not enough evidence yet to say that A or B is better."


def _figures(c: Comparison) -> Iterator[str]:
    if c.raw is not None:
        yield (
            f"All of them: {_points(c.raw.value)} for A ({_points(c.raw.low)} to {_points(c.raw.high)}),"
            " in 19 cases out of 20."
        )
    if c.adjusted is None:
        yield "Like with like cannot be compared: too few deals have one of the two."
    elif c.adjusted.odds_ratio is None or c.like_for_like is None or c.base is None:
        yield "Like with like, too few deals of one kind meet to say anything."
    else:
        high = "no limit" if c.adjusted.high is None else o.times(c.adjusted.high)
        alike = f" ({listed(c.strata)})" if c.strata else ""
        yield (
            f"Like with like{alike}: A has {o.times(c.adjusted.odds_ratio)} times B's odds of winning"
            f" ({o.times(c.adjusted.low)} to {high})."
        )
    if c.disagree:
        yield "Mind: all of them and like with like say different things; like with like decides."


def _points(share: float) -> str:
    points = round(100 * share)
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{abs(points)} points"


def _needed(c: Comparison, smallest_effect: float) -> str:
    if c.verdict is not Verdict.NOT_ENOUGH:
        return ""
    points = o.of_100(smallest_effect)
    if c.needed is None:
        return "How many more deals would settle it cannot be said: too few have one of the two."
    if c.needed == 0:
        return (
            f"A difference of {points} points would have shown four times in five; a smaller one may be"
            " there."
        )
    return (
        f"About {o.rounded(c.needed)} more closed deals with one of the two would show a difference of"
        f" {points} points, if there is one, four times in five."
    )


def _named(side: Side) -> str:
    if side.what == "phrase":
        return f"the words “{side.title}”"
    same = side.title == side.label
    return f"{side.what} {side.label}" + ("" if same else f" (“{side.title}”)")


def _deals(side: Side) -> str:
    names = [
        f"{deal.account or deal.name or deal.deal_id} ({o.OUTCOMES[deal.outcome]})"
        for deal in side.deals[:DEALS_SHOWN]
    ]
    more = len(side.deals) - len(names)
    return listed([*names, f"{more:,} more"] if more > 0 else names) or "none"


def _check(report: CompareReport) -> None:
    for side in (report.a, report.b):
        for quote in side.quotes:
            check_quote(quote)
