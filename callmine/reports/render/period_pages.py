"""The review of a period as HTML, Markdown and JSON; quotes are checked, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callmine.reports.quote_clips import in_turn
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import check_quote
from callmine.reports.reason_values import MOST_PARTING
from callmine.reports.render import html, markdown, period_words
from callmine.reports.render.json import Shape
from callmine.reports.review_period_values import PeriodReview


def quotes_of(report: PeriodReview) -> Iterator[Quote]:
    """Yield every quote of a review, in the order of the pages."""
    for group in _groups(report):
        yield from group


def quotes_to_hear(report: PeriodReview) -> Iterator[Quote]:
    """Yield every quote of a review, the first of each reason before second ones, for clips."""
    yield from in_turn(_groups(report))


def _groups(report: PeriodReview) -> Iterator[tuple[Quote, ...]]:
    if report.interviews is not None:
        for said in report.interviews.reasons:
            yield said.quotes
        yield report.interviews.words
    yield report.words
    for reason in (*report.reasons, *report.competitors):
        yield reason.quotes
    for row in report.parting:
        yield tuple(said.quote for said in row.quotes)


def render_html(report: PeriodReview) -> str:
    """Return the review as one self-contained HTML document.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(report)
    page = html.environment().get_template("review_period.html.j2")
    return page.render(**_given(report))


def render_markdown(report: PeriodReview) -> str:
    """Return the review as CommonMark with tables.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(report)
    page = markdown.environment().get_template("review_period.md.j2")
    return markdown.tidy(page.render(**_given(report)))


def _given(report: PeriodReview) -> dict[str, Any]:
    """Return what the templates are given."""
    deals = {deal.deal_id: deal for deal in (*report.deals, *report.others)}
    return {
        "r": report,
        "p": period_words,
        "deals": deals,
        "MOST_PARTING": MOST_PARTING,
    }


def _check(report: PeriodReview) -> None:
    for quote in quotes_of(report):
        check_quote(quote)


JSON = Shape(PeriodReview, "callmine-period-review/1", "Review of a period", _check)
"""Published as ``docs/period-review-schema.json``."""
