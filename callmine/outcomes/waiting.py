"""Time from a buyer's first inquiry to the first call, against winning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from callmine.outcomes.arrays import Flags, Ints, flags, ints
from callmine.outcomes.judging import further_cases, judge_interval
from callmine.outcomes.rates import Difference, Rate, difference, rate
from callmine.outcomes.verdicts import Verdict

BANDS = ((0, 0), (1, 2), (3, 7), (8, 30), (31, None))
"""Days from and to, both included; the last band has no end."""


@dataclass(frozen=True, slots=True)
class Band:
    """Deals that waited about as long.

    Attributes:
        first: Fewest days.
        last: Most days; ``None`` for no end.
        won: Won deals out of those of the band.
    """

    first: int
    last: int | None
    won: Rate


@dataclass(frozen=True, slots=True)
class Waiting:
    """How waiting goes with winning.

    Attributes:
        bands: Shortest wait first.
        before_inquiry: Deals whose first call is before their inquiry; left out of everything else.
        middle: Days that half of the deals waited at most; ``None`` without deals.
        quick: Won deals among those that waited at most ``middle`` days.
        slow: Won deals among the others.
        change: ``slow`` less ``quick``; ``None`` when one is empty.
        waits_less: Chance that a won deal waited less than a lost one, ties halved, 0..1: one half where
            waiting does not matter; ``None`` when not tested.
        p: Two-sided p-value of "won and lost deals waited alike"; ``None`` when not tested.
        verdict: ``LOSSES`` when waiting goes with losing, ``WINS`` when it goes with winning.
        needed: Further deals that would show the smallest difference between quick and slow that
            matters; ``None`` when no number can be given.
    """

    bands: tuple[Band, ...]
    before_inquiry: int
    middle: int | None
    quick: Rate
    slow: Rate
    change: Difference | None
    waits_less: float | None
    p: float | None
    verdict: Verdict
    needed: int | None


def waiting(
    days: npt.ArrayLike,
    won: npt.ArrayLike,
    *,
    min_deals: int = 10,
    smallest_effect: float = 0.10,
    max_p: float = 0.05,
) -> Waiting:
    """Hold the days from first inquiry to first call against the outcome.

    One test over all days, not one per band: Mann and Whitney's (Annals of Mathematical Statistics
    18, 1947), corrected for ties. "No difference that matters" is read from the quicker half against
    the slower one, which the days alone divide.

    Args:
        days: From first inquiry to first call, whole days, of closed deals that have both; shape (deals,).
        won: Which of the deals were won; the others were lost. Shape (deals,).
        min_deals: Deals of either outcome that a test needs, 1 or more.
        smallest_effect: Smallest difference of win rates that matters, up to 0.5.
        max_p: A finding has at most this p-value.

    Raises:
        ValueError: The arrays are not of one length, or not of whole numbers and booleans.
    """
    waited, outcome = ints(days, "days"), flags(won, "won")
    if len(waited) != len(outcome):
        raise ValueError(f"days of {len(waited)} deals, outcomes of {len(outcome)}")
    known = waited >= 0
    before_inquiry = int(np.count_nonzero(~known))
    waited, outcome = waited[known], outcome[known]
    middle = int(np.sort(waited)[(len(waited) - 1) // 2]) if len(waited) else None
    early = waited <= (middle or 0)
    quick, slow = _won(outcome, early), _won(outcome, ~early)
    change = difference(slow.successes, slow.total, quick.successes, quick.total)
    waits_less, p = None, None
    if min(outcome.sum(), (~outcome).sum()) >= max(1, min_deals):
        waits_less, p = _trend(waited, outcome)
    return Waiting(
        bands=tuple(
            Band(first, last, _won(outcome, _within(waited, first, last))) for first, last in BANDS
        ),
        before_inquiry=before_inquiry,
        middle=middle,
        quick=quick,
        slow=slow,
        change=change,
        waits_less=waits_less,
        p=p,
        verdict=judge_interval(
            0.0 if waits_less is None else 0.5 - waits_less,
            None if change is None else (change.low, change.high),
            q=p,
            smallest_effect=smallest_effect,
            max_q=max_p,
        ),
        needed=further_cases(quick.value, smallest_effect, first=slow.total, second=quick.total),
    )


def _won(outcome: Flags, group: Flags) -> Rate:
    return rate(int(np.count_nonzero(outcome & group)), int(np.count_nonzero(group)))


def _within(waited: Ints, first: int, last: int | None) -> Flags:
    return (waited >= first) & (waited <= (waited if last is None else last))


def _trend(waited: Ints, outcome: Flags) -> tuple[float, float]:
    """Return the chance that a won deal waited less than a lost one, and the p-value of one half."""
    from scipy.stats import mannwhitneyu

    if np.ptp(waited) == 0:
        return 0.5, 1.0
    won, lost = waited[outcome], waited[~outcome]
    test = mannwhitneyu(lost, won, method="asymptotic")
    return float(test.statistic) / (len(won) * len(lost)), float(test.pvalue)
