"""Sentences of the report on approved messages, in pages and in text.

Nothing here says "because": what goes with winning need not be what wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from callmine.domain import Role
from callmine.outcomes.rates import Rate
from callmine.outcomes.verdicts import Verdict
from callmine.reports.message_values import (
    Adoption,
    ClaimGroup,
    Halves,
    MessageCount,
    MessageMonth,
    MessageReport,
)
from callmine.reports.outcome_values import Line
from callmine.reports.render.message_quote_words import loosely
from callmine.reports.render.odds import of_100
from callmine.reports.render.outcome_words import verdict_noun
from callmine.reports.text import capital, cut_name, listed, listed_up_to, plural, verb
from callmine.reports.weeks import MONTHS, days_between, week_label

NOT_HEARD = "not heard: what is said in quite other words is often missed, so it is no proof of silence"
"""Remark under a report with a message that nobody was heard to say."""

CHANCE = 0.05
"""How likely chance alone may be, for all messages together, where a change is told as one."""

FEWEST_SAID = 5
"""Calls with messages, of all messages together, from which on it is news that nobody took one up."""

FEWEST_WORDED = 5
"""Calls with a message from which on it is told that it is never said in the playbook's words."""

LONGEST = 120
"""Characters of a message, or of what is said instead, in the lines above a page."""

INSIDE = "For inside: quotes name accounts and people."


@dataclass(frozen=True, slots=True)
class Point:
    """One week or month of a message's adoption.

    Attributes:
        name: ``2026-W40``, ``2026-09``, or ``2026-09 (days 1–20)`` where no more of it is told.
        label: As people read it.
        said: Calls in which it was said.
        out_of: Calls that count.
        echoed: Calls in which it was taken up.
    """

    name: str
    label: str
    said: int
    out_of: int
    echoed: int


def points(message: MessageCount) -> tuple[Point, ...]:
    """Return a message's adoption month by month where it is told so, else week by week."""
    if message.monthly:
        return tuple(Point(*_names(m), m.said, m.out_of, m.echoed) for m in message.monthly)
    return tuple(Point(w.week, week_label(w.week), w.said, w.out_of, w.echoed) for w in message.weekly)


def unit(report: MessageReport) -> str:
    """Return ``week`` or ``month``: what adoption is told by."""
    return "month" if any(message.monthly for message in report.messages) else "week"


def _names(month: MessageMonth) -> tuple[str, str]:
    """Return how a month is called in text and on pages: by its days where it is there in part only."""
    first, last = date.fromisoformat(month.since), date.fromisoformat(month.until)
    if first.day == 1 and (last + timedelta(days=1)).day == 1:
        return month.month, f"{MONTHS[first.month - 1]} {first.year}"
    return f"{month.month} (days {first.day}–{last.day})", days_between(month.since, month.until)


def span(report: MessageReport) -> str:
    """Return the days that a report is about, as people write them."""
    return days_between(report.since, report.until)


def headline(report: MessageReport) -> str:
    """Return the most important thing of a report in one sentence."""
    for wanted in (Verdict.WINS, Verdict.LOSSES):
        titles = [line.title for line in lines_of(report) if line.association.verdict is wanted]
        if titles:
            named = listed_up_to([f"“{cut_name(title, LONGEST)}”" for title in titles], 2)
            return f"{named} {verb(len(titles), 'goes', 'go')} with {verdict_noun(wanted)}"
    said = [message for message in report.messages if message.said]
    if not said:
        none = plural(len(report.messages), "approved message")
        return f"No approved message was heard; there {verb(len(report.messages), 'is', 'are')} {none}"
    most = said[0]
    if nobody_took_up(report):
        return "No prospect was heard to take up an approved message"
    if len(said) == 1 < len(report.messages):
        return f"“{cut_name(most.text, LONGEST)}” is the only approved message that was heard"
    how_often = how_often_said(most, report)
    if len(report.messages) == 1:
        return f"“{cut_name(most.text, LONGEST)}” was said in {how_often}"
    return f"“{cut_name(most.text, LONGEST)}” is the message said most: in {how_often}"


def nobody_took_up(report: MessageReport) -> bool:
    """Whether messages were said often enough that it tells something if no prospect took one up."""
    often = sum(message.said for message in report.messages) >= FEWEST_SAID
    return often and not any(message.echoed for message in report.messages)


def how_often_said(message: MessageCount, report: MessageReport) -> str:
    """Return ``6 of 18 calls, 3 of them loosely worded``."""
    return of_calls(message.said, report.calls) + loosely(message.loose, message.said)


def standfirst(report: MessageReport) -> tuple[str, ...]:
    """Return what else is to be known at once, a few sentences; none where there is nothing to say."""
    said = []
    known = [
        line for line in lines_of(report) if line.association.verdict in (Verdict.WINS, Verdict.LOSSES)
    ]
    most = report.messages[0]
    how_often = how_often_said(most, report)
    if known:
        if [line.label for line in known] == [most.id]:
            said.append(f"It was said in {how_often}.")
        else:
            said.append(f"Said most is “{cut_name(most.text, LONGEST)}”: in {how_often}.")
        if nobody_took_up(report):
            said.append("No prospect was heard to take up an approved message.")
    elif nobody_took_up(report):
        several = sum(bool(message.said) for message in report.messages) > 1
        text = f"“{cut_name(most.text, LONGEST)}”"
        said.append(
            f"Said most is {text}: in {how_often}." if several else f"{text} was said in {how_often}."
        )
    if not known and report.outcomes and report.outcomes.said.lines:
        said.append("No message can yet be said to go with winning or losing.")
    silent = [f"“{cut_name(message.text, LONGEST)}”" for message in report.messages if not message.said]
    if silent and len(silent) < len(report.messages):
        said.append(f"{capital(listed_up_to(silent, 3))} {verb(len(silent), 'was', 'were')} not heard.")
    others = rep_groups(report)
    if others:
        first = max(others, key=lambda group: group.calls)
        said.append(
            f"What reps say instead most often was heard in {of_calls(first.calls, report.calls)}:"
            f" “{cut_name(first.quotes[0].text, LONGEST)}”."
        )
    return tuple(said)


def rep_groups(report: MessageReport) -> tuple[ClaimGroup, ...]:
    """Return what reps say beside the messages, whether prospects take it up or not."""
    if report.claims is None:
        return ()
    taken = (group for group in report.claims.candidates if group.said_by is Role.REP)
    return (*report.claims.instead, *taken)


def lines_of(report: MessageReport) -> tuple[Line, ...]:
    """Return how deals with each message ended; none where nothing is known."""
    return report.outcomes.said.lines if report.outcomes else ()


def of_calls(count: int, calls: int) -> str:
    """Return ``259 of 2,497 calls``."""
    return f"{count:,} of {plural(calls, 'call')}"


def share(count: int, out_of: int) -> str:
    """Return a share in 100; a dash where there is nothing to share."""
    return of_100(count / out_of) if out_of else "–"


def _share(rate: Rate) -> str:
    return share(rate.successes, rate.total)


def part(rate: Rate) -> str:
    """Return ``12 of 40``."""
    return f"{rate.successes:,} of {rate.total:,}"


def said_sentence(message: MessageCount, report: MessageReport) -> str:
    """Say how often a message was said, and taken up."""
    in_deals = f", in {plural(message.deals, 'deal')}" if message.deals else ""
    said = f"Said in {how_often_said(message, report)}{in_deals}"
    if message.wording:
        plainly = message.wording.worded.successes
        said += f", nearly word for word in {plainly:,} of these {message.said:,}"
    if not message.echoed:
        return f"{said}. No prospect was heard to take it up."
    return f"{said}. A prospect took it up in {message.echoed:,}."


def change_sentence(message: MessageCount, report: MessageReport) -> str:
    """Say whether it is said more or less in the second half of the weeks; nothing where nobody knows."""
    if message.halves is None or not (way := moved(message.halves, len(report.messages))):
        return ""
    earlier, later = message.halves.earlier, message.halves.later
    return (
        f"Said {'more' if way > 0 else 'less'} often than before: in {_share(later)} of 100 calls of the"
        f" second half ({part(later)}), in {_share(earlier)} of the first ({part(earlier)})."
    )


def moved(halves: Halves, tested: int) -> int:
    """Return 1 or -1 where the second half differs from the first beyond chance, else 0.

    Args:
        halves: The two.
        tested: How many messages are looked at: one is told only if it is clear among so many.
    """
    change = halves.change
    if change is None or change.p_value * tested > CHANCE:
        return 0
    return 1 if change.value > 0 else -1


def worded_words(message: MessageCount) -> str:
    """Return how often a message is said in the playbook's words: ``3 of 12``."""
    return part(message.wording.worded) if message.wording else ""


def drifted(report: MessageReport) -> tuple[MessageCount, ...]:
    """Return the messages whose wording left the playbook's: beyond chance, or in every call of several."""
    return tuple(message for message in report.messages if wording_sentence(message, report))


def wording_sentence(message: MessageCount, report: MessageReport) -> str:
    """Say that a message is said in other words than the playbook's; nothing where it is not."""
    if message.wording is None:
        return ""
    worded, halves = message.wording.worded, message.wording.halves
    if moved(halves, len(report.messages)) < 0:
        return (
            f"Its wording moved away from the playbook's: nearly word for word in"
            f" {part(halves.earlier)} calls of the first half of these weeks, in {part(halves.later)} of"
            " the second."
        )
    if not worded.successes and worded.total >= FEWEST_WORDED:
        return f"Said in other words than the playbook's in all {worded.total:,} calls."
    return ""


def adoption_words(adoption: Adoption) -> str:
    """Return ``said in 12 of 40 calls``."""
    return f"said in {of_calls(adoption.said, adoption.out_of)}"


def withheld_words(report: MessageReport) -> str:
    """Say which groups are not told; nothing where all are."""
    if not report.withheld:
        return ""
    return (
        f"Not told: {listed(report.withheld)}. A group is told from three reps on, and if no one or two"
        " others are left."
    )


def basis(report: MessageReport) -> Iterator[str]:
    """Yield what a report rests on, and what it could not see."""
    yield (
        f"{span(report)}: {plural(report.calls, 'call')} in which one of our reps is known to speak. Calls"
        " are counted, not mentions."
    )
    if report.unplaced:
        yield f"{plural(report.unplaced, 'more call')} not counted: no rep is known to speak there."
    if report.undated:
        yield f"{plural(report.undated, 'undated call')} {verb(report.undated, 'is', 'are')} in no week."
    if not all(message.said for message in report.messages):
        yield capital(NOT_HEARD) + "."
    if said := withheld_words(report):
        yield said
    claims = report.claims
    if claims and claims.unapproved and not claims.left_out and not rep_groups(report):
        yield (
            f"In {plural(claims.unapproved, 'call')} a rep claims something that is no approved"
            " message, but no three of these claims are alike."
        )
    yield (
        "What a turn means, and whether a prospect takes something up, is read by software:"
        " callmine correct FINDING --wrong strikes out what is not so."
    )
