"""The exact law of a sum of hypergeometric counts."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, logsumexp

from callmine.outcomes.arrays import Floats, Ints

LOG_ODDS_REACH = 60.0
"""Odds ratios are looked for between exp(-60) and exp(60)."""


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
        """Return twice the smaller tail.

        Args:
            seen: What was seen.
            counted: Which part of the probability of ``seen`` itself belongs to a tail: one half for
                the mid-p value, all of it for the strict one.
        """
        at = seen - self.start
        itself = counted * float(self.masses[at])
        below = math.fsum(self.masses[:at]) + itself
        above = math.fsum(self.masses[at + 1 :]) + itself
        return min(1.0, 2 * min(below, above))

    def odds_interval(self, seen: int, confidence: float) -> tuple[float, float | None]:
        """Return the exact conditional interval of a common odds ratio, both tails apart.

        With an odds ratio ψ in every stratum each mass is weighed by ψ to the power of its number
        (Cornfield, Third Berkeley Symposium 4, 1956; Gart, Biometrika 57, 1970).
        """
        tail = (1 - confidence) / 2
        at = seen - self.start
        low = self._solve(slice(at, None), tail) if at > 0 else None
        high = self._solve(slice(None, at + 1), tail) if at < len(self.masses) - 1 else None
        return low or 0.0, high

    def _solve(self, part: slice, tail: float) -> float | None:
        """Return the odds ratio that leaves ``tail`` to a part of the support, if one can be found."""
        from scipy.optimize import brentq  # late: few tables need it, and every report imports this module

        steps = np.arange(len(self.masses))
        with np.errstate(divide="ignore"):
            logs = np.log(self.masses)

        def beyond(log_odds: float) -> float:
            weighed = logs + log_odds * steps
            return float(logsumexp(weighed[part]) - logsumexp(weighed)) - math.log(tail)

        if beyond(-LOG_ODDS_REACH) * beyond(LOG_ODDS_REACH) >= 0:
            return None  # masses too small for a float: hundreds of deals, all on one side
        return math.exp(brentq(beyond, -LOG_ODDS_REACH, LOG_ODDS_REACH))


def spread(margins: Ints) -> list[Law]:
    """Return the hypergeometric law of each row of (total, won, exposed), shape (k, 3)."""
    total, won, exposed = margins.T
    first = np.maximum(0, won + exposed - total)
    lengths = np.minimum(won, exposed) - first + 1
    ends = np.cumsum(lengths)
    row = np.repeat(np.arange(len(margins)), lengths)
    seen = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths) + first[row]
    masses = hypergeometric(seen, total[row], won[row], exposed[row])
    return [Law(int(s), m) for s, m in zip(first, np.split(masses, ends[:-1]), strict=True)]


def hypergeometric(seen: Ints, total: Ints, won: Ints, exposed: Ints) -> Floats:
    """Return the probability that ``seen`` of ``exposed`` drawn from ``total`` are among the ``won``.

    Binomial coefficients as logarithms of beta functions: what ``scipy.stats.hypergeom`` gives, to ten
    digits. Importing that takes longer than building a battlecard.

    Args:
        seen: Within the support; all four have the same shape.
        total: All cases.
        won: So many of them.
        exposed: So many are drawn.
    """
    lost = total - won

    def log_of(cases: Ints, chosen: Ints) -> Floats:
        logs: Floats = -betaln(chosen + 1, cases - chosen + 1) - np.log(cases + 1)
        return logs

    ways = log_of(won, seen) + log_of(lost, exposed - seen) - log_of(total, exposed)
    masses: Floats = np.exp(ways)
    return masses


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
