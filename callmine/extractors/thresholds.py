"""From which probability on something is reported, and from which it is counted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from callmine.extractors.heads import Floats

PRECISION = 0.9
"""The share of what a digest counts that should be right."""

Flags = npt.NDArray[np.bool_]


NEARLY = 0.01
"""How far below the best F1 a threshold is as good as the best one."""


def best_threshold(chances: Floats, yes: Flags) -> float:
    """Return the probability from which reports have about the highest F1.

    The curve is flat at its top and jumps with every utterance: the middle of the thresholds that are
    nearly as good as the best one holds better on other calls than the best one itself.

    Args:
        chances: Probability of yes, 0..1.
        yes: What is right.
    """
    scores = {t: f1(chances >= t, yes) for t in _steps()}
    good = [t for t, score in scores.items() if score >= max(scores.values()) - NEARLY]
    return good[len(good) // 2]


def precise_threshold(chances: Floats, yes: Flags, *, precision: float = PRECISION) -> float:
    """Return the lowest probability from which that share of the reports is right."""
    for t in _steps():
        found = chances >= t
        if found.any() and (found & yes).sum() >= precision * found.sum():
            return t
    return _steps()[-1]


def objection_thresholds(chances: Floats, yes: Flags) -> dict[str, float]:
    """Return from which probability an objection is stored, and from which a digest counts it."""
    stored = best_threshold(chances, yes)
    return {"objection": stored, "digest": max(stored, precise_threshold(chances, yes))}


def f1(found: Flags, yes: Flags) -> float:
    """Return the harmonic mean of precision and recall; 0 where nothing is found, or nothing is there."""
    return 2.0 * float((found & yes).sum()) / max(1.0, float(found.sum() + yes.sum()))


def _steps() -> list[float]:
    return [round(t / 100, 2) for t in range(10, 96)]
