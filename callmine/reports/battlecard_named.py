"""How often a competitor is named and where, and what a battlecard takes for enough: frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.outcomes.bias import Part


@dataclass(frozen=True, slots=True)
class BattlecardSettings:
    """What a battlecard takes for enough, and how much of it a page shows.

    Attributes:
        min_mentions: Mentions from which on there is a card.
        reach: Turns before and after a mention that stand beside it.
        recent_days: Days that the freshness of the evidence is told of.
        min_deals: Deals from which on win rates and objections are compared.
        max_q: The share of false discoveries that is accepted among objections, 0..1.
        smallest_effect: The smallest difference between win rates that matters, 0..1.
        sensitivity_days: Days before close whose calls the second look leaves out.
        quotes: Quotes of each kind that are shown at most.
        objections: Objections listed at most.
        answers: Answers listed at most.
        asked: Questions and requests of each kind listed at most.
        lost: Lost deals listed at most.
    """

    min_mentions: int = 5
    reach: int = 2
    recent_days: int = 90
    min_deals: int = 5
    max_q: float = 0.05
    smallest_effect: float = 0.10
    sensitivity_days: int = 14
    quotes: int = 3
    objections: int = 8
    answers: int = 6
    asked: int = 4
    lost: int = 5


@dataclass(frozen=True, slots=True)
class Met:
    """Where a competitor is named: calls of a quarter or at a stage, or deals of a segment.

    Attributes:
        name: Of the quarter, stage or segment; ``None`` where it is not known.
        named: Those in which it is named, of all.
    """

    name: str | None
    named: Part


@dataclass(frozen=True, slots=True)
class Relation:
    """In how many deals and unlinked calls prospects stand to a competitor in one way, the strongest."""

    relation: str
    heard: int


@dataclass(frozen=True, slots=True)
class Named:
    """How often a competitor is named, by whom, where, and how fresh that is.

    Attributes:
        mentions: Times that it is named.
        calls: Calls in which it is named.
        deals: Deals in which it is named.
        unlinked_calls: Calls with it that belong to no deal.
        prospect_calls: Calls in which a prospect names it.
        rep_calls: Calls in which one of us does.
        unknown_calls: Calls in which only somebody does whose side is not known.
        first_day: Local ISO date of the first call with it.
        last_day: Of the last one.
        days_since: Days from that to the last day of the card.
        recent: Mentions in the last days of the card, as many as its settings say.
        recent_calls: Calls with these.
        quarters: Oldest first, from the first with a call to the last.
        stages: Of deals at the time of the call, in the order in which deals reach them; unknown ones last.
        segments: Of deals; those with most deals first.
        relations: How prospects stand to it, the strongest relation first.
    """

    mentions: int
    calls: int
    deals: int
    unlinked_calls: int
    prospect_calls: int
    rep_calls: int
    unknown_calls: int
    first_day: str | None = None
    last_day: str | None = None
    days_since: int | None = None
    recent: int = 0
    recent_calls: int = 0
    quarters: tuple[Met, ...] = ()
    stages: tuple[Met, ...] = ()
    segments: tuple[Met, ...] = ()
    relations: tuple[Relation, ...] = ()
