"""Win rates of groups of deals: by stage, segment, size, source, team, month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from callmine.outcomes.arrays import Flags, Ints, flags, numbered
from callmine.outcomes.counts import q_values
from callmine.outcomes.rates import Rate, rate

DRAWS = 9999
"""Random tables where counts are too small for the chi-square distribution."""

LEAST_EXPECTED = 5.0
"""Deals expected in each cell, from which it is close enough (Cochran, Biometrics 10, 1954)."""


@dataclass(frozen=True, slots=True)
class Group:
    """The deals of one group, or of several small ones put together.

    Attributes:
        names: The group's name, or those of the groups put together, in alphabetical order.
        won: Won deals out of those of the group.
        share: Of all deals, 0..1.
        amount_won: Sum of the won deals' amounts; ``None`` where amounts were not given.
        amount_lost: Sum of the lost ones'.
        few: Still too few deals to read much into the rate.
    """

    names: tuple[str, ...]
    won: Rate
    share: float
    amount_won: float | None
    amount_lost: float | None
    few: bool


@dataclass(frozen=True, slots=True)
class Grouping:
    """Win rates by one characteristic of deals.

    Attributes:
        by: The characteristic.
        groups: The group with most deals first, those put together last.
        p: p-value of "all groups win alike"; ``None`` with one group or one outcome only.
        q: False-discovery rate among all characteristics that were looked at together; ``None`` as ``p``.
        differ: Whether groups differ beyond chance. If not, nobody knows, or they do not.
    """

    by: str
    groups: tuple[Group, ...]
    p: float | None
    q: float | None
    differ: bool


def win_rates(
    characteristics: Mapping[str, Sequence[str]],
    won: npt.ArrayLike,
    *,
    amounts: npt.ArrayLike | None = None,
    min_deals: int = 10,
    max_q: float = 0.05,
    seed: int = 0,
) -> tuple[Grouping, ...]:
    """Return the win rates of groups, and whether they differ beyond chance.

    The test is Pearson's chi-square; where a group expects fewer than five won or lost deals, its
    distribution comes from random tables with the same margins instead (Patefield, Applied
    Statistics 30, 1981), seeded. Which groups are put together depends on their size only, never on
    how they ended. Neither the order of the deals nor a swap of won and lost changes a p-value.

    Whether a table per person is made at all is the caller's decision.

    Args:
        characteristics: For each characteristic, the group of each deal; an unknown one is the caller's
            word for it, such as "".
        won: Which of the deals were won; the others were lost. Shape (deals,).
        amounts: Of the deals, in one currency, without gaps; shape (deals,).
        min_deals: Smaller groups are put together.
        max_q: False-discovery rate up to which groups are said to differ.
        seed: Of the random tables.

    Raises:
        ValueError: A characteristic, or the amounts, have not one entry per deal.
    """
    outcome = flags(won, "won")
    money = None if amounts is None else np.asarray(amounts, dtype=np.float64)
    for name, column in [*characteristics.items(), *([] if money is None else [("amounts", money)])]:
        if len(column) != len(outcome):
            raise ValueError(f"{name}: {len(column)} entries for {len(outcome)} deals")
    found: dict[str, tuple[tuple[Group, ...], float | None]] = {}
    for by, column in characteristics.items():
        groups = tuple(
            _group(names, rows, outcome, money, min_deals) for names, rows in _parts(column, min_deals)
        )
        counts = np.array([(g.won.successes, g.won.total - g.won.successes) for g in groups], np.int64)
        found[by] = groups, _heterogeneity(counts, seed)
    tested = {by: p for by, (_, p) in found.items() if p is not None}
    q = dict(zip(tested, q_values(list(tested.values())), strict=True))
    return tuple(
        Grouping(by=by, groups=groups, p=p, q=q.get(by), differ=by in q and q[by] <= max_q)
        for by, (groups, p) in found.items()
    )


def _parts(column: Sequence[str], min_deals: int) -> list[tuple[tuple[str, ...], Ints]]:
    """Return the groups and their deals, small ones put together at the end."""
    names, number = numbered(column)
    sizes = np.bincount(number, minlength=len(names))
    order = sorted(range(len(names)), key=lambda at: (-int(sizes[at]), names[at]))
    large = [at for at in order if sizes[at] >= min_deals]
    small = sorted(set(order) - set(large))
    parts: list[tuple[tuple[str, ...], Ints]] = [
        ((names[at],), np.flatnonzero(number == at)) for at in large
    ]
    if small:
        parts.append((tuple(names[at] for at in small), np.flatnonzero(np.isin(number, small))))
    return parts


def _group(
    names: tuple[str, ...],
    rows: Ints,
    outcome: Flags,
    money: npt.NDArray[np.float64] | None,
    min_deals: int,
) -> Group:
    ended = outcome[rows]
    return Group(
        names=names,
        won=rate(int(ended.sum()), len(rows)),
        share=len(rows) / len(outcome),
        amount_won=None if money is None else float(money[rows][ended].sum()),
        amount_lost=None if money is None else float(money[rows][~ended].sum()),
        few=len(rows) < min_deals,
    )


def _heterogeneity(counts: Ints, seed: int) -> float | None:
    """Return the p-value of "all rows are alike" for counts of shape (groups, 2)."""
    if len(counts) < 2 or not counts.sum(axis=0).all():
        return None
    from scipy.stats import chi2_contingency, random_table

    test = chi2_contingency(counts, correction=False)
    if test.expected_freq.min() >= LEAST_EXPECTED:
        return float(test.pvalue)
    columns = np.sort(counts.sum(axis=0))
    drawn = random_table(counts.sum(axis=1), columns).rvs(DRAWS, random_state=np.random.default_rng(seed))
    expected = counts.sum(axis=1)[:, None] * columns / counts.sum()
    statistics = ((drawn - expected) ** 2 / expected).sum(axis=(1, 2))
    # Equal statistics differ in their last digits.
    return float((1 + np.count_nonzero(statistics >= test.statistic * (1 - 1e-9))) / (1 + DRAWS))
