"""Two things of which neither has any effect: is one found to be better than the other all the same?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import binomtest

from benchmarks.tables import percent, table
from benchmarks.validity.quarters import WORLDS, World, a_quarter
from callmine.outcomes.arrays import Ints
from callmine.outcomes.cohort import Cohort
from callmine.outcomes.verdicts import Verdict
from callmine.outcomes.versus import Versus, versus

LEVEL = 0.05
BOUND = "said in one call of a deal, however many it has"
FREQUENT, RARE = 0.8, 0.15
"""In which shares of deals the two things come up in the world that is called so."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Comparisons in one world, one a quarter.

    Attributes:
        world: What is unfair about it.
        rows: Those that had enough deals to be tested.
    """

    world: str
    rows: tuple[Versus, ...]

    @property
    def claimed(self) -> int:
        """Comparisons in which one is said to go with winning more than the other."""
        return sum(row.verdict in (Verdict.WINS, Verdict.LOSSES) for row in self.rows)

    @property
    def upper(self) -> float:
        """One-sided upper 95 % bound of their share (Clopper and Pearson)."""
        bound = binomtest(self.claimed, len(self.rows), alternative="less").proportion_ci(0.95)
        return float(bound.high)

    @property
    def by_call(self) -> float:
        """Share that what came first would claim alone."""
        return float(np.mean([row.adjusted.p_value <= LEVEL for row in self.rows if row.adjusted]))

    @property
    def by_deal(self) -> float:
        """Share that one and not the other would claim alone."""
        return float(np.mean([row.whole.p_value <= LEVEL for row in self.rows if row.whole]))


def a_chance_per_call(world: World, rng: np.random.Generator) -> Versus:
    """Compare two things in a quarter in which each call is one more chance to hear either."""
    quarter = a_quarter(replace(world, labels=4), rng)
    first, second = rng.permutation(list(quarter.firsts))[:2]
    return versus(quarter.cohort, quarter.firsts[first], quarter.firsts[second])


def bound_to_come_up(rng: np.random.Generator, deals: int = 500) -> Versus:
    """Compare a frequent and a rare thing that come up once in a deal or never, won deals being longer."""
    won = rng.random(deals) < 0.4
    calls = 1 + rng.poisson(np.where(won, 4.0, 0.7))
    first, second = (
        np.where(rng.random(deals) < share, _some_call(calls, rng), -1) for share in (FREQUENT, RARE)
    )
    return versus(_alike(won, calls), first, second)


def pairs_without_effect(quarters: int, worlds: Sequence[World] = WORLDS) -> list[Pairs]:
    """Compare one pair in each of so many quarters of each world."""
    made = []
    for number, world in enumerate(worlds):
        rows = [a_chance_per_call(world, np.random.default_rng([17, number, i])) for i in range(quarters)]
        made.append(Pairs(world.name, _tested(rows)))
    bound = [bound_to_come_up(np.random.default_rng([19, i])) for i in range(quarters)]
    return [*made, Pairs(BOUND, _tested(bound))]


def pairs_part(pairs: Sequence[Pairs]) -> list[str]:
    """Return the table of comparisons without any effect."""
    rows = [
        (
            one.world,
            f"{one.claimed} of {len(one.rows)}",
            percent(one.upper),
            percent(one.by_call, 0),
            percent(one.by_deal, 0),
        )
        for one in pairs
    ]
    header = (
        "pairs without any effect",
        "found",
        "upper bound",
        "call by call alone",
        "deal by deal alone",
    )
    return [
        "### Neither is better where neither is",
        "",
        "`callmine compare` of two things that have no effect, one pair a quarter; pairs with too few deals"
        " to compare are left out. Either way of comparing would claim something alone where it is wrong;"
        " what counts is what both find, at 5 %.",
        "",
        *table(header, rows),
    ]


def _tested(rows: Iterable[Versus]) -> tuple[Versus, ...]:
    return tuple(row for row in rows if row.p is not None)


def _some_call(calls: Ints, rng: np.random.Generator) -> Ints:
    """Return for each deal the row of one of its calls, any of them as likely."""
    chosen: Ints = np.cumsum(calls) - 1 - (rng.random(len(calls)) * calls).astype(np.int64)
    return chosen


def _alike(won: np.ndarray, calls: Ints) -> Cohort:
    """Return deals that differ in nothing but their outcome and the number of their calls."""
    deal = np.repeat(np.arange(len(won)), calls)
    number = np.arange(len(deal)) - np.repeat(np.cumsum(calls) - calls, calls) + 1
    same, same_calls = np.zeros(len(won), dtype=np.int64), np.zeros(len(deal), dtype=np.int64)
    left = np.repeat(calls, calls) - number
    return Cohort(won, same, same, deal, number, same_calls, same_calls + 500, left)
