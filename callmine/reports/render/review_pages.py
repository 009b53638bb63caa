"""The review of one deal as HTML, Markdown and JSON; quotes are checked, nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from callmine.reports import weeks
from callmine.reports.quote_values import Quote, Reply
from callmine.reports.quotes import check_quote, check_reply
from callmine.reports.render import html, markdown, review_words
from callmine.reports.render.json import plain, schema_of
from callmine.reports.review_values import DealReview

FORMAT = "callmine-review/1"


def quotes_of(review: DealReview) -> Iterator[Quote]:
    """Yield every quote of a review, in the order of the pages."""
    for call in (*review.interviews, *review.calls, *review.undated, *review.after_close):
        for raised in call.raised:
            yield from raised.quotes
            for answer in raised.answers:
                yield answer.quote
        yield from (*call.requests, *call.apart)
    for rival in review.competitors:
        yield from rival.quotes
    for message in review.messages:
        yield from message.quotes
    for asked in review.requests:
        yield from asked.quotes
    for call in (*review.interviews, *review.calls, *review.undated, *review.after_close):
        for unsure in call.unsure:
            yield unsure.quote


def replies_of(review: DealReview) -> Iterator[Reply]:
    """Yield every reply to an answer."""
    for call in (*review.interviews, *review.calls, *review.undated, *review.after_close):
        for raised in call.raised:
            for answer in raised.answers:
                if answer.reply is not None:
                    yield answer.reply


def review_json(review: DealReview) -> dict[str, Any]:
    """Return the review as a JSON value: its fields by name, and ``format`` first.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(review)
    return {"format": FORMAT, **plain(review)}


def render_json(review: DealReview) -> str:
    """Return the review as indented JSON text.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    return json.dumps(review_json(review), ensure_ascii=False, indent=2) + "\n"


def review_schema() -> dict[str, Any]:
    """Return the JSON Schema of :func:`review_json`, published as ``docs/review-schema.json``."""
    return schema_of(DealReview, title="Review of a deal", format=FORMAT)


def render_html(review: DealReview) -> str:
    """Return the review as one self-contained HTML document.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(review)
    return html.environment().get_template("review.html.j2").render(r=review, rv=review_words)


def render_markdown(review: DealReview) -> str:
    """Return the review as CommonMark with tables.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(review)
    page = markdown.environment().get_template("review.md.j2")
    # What a macro returns is escaped already; "md" says so.
    return markdown.tidy(page.render(r=review, rv=review_words, wk=weeks, md=markdown.Markup))


def _check(review: DealReview) -> None:
    for quote in quotes_of(review):
        check_quote(quote)
    for reply in replies_of(review):
        check_reply(reply)
