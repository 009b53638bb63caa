"""The brief as HTML, Markdown and JSON; quotes are checked, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callmine.reports import brief_facts
from callmine.reports.brief_values import BriefReport
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import check_quote
from callmine.reports.render import brief_folds, brief_opening, brief_paper, brief_words, html, markdown
from callmine.reports.render.json import Shape


def quotes_of(report: BriefReport) -> Iterator[Quote]:
    """Yield every quote of a brief, in the order of the pages."""
    yield from quotes_to_hear(report)
    for question in report.questions:
        yield from question.quotes


def quotes_to_hear(report: BriefReport) -> Iterator[Quote]:
    """Yield the quotes that the page lists; those of a question are its fact's, and listed there."""
    yield from report.said_in_lost
    for thing in (*report.objections, *report.competitors, *report.messages):
        yield from thing.quotes
    for point in report.jeopardy:
        yield from point.quotes
    for one in report.agreed:
        if one.since is not None:
            yield from one.since.quotes


def render_html(report: BriefReport) -> str:
    """Return the brief as one self-contained HTML document, which prints on one page.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    return (
        html.environment()
        .get_template("brief.html.j2")
        .render(fullness=brief_paper.fullness(report), **_given(report))
    )


def render_markdown(report: BriefReport) -> str:
    """Return the brief as CommonMark.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    return markdown.tidy(markdown.environment().get_template("brief.md.j2").render(**_given(report)))


def _given(report: BriefReport) -> dict[str, Any]:
    """Check all quotes, and return what the templates are given."""
    _check(report)
    return {
        "r": report,
        "b": brief_words,
        "opening": brief_opening,
        "folds": brief_folds,
        "f": brief_facts,
        "deals": {deal.deal_id: deal for deal in report.deals},
    }


def _check(report: BriefReport) -> None:
    for quote in quotes_of(report):
        check_quote(quote)
        check_quote(brief_words.short(quote))


JSON = Shape(BriefReport, "callmine-brief/1", "Brief for the 1:1 of sales and marketing", _check)
"""Published as ``docs/brief-schema.json``."""
