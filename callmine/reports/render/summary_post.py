"""A report in short as a post to Slack: the first sections, a quote each, and a link."""

from __future__ import annotations

from collections.abc import Iterator

from callmine.reports.letter_values import Post, Surroundings
from callmine.reports.quote_values import Quote
from callmine.reports.render import wording
from callmine.reports.render.letters import left, link
from callmine.reports.render.slack import (
    Block,
    context,
    escape,
    header,
    linked,
    section,
    within_limits,
    words_block,
)
from callmine.reports.render.summaries import Part, Summary
from callmine.reports.render.summary_letter import check_told, left_of, rest
from callmine.reports.text import cut_name

PARTS, THINGS, QUOTED = 6, 6, 3
"""Sections, things of each, and sections of which a quote is shown."""

LONGEST_NAME, LONGEST_LINE = 120, 300
"""Characters of a name in a list, and of what is said of it."""


def summary_post(summary: Summary, around: Surroundings | None = None) -> Post:
    """Return a report as a post.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    check_told(summary)
    around = around or Surroundings()
    return Post(
        text=escape(f"{summary.kind}: {summary.headline}"),
        blocks=within_limits(_blocks(summary, around), _end(summary, around)),
    )


def _blocks(summary: Summary, around: Surroundings) -> Iterator[Block]:
    yield header(summary.headline)
    if summary.standfirst:
        yield section(escape(" ".join(summary.standfirst)))
    yield context(" · ".join((summary.kind, *summary.about)), " ".join(summary.basis))
    quoted = 0
    for part in summary.parts[:PARTS]:
        yield section("\n".join(_lines(part, rest(summary, around))))
        quote = next((one.quote for entry in part.entries for one in entry.said), None)
        if quote is not None and quoted < QUOTED:
            quoted += 1
            yield words_block(passage(quote))
            yield context(said_by(quote))
            if page := link(quote, around):
                yield section(linked(page, "Hear it"))


def _lines(part: Part, where: str) -> Iterator[str]:
    yield f"*{escape(cut_name(part.title, 150))}*" + (" (internal)" if part.internal else "")
    if part.note:
        yield escape(cut_name(part.note, 2 * LONGEST_LINE))
    for row in part.rows[:THINGS]:
        yield _line(row.name, row.value, row.note)
    if not part.rows:
        for entry in part.entries[:THINGS]:
            if name := entry.title or next((passage(one.quote) for one in entry.said), ""):
                yield _line(name, *entry.facts)
    for line in part.lines[:THINGS]:
        yield _line("", line)
    if more := left_of(part, THINGS):
        yield escape(f"{left(more, part.noun[0], where, part.noun[1])}.")


def _line(name: str, *facts: str) -> str:
    said = escape(cut_name(" · ".join(filter(None, facts)), LONGEST_LINE))
    if not name:
        return f"• {said}"
    return f"• *{escape(cut_name(name, LONGEST_NAME))}*" + (f": {said}" if said else "")


def _end(summary: Summary, around: Surroundings) -> Iterator[Block]:
    if around.page:
        yield section(linked(around.page, f"Open {summary.whole}"))
    yield context(
        cut_name(summary.foot, 1000),
        "Personal data in quotes was left out where software found it; it does not find everything."
        if around.redacted
        else "",
    )


def passage(quote: Quote) -> str:
    """Return a quote's passage in quotation marks."""
    start, end = "… " if quote.cut_start else "", " …" if quote.cut_end else ""
    return f"{start}“{quote.before}{quote.marked}{quote.after}”{end}"


def said_by(quote: Quote) -> str:
    """Return who said it, where and when."""
    account = f", {cut_name(quote.account)}" if quote.account else ""
    day = f"{quote.day} · " if quote.day else ""
    return f"{cut_name(wording.who(quote), 90)}{account} · {day}{cut_name(wording.place(quote), 90)}"
