"""One rate with its interval, and the difference of two.

The intervals are statsmodels', to the last digit, as tests show. Every battlecard has some of them, and
importing statsmodels takes longer than building one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from callmine.outcomes.exact import spread


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
    low, high = wilson(successes, total, confidence)
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
    low, high = newcombe(a, n_a, b, n_b, confidence)
    law = spread(np.array([[n_a + n_b, a + b, n_a]]))[0]
    return Difference(
        value=a / n_a - b / n_b, low=max(-1.0, low), high=min(1.0, high), p_value=law.two_sided(a)
    )


def wilson(successes: int, total: int, confidence: float) -> tuple[float, float]:
    """Return Wilson's interval of a proportion out of one or more, within 0..1."""
    share, z = successes / total, -float(ndtri((1 - confidence) / 2))
    scale = 1 + z**2 / total
    middle = (share + z**2 / (2 * total)) / scale
    reach = z * math.sqrt(share * (1.0 - share) / total + z**2 / (4.0 * total**2)) / scale
    return max(0.0, middle - reach), min(1.0, middle + reach)


def newcombe(a: int, n_a: int, b: int, n_b: int, confidence: float) -> tuple[float, float]:
    """Return Newcombe's interval of the difference of two proportions, each out of one or more."""
    (low_a, high_a), (low_b, high_b) = wilson(a, n_a, confidence), wilson(b, n_b, confidence)
    share_a, share_b = a / n_a, b / n_b
    below = math.sqrt((share_a - low_a) ** 2 + (high_b - share_b) ** 2)
    above = math.sqrt((share_b - low_b) ** 2 + (high_a - share_a) ** 2)
    return share_a - share_b - below, share_a - share_b + above
