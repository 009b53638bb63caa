"""From which probability on something is reported, and from which it is counted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from callmine.domain import OBJECTION_LABELS
from callmine.extractors.heads import Floats

PRECISION = 0.9
"""The share of what a digest counts that should be right."""

BORROWED = 160.0
"""How many reports of all labels together stand beside a label's own, where its precision is judged.

Few make bars that jump with every model, and counted less rightly on other calls: see the design notes.
"""

OBJECTION_THRESHOLDS = ("objection", "digest", *(f"digest:{label}" for label in OBJECTION_LABELS))
"""The thresholds of objections on a model's card."""

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


def objection_thresholds(chances: Floats, yes: Flags, said: Flags) -> dict[str, float]:
    """Return from which probability an objection is stored, and from which a digest counts it.

    The digest has a threshold for any objection, and one for each label, from which :data:`PRECISION` of
    the utterances that are given the label do object. Whether the label is the right one is another
    question, which a threshold hardly changes. Held-out calls have a few dozen examples of each label, so
    its precision is shrunk towards that of all labels from the same threshold on.

    Args:
        chances: Probability of an objection, 0..1, shape (utterances,).
        yes: Whether there is one.
        said: Which labels each utterance would be given, shape (utterances, labels).

    Returns:
        ``objection``, ``digest``, and ``digest:LABEL`` for each label.
    """
    stored = best_threshold(chances, yes)
    found = {"objection": stored, "digest": max(stored, precise_threshold(chances, yes))}
    hits = said & yes[:, None]
    for column, label in enumerate(OBJECTION_LABELS):
        found[f"digest:{label}"] = _label_threshold(chances, said, hits, column, least=stored)
    return found


def _label_threshold(chances: Floats, said: Flags, hits: Flags, column: int, *, least: float) -> float:
    for t in _steps():
        above = chances >= t
        if t < least or not said[above].any():
            continue
        overall = hits[above].sum() / said[above].sum()
        own, reports = hits[above, column].sum(), said[above, column].sum()
        if own + BORROWED * overall >= PRECISION * (reports + BORROWED):
            return t
    return _steps()[-1]


def f1(found: Flags, yes: Flags) -> float:
    """Return the harmonic mean of precision and recall; 0 where nothing is found, or nothing is there."""
    return 2.0 * float((found & yes).sum()) / max(1.0, float(found.sum() + yes.sum()))


def _steps() -> list[float]:
    return [round(t / 100, 2) for t in range(10, 96)]
