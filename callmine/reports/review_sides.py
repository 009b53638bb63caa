"""The deals of a period's review sorted: by how they ended, by segment, by the CRM's reason, one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from callmine.domain import Deal, EndWords, Outcome
from callmine.outcomes.rates import rate
from callmine.reports.closed import Closed, Heard
from callmine.reports.digest_values import Money
from callmine.reports.outcomes import deal_ref
from callmine.reports.review_period_values import CrmReason, Ending, ReviewedDeal, SegmentReview, Share
from callmine.store.rows import HeardRow, TalkRow

TOP = 4
"""Objections that a segment, or an ending, names; more where that many are level."""


@dataclass(frozen=True, slots=True, eq=False)
class Matter:
    """What a review of a period is made of.

    Attributes:
        closed: The deals of the period, both sides, and the calls that are evidence.
        heard: What was heard in them.
        rows: All findings of these calls.
        talks: All calls of these deals.
        interviews: The findings of those that are interviews.
        words: What the CRM says of how each deal ended.
        own_names: Our company and products.
        rivals: Competitors of the playbook by their names and aliases, folded.
    """

    closed: Closed
    heard: Heard
    rows: Sequence[HeardRow]
    talks: Sequence[TalkRow]
    interviews: Sequence[HeardRow]
    words: Mapping[str, EndWords]
    own_names: tuple[str, ...] = ()
    rivals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The deals of one side.

    Attributes:
        matter: Of both sides.
        titles: Family to label to what people call it.
        here: Whether each deal of the cohort is of this side.
        ids: Of each deal of the cohort.
        deal_of: The deal of each call that counts, as its place in the cohort.
    """

    matter: Matter
    titles: Mapping[str, Mapping[str, str]]
    here: NDArray[np.bool_]
    ids: tuple[str, ...]
    deal_of: Mapping[str, int]

    def title(self, family: str, label: str) -> str:
        """Return what people call something heard."""
        return self.titles.get(family, {}).get(label, label)

    def has(self, family: str, label: str) -> NDArray[np.bool_]:
        """Return whether each deal of the cohort heard it."""
        return self.matter.heard.firsts[family, label] >= 0

    def labels(self, family: str) -> list[str]:
        """Return everything of a family that was heard."""
        return [label for kind, label in self.matter.heard.firsts if kind == family]


def _shares(family: str, at: Side, among: NDArray[np.bool_]) -> tuple[Share, ...]:
    """Return what was heard in most of some deals."""
    total = int(among.sum())
    counts = {label: int((at.has(family, label) & among).sum()) for label in at.labels(family)}
    most = sorted((-count, at.title(family, label), label) for label, count in counts.items() if count)
    counted = [count for count, _, _ in most]
    shown = TOP
    if counted[TOP:] and counted[TOP - 1] == counted[TOP]:
        # Who ties is named with the others or left out with them: the alphabet says nothing.
        first = counted.index(counted[TOP])
        shown = first or counted.count(counted[0])
    return tuple(Share(label, title, rate(-count, total)) for count, title, label in most[:shown])


def endings_of(at: Side, own: Sequence[Deal]) -> tuple[Ending, ...]:
    """Return the deals of this side by how they ended, most deals first."""
    closed = at.matter.closed
    outcomes = np.array([closed.deals[row].outcome.value for row in closed.rows], dtype=object)
    made = []
    for outcome, count in Counter(deal.outcome for deal in own).items():
        among = outcomes == outcome.value
        made.append(
            Ending(
                outcome=outcome,
                deals=count,
                amounts=amounts_of([deal for deal in own if deal.outcome is outcome]),
                heard_from=int(among.sum()),
                objections=_shares("objection", at, among),
                competitors=_shares("competitor", at, among),
            )
        )
    return tuple(sorted(made, key=lambda one: (-one.deals, one.outcome)))


def segments_of(at: Side, own: Sequence[Deal]) -> tuple[SegmentReview, ...]:
    """Return the segments; none where there is only one."""
    closed = at.matter.closed
    every = Counter(deal.segment or "" for deal in closed.deals)
    won = Counter(deal.segment or "" for deal in closed.deals if deal.outcome is Outcome.WON)
    mine = Counter(deal.segment or "" for deal in own)
    if len(every) < 2:
        return ()
    spoken = np.array([closed.deals[row].segment or "" for row in closed.rows], dtype=object)
    made = []
    for segment, count in mine.items():
        among = (spoken == segment) & at.here
        made.append(
            SegmentReview(
                segment=segment,
                deals=count,
                won=rate(won[segment], every[segment]),
                heard_from=int(among.sum()),
                objections=_shares("objection", at, among),
            )
        )
    return tuple(sorted(made, key=lambda one: (-one.deals, one.segment)))


def crm_reasons(own: Iterable[Deal]) -> tuple[CrmReason, ...]:
    """Return the CRM's reasons, words that differ in capitals only being one; empty where none is given."""
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for deal in own:
        reason = " ".join((deal.loss_reason or "").split())
        counts[reason.casefold()] += 1
        first.setdefault(reason.casefold(), reason)
    return tuple(
        CrmReason(first[key], count)
        for key, count in sorted(counts.items(), key=lambda one: (not one[0], -one[1], one[0]))
    )


def amounts_of(deals: Iterable[Deal]) -> tuple[Money, ...]:
    """Return what deals are worth, the largest sum first."""
    sums: dict[str | None, float] = defaultdict(float)
    for deal in deals:
        if deal.amount is not None:
            sums[deal.currency] += deal.amount
    found = (Money(round(amount, 2), currency) for currency, amount in sums.items())
    return tuple(sorted(found, key=lambda money: (-money.amount, money.currency or "")))


def reviewed(at: Side, own: Sequence[Deal]) -> tuple[ReviewedDeal, ...]:
    """Return the deals of this side, the last closed first."""
    closed, heard = at.matter.closed, at.matter.heard
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for (family, label), calls in heard.calls.items():
        if family == "objection":
            for deal in closed.cohort.deal[calls]:
                counts[int(deal)][at.title(family, label)] += 1
    calls = np.bincount(closed.cohort.deal, minlength=closed.cohort.deals)
    place = {deal_id: n for n, deal_id in enumerate(at.ids)}
    made = []
    for deal in sorted(own, key=lambda deal: (deal.close_date or "", deal.deal_id), reverse=True):
        n = place.get(deal.deal_id)
        said = counts[n] if n is not None else Counter[str]()
        made.append(
            ReviewedDeal(
                **asdict(deal_ref(deal)),
                segment=deal.segment,
                reason=deal.loss_reason,
                calls=0 if n is None else int(calls[n]),
                heard=tuple(title for title, _ in sorted(said.items(), key=lambda one: (-one[1], one[0]))),
            )
        )
    return tuple(made)
