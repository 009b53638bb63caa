"""One rate with its interval, and the difference of two."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """So many out of so many.

    Attributes:
        successes: For example deals won, 0..``total``.
        total: Out of how many.
        value: ``successes / total``; ``None`` when there is nothing to divide by.
        low: Lower end of the interval, 0..1.
        high: Upper end, 0..1.
    """

    successes: int
    total: int
    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How far one proportion lies above another.

    Attributes:
        value: First minus second, -1..1.
        low: Lower end of the interval.
        high: Upper end.
        p_value: Two-sided mid-p value of "both are the same", 0..1.
    """

    value: float
    low: float
    high: float
    p_value: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out "no difference"."""
        return self.low > 0 or self.high < 0


def rate(successes: int, total: int, confidence: float = 0.95) -> Rate:
    """Return a proportion with Wilson's interval (JASA 22, 1927), which holds for small counts too.

    Args:
        successes: For example deals won.
        total: Out of how many; with none, nothing is known and the interval is 0..1.
        confidence: Of the two-sided interval, between 0 and 1.

    Raises:
        ValueError: There are more successes than cases, or a count is negative.
    """
    if not 0 <= successes <= total:
        raise ValueError(f"{successes} successes out of {total}: a count is negative or too large")
    if total == 0:
        return Rate(0, 0, None, 0.0, 1.0)
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(successes, total, alpha=1 - confidence, method="wilson")
    # Wilson's interval of none begins at 0 and that of all ends at 1; in floating point, a hair beside it.
    low, high = (0.0 if successes == 0 else float(low)), (1.0 if successes == total else float(high))
    return Rate(successes, total, successes / total, low, high)


def difference(a: int, n_a: int, b: int, n_b: int, *, confidence: float = 0.95) -> Difference | None:
    """Compare two independent proportions, ``a`` of ``n_a`` with ``b`` of ``n_b``.

    The interval is Newcombe's hybrid of two Wilson intervals (Statistics in Medicine 17, 1998,
    method 10). The p-value is the mid-p (Lancaster, JASA 56, 1961) of the exact law given all
    margins, the hypergeometric one of Fisher's test.

    Returns:
        The difference, or ``None`` when a group is empty.

    Raises:
        ValueError: There are more successes than cases, or a count is negative.
    """
    if not (0 <= a <= n_a and 0 <= b <= n_b):
        raise ValueError(f"{a} of {n_a} against {b} of {n_b}: a count is negative or too large")
    if n_a == 0 or n_b == 0:
        return None
    from scipy.stats import hypergeom
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(
        a, n_a, b, n_b, method="newcomb", compare="diff", alpha=1 - confidence
    )
    law = hypergeom(n_a + n_b, a + b, n_a)
    half = 0.5 * float(law.pmf(a))
    below, above = float(law.cdf(a)) - half, float(law.sf(a)) + half
    return Difference(
        value=a / n_a - b / n_b,
        low=max(-1.0, float(low)),
        high=min(1.0, float(high)),
        p_value=min(1.0, 2 * min(below, above)),
    )
