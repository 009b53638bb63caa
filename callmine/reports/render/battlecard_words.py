"""Sentences of a battlecard, for the HTML and the Markdown page.

Nothing here says that a thing won or lost a deal, and nothing is said against a competitor but in quotes.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import date

from callmine.outcomes.bias import Part
from callmine.outcomes.verdicts import Verdict
from callmine.reports.battlecard_named import Met
from callmine.reports.battlecard_values import (
    Asked,
    Battlecard,
    LostDeal,
    Record,
    Voices,
    WonAnswer,
)
from callmine.reports.render import outcome_words
from callmine.reports.render.asked import ACCEPTED, KINDS
from callmine.reports.render.odds import of_100
from callmine.reports.render.wording import OUTCOMES, RELATIONS
from callmine.reports.text import listed, money, plural, spelled, verb
from callmine.reports.weeks import MONTHS

INTERNAL = "internal"
"""The mark of what nobody outside may see."""

INSIDE = (
    "For use inside the company: quotes name accounts and people. What is marked internal also tells how"
    " often we win, what is said against us, or which deals were lost."
)

SAYS = {
    Verdict.WINS: "It goes with winning, among like deals too.",
    Verdict.LOSSES: "It goes with losing, among like deals too.",
    Verdict.NO_DIFFERENCE: "That is no difference that matters.",
    Verdict.NOT_ENOUGH: "That is too little evidence to say whether it goes with winning or with losing.",
}
DEPENDS = "What that says depends on how one compares."


def day(iso: str) -> str:
    """Return ``2 October 2026``."""
    found = date.fromisoformat(iso)
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def headline(card: Battlecard) -> str:
    """Return the title: the competitor, or that there is too little for a card."""
    return card.competitor if card.enough else f"Not enough evidence for a card on {card.competitor}"


def times(count: int) -> str:
    """Return ``once``, ``twice`` or ``14 times``."""
    return {1: "once", 2: "twice"}.get(count, f"{spelled(count)} times")


def named_sentence(card: Battlecard) -> str:
    """Say how often the competitor is named, and when last."""
    n = card.named
    if not n.mentions:
        return (
            f"{card.competitor} is named in none of {plural(card.sales_calls, 'sales call')} from"
            f" {day(card.since)} to {day(card.until)}."
        )
    in_deals = f", in {plural(n.deals, 'deal')}" if n.deals else ""
    if n.unlinked_calls:
        calls = plural(n.unlinked_calls, "call")
        in_deals += f" and {calls} without a deal" if n.deals else f", {calls} without a deal"
    return (
        f"{card.competitor} is named {times(n.mentions)}, in {n.calls:,} of"
        f" {plural(card.sales_calls, 'sales call')}{in_deals}; {freshness(card)}."
    )


def freshness(card: Battlecard) -> str:
    """Say when it was last named and how much of that is recent."""
    n, days = card.named, card.settings.recent_days
    if n.last_day is None:
        return ""
    last = f"last on {day(n.last_day)}"
    if not n.recent:
        return f"{last}, and not in the last {days} days"
    return f"{last}, {times(n.recent)} in the last {days} days"


def needs(card: Battlecard) -> str:
    """Say what a card takes, where there is none."""
    least = card.settings.min_mentions
    return f"A card takes {spelled(least)} mentions." + (
        " This is all there is:" if card.named.mentions else ""
    )


def record_sentence(record: Record) -> str:
    """Say how deals with the competitor ended against the others, and what that says."""
    a = record.association
    if not a.with_it.total:
        return "It is named on the calls of no closed deal."
    said = DEPENDS if outcome_words.depends(a) else SAYS[a.verdict]
    return f"{outcome_words.raw_sentence(record.line)} {said}"


def crm_sentence(card: Battlecard) -> str:
    """Say in how many closed deals the CRM names the competitor; nothing where it never does."""
    r = card.record
    if r is None or not r.crm_names:
        return ""
    said = f"The CRM names {card.competitor} in {plural(r.crm_names, 'closed deal')}"
    if r.crm_only:
        return f"{said}; in {r.crm_only:,} of them calls were recorded and none names it."
    return f"{said}."


def part_words(part: Part) -> str:
    """Return ``7 of 16``."""
    return f"{part.count:,} of {part.total:,}"


def share(part: Part) -> str:
    """Return a part out of 100; a dash of nothing, and of too few to divide."""
    return "–" if part.share is None or part.total < 5 else of_100(part.share)


def met_name(met: Met) -> str:
    """Return the name of a quarter, stage or segment."""
    return met.name or "not known"


def relations(card: Battlecard) -> str:
    """Say how prospects stand to the competitor; nothing where none tells."""
    found = card.named.relations
    if not found:
        return ""
    parts = [f"{one.heard:,} {RELATIONS.get(one.relation, one.relation)}" for one in found]
    units = "Deals and calls without a deal" if card.named.unlinked_calls else "Deals"
    return f"{units}, by how prospects speak of {card.competitor}: {', '.join(parts)}."


def named_by(card: Battlecard) -> str:
    """Say who names the competitor."""
    n = card.named
    counts = (
        (n.prospect_calls, "prospects"),
        (n.rep_calls, "our reps"),
        (n.unknown_calls, "somebody we cannot place"),
    )
    who = listed(f"{name} in {plural(count, 'call')}" for count, name in counts if count)
    return f"Named by {who}."


def voices_words(voices: Voices) -> str:
    """Return ``said 14 times, in 8 calls and 5 deals``."""
    deals = f" and {plural(voices.deals, 'deal')}" if voices.deals else ""
    return f"Said {times(voices.mentions)}, in {plural(voices.calls, 'call')}{deals}."


def more_voices(voices: Voices) -> int:
    """Return how much of it is not shown."""
    return voices.mentions - len(voices.quotes)


def sides(card: Battlecard) -> tuple[tuple[str, str, Voices, bool], ...]:
    """Return what buyers say: anchor, title, quotes, and whether it is internal.

    For and against the competitor are headings. How each quote was read stands in them, and not once more
    beside the quote, where "comparing it" would argue with "against".
    """
    said, name, us = card.said, card.competitor, card.company
    found = (
        ("for_them", f"For {name}", _unread(said.for_them)),
        ("against_them", f"Against {name}", _unread(said.against_them)),
        ("for_us", f"What they value, beside {name}", said.for_us),
        ("against_us", f"Against {us}, beside {name}", said.against_us),
    )
    return tuple(
        (key, title, voices, f"said.{key}" in card.internal) for key, title, voices in found if voices
    )


def _unread(voices: Voices | None) -> Voices | None:
    if voices is None:
        return None
    return replace(voices, quotes=tuple(replace(q, relation=None, stance=None) for q in voices.quotes))


def sides_note(card: Battlecard) -> str:
    """Say how quotes came to stand where they do."""
    said = (
        "Only what prospects say. For and against is how software reads them, and not a person;"
        f" “beside” is at most {plural(card.settings.reach, 'turn')} away from the name."
    )
    if card.said.against_us is None:
        return said
    return f"{said} Timing, authority, no need, a vendor of theirs and brush-offs hold nothing against us."


def answer_words(one: WonAnswer) -> str:
    """Return ``To “Price”: evidence, accepted; in 3 won deals``; no kind beside the playbook's text."""
    to = listed(f"“{title}”" for title in one.titles)
    kind = "" if one.playbook else f"{KINDS[one.kind].lower()}, "
    return f"To {to}: {kind}{ACCEPTED[one.accepted]}; in {plural(one.deals, 'won deal')}"


ANSWERS = "Given in deals that were won. Other deals may have got the same answers: it says nothing of why."


def asked_words(one: Asked) -> str:
    """Return ``asked in 3 calls; 2 of their deals were won``."""
    said = f"Asked in {plural(one.calls, 'call')}"
    if one.won and one.calls == 1:
        return f"{said}; its deal was won."
    if one.won:
        return f"{said}; {one.won:,} of their deals {verb(one.won, 'was', 'were')} won."
    return f"{said}."


def asked_sections(card: Battlecard) -> tuple[tuple[str, str, str, tuple[Asked, ...]], ...]:
    """Return the sections of questions that have any: anchor, title, what they are, and the questions.

    Where buyers speak against the competitor, and no question that we asked is a trap, that is said.
    """
    name = card.competitor
    traps = f"Our questions after which a buyer spoke against {name}."
    too_few = (
        f"Not enough for any: no question of ours that is about something, or was asked in two calls, led a"
        f" buyer to speak against {name}."
    )
    found = (
        ("traps", "Traps to set", traps if card.traps else too_few, card.traps),
        ("questions", "Questions to ask", f"What else we asked beside {name}.", card.questions),
        ("asked_of_us", "Questions to expect", f"What buyers asked beside {name}.", card.asked_of_us),
        (
            "requests",
            "What to bring",
            f"What buyers asked to be sent or shown in calls with {name}.",
            card.requests,
        ),
    )
    missed = "traps" if card.said.against_them and card.questions else ""
    return tuple(one for one in found if one[3] or one[0] == missed)


def lost_words(row: LostDeal, card: Battlecard) -> str:
    """Return how a deal ended: ``lost to a competitor, Lantern; 2 October 2026; €84,000; …``."""
    deal = row.deal
    parts = [OUTCOMES[deal.outcome] + (f", {card.competitor}" if row.to_them else "")]
    if deal.close_date:
        parts.append(day(deal.close_date))
    if deal.amount is not None:
        parts.append(money(deal.amount, deal.currency))
    if row.reason:
        parts.append(f"the CRM says “{row.reason}”")
    return "; ".join(parts)


def deal_name(row: LostDeal) -> str:
    """Return the account of a deal, else its name or id."""
    return row.deal.account or row.deal.name or row.deal.deal_id


def basis(card: Battlecard) -> tuple[str, ...]:
    """Say what the card is based on."""
    said = [
        f"Sales calls from {day(card.since)} to {day(card.until)}, days in {card.timezone}; deals that"
        " closed in the same time.",
        "A mention counts when it is sure enough, whoever makes it; what is quoted as a buyer's is said by"
        " somebody known to be one.",
    ]
    if card.record is not None:
        a = card.record.association
        enough = a.with_it.total + a.without.total >= card.settings.min_deals
        base = (
            f" Of all these deals {of_100(a.base)} in 100 were won."
            if a.base is not None and enough
            else ""
        )
        said.append(
            "Win rates are those of callmine outcomes for the same time, in which all competitors are"
            f" tested together.{base}"
        )
    return tuple(said)


def command(card: Battlecard) -> str:
    """Return the command that lists every mention, to be pasted."""
    return f"callmine findings --kind competitor --label {shlex.quote(card.competitor)}"
