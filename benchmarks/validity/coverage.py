"""Intervals: how often do they hold the truth?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from benchmarks.tables import percent, table
from callmine.outcomes.rates import difference, rate
from callmine.outcomes.strata import stratified

PAIRS = ((20, 20), (20, 60), (50, 50), (100, 40))
SIZES = (20, 30, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often an interval at 95 % holds the truth.

    Attributes:
        name: Of the interval.
        mean: Over the grid.
        lowest: At the worst point of the grid.
    """

    name: str
    mean: float
    lowest: float


def wilson_coverage(sizes: Sequence[int] = SIZES) -> list[Coverage]:
    """Return the exact coverage of one rate's interval, over rates of 5 to 95 %."""
    truths = np.arange(0.05, 0.951, 0.01)
    rows = []
    for n in sizes:
        ends = [rate(k, n) for k in range(n + 1)]
        low, high = np.array([e.low for e in ends]), np.array([e.high for e in ends])
        masses = binom.pmf(np.arange(n + 1)[:, None], n, truths)
        holds = (low[:, None] <= truths) & (truths <= high[:, None])
        covered = (masses * holds).sum(axis=0)
        rows.append(Coverage(f"one rate (Wilson), n = {n}", float(covered.mean()), float(covered.min())))
    return rows


def newcombe_coverage(pairs: Sequence[tuple[int, int]] = PAIRS) -> list[Coverage]:
    """Return the exact coverage of a difference's interval, over pairs of rates of 5 to 95 %."""
    truths = np.arange(0.05, 0.951, 0.05)
    rows = []
    for n_a, n_b in pairs:
        low, high = np.empty((2, n_a + 1, n_b + 1))
        for a in range(n_a + 1):
            for b in range(n_b + 1):
                compared = difference(a, n_a, b, n_b)
                assert compared is not None
                low[a, b], high[a, b] = compared.low, compared.high
        covered = [
            float(
                np.outer(binom.pmf(np.arange(n_a + 1), n_a, p), binom.pmf(np.arange(n_b + 1), n_b, q))[
                    (low <= p - q + 1e-12) & (p - q - 1e-12 <= high)
                ].sum()
            )
            for p in truths
            for q in truths
        ]
        name = f"difference (Newcombe), n = {n_a} and {n_b}"
        rows.append(Coverage(name, float(np.mean(covered)), min(covered)))
    return rows


def odds_coverage(repeats: int) -> list[Coverage]:
    """Return the coverage of the pooled odds ratio, in many small strata and in few large ones."""
    rows = []
    for strata, deals in ((60, 6), (12, 30), (3, 120)):
        held = []
        for number, truth in enumerate((0.4, 1.0, 2.0, 3.0)):
            rng = np.random.default_rng([11, strata, number])
            for _ in range(repeats):
                base = rng.uniform(0.2, 0.7, strata)
                odds = truth * base / (1 - base)
                with_it = np.maximum(1, rng.binomial(deals, 0.3, strata))
                without = np.maximum(1, deals - with_it)
                a, b = rng.binomial(with_it, odds / (1 + odds)), rng.binomial(without, base)
                cells = np.array([[a, with_it - a], [b, without - b]]).transpose(2, 0, 1)
                result = stratified(cells)
                held.append((truth, result.low <= truth and (result.high is None or truth <= result.high)))
        each = [np.mean([h for t, h in held if t == truth]) for truth in (0.4, 1.0, 2.0, 3.0)]
        name = f"odds ratio (Robins, Breslow, Greenland), {strata} strata of {deals}"
        rows.append(Coverage(name, float(np.mean(each)), float(min(each))))
    return rows


def coverage_part(rows: Sequence[Coverage]) -> list[str]:
    """Return the table of coverage."""
    header = ("interval at 95 %", "holds the truth, on average", "at the worst point")
    return [
        "### Intervals hold what they promise",
        "",
        "Rates and differences by going through every outcome, for win rates of 5 to 95 %; odds ratios of"
        " 0.4 to 3 by simulation.",
        "",
        *table(header, [(r.name, percent(r.mean), percent(r.lowest)) for r in rows]),
    ]
