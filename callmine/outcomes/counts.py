"""Comparing small counts: is this week more than the weeks before, or can nobody say?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binom, binomtest, false_discovery_control


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
    half = 0.5 * float(binom.pmf(count, total, share))
    below = float(binom.cdf(count, total, share)) - half
    above = float(binom.sf(count, total, share)) + half
    interval = binomtest(count, total, share).proportion_ci(confidence_level=confidence, method="exact")
    scale = earlier_exposure / exposure
    low, high = float(interval.low), float(interval.high)
    return RateComparison(
        p_value=min(1.0, 2 * min(below, above)),
        low=scale * low / (1 - low) if low < 1 else 0.0,
        high=scale * high / (1 - high) if high < 1 else None,
    )


def q_values(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the false-discovery rate at which each of several p-values would be reported.

    Benjamini and Hochberg, Journal of the Royal Statistical Society B 57, 1995. Looking at a
    dozen labels every week finds a "change" by chance alone; this is the price for looking.

    Raises:
        ValueError: A p-value is not between 0 and 1.
    """
    if not p_values:
        return ()
    return tuple(float(q) for q in false_discovery_control(list(p_values), method="bh"))
