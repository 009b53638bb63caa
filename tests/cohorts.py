"""Cohorts for tests: a few deals written out, or many at random."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from callmine.outcomes.arrays import Ints
from callmine.outcomes.cohort import Cohort


def a_cohort(
    won: Sequence[bool],
    calls: Sequence[int],
    *,
    segment: Sequence[int] | None = None,
    size: Sequence[int] | None = None,
    stage: Sequence[int] | None = None,
    words: Sequence[int] | None = None,
    days_to_close: Sequence[int] | None = None,
) -> Cohort:
    """Return deals with so many calls each; what is not said is the same everywhere."""
    total = sum(calls)
    return Cohort(
        won=np.array(won, dtype=bool),
        segment=np.array(segment or [0] * len(calls), dtype=np.int64),
        size=np.array(size or [-1] * len(calls), dtype=np.int64),
        deal=np.repeat(np.arange(len(calls)), calls),
        number=np.array([i + 1 for n in calls for i in range(n)], dtype=np.int64),
        stage=np.array(stage or [0] * total, dtype=np.int64),
        words=np.array(words or [100] * total, dtype=np.int64),
        days_to_close=np.array(days_to_close or [30 - i for n in calls for i in range(n)], dtype=np.int64),
    )


def a_random_cohort(seed: int, deals: int = 60, *, alike: bool = False) -> Cohort:
    """Return deals of all kinds, or told apart by their number of calls and segment only."""
    rng = np.random.default_rng(seed)
    calls = 1 + rng.poisson(1.5, deals)
    total = int(calls.sum())
    return a_cohort(
        list(rng.random(deals) < 0.45),
        list(calls),
        segment=list(rng.integers(0, 2, deals)),
        size=None if alike else list(rng.integers(-1, 2, deals)),
        stage=None if alike else list(rng.integers(-1, 3, total)),
        words=None if alike else list(rng.integers(0, 900, total)),
        days_to_close=[int(7 * (n - i)) for n in calls for i in range(n)],
    )


def heard_at_random(cohort: Cohort, seed: int, share: float = 0.2) -> Ints:
    """Return in which call each deal heard something first that is said in a share of the calls."""
    rng = np.random.default_rng(seed)
    return cohort.first_heard(np.flatnonzero(rng.random(cohort.calls) < share))


def reordered(cohort: Cohort, order: Ints) -> tuple[Cohort, Ints]:
    """Return the same deals in another order, and for each of its calls the row it had before."""
    rows = np.concatenate([np.flatnonzero(cohort.deal == d) for d in order]).astype(np.int64)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    moved = Cohort(
        cohort.won[order],
        cohort.segment[order],
        cohort.size[order],
        place[cohort.deal[rows]],
        cohort.number[rows],
        cohort.stage[rows],
        cohort.words[rows],
        cohort.days_to_close[rows],
    )
    return moved, rows
