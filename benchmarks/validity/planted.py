"""Planted differences: are they found as often as is said?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from benchmarks.tables import percent, table
from benchmarks.validity.quarters import World, a_quarter
from callmine.outcomes.association import associate
from callmine.outcomes.power import deals_needed, power_of
from callmine.outcomes.rates import difference, rate

LEVEL = 0.05
PLANTED = (
    (0.40, 0.10, 0.5),
    (0.25, 0.10, 0.5),
    (0.25, 0.10, 0.2),
    (0.60, 0.10, 0.3),
    (0.10, 0.10, 0.5),
    (0.40, 0.20, 0.2),
)
"""Base rate, planted difference, share of deals that have it."""


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


@cache
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
    return rows


@dataclass(frozen=True, slots=True)
class LikePower:
    """A difference of ten points planted in quarters of calls, and how often like with like found it.

    Attributes:
        heard: In which shares of the deals, in words.
        labels: How many labels it was planted for, one after the other.
        said: Mean power by the formula, from what the margins of the risk sets leave to tell.
        found: Labels for which it was found at 5 %.
    """

    heard: str
    labels: int
    said: float
    found: int


def planted_like(quarters: int, deals: int = 2_500) -> list[LikePower]:
    """Plant ten points between deals that hear a label and deals that never do, in fair quarters."""
    world = World("planted", labels=6)
    seen: list[tuple[float, float, bool]] = []
    for number in range(quarters):
        rng = np.random.default_rng([13, number])
        quarter = a_quarter(world, rng, deals)
        for label, first in quarter.firsts.items():
            share = float((first >= 0).mean())
            if not 0.02 <= share <= 0.8:
                continue
            won = rng.random(deals) < np.where(first >= 0, 0.5, 0.4)
            row = associate(replace(quarter.cohort, won=won), {label: first}).rows[0]
            if row.needed is None or row.base is None or row.p is None:
                continue
            part = deals_needed(row.base, 0.1, share) / (row.needed + deals)
            with_it = max(1, round(share * deals * part))
            said = power_of(0.4, 0.1, with_it, max(1, round((1 - share) * deals * part)))
            seen.append((share, said, row.p <= LEVEL))
    rows = []
    for low, high in ((0.02, 0.1), (0.1, 0.3), (0.3, 0.8)):
        part_of = [(said, found) for share, said, found in seen if low <= share < high]
        if part_of:
            said = float(np.mean([said for said, _ in part_of]))
            found = sum(found for _, found in part_of)
            rows.append(LikePower(f"{100 * low:.0f} to {100 * high:.0f} %", len(part_of), said, found))
    return rows


def power_part(powers: Sequence[Power], like: Sequence[LikePower], deals: int = 2_500) -> list[str]:
    """Return the tables of planted differences."""
    plain = [
        (
            f"{percent(p.base, 0)}, {100 * p.effect:.0f} points",
            p.with_it,
            p.without,
            percent(p.said),
            _with_interval(p.found, p.repeats),
        )
        for p in powers
    ]
    cohort = [
        (row.heard, row.labels, percent(row.said), _with_interval(row.found, row.labels)) for row in like
    ]
    return [
        "### What is there is found as often as is said",
        "",
        f"Differences of two proportions, each planted {powers[0].repeats} times in as many deals as the"
        " formula asks for:",
        "",
        *table(("win rate without, and difference", "with", "without", "power said", "found"), plain),
        "",
        f"Ten points planted in quarters of {deals:,} deals with calls, and looked for like with like."
        " Fewer are found than so many deals would show: some have nobody like them, and who hears a thing"
        " later stands among the others until then. The power said, and with it the further deals needed,"
        " takes account of both, and not of the second way of comparing, deal by deal, which has to find it"
        " as well: of what is heard seldom somewhat fewer are found than is said.",
        "",
        *table(("heard by", "planted", "power said", "found"), cohort),
    ]


def _with_interval(found: int, repeats: int) -> str:
    seen = rate(found, repeats)
    return f"{percent(seen.value or 0)} ({100 * seen.low:.1f}–{percent(seen.high)})"
