"""How near reps stay to the words of an approved message, and whether that changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from callmine.extractors.approved import WORDED
from callmine.extractors.wording import share_said, wording
from callmine.outcomes.rates import difference, rate
from callmine.reports.message_values import Halves, Wording
from callmine.reports.quote_values import Quote
from callmine.reports.quotes import QuoteMaker, choose, ranked
from callmine.store.rows import EvidenceRow, HeardRow

LOOSE = 0.3
"""Share of a message's wording below which it is called loosely worded: right only if it means the same."""

OTHER_WORDS = 3
"""Quotes of a message in other words at most."""


def wording_of(
    text: str,
    said: Sequence[EvidenceRow],
    weeks: Sequence[str],
    week_by_call: Mapping[str, str],
    quotes: QuoteMaker,
    *,
    named: bool,
) -> Wording | None:
    """Say in how many calls a message was said nearly word for word; ``None`` where it was not said.

    A call counts as word for word where one of its turns is.

    Args:
        text: The message.
        said: Where reps said it.
        weeks: Of the report, oldest first.
        week_by_call: The week of each call.
        quotes: Makes the quotes.
        named: Whether quotes may name the rep.
    """
    if not said:
        return None
    words = wording(text)
    shares = {one: share_said(words, one) for one in {row.text for row in said}}
    plainly = {row.call_id for row in said if shares[row.text] >= WORDED}
    calls = {row.call_id for row in said}
    halves = halves_of(plainly, calls, weeks, week_by_call)
    later = later_weeks(weeks)
    others = [row for row in said if row.call_id not in plainly]
    shown = [row for row in others if week_by_call[row.call_id] in later] or others
    best = choose_worded(ranked(shown), OTHER_WORDS)
    return Wording(
        worded=rate(len(plainly), len(calls)),
        halves=halves,
        quotes=tuple(quoted(row, quotes, named=named, part="words") for row in best),
    )


def loosely_worded(text: str, said: Sequence[EvidenceRow | HeardRow]) -> frozenset[str]:
    """Return the findings that have little of a message's wording; none that a person confirmed.

    Args:
        text: The message.
        said: Where reps said it.
    """
    words = wording(text)
    return frozenset(
        row.finding_id for row in said if row.verdict != "right" and share_said(words, row.text) < LOOSE
    )


def loose_calls(said: Sequence[EvidenceRow | HeardRow], loose: Collection[str]) -> int:
    """Return in how many calls all that was said is loosely worded.

    Args:
        said: Where reps said it.
        loose: Findings that are loosely worded.
    """
    plainly = {row.call_id for row in said if row.finding_id not in loose}
    return len({row.call_id for row in said} - plainly)


def quoted(row: EvidenceRow, quotes: QuoteMaker, *, named: bool, part: str = "") -> Quote:
    """Return a quote with an anchor of its own in a part of a page, without a rep's name unless allowed."""
    quote = quotes.quote(row if named else replace(row, speaker_name=None))
    return replace(quote, quote_id=f"{quote.quote_id}-{part}") if part else quote


def later_weeks(weeks: Sequence[str]) -> frozenset[str]:
    """Return the second half of weeks, the longer one where they are odd."""
    return frozenset(weeks[len(weeks) // 2 :])


def halves_of(
    some: Collection[str], calls: Collection[str], weeks: Sequence[str], week_by_call: Mapping[str, str]
) -> Halves:
    """Return how many of the calls are some of them, in the first and in the second half of weeks.

    Args:
        some: Ids of the calls.
        calls: Ids of all.
        weeks: Oldest first.
        week_by_call: The week of each call.
    """
    later = later_weeks(weeks)
    new = {call_id for call_id in calls if week_by_call[call_id] in later}
    old = set(calls) - new
    first, last = rate(len(old & set(some)), len(old)), rate(len(new & set(some)), len(new))
    return Halves(first, last, difference(last.successes, last.total, first.successes, first.total))


def choose_worded(rows: Sequence[EvidenceRow], limit: int) -> list[EvidenceRow]:
    """Return the first rows that differ in wording, in account and in call; of one wording two at most."""
    first: dict[str, EvidenceRow] = {}
    for row in rows:
        first.setdefault(" ".join(row.text.casefold().split()), row)
    if len(first) == 1:
        return choose(rows, min(limit, 2))[0]
    return choose(list(first.values()), limit)[0]
