"""Sentences that the HTML and the Markdown page share, so that both say the same."""

from __future__ import annotations

from callmine.domain import Outcome, Role
from callmine.reports.asked_values import RequestGroup
from callmine.reports.digest_values import Change, CompetitorCount, DealGroup, Digest, LabelCount
from callmine.reports.emerging_values import NO_LABEL, Theme
from callmine.reports.quote_values import Quote
from callmine.reports.text import (
    capital,
    listed,
    money,
    plural,
    weeks_before,
)
from callmine.reports.trend_values import Trend
from callmine.spans import clock

ASKED = "(question)"
"""The label of quoted questions, which are no findings; no finding has it."""

OUTCOMES = {
    Outcome.WON: "won",
    Outcome.LOST_COMPETITOR: "lost to a competitor",
    Outcome.LOST_NO_DECISION: "lost, no decision",
    Outcome.LOST_OTHER: "lost",
    Outcome.LOST_UNKNOWN: "lost, no reason given",
    Outcome.OPEN: "open",
    Outcome.EXCLUDED: "excluded",
}
ROLES = {Role.PROSPECT: "prospect", Role.REP: "our rep", Role.UNKNOWN: "speaker not known"}
RELATIONS = {
    "incumbent": "using it",
    "evaluating": "comparing it",
    "churned": "left it",
    "chosen": "went with it",
    "mentioned": "only naming it",
}
READ_AS = {**RELATIONS, "churned": "having left it", "chosen": "having gone with it"}
STANCES = {"positive": "speaking for it", "negative": "speaking against it"}
SIGNS = {
    "new": "●",
    "gone": "",
    "up": "▲",
    "down": "▼",
    "about the same": "≈",
    "too few to say": "",
    "no comparison": "",
}
TREND_WORDS = {
    "new": "not found before",
    "gone": "not found",
    "up": "up",
    "down": "down",
    "about the same": "about the same",
    "too few to say": "",
    "no comparison": "",
}
"""What a cell says beside its numbers; what it means where it says nothing is told above the table."""
CLIP_LEAD_MS, CLIP_LIMIT_MS = 150, 15_000
"""What plays before a quote, and the longest clip, as :func:`callmine.audio.clip` cuts them."""


def compared_with(digest: Digest) -> str:
    """Say what this week is compared with, and what the signs in that column mean."""
    if digest.first_week:
        return "This is the first week with calls, so there is nothing to compare it with yet."
    if not digest.compared_with:
        return (
            "There were no calls in the four weeks before, so there is nothing to compare this week with."
        )
    if not compares(digest):
        return f"None of these was found in {before(digest)}; that is too little to say that they are new."
    line = ""
    if not all(TREND_WORDS[count.trend.word] for count in digest.objections):
        line = (
            f"Where no word such as “up” stands with the numbers of {before(digest)}, they are too few to"
            " say whether it changed."
        )
    if len(digest.compared_with) > 1 and digest.unit == "deals":
        line += f" A deal spoken with in two of {before(digest)} counts in each."
    return line.strip()


def compares(digest: Digest) -> bool:
    """Whether the table has anything to say of the weeks before: a word, or an objection found in them."""
    return bool(digest.compared_with) and any(
        TREND_WORDS[count.trend.word] or count.trend.before for count in digest.objections
    )


def compared(trend: Trend) -> str:
    """Return what a cell says: ``up (3 of 42)``, or ``3 of 42`` where that is too few to say."""
    word = TREND_WORDS[trend.word]
    return f"{word} ({earlier(trend)})" if word else earlier(trend)


def before(digest: Digest) -> str:
    """Return ``the four weeks before``."""
    return weeks_before(len(digest.compared_with))


def earlier(trend: Trend | Change) -> str:
    """Return ``3 of 13`` or ``none of 13``: the weeks compared with; nothing where there are none."""
    if trend.before is None or trend.before_out_of is None:
        return ""
    return f"{f'{trend.before:,}' if trend.before else 'none'} of {trend.before_out_of:,}"


def trend_words(trend: Trend) -> str:
    """Say how this week compares, ``up from 3 of 40 in the week before``."""
    when = f"{earlier(trend)} in {weeks_before(trend.weeks)}"
    if trend.word in ("up", "down"):
        return f"{trend.word} from {when}"
    return f"{trend.word}, {when}" if trend.word == "about the same" else when


def heard_in(count: LabelCount | CompetitorCount | RequestGroup | Change | Theme, digest: Digest) -> str:
    """Return ``6 deals`` or ``5 deals and 1 unlinked call``, whatever is counted."""
    if digest.unit == "calls":
        return plural(count.heard, "call")
    parts = []
    if count.deals or not count.unlinked_calls:
        parts.append(plural(count.deals, "deal"))
    if count.unlinked_calls:
        parts.append(plural(count.unlinked_calls, "unlinked call"))
    return listed(parts)


def units(digest: Digest) -> str:
    """Return what the shares are out of: ``Deals``, ``Deals and unlinked calls`` or ``Calls``."""
    if digest.unit == "calls":
        return "Calls"
    return "Deals and unlinked calls" if digest.unlinked_calls else "Deals"


def basis(digest: Digest) -> str:
    """Say what the page counts: ``Based on 12 calls: 11 deals and 1 unlinked call, 12 in all``."""
    line = f"Based on {plural(digest.calls, 'call')}"
    if digest.unit == "deals":
        if digest.unlinked_calls and digest.deals:
            line += (
                f": {plural(digest.deals, 'deal')} and {plural(digest.unlinked_calls, 'unlinked call')},"
                f" {digest.heard_from:,} in all"
            )
        elif digest.deals:
            line += f" with {plural(digest.deals, 'deal')}"
        else:
            line += ", linked to no deal"
    if digest.accounts:
        line += f"; {plural(digest.accounts, 'account')}"
    return line + "."


def facts(count: LabelCount | Theme, digest: Digest) -> str:
    """Return one line of facts on an objection or a theme."""
    what = units(digest).lower() if digest.heard_from != 1 else units(digest).lower().removesuffix("s")
    line = f"{count.heard:,} of {digest.heard_from:,} {what}"
    if count.unlinked_calls and digest.unit == "deals":
        line += f" ({heard_in(count, digest)})" if count.deals else " (unlinked)"
    parts = [line]
    if count.accounts:
        parts.append(plural(count.accounts, "account"))
    if count.trend.word != "no comparison":
        parts.append(trend_words(count.trend))
    return " · ".join(parts)


def worth(group: DealGroup) -> str:
    """Return the amounts of a group of deals, one per currency, and how many have none."""
    parts = [money(m.amount, m.currency) for m in group.amounts]
    if group.without_amount and group.amounts:
        parts.append(f"{group.without_amount:,} without amount")
    return ", ".join(parts)


def standings(count: LabelCount) -> list[tuple[str, str]]:
    """Return how the deals stand, in words: ``("open", "3 open (€84,000)")`` and so on."""
    if count.outcomes is None:
        return []
    groups = ((count.outcomes.open, "open"), (count.outcomes.lost, "lost"), (count.outcomes.won, "won"))
    found = []
    for group, word in groups:
        if group.deals:
            sums = worth(group)
            found.append((word, f"{group.deals:,} {word}" + (f" ({sums})" if sums else "")))
    return found


def first_quote(count: LabelCount, outcome: str) -> str:
    """Return the anchor of the first quote of deals that are ``open``, ``lost`` or ``won``.

    Where none is printed, it is the objection's own.
    """
    for quote in (*count.quotes, *count.others):
        if quote.outcome and (
            quote.outcome.is_lost if outcome == "lost" else quote.outcome.value == outcome
        ):
            return quote.quote_id
    return f"objection-{count.label}"


def named_by(count: CompetitorCount, digest: Digest) -> str:
    """Say in how much a competitor was named, by whom, and how prospects stand to it."""
    parts = []
    if count.calls:
        parts.append(heard_in(count, digest))
    who = []
    if count.prospect_calls:
        who.append(f"by prospects in {plural(count.prospect_calls, 'call')}")
    if count.rep_calls:
        who.append(f"by our reps in {plural(count.rep_calls, 'call')}")
    if count.unknown_calls:
        who.append(f"by someone we cannot place in {plural(count.unknown_calls, 'call')}")
    parts.append("named " + listed(who))
    return " · ".join(parts)


def standing(count: CompetitorCount) -> str:
    """Return in how many deals prospects stand how to a competitor: ``2 comparing it, 1 using it``."""
    return ", ".join(f"{r.heard:,} {RELATIONS.get(r.relation, r.relation)}" for r in count.relations)


def who(quote: Quote) -> str:
    """Return the speaker with name, where known, and role."""
    role = ROLES[quote.role]
    return f"{quote.speaker_name}, {role}" if quote.speaker_name else capital(role)


def place(quote: Quote) -> str:
    """Return where to find a quote: ``call NAME @ 1:23``."""
    return f"call {quote.source} @ {clock(quote.play_ms)}"


def heard_as(quote: Quote) -> str:
    """Return ``Tipalti [heard: tip Alti]`` where the recogniser spelt a name otherwise."""
    return f"{quote.label} [heard: {quote.heard}]" if quote.heard else ""


def read_as(quote: Quote) -> str:
    """Return ``read as comparing it and speaking for it``: how a prospect stands to a competitor.

    Relation and stance are two guesses at one mention. They are told as one and as a guess, in every report
    and format alike; whoever is no prospect has neither.
    """
    if quote.role is not Role.PROSPECT:
        return ""
    stance = STANCES.get(quote.stance or "")
    relation = quote.relation and READ_AS.get(quote.relation, quote.relation)
    if stance and quote.relation == "mentioned":
        # Who speaks for it does not only name it.
        relation = None
    parts = list(filter(None, (relation, stance)))
    return f"read as {' and '.join(parts)}" if parts else ""


def change_line(change: Change, digest: Digest, *, new: bool) -> str:
    """Say what was found when: ``none of 6 this week, 7 of 13 in the four weeks before``."""
    now = f"{change.heard if new else 'none'} of {digest.heard_from:,} this week"
    return f"{now}, {earlier(change)} in {weeks_before(change.weeks or len(digest.compared_with))}"


def clip_length(quote: Quote) -> str:
    """Return how long a quote's clip plays, as players show it: ``0:09``."""
    begin = max(quote.play_ms - CLIP_LEAD_MS, 0)
    return clock(min(quote.clip_end_ms - begin, CLIP_LIMIT_MS))


def turn(quote: Quote) -> str:
    """Return how ``callmine correct --missed`` names a quote's utterance."""
    return f"{quote.call_id}:{quote.utterance_index}"


def short_id(quote: Quote) -> str:
    """Return the beginning of a finding's id, enough for commands; a line holds two of them then."""
    return quote.finding_id[:8]


def corrections(quote: Quote) -> tuple[tuple[str, str], ...]:
    """Return what may be wrong about a quote, as a question, each with the command that mends it.

    What is no finding either has a label all the same (``L`` stands for it), or is no objection. Of a
    question nothing was found that may be wrong.
    """
    if quote.label == ASKED:
        return ()
    if quote.label == NO_LABEL:
        missed = f"callmine correct --missed {turn(quote)}"
        return ("fits label L?", f"{missed} --label L"), ("no objection?", f"{missed} --nothing")
    return (("wrong?", f"callmine correct {short_id(quote)} --wrong"),)
