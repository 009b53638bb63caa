"""The brief as HTML, Markdown and JSON; quotes are checked, nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from callmine.reports import brief_facts
from callmine.reports.brief_values import BriefReport
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import check_quote
from callmine.reports.render import brief_folds, brief_opening, brief_paper, brief_words, html, markdown
from callmine.reports.render.json import plain, schema_of

FORMAT = "callmine-brief/1"


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


def brief_json(report: BriefReport) -> dict[str, Any]:
    """Return the brief as a JSON value: its fields by name, and ``format`` first.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(report)
    return {"format": FORMAT, **plain(report)}


def render_json(report: BriefReport) -> str:
    """Return the brief as indented JSON text.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    return json.dumps(brief_json(report), ensure_ascii=False, indent=2) + "\n"


def kept_json(report: BriefReport) -> str:
    """Return the brief as the JSON text that is kept: the same as :func:`render_json`, on one line.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    return json.dumps(brief_json(report), ensure_ascii=False, separators=(",", ":"))


def brief_schema() -> dict[str, Any]:
    """Return the JSON Schema of :func:`brief_json`, published as ``docs/brief-schema.json``."""
    return schema_of(BriefReport, title="Brief for the 1:1 of sales and marketing", format=FORMAT)


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
