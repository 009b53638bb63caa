"""Won and lost deals side by side, like with like: pairs of the same kind that ended differently."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

from callmine.outcomes.counts import q_values
from callmine.outcomes.judging import further_cases, judge_interval
from callmine.outcomes.rates import Rate, rate
from callmine.outcomes.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Candidate:
    """A closed deal that may be paired.

    Attributes:
        deal: Its id.
        cell: What two deals have to share to be alike: segment, size band, stage at the call, band of
            the number of calls.
        closed: Day of the close, counted from anywhere.
        won: How it ended.
        heard: Labels that were heard in it.
    """

    deal: str
    cell: tuple[str, ...]
    closed: int
    won: bool
    heard: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A won and a lost deal that are alike.

    Attributes:
        won: Id of the won deal.
        lost: Id of the lost one.
        cell: What they share.
        days_apart: Between their closes.
        won_only: Labels heard in the won deal and not in the lost one, in alphabetical order.
        lost_only: The reverse.
    """

    won: str
    lost: str
    cell: tuple[str, ...]
    days_apart: int
    won_only: tuple[str, ...]
    lost_only: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairedLabel:
    """One thing heard, within pairs.

    Attributes:
        label: What was heard.
        both: Pairs that heard it in both deals.
        won_only: In the won one only.
        lost_only: In the lost one only.
        won: Won deals that heard it, out of all pairs.
        lost: Lost deals that heard it.
        value: The first share less the second, -1..1.
        low: Lower end of its interval.
        high: Upper end.
        p: Two-sided p-value; ``None`` when not tested.
        q: False-discovery rate among all labels tested; ``None`` when not tested.
        verdict: What can be said.
        needed: Further pairs that would show the smallest difference that matters, as if the deals of
            a pair were no more alike than any; if they are, fewer do. ``None`` without pairs.
    """

    label: str
    both: int
    won_only: int
    lost_only: int
    won: Rate
    lost: Rate
    value: float
    low: float
    high: float
    p: float | None
    q: float | None
    verdict: Verdict
    needed: int | None


@dataclass(frozen=True, slots=True)
class Matched:
    """Pairs, and what is heard on one side more than on the other.

    Attributes:
        pairs: By what they share, then by the won deal's close.
        labels: The one heard most often on one side only comes first.
        unpaired: Deals that have no counterpart, and say nothing here.
    """

    pairs: tuple[Pair, ...]
    labels: tuple[PairedLabel, ...]
    unpaired: int


def match_outcomes(
    deals: Sequence[Candidate],
    *,
    within_days: int = 365,
    min_deals: int = 5,
    smallest_effect: float = 0.10,
    max_q: float = 0.05,
) -> Matched:
    """Pair won with lost deals of the same kind, and compare what was heard within the pairs.

    Of the deals of a cell the won and the lost one whose closes lie nearest are a pair, then of those
    left the next nearest, and so on; what was heard plays no part. Within pairs, those alike in a label
    say nothing about it; of the others either kind is as likely if the label does not matter, which is
    McNemar's exact test (Psychometrika 12, 1947).

    Args:
        deals: Closed deals with calls; their order does not matter.
        within_days: Most days between the closes of a pair.
        min_deals: Deals in pairs that have to hear a label for a test, won and lost together.
        smallest_effect: Smallest difference of shares that matters, up to 0.5.
        max_q: False-discovery rate up to which something counts as found.

    Raises:
        ValueError: A deal is there twice.
    """
    if len({deal.deal for deal in deals}) != len(deals):
        raise ValueError("a deal is there twice")
    cells: dict[tuple[str, ...], list[Candidate]] = {}
    for deal in sorted(deals, key=lambda deal: (deal.cell, deal.closed, deal.deal)):
        cells.setdefault(deal.cell, []).append(deal)
    couples = [couple for cell in cells.values() for couple in _nearest(cell, within_days)]
    labels = {label for couple in couples for deal in couple for label in deal.heard}
    rows = [_compared(label, couples, min_deals, smallest_effect) for label in sorted(labels)]
    q = iter(q_values([row.p for row in rows if row.p is not None]))
    judged = [_judged(row, None if row.p is None else next(q), smallest_effect, max_q) for row in rows]
    return Matched(
        pairs=tuple(_pair(won, lost) for won, lost in couples),
        labels=tuple(sorted(judged, key=lambda row: (-row.won_only - row.lost_only, row.label))),
        unpaired=len(deals) - 2 * len(couples),
    )


def _nearest(cell: Sequence[Candidate], within_days: int) -> list[tuple[Candidate, Candidate]]:
    """Pair the deals of one cell, which are in the order of their closes; won deal first.

    The nearest pair that is left is always one of neighbours: between a won and a lost deal farther
    apart in the order there is a step from one outcome to the other that is no longer.
    """
    before = list(range(-1, len(cell) - 1))
    after = list(range(1, len(cell) + 1))
    waiting: list[tuple[int, int, int]] = []

    def consider(left: int, right: int) -> None:
        if left < 0 or right == len(cell) or cell[left].won == cell[right].won:
            return
        apart = cell[right].closed - cell[left].closed
        if apart <= within_days:
            heapq.heappush(waiting, (apart, left, right))

    for at in range(1, len(cell)):
        consider(at - 1, at)
    paired: set[int] = set()
    couples: list[tuple[Candidate, Candidate]] = []
    while waiting:
        _, left, right = heapq.heappop(waiting)
        if left in paired or right in paired:
            continue
        paired |= {left, right}
        one, other = cell[left], cell[right]
        couples.append((one, other) if one.won else (other, one))
        outer_left, outer_right = before[left], after[right]
        if outer_left >= 0:
            after[outer_left] = outer_right
        if outer_right < len(cell):
            before[outer_right] = outer_left
        consider(outer_left, outer_right)
    return sorted(couples, key=lambda couple: (couple[0].closed, couple[0].deal))


def _pair(won: Candidate, lost: Candidate) -> Pair:
    return Pair(
        won=won.deal,
        lost=lost.deal,
        cell=won.cell,
        days_apart=abs(won.closed - lost.closed),
        won_only=tuple(sorted(won.heard - lost.heard)),
        lost_only=tuple(sorted(lost.heard - won.heard)),
    )


def _compared(
    label: str, couples: Sequence[tuple[Candidate, Candidate]], min_deals: int, smallest_effect: float
) -> PairedLabel:
    cells = [[0, 0], [0, 0]]
    for won, lost in couples:
        cells[label in won.heard][label in lost.heard] += 1
    (_, lost_only), (won_only, both) = cells
    pairs = len(couples)
    low, high = _interval(won_only, lost_only, pairs)
    lost_rate = rate(both + lost_only, pairs)
    further = further_cases(lost_rate.value, smallest_effect, first=pairs, second=pairs)
    return PairedLabel(
        label=label,
        both=both,
        won_only=won_only,
        lost_only=lost_only,
        won=rate(both + won_only, pairs),
        lost=lost_rate,
        value=(won_only - lost_only) / pairs,
        low=low,
        high=high,
        p=_mcnemar(cells) if 2 * both + won_only + lost_only >= min_deals else None,
        q=None,
        verdict=Verdict.NOT_ENOUGH,
        needed=None if further is None else -(-further // 2),
    )


def _mcnemar(cells: list[list[int]]) -> float:
    from statsmodels.stats.contingency_tables import mcnemar

    return min(1.0, float(mcnemar(cells, exact=True).pvalue))


def _interval(won_only: int, lost_only: int, pairs: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of a difference of paired shares.

    Wald's, with half a pair added to each cell (Agresti and Min, Statistics in Medicine 24, 2005), which
    keeps its coverage with few pairs.
    """
    total = pairs + 2
    centre = (won_only - lost_only) / total
    spread = ((won_only + lost_only + 1) / total - centre**2) / total
    reach = NormalDist().inv_cdf(0.5 + confidence / 2) * spread**0.5
    return max(-1.0, centre - reach), min(1.0, centre + reach)


def _judged(row: PairedLabel, q: float | None, smallest_effect: float, max_q: float) -> PairedLabel:
    verdict = judge_interval(
        row.value, (row.low, row.high), q=q, smallest_effect=smallest_effect, max_q=max_q
    )
    return replace(row, q=q, verdict=verdict)
