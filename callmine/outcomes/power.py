"""How many deals it takes to see an effect that matters.

The effect is always the one somebody cares about, never the one observed: planning with that
one says nothing that the p-value has not said (Hoenig and Heisey, American Statistician 55, 2001).
"""

from __future__ import annotations

import math

from scipy.special import ndtri


def deals_needed(
    base: float, effect: float, share: float, *, power: float = 0.8, alpha: float = 0.05
) -> int:
    """Return how many deals in all, with and without, show a difference of ``effect``.

    The usual size for two independent proportions (Fleiss, Levin and Paik, "Statistical Methods for
    Rates and Proportions", 2003, section 4.2), as statsmodels has it, which takes longer to import than a
    battlecard to build. Of the two directions the one towards one half is taken: it varies more, and the
    other may leave 0..1.

    Args:
        base: Win rate without, 0..1.
        effect: Smallest difference that matters, in 0..0.5 without the ends' 0.
        share: Of the deals that have it, between 0 and 1.
        power: How often such an effect is to be found.
        alpha: Two-sided level of the test.

    Raises:
        ValueError: A number is out of its range.
    """
    _check(base, effect, share)
    difference, ratio = _towards_half(base, effect), (1 - share) / share
    other = base + difference
    pooled = (other + base * ratio) / (1 + ratio)
    alike = math.sqrt(pooled * (1 - pooled) + pooled * (1 - pooled) / ratio)
    apart = math.sqrt(other * (1 - other) + base * (1 - base) / ratio)
    reach = -float(ndtri(alpha / 2)) * alike + float(ndtri(power)) * apart
    with_it = (max(reach, 0.0) / difference) ** 2
    return math.ceil(with_it) + math.ceil(with_it * ratio)


def power_of(base: float, effect: float, with_it: int, without: int, *, alpha: float = 0.05) -> float:
    """Return how often a difference of ``effect`` is found in so many deals with and without.

    The same formula as :func:`deals_needed`, the other way round.

    Raises:
        ValueError: A number is out of its range, or a group is empty.
    """
    if with_it <= 0 or without <= 0:
        raise ValueError(f"no power without deals: {with_it} with, {without} without")
    _check(base, effect, with_it / (with_it + without))
    from statsmodels.stats.proportion import power_proportions_2indep

    found = power_proportions_2indep(
        _towards_half(base, effect),
        base,
        with_it,
        ratio=without / with_it,
        alpha=alpha,
        return_results=False,
    )
    return float(found)


def _towards_half(base: float, effect: float) -> float:
    return effect if base <= 0.5 else -effect


def _check(base: float, effect: float, share: float) -> None:
    if not 0 <= base <= 1:
        raise ValueError(f"a base rate of {base} is not between 0 and 1")
    if not 0 < effect <= 0.5:
        raise ValueError(f"a smallest effect of {effect} is not between 0 and 0.5")
    if not 0 < share < 1:
        raise ValueError(f"a share of {share} leaves nothing to compare with")
