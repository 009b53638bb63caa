"""The report on approved messages as JSON and as plain text."""

from __future__ import annotations

from typing import Any

from callmine.reports.message_values import Adoption, MessageCount, MessageReport
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import check_quote
from callmine.reports.render.json import plain
from callmine.reports.render.wording import place, who
from callmine.reports.text import REDACTED, listed, plural, verb

FORMAT = "callmine-messages/1"

NOT_HEARD = "not heard: what is said in quite other words is often missed, so it is no proof of silence"
"""Remark under a report with a message that nobody was heard to say."""


def messages_json(report: MessageReport) -> dict[str, Any]:
    """Return the report as a JSON value: its fields by name, and ``format`` first.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(report)
    return {"format": FORMAT, **plain(report)}


def messages_text(report: MessageReport) -> str:
    """Return the report as lines to read; whatever was said stays on its line.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    _check(report)
    lines = [_basis(report)]
    for message in report.messages:
        lines += ["", f"{message.id}  “{_line(message.text)}”"]
        lines += [f"  {line}" for line in _about(message, report)]
    if not all(message.said for message in report.messages):
        lines += ["", NOT_HEARD]
    if report.withheld:
        lines += ["", _withheld(report)]
    if report.redacted:
        lines += ["", REDACTED]
    return "\n".join(lines)


def _check(report: MessageReport) -> None:
    for message in report.messages:
        for quote in (*message.examples, *message.echoes):
            check_quote(quote)


def _basis(report: MessageReport) -> str:
    first, last = report.weeks[0], report.weeks[-1]
    span = last if first == last else f"{first} to {last}"
    lines = [f"{span}: {plural(report.calls, 'call')} in which one of our reps is known to speak"]
    if report.unplaced:
        lines.append(f"{plural(report.unplaced, 'more call')} not counted: no rep is known to speak there")
    if report.undated:
        undated = plural(report.undated, "undated call")
        lines.append(f"{undated} {verb(report.undated, 'is', 'are')} in no week")
    return "\n".join(lines)


def _about(message: MessageCount, report: MessageReport) -> list[str]:
    if not message.said:
        return ["not heard"]
    lines = [
        f"said in {message.said:,} of {plural(report.calls, 'call')};"
        f" a prospect took it up in {message.echoed:,} of these {message.said:,}",
        "by week: " + ", ".join(f"{w.week[5:]} {w.said:,} of {w.out_of:,}" for w in message.weekly),
    ]
    lines += [f"{_adoption(group)} ({plural(group.reps, 'rep')})" for group in message.groups]
    lines += [_adoption(rep) for rep in message.reps]
    lines += [_example("said", quote) for quote in message.examples]
    lines += [_example("taken up", quote) for quote in message.echoes]
    return lines


def _adoption(adoption: Adoption) -> str:
    return f"{_line(adoption.name)}: said in {adoption.said:,} of {plural(adoption.out_of, 'call')}"


def _example(how: str, quote: Quote) -> str:
    words = _line(quote.before + quote.marked + quote.after)
    about = f"{who(quote)}, {quote.account}" if quote.account else who(quote)
    return f"{how}: “{words}” {_line(about)}, {_line(place(quote))} (finding {quote.finding_id})"


def _withheld(report: MessageReport) -> str:
    names = listed(_line(name) for name in report.withheld)
    return f"not told: {names}; a group is told from three reps on, and if no one or two others are left"


def _line(text: str) -> str:
    return " ".join(text.split())
