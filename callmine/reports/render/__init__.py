"""Renderers: one digest in, one page of text out. They check the evidence and change nothing."""

from __future__ import annotations

from collections.abc import Iterator

from callmine.reports.digest_values import Digest
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import check_quote, check_reply


def all_quotes(digest: Digest) -> Iterator[Quote]:
    """Yield every quote a digest holds, in the order in which pages show them."""
    for objection in digest.objections:
        yield from (*objection.quotes, *objection.others)
    for answer in (*digest.won_answers, *digest.answers):
        yield answer.quote
    for competitor in digest.competitors:
        yield from (*competitor.quotes, *competitor.others)
    for request in digest.requests:
        yield from (*request.quotes, *request.others)
    yield from digest.phrases
    for theme in digest.emerging:
        yield from (*theme.quotes, *theme.others)


def check_evidence(digest: Digest) -> None:
    """Check that every quote and every reply is verbatim, right before it leaves the house.

    Raises:
        CallmineError: One is not (a bug).
    """
    for quote in all_quotes(digest):
        check_quote(quote)
    for answer in (*digest.won_answers, *digest.answers):
        if answer.reply is not None:
            check_reply(answer.reply)
