"""Whether the deals with calls are like those without, and how much of everything was heard."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from callmine.outcomes.arrays import flags, numbered
from callmine.outcomes.counts import q_values
from callmine.outcomes.rates import Difference, Rate, difference, rate

LEAST_POINTS = 0.10
"""Difference of shares from which deals with and without calls are told to differ."""

LEAST_STANDARDISED = 0.1
"""The same in standard deviations (Austin, Statistics in Medicine 28, 2009)."""


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a whole that was counted completely: there is no interval to give.

    Attributes:
        count: 0..``total``.
        total: The whole.
    """

    count: int
    total: int

    def __post_init__(self) -> None:
        if not 0 <= self.count <= self.total:
            raise ValueError(f"{self.count} out of {self.total}: a count is negative or too large")

    @property
    def share(self) -> float | None:
        """The part of the whole, 0..1; ``None`` of nothing."""
        return self.count / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of everything a report can know.

    Attributes:
        deals: Deals with at least one call, out of all deals.
        calls: Calls linked with a deal, out of all calls.
        words: Words of calls known to be a prospect's, out of all that are a prospect's or whose
            speaker is not known.
    """

    deals: Part
    calls: Part
    words: Part


@dataclass(frozen=True, slots=True)
class Level:
    """How common one kind of deal is among deals with and without calls.

    Attributes:
        characteristic: For example "segment".
        value: For example "mid-market".
        with_calls: Deals of this kind out of those with calls.
        without_calls: Out of those without.
        change: The first less the second; ``None`` when one is empty.
        standardised: The same in standard deviations; ``None`` where each group is all of this kind
            or without it, or one is empty.
        q: False-discovery rate among all kinds that were looked at together; ``None`` as ``change``.
        differs: Beyond chance, and by enough to matter: what is heard in calls may say little about
            deals without.
    """

    characteristic: str
    value: str
    with_calls: Rate
    without_calls: Rate
    change: Difference | None
    standardised: float | None
    q: float | None
    differs: bool


def compare_coverage(
    characteristics: Mapping[str, Sequence[str]], has_call: npt.ArrayLike, *, max_q: float = 0.05
) -> tuple[Level, ...]:
    """Hold the deals with calls against those without.

    Exact mid-p of the hypergeometric law for each kind of deal, Benjamini and Hochberg's rate (JRSS B
    57, 1995) over all of them. With thousands of deals anything is beyond chance, so a difference
    has to matter as well: 10 points, or a tenth of a standard deviation.

    Args:
        characteristics: For each characteristic (segment, size band, source, outcome, team, month), the
            value of each deal.
        has_call: Which deals have at least one call; shape (deals,).
        max_q: False-discovery rate up to which a difference is beyond chance.

    Returns:
        One row per value, by characteristic as given; the value of most deals first.

    Raises:
        ValueError: A characteristic has not one value per deal.
    """
    called = flags(has_call, "has_call")
    groups = int(called.sum()), int((~called).sum())
    rows: list[Level] = []
    for name, column in characteristics.items():
        if len(column) != len(called):
            raise ValueError(f"{name}: {len(column)} values for {len(called)} deals")
        values, number = numbered(column)
        counts = [np.bincount(number[deals], minlength=len(values)) for deals in (called, ~called)]
        order = sorted(range(len(values)), key=lambda at: (-int(counts[0][at] + counts[1][at]), values[at]))
        rows += [
            _level(
                name,
                values[at],
                rate(int(counts[0][at]), groups[0]),
                rate(int(counts[1][at]), groups[1]),
            )
            for at in order
        ]
    q = iter(q_values([row.change.p_value for row in rows if row.change is not None]))
    return tuple(row if row.change is None else _judged(row, row.change, next(q), max_q) for row in rows)


def _level(name: str, value: str, with_calls: Rate, without_calls: Rate) -> Level:
    one, other = with_calls.value, without_calls.value
    standardised = None
    if one is not None and other is not None:
        variance = (one * (1 - one) + other * (1 - other)) / 2
        standardised = (one - other) / math.sqrt(variance) if variance else None
    change = difference(
        with_calls.successes, with_calls.total, without_calls.successes, without_calls.total
    )
    return Level(name, value, with_calls, without_calls, change, standardised, None, differs=False)


def _judged(row: Level, change: Difference, q: float, max_q: float) -> Level:
    matters = abs(change.value) > LEAST_POINTS or abs(row.standardised or 0.0) > LEAST_STANDARDISED
    return replace(row, q=q, differs=matters and q <= max_q)
