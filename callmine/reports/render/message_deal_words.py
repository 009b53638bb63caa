"""Sentences of the report on messages about deals, and about what is said beside the messages."""

from __future__ import annotations

from collections.abc import Sequence

from callmine.domain import Role
from callmine.reports.comparison import CompareReport
from callmine.reports.message_values import (
    ClaimGroup,
    Claims,
    MessageCount,
    MessageOutcomes,
    MessageReport,
)
from callmine.reports.outcome_values import Line
from callmine.reports.render.compare import answer, figures, needed
from callmine.reports.render.message_words import LONGEST, lines_of, of_calls
from callmine.reports.render.outcome_words import answer_words
from callmine.reports.text import capital, cut_name, listed, plural, spelled, verb
from callmine.reports.weeks import long_day

CANDIDATE = (
    "Candidates, not findings: software grouped them by likeness, and nobody approved them. Read the quotes"
    " before you take one into the playbook."
)

PAIRS = "Deals that heard one of the two and not the other, or one first. Each pair is tested by itself."


def group_sentence(group: ClaimGroup) -> str:
    """Say how widely something is said."""
    where = plural(group.calls, "call")
    if group.deals:
        where += f" ({plural(group.deals, 'deal')}"
        where += (
            f", and {plural(group.unlinked_calls, 'call')} without a deal)" if group.unlinked_calls else ")"
        )
    if group.said_by is Role.PROSPECT:
        return f"Prospects say so in {where}, without taking up a claim of ours."
    by = f"by {plural(group.reps, 'rep')}, " if group.reps else ""
    taken = []
    if group.echoed:
        taken.append(f"took it up in {plural(group.echoed, 'call')}")
    if group.accepted:
        taken.append(f"accepted it as an answer in {group.accepted:,}")
    return f"Said {by}in {where}." + (f" Prospects {listed(taken)}." if taken else "")


def group_title(group: ClaimGroup) -> str:
    """Return what a group is called: the words most like all the others."""
    return cut_name(group.quotes[0].text, LONGEST)


def claims_note(claims: Claims, report: MessageReport) -> str:
    """Say what stands in the list of what reps say instead."""
    said = (
        f"In {of_calls(claims.unapproved, report.calls)} a rep claims something that is no approved"
        " message. Claims that are alike stand together, under the one that is most like the others."
    )
    if any(group.said_by is Role.REP for group in claims.candidates):
        said += " What prospects took up stands below, as a candidate."
    if claims.left_out:
        said += (
            f" {plural(claims.left_out, 'turn')} {verb(claims.left_out, 'is', 'are')} not in it: only the"
            " surest are compared."
        )
    return said


def deals_note(outcomes: MessageOutcomes) -> str:
    """Say which deals are looked at."""
    return (
        f"{plural(outcomes.compared.total, 'deal')} with calls closed from {long_day(outcomes.since)} to"
        f" {long_day(outcomes.until)}; {outcomes.compared.successes:,} were won. These are the deals and"
        " the numbers of callmine outcomes. They describe what was heard and how deals ended, not what"
        " would have happened otherwise."
    )


def no_outcomes(report: MessageReport) -> str:
    """Say why nothing is told of how deals ended; nothing where something is."""
    if report.outcomes is None:
        return (
            "No deal with a call that counts has closed yet, so nothing can be said of winning and losing."
        )
    if not report.outcomes.said.lines:
        return (
            f"In {plural(report.outcomes.compared.total, 'closed deal')} with calls no rep was heard to say"
            " an approved message: nothing can be said of winning and losing."
        )
    return ""


def verdict_of(message: MessageCount, report: MessageReport) -> Line | None:
    """Return how deals with a message ended; ``None`` where it was in none that closed."""
    return next((line for line in lines_of(report) if line.label == message.id), None)


def short_verdict(line: Line | None) -> str:
    """Return what can be said of a message in a table."""
    return answer_words(line.association) if line else "in no closed deal"


def pair_title(pair: CompareReport) -> str:
    """Return which two messages are compared."""
    return f"“{pair.a.title}” (A) and “{pair.b.title}” (B)"


def pair_answer(pair: CompareReport) -> str:
    """Return the answer of a comparison."""
    return answer(pair)


def pair_figures(pair: CompareReport) -> tuple[str, ...]:
    """Return how far the two lie apart, and what it would take to know."""
    c = pair.comparison
    deals = (
        f"A and not B in {plural(c.a.total, 'deal')}, of which {c.a.successes:,} won; B and not A in"
        f" {c.b.total:,}, of which {c.b.successes:,}."
    )
    return tuple(filter(None, (deals, *figures(c), needed(c, pair))))


def pair_command(pair: CompareReport) -> str:
    """Return the command that opens a comparison with its deals and quotes."""
    return f"callmine compare {pair.a.label} {pair.b.label}"


def pairs_left(outcomes: MessageOutcomes) -> str:
    """Say how many pairs were not compared; nothing where none are left."""
    left = outcomes.pairs_left
    if not left:
        return ""
    return f"The two that most deals heard. {capital(plural(left, 'more pair'))}: callmine compare ID ID."


def deal_names(ids: Sequence[str], outcomes: MessageOutcomes, most: int) -> str:
    """Name the deals behind a line, with how many are left."""
    known = {deal.deal_id: deal for deal in outcomes.deals}
    named = [known[one].account or known[one].name or one for one in ids[:most]]
    left = len(ids) - len(named)
    return listed([*named, f"{spelled(left)} more"] if left else named)
