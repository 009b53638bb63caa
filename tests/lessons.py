"""Questions, examples and lessons that are made up, to learn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from callmine.extractors.heads import COLUMNS, FEATURES, OUTPUTS, Questions
from callmine.extractors.learned import Learned
from callmine.extractors.lessons import RESISTANCE, Lessons
from callmine.extractors.refit import Examples
from tests.builders import learn

RNG = np.random.default_rng(5)


def some_questions() -> Questions:
    """Questions by which the first feature says "objection" and the next ones say which."""
    weights = np.zeros((OUTPUTS, FEATURES), np.float32)
    weights[COLUMNS["objection"].start, 0] = 4.0
    for n in range(len(RESISTANCE)):
        weights[COLUMNS["label"].start + n, 1 + n] = 4.0
    zero = np.zeros(OUTPUTS, np.float32)
    return Questions(weights, zero, np.ones_like(zero), zero.copy())


def utterances(count: int, *, label: str | None, way: int = 0) -> Examples:
    """Utterances with an objection that feature ``way`` shows, or (``None``) without one."""
    features = RNG.normal(0, 0.3, (count, FEATURES)).astype(np.float32)
    features[:, way] += -1.0 if label is None else 1.0
    labels = np.zeros((count, len(RESISTANCE)), bool)
    if label is None:
        features[:, 0] -= 1.0
    else:
        labels[:, RESISTANCE.index(label)] = True
        features[:, 1 + RESISTANCE.index(label)] += 1.0
    return Examples(features, labels.any(axis=1), labels)


def together(*parts: Examples) -> Examples:
    """Put examples together."""
    return Examples(
        np.concatenate([p.features for p in parts]),
        np.concatenate([p.yes for p in parts]),
        np.concatenate([p.labels for p in parts]),
    )


def some_lessons() -> Lessons:
    """Lessons that the questions answer well; every second one judges."""
    every = together(
        utterances(300, label=None), utterances(40, label="price"), utterances(40, label="trust")
    )
    return Lessons(
        every.features,
        every.labels,
        (np.arange(len(every.yes)) // 4).astype(np.uint16),
        np.arange(len(every.yes)) % 2 == 1,
    )


def put(folder: Path, **changes: object) -> Learned:
    """Put learned questions into a folder."""
    return learn(folder, some_questions(), **changes)
