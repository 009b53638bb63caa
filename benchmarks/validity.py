"""Are the win/loss statistics right? Quarters without any effect, planted differences, and coverage.

``python -m benchmarks.validity [--quarters 500] [--write]`` prints Markdown; with ``--write`` it goes into
``docs/quality.md`` as well. The invented quarters are those of :mod:`benchmarks.quarters`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from statistics import median

import numpy as np
from scipy.stats import binom, binomtest

from benchmarks.quarters import WORLDS, World, a_quarter
from benchmarks.tables import origin, put, table
from callmine.outcomes.association import associate
from callmine.outcomes.counts import q_values
from callmine.outcomes.power import deals_needed, power_of
from callmine.outcomes.rates import difference, rate
from callmine.outcomes.strata import stratified

LEVEL = 0.05
PROCESSES = 2
PAGE = Path(__file__).parents[1] / "docs" / "quality.md"
PLANTED = (
    (0.40, 0.10, 0.5),
    (0.25, 0.10, 0.5),
    (0.25, 0.10, 0.2),
    (0.60, 0.10, 0.3),
    (0.10, 0.10, 0.5),
    (0.40, 0.20, 0.2),
)
"""Base rate, planted difference, share of deals that have it."""
PAIRS = ((20, 20), (20, 60), (50, 50), (100, 40))
SIZES = (20, 30, 50, 100, 200)


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


@dataclass(frozen=True, slots=True)
class Power:
    """A planted difference, and how often it was found.

    Attributes:
        base: Win rate without.
        effect: What was planted.
        with_it: Deals with.
        without: Deals without.
        said: Power by the formula.
        found: Repetitions in which it was found.
        repeats: Of so many.
    """

    base: float
    effect: float
    with_it: int
    without: int
    said: float
    found: int
    repeats: int


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


def look(world: World, seed: Sequence[int], deals: int | None = None) -> Look:
    """Invent a quarter and look at everything in it."""
    quarter = a_quarter(world, np.random.default_rng(seed), deals)
    rows = [row for row in associate(quarter.cohort, quarter.firsts).rows if row.p is not None]
    raw = [row.raw.p_value for row in rows if row.raw]
    return Look(
        tested=len(rows),
        low_p=sum(row.p <= LEVEL for row in rows if row.p is not None),
        claimed=sum(row.verdict in ("wins", "losses") for row in rows),
        raw_low_p=sum(p <= LEVEL for p in raw),
        raw_claimed=sum(q <= LEVEL for q in q_values(raw)),
    )


def without_effect(
    quarters: int, worlds: Sequence[World] = WORLDS, *, processes: int = PROCESSES
) -> list[Null]:
    """Look at so many quarters of each world."""
    nulls = []
    for number, world in enumerate(worlds):
        begun = time.perf_counter()
        seeds = [(number, i) for i in range(quarters)]
        if processes == 1:
            looks = tuple(look(world, seed) for seed in seeds)
        else:
            with ProcessPoolExecutor(processes) as pool:
                looks = tuple(pool.map(partial(look, world), seeds, chunksize=5))
        nulls.append(Null(world, looks))
        _say(
            f"{world.name}: {nulls[-1].false_quarters} of {quarters} quarters, {time.perf_counter() - begun:.0f} s"
        )
    return nulls


@lru_cache(maxsize=None)
def _found(a: int, n_a: int, b: int, n_b: int) -> bool:
    compared = difference(a, n_a, b, n_b)
    return compared is not None and compared.p_value <= LEVEL


def planted(repeats: int) -> list[Power]:
    """Plant differences of two proportions in as many deals as are said to be needed."""
    rows = []
    for number, (base, effect, share) in enumerate(PLANTED):
        rng = np.random.default_rng([7, number])
        deals = deals_needed(base, effect, share)
        with_it = round(deals * share)
        without = deals - with_it
        other = base + effect if base <= 0.5 else base - effect
        won = zip(rng.binomial(with_it, other, repeats), rng.binomial(without, base, repeats), strict=True)
        found = sum(_found(int(a), with_it, int(b), without) for a, b in won)
        said = power_of(base, effect, with_it, without)
        rows.append(Power(base, effect, with_it, without, said, found, repeats))
    _say("planted differences are done")
    return rows


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
    _say("coverage of rates and differences is done")
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
    _say("coverage of odds ratios is done")
    return rows


def seconds_for_all(deals: int = 5_000, repeats: int = 3) -> tuple[int, float]:
    """Return how many calls a large quarter has, and the median seconds for all its associations."""
    world = World("large", chatty=0.7, longer=1.5, segments=1.6, sizes=0.2, calls=5.0)
    quarter = a_quarter(world, np.random.default_rng(5), deals)
    associate(quarter.cohort, dict(list(quarter.firsts.items())[:2]))  # imports are not what is timed
    taken = []
    for _ in range(repeats):
        begun = time.perf_counter()
        associate(quarter.cohort, quarter.firsts)
        taken.append(time.perf_counter() - begun)
    return quarter.cohort.calls, median(taken)


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
                f"{null.upper:.1%}",
                f"{null.share:.1%}",
                f"{null.share_upper:.1%}",
                f"{np.mean([look.raw_claimed > 0 for look in null.looks]):.0%}",
                f"{np.mean(raw):.0%}",
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
        "Quarters of 300 to 600 closed deals and 80 things listened for, none of which has any effect on who"
        " wins. A false discovery is a verdict *goes with winning* or *goes with losing* at the false-discovery"
        " rate of 5 %. Upper bounds are one-sided, at 95 %. The raw test, beside it, compares all deals with"
        " and without, at the same rate.",
        "",
        *table(header, rows),
    ]


def power_part(powers: Sequence[Power]) -> list[str]:
    """Return the table of planted differences."""
    rows = []
    for p in powers:
        seen = rate(p.found, p.repeats)
        rows.append(
            (
                f"{p.base:.0%} and {p.effect:.0%} points",
                p.with_it,
                p.without,
                f"{p.said:.1%}",
                f"{seen.value or 0:.1%} ({seen.low:.1%}–{seen.high:.1%})",
            )
        )
    header = ("win rate without, and planted difference", "with", "without", "power said", "found")
    return [
        "### What is there is found as often as is said",
        "",
        f"Each difference planted {powers[0].repeats} times, in as many deals as *further deals needed* asks for.",
        "",
        *table(header, [(r[0].replace("% points", " points"), *r[1:]) for r in rows]),
    ]


def coverage_part(rows: Sequence[Coverage]) -> list[str]:
    """Return the table of coverage."""
    header = ("interval at 95 %", "holds the truth, on average", "at the worst point")
    return [
        "### Intervals hold what they promise",
        "",
        "Rates and differences by going through every outcome, for win rates of 5 to 95 %; odds ratios of"
        " 0.4 to 3 by simulation.",
        "",
        *table(header, [(r.name, f"{r.mean:.1%}", f"{r.lowest:.1%}") for r in rows]),
    ]


def report(quarters: int) -> list[str]:
    """Measure everything and return the page's part."""
    repeats = 4 * quarters
    lines = ["## Validity of the win/loss statistics", "", *null_part(without_effect(quarters))]
    lines += ["", *power_part(planted(repeats))]
    lines += ["", *coverage_part([*wilson_coverage(), *newcombe_coverage(), *odds_coverage(quarters)])]
    calls, seconds = seconds_for_all()
    lines += [
        "",
        f"All associations of 5,000 deals with {calls:,} calls and 80 labels take {seconds:.1f} s on one core.",
    ]
    return [*lines, *origin({}, f"python -m benchmarks.validity --quarters {quarters}")]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quarters", type=int, default=500, help="invented quarters of each kind")
    parser.add_argument("--write", action="store_true", help="put the result into docs/quality.md")
    asked = parser.parse_args()
    lines = report(asked.quarters)
    print("\n".join(lines))
    if asked.write:
        put(PAGE, "validity", lines)


if __name__ == "__main__":
    main()
