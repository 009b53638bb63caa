"""Quarters in which nothing has any effect: what is claimed all the same?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.stats import binomtest

from benchmarks.tables import percent, table
from benchmarks.validity.quarters import WORLDS, World, a_quarter
from callmine.outcomes.association import family_of
from callmine.outcomes.counts import q_values
from callmine.outcomes.strata import permutation_p, tables_of

LEVEL = 0.05
PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Look:
    """One quarter without any effect: what was claimed.

    Attributes:
        tested: Labels with support.
        low_p: Of these, with an adjusted p-value of at most 5 %.
        claimed: Of these, with a verdict that they go with winning or losing.
        raw_low_p: With a raw p-value of at most 5 %.
        raw_claimed: With a raw q-value of at most 5 %.
    """

    tested: int
    low_p: int
    claimed: int
    raw_low_p: int
    raw_claimed: int


@dataclass(frozen=True, slots=True)
class Null:
    """All quarters of one world.

    Attributes:
        world: What is unfair about it.
        looks: Its quarters.
    """

    world: World
    looks: tuple[Look, ...]

    @property
    def false_quarters(self) -> int:
        """Quarters with any false discovery."""
        return sum(look.claimed > 0 for look in self.looks)

    @property
    def upper(self) -> float:
        """One-sided upper 95 % bound of the share of such quarters (Clopper and Pearson)."""
        bound = binomtest(self.false_quarters, len(self.looks), alternative="less").proportion_ci(0.95)
        return float(bound.high)

    @property
    def share(self) -> float:
        """Share of labels with a p-value of at most 5 %."""
        return float(np.mean(self._shares()))

    @property
    def share_upper(self) -> float:
        """One-sided upper 95 % bound of that share: labels of a quarter go together, quarters do not."""
        shares = self._shares()
        return float(np.mean(shares) + 1.645 * np.std(shares, ddof=1) / np.sqrt(len(shares)))

    def _shares(self) -> list[float]:
        return [look.low_p / look.tested for look in self.looks if look.tested]


def look(world: World, seed: Sequence[int], deals: int | None = None) -> Look:
    """Invent a quarter and look at everything in it."""
    quarter = a_quarter(world, np.random.default_rng(seed), deals)
    cohort = quarter.cohort
    family = family_of(cohort, quarter.firsts)
    everyone = np.zeros(cohort.deals, dtype=np.int64)
    raw = [
        permutation_p(tables_of(quarter.firsts[label] >= 0, cohort.won, everyone))
        for label in family.adjusted
    ]
    return Look(
        tested=len(raw),
        low_p=sum(one.p_value <= LEVEL for one in family.adjusted.values()),
        claimed=sum(q <= LEVEL for q in family.q.values()),
        raw_low_p=sum(p <= LEVEL for p in raw),
        raw_claimed=sum(q <= LEVEL for q in q_values(raw)),
    )


def without_effect(
    quarters: int,
    worlds: Sequence[World] = WORLDS,
    *,
    processes: int = PROCESSES,
    say: Callable[[str], None] = lambda line: None,
) -> list[Null]:
    """Look at so many quarters of each world."""
    nulls = []
    for number, world in enumerate(worlds):
        seeds = [(number, i) for i in range(quarters)]
        if processes == 1:
            looks = tuple(look(world, seed) for seed in seeds)
        else:
            with ProcessPoolExecutor(processes) as pool:
                looks = tuple(pool.map(partial(look, world), seeds, chunksize=5))
        nulls.append(Null(world, looks))
        say(f"{world.name}: a false discovery in {nulls[-1].false_quarters} of {quarters} quarters")
    return nulls


def null_part(nulls: Sequence[Null]) -> list[str]:
    """Return the table of quarters without any effect."""
    rows = []
    for null in nulls:
        n = len(null.looks)
        raw = [look.raw_low_p / look.tested for look in null.looks if look.tested]
        rows.append(
            (
                null.world.name,
                f"{null.false_quarters} of {n}",
                percent(null.upper),
                percent(null.share),
                percent(null.share_upper),
                percent(float(np.mean([look.raw_claimed > 0 for look in null.looks])), 0),
                percent(float(np.mean(raw)), 0),
            )
        )
    header = (
        "quarters without any effect",
        "with a false discovery",
        "upper bound",
        "labels with p ≤ 5 %",
        "upper bound",
        "raw test: quarters",
        "raw test: labels",
    )
    return [
        "### Nothing is claimed where there is nothing",
        "",
        "Quarters of 300 to 600 closed deals (one row: of 2,000) and 80 things listened for, none of"
        " which has any effect on who wins. A false discovery is a verdict that one goes with winning or"
        " with losing, at a false-discovery rate of 5 %. Upper bounds are one-sided, at 95 %. The raw test,"
        " beside it, compares all deals with and without, at the same rate.",
        "",
        *table(header, rows),
    ]
