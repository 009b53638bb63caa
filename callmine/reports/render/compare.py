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
from callmine.reports.render import odds
from callmine.reports.render.json import plain, schema_of
from callmine.reports.render.needed_words import rounded
from callmine.reports.render.wording import OUTCOMES
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
        won = f"{rate.successes:,}" if rate.successes else "none"
        rates = "" if c.adjusted is None else f": {odds.rate_words(rate)}"
        yield (
            f"   {plural(rate.total, 'deal')} with it and not the other, {won}"
            f" {verb(max(rate.successes, 1), 'was', 'were')} won{rates}"
        )
    yield ""
    yield from _figures(c)
    yield (
        f"{plural(c.both, 'deal')} {verb(c.both, 'has', 'have')} both, which says nothing of which is"
        f" better; {report.neither:,} {verb(report.neither, 'has', 'have')} neither. In all"
        f" {plural(report.closed, 'deal')} with calls closed from {report.since} to {report.until}."
    )
    if sentence := _needed(c, report.settings.smallest_effect):
        yield sentence
    if report.looks > 1:
        yield (
            f"This is comparison number {report.looks} in this workspace: who compares often finds"
            " something by chance sooner or later, and nothing here corrects for that."
        )
    yield (
        "This describes what was heard and how deals ended. It does not say what would have happened"
        " otherwise."
    )
    for name, side in (("A", report.a), ("B", report.b)):
        yield ""
        yield f"{name}, in their words:" if side.quotes else f"{name}: no quote"
        for quote in side.quotes:
            ended = OUTCOMES.get(quote.outcome, "open") if quote.outcome else "open"
            where = f"{quote.account or quote.source}, {ended}; {quote.source} @ {clock(quote.play_ms)}"
            yield f"   “{quote.before}{quote.marked}{quote.after}” ({where})"
        yield f"   deals: {_deals(side)}"


def answer(report: CompareReport) -> str:
    """Return the answer in one sentence."""
    c = report.comparison
    if c.verdict in (Verdict.WINS, Verdict.LOSSES):
        more = "more" if c.verdict is Verdict.WINS else "less"
        return f"Deals with A were won {more} often than like deals with B, beyond what chance explains."
    if c.verdict is Verdict.NO_DIFFERENCE:
        points = odds.of_100(report.settings.smallest_effect)
        return f"No difference that matters: any between A and B is smaller than {points} points."
    return "Not enough evidence yet to say whether deals with A or with B are won more often."


def _figures(c: Comparison) -> Iterator[str]:
    if c.raw is not None and c.adjusted is not None:
        yield (
            f"All of them: A is {_points(c.raw.value)} (from {_points(c.raw.low)} to"
            f" {_points(c.raw.high)}, in 19"
            " cases out of 20)."
        )
    if c.adjusted is None:
        yield "Like cannot be compared with like: too few deals have one of the two."
    elif c.adjusted.odds_ratio is None or c.like_for_like is None or c.base is None:
        yield "Like with like: too few like deals meet to say anything."
    else:
        within = f" ({odds.alike(c.strata)})" if c.strata else ""
        like = odds.like_words(c.adjusted, c.base, these="deals with A", others="deals with B")
        yield f"Like with like{within}: {like}."
    if c.disagree:
        yield "Mind: all deals together say one thing, like deals another. Like with like is what counts."


def _points(share: float) -> str:
    points = round(100 * share)
    if not points:
        return "level"
    return f"{plural(abs(points), 'point')} {'ahead' if points > 0 else 'behind'}"


def _needed(c: Comparison, smallest_effect: float) -> str:
    if c.verdict is not Verdict.NOT_ENOUGH:
        return ""
    points = odds.of_100(smallest_effect)
    if c.needed is None:
        return "How many more deals would settle it cannot be said: too few have one of the two."
    if c.needed == 0:
        return (
            f"With so many deals, a difference of {points} points would have been found four times in"
            " five. It"
            " was not; but one of that size cannot be ruled out, nor a smaller one."
        )
    return (
        f"With about {rounded(c.needed)} more closed deals that have one of the two, a difference of"
        f" {points}"
        " points, if there is one, would be found four times in five."
    )


def _named(side: Side) -> str:
    if side.what == "phrase":
        return f"the words “{side.title}”"
    same = side.title == side.label
    return f"{side.what} {side.label}" + ("" if same else f" (“{side.title}”)")


def _deals(side: Side) -> str:
    names = [
        f"{deal.account or deal.name or deal.deal_id} ({OUTCOMES[deal.outcome]})"
        for deal in side.deals[:DEALS_SHOWN]
    ]
    more = len(side.deals) - len(names)
    return listed([*names, f"{more:,} more"] if more > 0 else names) or "none"


def _check(report: CompareReport) -> None:
    for side in (report.a, report.b):
        for quote in side.quotes:
            check_quote(quote)
