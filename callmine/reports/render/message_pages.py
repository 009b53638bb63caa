"""The report on approved messages as HTML, Markdown and JSON; quotes are checked, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callmine.reports.message_values import MessageReport
from callmine.reports.quote_clips import in_turn
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import check_quote
from callmine.reports.render import html, markdown, message_deal_words, message_quote_words, message_words
from callmine.reports.render.json import Shape
from callmine.reports.render.message_words import Point
from callmine.reports.render.outcome_pages import WIDTH, whisker

SOME_DEALS = 8
"""Deals that a page names behind a line; JSON has them all."""


def quotes_of(report: MessageReport) -> Iterator[Quote]:
    """Yield every quote of a report, in the order of the pages."""
    for message in report.messages:
        yield from (*message.echoes, *message.further_echoes)
        yield from (*message.examples, *message.further, *message.loosely)
    if report.outcomes:
        for line in (*report.outcomes.said.lines, *report.outcomes.echoed.lines):
            yield from line.quotes
        for pair in report.outcomes.pairs:
            yield from (*pair.a.quotes, *pair.b.quotes)
    for message in report.messages:
        yield from message.wording.quotes if message.wording else ()
    if report.claims:
        for group in (*report.claims.instead, *report.claims.candidates):
            yield from (*group.quotes, *group.taken_up)


def quotes_in_turn(report: MessageReport) -> Iterator[Quote]:
    """Yield the quotes in the order in which they get a clip: first what is shown at once."""
    claims = report.claims
    groups = (*claims.instead, *claims.candidates) if claims else ()
    lines = (*report.outcomes.said.lines, *report.outcomes.echoed.lines) if report.outcomes else ()
    told = [message.wording.quotes for message in report.messages if message.wording]
    yield from in_turn(
        [
            *(quotes for message in report.messages for quotes in (message.echoes, message.examples)),
            *(quotes for group in groups for quotes in (group.quotes, group.taken_up)),
            *told,
            *(line.quotes for line in lines),
            *(
                quotes
                for message in report.messages
                for quotes in (message.further_echoes, message.further, message.loosely)
            ),
        ]
    )


def check(report: MessageReport) -> None:
    """Check that every quote is verbatim, right before it leaves the house.

    Raises:
        CallmineError: One is not (a bug).
    """
    for quote in quotes_of(report):
        check_quote(quote)


def adoption(points: Sequence[Point], tallest: float) -> html.Chart:
    """Lay out the share of calls with a message as bars.

    Args:
        points: Weeks or months.
        tallest: The share that is as tall as the chart; all charts of a page share it.
    """
    bars = []
    for number, point in enumerate(points):
        kind = "none" if not point.out_of else "now" if number == len(points) - 1 else "past"
        part = point.said / point.out_of if point.out_of else 0.0
        height = max(round((html.HEIGHT - 2) * part / tallest), 1) if tallest else 1
        bars.append(html.Bar(number * (html.BAR + html.GAP), html.HEIGHT - height, height, kind))
    said = [
        f"{p.label}: {p.said:,} of {p.out_of:,}" if p.out_of else f"{p.label}: no calls" for p in points
    ]
    width = max(len(bars) * (html.BAR + html.GAP) - html.GAP, 1)
    return html.Chart(tuple(bars), width, html.HEIGHT, ", ".join(said))


def render_html(report: MessageReport) -> str:
    """Return the report as one self-contained HTML document.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    check(report)
    shares = [p.said / p.out_of for m in report.messages for p in message_words.points(m) if p.out_of]
    page = html.environment().get_template("messages.html.j2")
    return page.render(
        m=report,
        b=message_words,
        e=message_deal_words,
        mq=message_quote_words,
        adoption=adoption,
        tallest=max(shares, default=0.0),
        whisker=whisker,
        WIDTH=WIDTH,
        SOME_DEALS=SOME_DEALS,
    )


def render_markdown(report: MessageReport) -> str:
    """Return the report as CommonMark with tables.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    check(report)
    page = markdown.environment().get_template("messages.md.j2")
    text = page.render(
        m=report, b=message_words, e=message_deal_words, mq=message_quote_words, SOME_DEALS=SOME_DEALS
    )
    return markdown.tidy(text)


JSON = Shape(MessageReport, "callmine-messages/1", "Approved messages", check)
"""Published as ``docs/messages-schema.json``."""
