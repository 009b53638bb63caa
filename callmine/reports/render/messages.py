"""The report on approved messages as plain text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from callmine.reports.message_values import Adoption, ClaimGroup, MessageCount, MessageReport
from callmine.reports.quote_values import Quote
from callmine.reports.render.message_deal_words import (
    deals_note,
    group_sentence,
    group_title,
    pair_answer,
    pair_command,
    pair_title,
    short_verdict,
    verdict_of,
)
from callmine.reports.render.message_pages import check
from callmine.reports.render.message_quote_words import LOOSE_SHOWN
from callmine.reports.render.message_words import (
    NOT_HEARD,
    adoption_words,
    change_sentence,
    how_often_said,
    points,
    span,
    unit,
    withheld_words,
    worded_words,
    wording_sentence,
)
from callmine.reports.render.needed_words import needed_note
from callmine.reports.render.outcome_words import raw_sentence
from callmine.reports.render.wording import place, short_id, who
from callmine.reports.text import REDACTED, capital, plural, verb


def messages_text(report: MessageReport) -> str:
    """Return the report as lines to read; whatever was said stays on its line.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
    """
    check(report)
    lines = [_basis(report)]
    for message in report.messages:
        lines += ["", f"{message.id}  “{_line(message.text)}”"]
        lines += [f"  {line}" for line in _about(message, report)]
    lines += _further(report)
    if not all(message.said for message in report.messages):
        lines += ["", NOT_HEARD]
    if withheld := withheld_words(report):
        lines += ["", _line(withheld)]
    if report.redacted:
        lines += ["", REDACTED]
    return "\n".join(lines)


def _basis(report: MessageReport) -> str:
    lines = [f"{span(report)}: {plural(report.calls, 'call')} in which one of our reps is known to speak"]
    if report.segment:
        lines.append(f"only deals of the segment {_line(report.segment)}")
    if report.unplaced:
        lines.append(f"{plural(report.unplaced, 'more call')} not counted: no rep is known to speak there")
    if report.undated:
        undated = plural(report.undated, "undated call")
        lines.append(f"{undated} {verb(report.undated, 'is', 'are')} in no week")
    return "\n".join(lines)


def _about(message: MessageCount, report: MessageReport) -> Iterator[str]:
    if not message.said:
        yield "not heard"
        return
    yield (
        f"said in {how_often_said(message, report)};"
        f" a prospect took it up in {message.echoed:,} of these {message.said:,}"
    )
    counts = ", ".join(
        f"{point.name[5:] if 'W' in point.name else point.name} {point.said:,} of {point.out_of:,}"
        for point in points(message)
    )
    yield f"by {unit(report)}: {counts}"
    yield f"nearly in the playbook's words: {worded_words(message)} calls"
    yield from filter(None, (change_sentence(message, report), wording_sentence(message, report)))
    for group in message.groups:
        yield f"{_adoption(group)} ({plural(group.reps, 'rep')})"
    yield from map(_adoption, message.reps)
    if line := verdict_of(message, report):
        note = needed_note(line.association, report.outcomes.closed) if report.outcomes else ""
        yield f"{short_verdict(line)}: {raw_sentence(line)}" + (f" {capital(note)}." if note else "")
    for quote in message.examples:
        yield _example("said", quote)
    for quote in message.loosely[:LOOSE_SHOWN]:
        yield _example("said, loosely", quote)
    for quote in message.echoes:
        yield _example("taken up", quote)


def _further(report: MessageReport) -> Iterator[str]:
    """Yield what is said beside the messages, and which of two goes with winning."""
    claims, outcomes = report.claims, report.outcomes
    if claims:
        for heading, groups in (
            ("what reps say instead", claims.instead),
            ("candidates from the field: read the quotes before you approve one", claims.candidates),
        ):
            if groups:
                yield from ("", heading)
            for group in groups:
                yield from (f"  {line}" for line in _group(group))
    if outcomes and outcomes.pairs:
        yield from ("", "held against each other")
        for pair in outcomes.pairs:
            yield f"  {_line(pair_title(pair))}: {pair_answer(pair)} `{pair_command(pair)}`"
    if outcomes and outcomes.said.lines:
        yield from ("", _line(deals_note(outcomes)))


def _group(group: ClaimGroup) -> Iterator[str]:
    yield f"“{_line(group_title(group))}”  {group_sentence(group)}"
    for quote in group.taken_up:
        yield f"  {_example('taken up', quote)}"


def _adoption(adoption: Adoption) -> str:
    return f"{_line(adoption.name)}: {adoption_words(adoption)}"


def _example(how: str, quote: Quote) -> str:
    words = _line(quote.before + quote.marked + quote.after)
    about = f"{who(quote)}, {quote.account}" if quote.account else who(quote)
    return f"{how}: “{words}” {_line(about)}, {_line(place(quote))} (finding {short_id(quote)})"


def _line(text: str) -> str:
    return " ".join(text.split())
