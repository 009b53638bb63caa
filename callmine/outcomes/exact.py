"""The exact law of a sum of hypergeometric counts."""

from __future__ import annotations

import heapq
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from callmine.outcomes.arrays import Floats, Ints

LOG_ODDS_REACH = 60.0
"""Odds ratios are looked for between exp(-60) and exp(60)."""

SMALLEST_P = sys.float_info.min
"""No p-value is 0: tails of thousands of deals are smaller than any float, and this is never too small."""


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """A distribution on whole numbers without gaps.

    Attributes:
        start: The smallest number.
        masses: Probability of ``start``, ``start`` + 1, …; shape (length of the support,).
    """

    start: int
    masses: Floats

    def two_sided(self, seen: int, *, counted: float = 0.5) -> float:
        """Return twice the smaller tail; where that is too small for a float, :data:`SMALLEST_P`.

        Args:
            seen: What was seen.
            counted: Which part of the probability of ``seen`` itself belongs to a tail: one half for
                the mid-p value, all of it for the strict one.
        """
        at = seen - self.start
        itself = counted * float(self.masses[at])
        below = math.fsum(self.masses[:at]) + itself
        above = math.fsum(self.masses[at + 1 :]) + itself
        return min(1.0, max(SMALLEST_P, 2 * min(below, above)))


def odds_bound(margins: Ints, repeats: Ints, *, largest: bool, tail: float) -> float | None:
    """Return the common odds ratio that leaves ``tail`` to one end of a sum's support.

    That is the exact conditional bound of a sum as large, or as small, as it can be: with an odds ratio
    ψ in every stratum each mass is weighed by ψ to the power of its number (Cornfield, Third Berkeley
    Symposium 4, 1956; Gart, Biometrika 57, 1970). Each stratum is at its own end then, so the
    probability is a product, which its logarithm holds for any number of deals.

    Args:
        margins: Rows of (total, won, exposed), shape (k, 3).
        repeats: So many strata have these margins, shape (k,).
        largest: Whether the sum is as large as it can be; else as small.
        tail: Between 0 and 1.

    Returns:
        ``None`` where it lies beyond :data:`LOG_ODDS_REACH`.
    """
    from scipy.optimize import brentq  # late: few tables need it, and every report imports this module

    support = _support(margins)
    logs = log_hypergeometric(support.seen, *margins[support.row].T)
    nth = support.seen - support.first[support.row]
    away = np.repeat(support.lengths, support.lengths) - 1 - nth if largest else nth
    at_end = logs[away == 0]

    def beyond(towards: float) -> float:
        """Return the logarithm of the end's probability over ``tail``, given log odds towards the end."""
        whole = np.logaddexp.reduceat(logs - towards * away, support.starts)
        return float((repeats * (at_end - whole)).sum()) - math.log(tail)

    if beyond(-LOG_ODDS_REACH) * beyond(LOG_ODDS_REACH) >= 0:
        return None
    towards = brentq(beyond, -LOG_ODDS_REACH, LOG_ODDS_REACH)
    return math.exp(towards if largest else -towards)


@dataclass(frozen=True, slots=True, eq=False)
class _Support:
    """The numbers that hypergeometric laws may take, one law after the other.

    Attributes:
        first: The smallest number of each law, shape (k,).
        lengths: How many numbers each law may take, shape (k,).
        starts: Where each law begins in ``seen``, shape (k,).
        row: Whose each number is, shape (sum of lengths,).
        seen: The numbers, likewise.
    """

    first: Ints
    lengths: Ints
    starts: Ints
    row: Ints
    seen: Ints


def _support(margins: Ints) -> _Support:
    total, won, exposed = margins.T
    first = np.maximum(0, won + exposed - total)
    lengths = np.minimum(won, exposed) - first + 1
    starts = np.cumsum(lengths) - lengths
    row = np.repeat(np.arange(len(margins)), lengths)
    return _Support(first, lengths, starts, row, np.arange(len(row)) - starts[row] + first[row])


def spread(margins: Ints) -> list[Law]:
    """Return the hypergeometric law of each row of (total, won, exposed), shape (k, 3)."""
    support = _support(margins)
    masses = hypergeometric(support.seen, *margins[support.row].T)
    parts = np.split(masses, support.starts[1:])
    return [Law(int(first), part) for first, part in zip(support.first, parts, strict=True)]


def hypergeometric(seen: Ints, total: Ints, won: Ints, exposed: Ints) -> Floats:
    """Return the probability that ``seen`` of ``exposed`` drawn from ``total`` are among the ``won``.

    What ``scipy.stats.hypergeom`` gives, to ten digits; importing that takes longer than building a
    battlecard. A mass too small for a float is 0.

    Args:
        seen: Within the support; all four have the same shape.
        total: All cases.
        won: So many of them.
        exposed: So many are drawn.
    """
    masses: Floats = np.exp(log_hypergeometric(seen, total, won, exposed))
    return masses


def log_hypergeometric(seen: Ints, total: Ints, won: Ints, exposed: Ints) -> Floats:
    """Return the logarithm of :func:`hypergeometric`: binomial coefficients from beta functions."""
    lost = total - won

    def log_of(cases: Ints, chosen: Ints) -> Floats:
        logs: Floats = -betaln(chosen + 1, cases - chosen + 1) - np.log(cases + 1)
        return logs

    return log_of(won, seen) + log_of(lost, exposed - seen) - log_of(total, exposed)


def law_of(laws: Sequence[Law], repeats: Ints) -> Law:
    """Return the law of a sum in which each of several laws occurs so many times.

    The shortest two are convolved first, directly: no Fourier transform, whose rounding would
    swallow small tails.
    """
    start = sum(law.start * int(times) for law, times in zip(laws, repeats, strict=True))
    waiting: list[tuple[int, int, Floats]] = []
    for number, (law, times) in enumerate(zip(laws, repeats, strict=True)):
        powered = _power(law.masses, int(times))
        waiting.append((len(powered), number, powered))
    heapq.heapify(waiting)
    number = len(waiting)
    while len(waiting) > 1:
        one, other = heapq.heappop(waiting)[2], heapq.heappop(waiting)[2]
        both = np.convolve(one, other)
        heapq.heappush(waiting, (len(both), number, both))
        number += 1
    return Law(start, waiting[0][2])


def _power(masses: Floats, times: int) -> Floats:
    """Convolve a law with itself, by repeated squaring."""
    result: Floats | None = None
    square = masses
    while True:
        if times & 1:
            result = square if result is None else np.convolve(result, square)
        times >>= 1
        if not times:
            assert result is not None
            return result
        square = np.convolve(square, square)
