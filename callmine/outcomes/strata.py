"""Tables of 2 × 2 in strata: an odds ratio pooled over like and like, and its exact test.

A table is ``[[with and won, with and lost], [without and won, without and lost]]``; several are an
array of shape (k, 2, 2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from callmine.outcomes.arrays import Flags, Floats, Ints
from callmine.outcomes.exact import Law, law_of, odds_bound, spread


@dataclass(frozen=True, slots=True)
class Stratified:
    """How won deals lie between those with and those without, within strata.

    Attributes:
        odds_ratio: Mantel and Haenszel's; ``None`` when there is none, or none that is finite.
        low: Lower end of its interval, 0 or more.
        high: Upper end; ``None`` when it is open.
        p_value: Exact, two-sided mid-p value of "no association in any stratum", 0..1.
        strict_p: The same with all of what was seen counted as extreme, not half of it: never too
            small, at any level. For the smallest of many.
        excess: Deals with it that were won, above what their strata would lead to expect.
        information: Sum of the hypergeometric variances; 0 when nothing can be compared.
        informative_strata: Strata that can tell anything.
    """

    odds_ratio: float | None
    low: float
    high: float | None
    p_value: float
    strict_p: float
    excess: float
    information: float
    informative_strata: int

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out "no association"."""
        return self.low > 1 or (self.high is not None and self.high < 1)


def tables_of(exposed: Flags, won: Flags, stratum: Ints) -> Ints:
    """Count deals into tables of 2 × 2.

    Args:
        exposed: Shape (n,).
        won: Shape (n,).
        stratum: Shape (n,); any whole numbers.

    Returns:
        Shape (k, 2, 2), one table per stratum that occurs, in the order of their numbers.

    Raises:
        ValueError: The arrays differ in length.
    """
    if not exposed.shape == won.shape == stratum.shape:
        raise ValueError(f"deals differ in number: {exposed.shape}, {won.shape}, {stratum.shape}")
    values, code = np.unique(stratum, return_inverse=True)
    return tables_by_code(exposed, won, code, len(values))


def tables_by_code(exposed: Flags, won: Flags, code: Ints, strata: int) -> Ints:
    """Count deals into tables of 2 × 2 where strata are already numbered 0..``strata`` - 1."""
    cell = code * 4 + np.where(exposed, 0, 2) + np.where(won, 0, 1)
    return np.bincount(cell, minlength=4 * strata).reshape(strata, 2, 2)


def information(tables: Ints) -> float:
    """Return the sum of the hypergeometric variances: what the tables' margins can tell at all.

    Mantel and Haenszel, Journal of the National Cancer Institute 22, 1959. Only margins enter.
    """
    return float(variances(tables).sum())


def variances(tables: Ints) -> Floats:
    """Return the variance of "with and won" in each table, given its margins, shape (k,)."""
    total, won, exposed = _margins(tables)
    pairs = np.maximum(total, 1.0) ** 2 * np.maximum(total - 1, 1.0)
    spread_out: Floats = won * (total - won) * exposed * (total - exposed) / pairs
    return spread_out


def permutation_p(tables: Ints) -> float:
    """Return the p-value of a permutation of outcomes among the deals within each stratum.

    Of all permutations, none left to chance: within a stratum the number of won deals among the
    exposed ones is hypergeometric, and the sum over strata has the convolution of these laws
    (Gart, Biometrika 57, 1970; Mehta, Patel and Gray, JASA 80, 1985). Two-sided by doubling the
    smaller tail, with half of the observed sum counted in it (mid-p; Lancaster, JASA 56, 1961).
    """
    told = _informative(tables)
    if not len(told):
        return 1.0
    return _law(told).two_sided(int(told[:, 0, 0].sum()))


def stratified(tables: Ints, *, confidence: float = 0.95) -> Stratified:
    """Pool an odds ratio over strata and test it.

    The odds ratio is Mantel and Haenszel's (1959) with the interval of Robins, Breslow and Greenland
    (Biometrics 42, 1986), right for few large strata and for many small ones. Where a cell of zeros
    leaves that without an interval, it is the exact conditional one (Cornfield 1956, Gart 1970),
    open at one end.

    Args:
        tables: Shape (k, 2, 2), counts.
        confidence: Of the two-sided interval, between 0 and 1.

    Raises:
        ValueError: The tables have another shape, or a count is negative.
    """
    if tables.ndim != 3 or tables.shape[1:] != (2, 2):
        raise ValueError(f"expected tables of shape (k, 2, 2), got {tables.shape}")
    if tables.size and tables.min() < 0:
        raise ValueError("counts cannot be negative")
    told = _informative(tables)
    if not len(told):
        return Stratified(None, 0.0, None, 1.0, 1.0, 0.0, 0.0, 0)
    law = _law(told)
    seen = int(told[:, 0, 0].sum())
    total, won, exposed = _margins(told)
    low, high = _interval(told, confidence)
    return Stratified(
        odds_ratio=odds_ratio(told),
        low=low,
        high=high,
        p_value=law.two_sided(seen),
        strict_p=law.two_sided(seen, counted=1),
        excess=float(seen - (won * exposed / total).sum()),
        information=information(told),
        informative_strata=len(told),
    )


def odds_ratio(tables: Ints) -> float | None:
    """Return Mantel and Haenszel's odds ratio (1959); ``None`` when it is not finite or there is none.

    Args:
        tables: Shape (k, 2, 2), counts; of a single table it is the plain odds ratio.
    """
    told = _informative(tables)
    concordant, discordant = _pairs(told)
    if not discordant:
        return None
    _, pro, contra = _weighed(told)
    return float(pro.sum() / contra.sum()) if concordant else 0.0


def _interval(tables: Ints, confidence: float) -> tuple[float, float | None]:
    concordant, discordant = _pairs(tables)
    if not (concordant and discordant):
        # Then every table has a zero on that diagonal: "with and won" is as large, or small, as can be.
        tail = (1 - confidence) / 2
        bound = odds_bound(*_distinct(tables), largest=concordant, tail=tail)
        return (bound or 0.0, None) if concordant else (0.0, bound)
    # As in statsmodels' StratifiedTable; importing that takes longer than building a battlecard.
    agreeing, pro, contra = _weighed(tables)
    of_pro, of_contra = pro.sum(), contra.sum()
    variance = (agreeing * pro).sum() / of_pro**2
    variance += (agreeing * contra + (1 - agreeing) * pro).sum() / (of_pro * of_contra)
    variance += ((1 - agreeing) * contra).sum() / of_contra**2
    reach = -float(ndtri((1 - confidence) / 2)) * math.sqrt(variance / 2)
    middle = math.log(of_pro / of_contra)
    return math.exp(middle - reach), math.exp(middle + reach)


def _pairs(tables: Ints) -> tuple[bool, bool]:
    """Return whether any two deals of a stratum speak for, and whether any speak against, with."""
    return (
        bool((tables[:, 0, 0] * tables[:, 1, 1]).any()),
        bool((tables[:, 0, 1] * tables[:, 1, 0]).any()),
    )


def _weighed(tables: Ints) -> tuple[Floats, Floats, Floats]:
    """Return what Mantel and Haenszel add up, for each table.

    The share of cases on its main diagonal, and the products of the two diagonals by its size.
    """
    counts = tables.astype(np.float64)
    size = counts.sum(axis=(1, 2))
    with_won, with_lost = counts[:, 0, 0], counts[:, 0, 1]
    without_won, without_lost = counts[:, 1, 0], counts[:, 1, 1]
    return (
        (with_won + without_lost) / size,
        with_won * without_lost / size,
        with_lost * without_won / size,
    )


def _law(tables: Ints) -> Law:
    margins, repeats = _distinct(tables)
    return law_of(spread(margins), repeats)


def _distinct(tables: Ints) -> tuple[Ints, Ints]:
    """Return the margins that occur, as rows of (total, won, exposed), and how often each does."""
    rows = np.stack(_margins(tables), axis=1).astype(np.int64)
    margins, repeats = np.unique(rows, axis=0, return_counts=True)
    return margins, repeats


def _informative(tables: Ints) -> Ints:
    """Return the tables in which anything could have come out otherwise."""
    return tables[variances(tables) > 0]


def _margins(tables: Ints) -> tuple[Floats, Floats, Floats]:
    counts = tables.astype(np.float64)
    return counts.sum(axis=(1, 2)), counts[:, :, 0].sum(axis=1), counts[:, 0].sum(axis=1)
