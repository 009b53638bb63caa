"""The report on won and lost deals as HTML, Markdown and JSON; quotes are checked, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from callmine.outcomes.rates import Rate
from callmine.reports.outcome_values import OutcomeReport
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import check_quote
from callmine.reports.reason_values import MOST_PARTING
from callmine.reports.render import html, markdown
from callmine.reports.render.json import Shape
from callmine.reports.render.outcome_folds import by_id

WIDTH = 160
"""Pixels of a chart of win rates, 0 to 100 in 100."""


@dataclass(frozen=True, slots=True)
class Whisker:
    """A win rate and its interval as places on a chart, pixels."""

    low: float
    value: float
    high: float


def quotes_of(report: OutcomeReport) -> Iterator[Quote]:
    """Yield every quote of a report, in the order of the pages."""
    for family in report.families:
        for line in family.lines:
            yield from line.quotes
    for one in report.answers:
        for answer in one.lines:
            yield from answer.quotes
    for row in report.parting:
        yield from (said.quote for said in row.quotes)


def render_html(report: OutcomeReport) -> str:
    """Return the report as one self-contained HTML document.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(report)
    page = html.environment().get_template("outcomes.html.j2")
    return page.render(
        r=report, deals=by_id(report), MOST_PARTING=MOST_PARTING, whisker=whisker, WIDTH=WIDTH
    )


def render_markdown(report: OutcomeReport) -> str:
    """Return the report as CommonMark with tables.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(report)
    page = markdown.environment().get_template("outcomes.md.j2")
    return markdown.tidy(page.render(r=report, named=by_id(report), MOST_PARTING=MOST_PARTING))


def whisker(rate: Rate) -> Whisker | None:
    """Return where a rate and its interval lie on a chart; ``None`` without deals."""
    if rate.value is None:
        return None
    return Whisker(*(round(WIDTH * share, 1) for share in (rate.low, rate.value, rate.high)))


def _check(report: OutcomeReport) -> None:
    for quote in quotes_of(report):
        check_quote(quote)


JSON = Shape(OutcomeReport, "callmine-outcomes/1", "Won and lost deals", _check)
"""Published as ``docs/outcomes-schema.json``."""
