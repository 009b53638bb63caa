"""The review of one deal as HTML, Markdown and JSON; quotes are checked, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator

from callmine.reports import weeks
from callmine.reports.quote_values import Quote, Reply
from callmine.reports.quotes import check_quote, check_reply
from callmine.reports.render import html, markdown, review_words
from callmine.reports.render.json import Shape
from callmine.reports.review_values import DealReview


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


JSON = Shape(DealReview, "callmine-review/1", "Review of a deal", _check)
"""Published as ``docs/review-schema.json``."""
