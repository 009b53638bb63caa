"""Comparing small counts: is this week more than the weeks before, or can nobody say?

Every digest needs these, and importing ``scipy.stats`` takes as long as building one. So the binomial law
and the false-discovery rate are made with ``scipy.special`` and numpy; tests hold them against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaincinv


@dataclass(frozen=True, slots=True)
class RateComparison:
    """How one rate compares with another.

    Attributes:
        p_value: Two-sided mid-p value of "both rates are the same", 0..1.
        low: Lower end of the interval for ``rate / earlier rate``, 0 or more.
        high: Upper end; ``None`` when there is no upper end (nothing was heard earlier).
    """

    p_value: float
    low: float
    high: float | None


def compare_rates(
    count: int,
    exposure: float,
    *,
    earlier_count: int,
    earlier_exposure: float,
    confidence: float = 0.9,
) -> RateComparison | None:
    """Compare ``count`` in ``exposure`` with ``earlier_count`` in ``earlier_exposure``.

    Given their total, one of two Poisson counts is binomial, so the comparison is exact however
    small the counts are (Przyborowski and Wilenski, Biometrika 31, 1940). The p-value is the
    mid-p, which counts half of the observed outcome (Lancaster, JASA 56, 1961); the interval is
    Clopper and Pearson's (Biometrika 26, 1934) carried over to the ratio of the rates. Counts
    that cannot exceed their exposure, such as deals out of deals, vary less than Poisson counts:
    the comparison then errs towards "cannot say".

    Args:
        count: Events now.
        exposure: What they are out of, for example deals spoken with.
        earlier_count: Events in the period compared with.
        earlier_exposure: What those are out of.
        confidence: Of the two-sided interval, between 0 and 1.

    Returns:
        The comparison, or ``None`` when nothing was ever heard or an exposure is zero.

    Raises:
        ValueError: A count or an exposure is negative.
    """
    if min(count, exposure, earlier_count, earlier_exposure) < 0:
        raise ValueError("counts and exposures cannot be negative")
    total = count + earlier_count
    if total == 0 or exposure == 0 or earlier_exposure == 0:
        return None
    share = exposure / (exposure + earlier_exposure)
    # Half of the outcome itself belongs to either tail: the mean of the tails with it and without it.
    above = (_at_least(count, total, share) + _at_least(count + 1, total, share)) / 2
    rest, others = total - count, 1 - share
    below = (_at_least(rest, total, others) + _at_least(rest + 1, total, others)) / 2
    tail = (1 - confidence) / 2
    low = float(betaincinv(count, total - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, total - count, 1 - tail)) if count < total else 1.0
    scale = earlier_exposure / exposure
    return RateComparison(
        p_value=min(1.0, 2 * min(below, above)),
        low=scale * low / (1 - low) if low < 1 else 0.0,
        high=scale * high / (1 - high) if high < 1 else None,
    )


def _at_least(count: int, total: int, share: float) -> float:
    """Return the probability of ``count`` or more out of ``total``, each with probability ``share``."""
    if count <= 0:
        return 1.0
    return float(betainc(count, total - count + 1, share)) if count <= total else 0.0


def q_values(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the false-discovery rate at which each of several p-values would be reported.

    Benjamini and Hochberg, Journal of the Royal Statistical Society B 57, 1995. Looking at a
    dozen labels every week finds a "change" by chance alone; this is the price for looking.

    Raises:
        ValueError: A p-value is not between 0 and 1.
    """
    if not p_values:
        return ()
    given = np.asarray(p_values, dtype=np.float64)
    if not ((given >= 0) & (given <= 1)).all():
        raise ValueError(f"p-values are between 0 and 1, not {[p for p in p_values if not 0 <= p <= 1]}")
    order = np.argsort(given)
    scaled = given[order] * (len(given) / np.arange(1, len(given) + 1))
    # None is larger than that of a larger p-value.
    least = np.minimum.accumulate(scaled[::-1])[::-1]
    found = np.empty_like(given)
    found[order] = np.clip(least, 0, 1)
    return tuple(found.tolist())
