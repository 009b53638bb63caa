"""Sentences of the review of a period. "Heard in" is all that they say; nothing says "because"."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from callmine.domain import Outcome
from callmine.outcomes.rates import Rate
from callmine.outcomes.verdicts import Verdict
from callmine.reports.digest_values import Money
from callmine.reports.render.odds import count_words, rate_words
from callmine.reports.render.section_words import title_of
from callmine.reports.render.wording import OUTCOMES
from callmine.reports.review_period import LOST, WON
from callmine.reports.review_period_values import (
    Ending,
    FromInterviews,
    PeriodReview,
    Reason,
    ReviewedDeal,
    SegmentReview,
    Share,
)
from callmine.reports.text import capital, cut_name, listed, listed_up_to, money, plural, spelled, verb

MOST_REASONS = 12
"""Reasons in the open; further ones are folded."""

MOST_DEALS = 40
"""Deals that a page lists; the JSON has them all."""

MOST_LEVEL = 2
"""Objections raised as often as each other that are named on top; of more, the number is told."""

MOST_PAIRS = 12
MOST_CRM = 10
DEALS_PER_REASON = 10

OTHER = {LOST: WON, WON: LOST}
ENDINGS = {
    Outcome.LOST_COMPETITOR: "Lost to a competitor",
    Outcome.LOST_NO_DECISION: "No decision",
    Outcome.LOST_OTHER: "Lost, another reason in the CRM",
    Outcome.LOST_UNKNOWN: "Lost, no reason in the CRM",
}
ROOMS = (
    "The decision is also made in rooms that were not recorded. What is here was said on recorded calls;"
    " what was heard in deals need not be why they ended as they did."
)
SAID_ASIDE = (
    "Interviews are no sales calls: people speak otherwise when all is over. They stand by themselves and"
    " are in no other number on this page."
)
NOT_A_TEST = (
    "stand side by side and are no test: deals differ in more than in what was said. What goes with winning"
    " or losing among like deals, beyond chance, is what callmine outcomes tells."
)


def title(report: PeriodReview) -> str:
    """Return what the page is called."""
    return f"{capital(report.side)} deals"


def headline(report: PeriodReview) -> str:
    """Return what the page is about in one sentence."""
    total, closed = len(report.deals), report.basis.deals.total
    if total == closed:
        every = f"All {plural(total, 'closed deal')}" if total > 1 else "The only closed deal"
        return f"{every} {_was(total)} {report.side}"
    return f"{total:,} of {plural(closed, 'closed deal')} {_was(total)} {report.side}"


def _was(count: int) -> str:
    return verb(count, "was", "were")


def standfirst(report: PeriodReview) -> tuple[str, ...]:
    """Return how they ended and what was heard most, in a few sentences."""
    said = []
    if report.side == LOST and len(report.outcomes) > 1:
        parts = [f"{count:,} {_ended(outcome)}" for outcome, count in report.outcomes]
        said.append(f"{capital(listed(parts))}.")
    worth = worth_of(report.amounts, report.deals)
    if worth:
        said.append(f"Together {worth}." if len(report.deals) > 1 else f"Worth {worth}.")
    if not report.here.successes:
        said.append(
            "None of them has a call that counts, so nothing can be said of what was heard in them."
        )
    elif report.reasons:
        said.append(raised_most(report))
    else:
        said.append("No objection was heard in them.")
    return tuple(said)


def raised_most(report: PeriodReview) -> str:
    """Say what was raised in most deals, and how often in the others; who ties with it is not left out."""
    first = report.reasons[0]
    most = [one for one in report.reasons if one.here.successes == first.here.successes]
    # Where nothing was raised less often, nothing is the most either.
    head = "Raised" if len(most) == len(report.reasons) else "Raised most often"
    how = f"in {count_words(first.here)} with calls that count"
    if len(most) > MOST_LEVEL:
        return f"{head}: {spelled(len(most))} objections, each {how}."
    names = listed([f"“{cut_name(one.title)}”" for one in most])
    each = "" if len(most) == 1 else "each "
    return f"{head}: {names}, {each}{how}{_in_others(report, most)}."


def _in_others(report: PeriodReview, most: Sequence[Reason]) -> str:
    """Say how often it was raised in deals that ended otherwise, and where that is as often."""
    other = OTHER[report.side]
    there = {one.there for one in most}
    if not most[0].there.total:
        return ""
    if len(there) > 1:
        return f"; in {other} ones: {listed(short(one.there) for one in most)}"
    here, there_ = most[0].here, most[0].there
    if here.successes * there_.total == there_.successes * here.total:
        return f", as often as in {other} ones ({short(there_)})"
    return f"; in {other} ones: {short(there_)}"


def _ended(outcome: Outcome) -> str:
    return {
        Outcome.LOST_COMPETITOR: "to a competitor",
        Outcome.LOST_NO_DECISION: "without a decision",
        Outcome.LOST_OTHER: "for another reason",
        Outcome.LOST_UNKNOWN: "without a reason in the CRM",
    }.get(outcome, OUTCOMES[outcome])


def how_to_read(report: PeriodReview) -> str:
    """Say what the numbers of the table mean."""
    least = report.settings.min_deals
    said = ["Objections that prospects raised on sales calls, by deals; a deal counts once."]
    totals = (report.here.successes, report.there.successes)
    if max(totals) >= least:
        said.append(
            "“34” with “28 to 41” below it: 34 in 100 were counted, and the rate of such deals lies between"
            " 28 and 41 in 19 cases out of 20."
        )
    if min(totals) < least:
        said.append(f"Of fewer than {spelled(least)} deals there are counts and no rate.")
    return " ".join([*said, no_test(report)])


def no_test(report: PeriodReview) -> str:
    """Say that two rates, or the counts of few deals, beside each other prove nothing."""
    rated = max(report.here.successes, report.there.successes) >= report.settings.min_deals
    return f"The two {'rates' if rated else 'counts'} {NOT_A_TEST}"


def worth_of(sums: Sequence[Money], deals: Iterable[ReviewedDeal]) -> str:
    """Return what deals are worth, one sum per currency, and how many have none; nothing without sums."""
    if not sums:
        return ""
    without = sum(deal.amount is None for deal in deals)
    said = listed(money(one.amount, one.currency) for one in sums)
    return f"{said}, {without:,} without an amount" if without else said


def basis(report: PeriodReview) -> str:
    """Say what can be known of how many deals, and what was left out."""
    here, there, b = report.here, report.there, report.basis
    said = [
        f"Deals with a sales call that counts: {here.successes:,} of {here.total:,} {report.side},"
        f" {there.successes:,} of {there.total:,} {OTHER[report.side]} in that time. Such a call is dated,"
        " not after the close, and has a prospect who is known to speak."
    ]
    left_out = [
        (b.after_close, "call after the close", "calls after the close"),
        (b.undated, "call without a date", "calls without a date"),
        (
            b.unplaced,
            "call in which no prospect is known to speak",
            "calls in which no prospect is known to speak",
        ),
        (b.without_close, "closed deal without a close date", "closed deals without a close date"),
    ]
    parts = [plural(count, one, several) for count, one, several in left_out if count]
    if parts:
        said.append(f"Left out: {listed(parts)}.")
    return " ".join(said)


def short(rate: Rate) -> str:
    """Return ``74 of 216``, or ``no deal to look at``."""
    return count_words(rate) if rate.total else "no deal to look at"


def share_words(rate: Rate, least: int) -> str:
    """Return ``74 of 216, 34 in 100 (28 to 41)``; of a handful only the counts."""
    if rate.total < least or rate.value is None:
        return short(rate)
    return f"{count_words(rate)}, {rate_words(rate)}"


def share_head(side: Rate, report: PeriodReview) -> str:
    """Return what a side's numbers are: ``in 100, with calls that count``; of few deals they are counts."""
    rated = side.successes >= report.settings.min_deals
    return f"{'in 100, ' if rated else ''}with calls that count"


def reason_sentence(reason: Reason, report: PeriodReview) -> str:
    """Say in how many deals of each side something was heard."""
    least, side = report.settings.min_deals, capital(report.side)
    said = f"{side} deals with calls that count: {share_words(reason.here, least)}."
    if not reason.there.total:
        return f"{said} There are no {OTHER[report.side]} ones to hold it against."
    return f"{said} {capital(OTHER[report.side])} ones: {share_words(reason.there, least)}."


def ranked(found: Sequence[Share], verb: str = "Raised") -> str:
    """Return ``Raised most: Price (30), Trust (12)``; nothing is the most where all are level."""
    level = len(found) > 1 and found[0].deals.successes == found[-1].deals.successes
    return f"{verb} {'equally often' if level else 'most'}: {shares(found)}"


def shares(found: Sequence[Share]) -> str:
    """Return ``Price (30), Trust (12)``: what was heard, with the deals that heard it."""
    return ", ".join(f"{one.title} ({one.deals.successes:,})" for one in found)


def ending_facts(one: Ending, report: PeriodReview) -> str:
    """Return how many deals ended so, what they are worth, and of how many something is known."""
    parts = [plural(one.deals, "deal")]
    worth = worth_of(one.amounts, (deal for deal in report.deals if deal.outcome is one.outcome))
    parts += [worth] if worth else []
    parts.append(
        f"{one.heard_from:,} with calls that count" if one.heard_from else "none with a call that counts"
    )
    return " · ".join(parts)


def segment_name(one: SegmentReview) -> str:
    """Return a segment's name."""
    return one.segment or "no segment in the CRM"


def interviews_facts(found: FromInterviews) -> str:
    """Say how many interviews there are."""
    if not found.interviews:
        said = "In none of the interviews a buyer is known to speak."
    else:
        said = f"{capital(plural(found.interviews, 'interview'))} on {plural(found.deals, 'deal')}."
        if found.unplaced:
            said += f" In {found.unplaced:,} more no buyer is known to speak."
    if found.interviews and not found.reasons:
        said += " No objection was heard in them."
    return f"{said} {SAID_ASIDE}"


def pairs_note(report: PeriodReview) -> str:
    """Say what can be said of pairs as a whole."""
    labels = report.pairs.labels if report.pairs else ()
    judged = [row for row in labels if row.verdict in (Verdict.WINS, Verdict.LOSSES)]
    if not judged:
        return "In nothing that was heard do the two sides of the pairs differ beyond chance."
    names = listed_up_to([f"“{title_of(report, row.label)}”" for row in judged], 5)
    return f"Beyond chance the sides differ in {names}."


def deal_facts(deal: ReviewedDeal) -> str:
    """Return what a list says of a deal behind its name."""
    parts = [deal.close_date or "", money(deal.amount, deal.currency) if deal.amount is not None else ""]
    parts.append(cut_name(deal.reason) if deal.reason else "")
    parts.append(plural(deal.calls, "call") if deal.calls else "no call that counts")
    if deal.heard:
        parts.append(listed_up_to(deal.heard, 3))
    return " · ".join(filter(None, parts))


def deal_words(report: PeriodReview, ids: Sequence[str]) -> str:
    """Name deals in a line of text: ``Kestrel Care (D-1); Brennholt (D-2); and 3 more``."""
    known = {deal.deal_id: deal for deal in (*report.deals, *report.others)}
    named = [
        f"{cut_name(known[one].account or known[one].name or one)} ({one})"
        for one in ids[:DEALS_PER_REASON]
    ]
    if len(ids) > DEALS_PER_REASON:
        named.append(f"and {len(ids) - DEALS_PER_REASON:,} more")
    return "; ".join(named)


def command(report: PeriodReview) -> str:
    """Return the command whose output has every deal."""
    parts = ["callmine review", f"--{report.side}", f"--since {report.since}", f"--until {report.until}"]
    if report.segment:
        parts.append(f"--segment {shlex.quote(report.segment)}")
    return " ".join([*parts, "--json"])
