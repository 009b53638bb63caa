"""The three answers: goes with winning or losing, no difference that matters, not enough evidence yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum

from callmine.outcomes.counts import q_values
from callmine.outcomes.power import deals_needed
from callmine.outcomes.rates import Difference
from callmine.outcomes.strata import Stratified


class Verdict(StrEnum):
    """What can be said of a comparison; an association each time, never a cause."""

    WINS = "wins"
    LOSSES = "losses"
    NO_DIFFERENCE = "no_difference"
    NOT_ENOUGH = "not_enough"


def family_q(tests: Sequence[Stratified]) -> tuple[float, ...]:
    """Return the false-discovery rate at which each of the tests made together would be reported.

    Benjamini and Hochberg, JRSS B 57, 1995. A single test is judged by its mid-p value. That keeps its
    level on average, but not in the far tail, where the smallest of eighty is judged; so of several
    the strict values enter.
    """
    if len(tests) == 1:
        return (tests[0].p_value,)
    return q_values([test.strict_p for test in tests])


def family_q_of_both(pairs: Sequence[tuple[Stratified, Stratified]]) -> tuple[float, ...]:
    """Return :func:`family_q` of things that have to be found in two ways: by the larger p-value of each.

    An intersection-union test (Berger, Technometrics 24, 1982). Where the two point to different
    sides nothing is found, and the p-value is 1.
    """
    both = [a if a.strict_p >= b.strict_p else b for a, b in pairs]
    opposed = [a.excess * b.excess <= 0 for a, b in pairs]
    if len(pairs) == 1:
        return (1.0,) if opposed[0] else (max(a.p_value for a in pairs[0]),)
    return q_values([1.0 if no else test.strict_p for test, no in zip(both, opposed, strict=True)])


def judge_both(
    ways: tuple[Stratified, Stratified], *, q: float, base: float, smallest_effect: float, max_q: float
) -> Verdict:
    """Return what two ways of comparing like with like say together.

    Args:
        ways: Call by call, and deal by deal.
        q: Their :func:`family_q_of_both`.
        base: Win rate at which odds ratios are read as points.
        smallest_effect: Differences below it do not matter, 0..1.
        max_q: A finding has at most this rate.
    """
    if q <= max_q and ways[0].excess != 0:
        return Verdict.WINS if ways[0].excess > 0 else Verdict.LOSSES
    ends = [end - base for way in ways for end in rates_at(base, way)]
    if all(way.information for way in ways) and all(abs(end) <= smallest_effect for end in ends):
        return Verdict.NO_DIFFERENCE
    return Verdict.NOT_ENOUGH


def judge(
    adjusted: Stratified,
    raw: Difference,
    *,
    q: float,
    base: float,
    smallest_effect: float,
    max_q: float,
) -> Verdict:
    """Return what a comparison of like with like says.

    Args:
        adjusted: Like with like.
        raw: All deals with against all without.
        q: False-discovery rate of the adjusted p-value among all that were looked at together.
        base: Win rate at which the odds ratio is read as points.
        smallest_effect: Differences below it do not matter, 0..1.
        max_q: A finding has at most this rate.
    """
    if q <= max_q and adjusted.excess != 0:
        return Verdict.WINS if adjusted.excess > 0 else Verdict.LOSSES
    ends = [raw.low, raw.high, *(end - base for end in rates_at(base, adjusted))]
    if all(abs(end) <= smallest_effect for end in ends):
        return Verdict.NO_DIFFERENCE
    return Verdict.NOT_ENOUGH


def rate_at(base: float, odds_ratio: float | None) -> float:
    """Return what a win rate becomes under an odds ratio; ``None`` is one without bound."""
    if odds_ratio is None:
        return 1.0
    won = base * odds_ratio
    return won / (won + 1 - base) if won + 1 - base > 0 else base


def rates_at(base: float, adjusted: Stratified) -> tuple[float, float]:
    """Return the win rates that both ends of the odds ratio's interval stand for."""
    return rate_at(base, adjusted.low), rate_at(base, adjusted.high)


def further_deals(
    base: float, smallest_effect: float, *, with_it: int, deals: int, efficiency: float
) -> int | None:
    """Return how many more deals would show the smallest effect that matters four times in five.

    Comparing like with like uses only part of what the deals could tell; the need rises accordingly.

    Args:
        base: Win rate of all deals.
        smallest_effect: In 0..0.5 without 0.
        with_it: Deals that have it; the share is taken to stay as it is.
        deals: All deals.
        efficiency: Which part of the information is left within strata, 0..1.

    Returns:
        0 when there are enough already; ``None`` when no number can be given, because all deals have
        it, none has, or nothing can be compared within strata.
    """
    if not 0 < with_it < deals or efficiency <= 0:
        return None
    needed = deals_needed(base, smallest_effect, with_it / deals) / min(1.0, efficiency)
    return max(0, math.ceil(needed) - deals)


def disagreement(adjusted: Stratified, raw: Difference, *, level: float = 0.05) -> bool:
    """Return whether like with like says something else than all deals together.

    That is: one is clear and the other is not, or both are and point to different sides. Two that
    are both unclear do not contradict each other, whichever side they lean to.
    """
    if (adjusted.p_value <= level) != (raw.p_value <= level):
        return True
    return adjusted.p_value <= level and adjusted.excess * raw.value < 0
