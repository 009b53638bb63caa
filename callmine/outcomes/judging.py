"""What can be said of one difference among several that were looked at together."""

from __future__ import annotations

import math

from callmine.outcomes.power import deals_needed
from callmine.outcomes.verdicts import Verdict


def judge_interval(
    direction: float,
    interval: tuple[float, float] | None,
    *,
    q: float | None,
    smallest_effect: float,
    max_q: float,
) -> Verdict:
    """Return what an interval and a false-discovery rate say together.

    Args:
        direction: Above 0 for winning, below for losing.
        interval: Of the difference; ``None`` where there is none.
        q: False-discovery rate among all that were tested together; ``None`` when not tested, and
            then there is not enough evidence.
        smallest_effect: Differences below it do not matter, 0..1.
        max_q: A finding has at most this rate.
    """
    if q is None:
        return Verdict.NOT_ENOUGH
    if q <= max_q and direction != 0:
        return Verdict.WINS if direction > 0 else Verdict.LOSSES
    if interval is not None and all(abs(end) <= smallest_effect for end in interval):
        return Verdict.NO_DIFFERENCE
    return Verdict.NOT_ENOUGH


def further_cases(base: float | None, smallest_effect: float, *, first: int, second: int) -> int | None:
    """Return how many more cases, in both groups, would show the smallest effect that matters.

    Four times in five, the groups growing as they stand to each other; never from the difference
    that was seen.

    Args:
        base: Rate of the second group, 0..1; ``None`` where it is empty.
        smallest_effect: In 0..0.5 without 0.
        first: Cases in the first group.
        second: Cases in the second.

    Returns:
        0 when there are enough already; ``None`` when a group is empty, so that no number can be given.
    """
    if base is None or not first or not second:
        return None
    total = first + second
    return max(0, math.ceil(deals_needed(base, smallest_effect, first / total)) - total)
