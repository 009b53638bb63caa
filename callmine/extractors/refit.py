"""Fit the questions ``objection`` and ``label`` again from lessons and corrections, and judge them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from callmine.extractors.fitting import Doubles, nudged, platt
from callmine.extractors.heads import COLUMNS, Floats, Questions
from callmine.extractors.lessons import Lessons
from callmine.extractors.objections import flags_of
from callmine.extractors.thresholds import Flags, f1, objection_thresholds

PRIORS = {"objection": 100.0, "label": 1000.0}
"""How strongly each question is held where it is; see :func:`refit`."""

COUNT = 3.0
"""How many lessons a correction counts for."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Utterances of which somebody knows what they are.

    Attributes:
        features: What the encoder makes of them, shape (utterances, 192).
        yes: Whether each holds an objection.
        labels: Which it is, shape (utterances, labels).
    """

    features: Floats
    yes: Flags
    labels: Flags

    @classmethod
    def of(cls, lessons: Lessons) -> Examples:
        """Return lessons as examples."""
        return cls(lessons.features, np.asarray(lessons.labels.any(axis=1)), lessons.labels)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How well the questions are answered for some utterances; a share of nothing is ``None``.

    Attributes:
        utterances: How many.
        objections: In how many of them there is an objection.
        right: The share in which it is said rightly whether there is one.
        precision: The share of the objections found that are there.
        recall: The share of those there that are found.
        f1: Their harmonic mean.
        label: The share of those there whose likeliest label is right, found or not.
    """

    utterances: int
    objections: int
    right: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    label: float | None


def refit(shipped: Questions, lessons: Lessons, taught: Examples) -> tuple[Questions, dict[str, float]]:
    """Return questions that also answer what people said, and the thresholds of objections.

    Both questions begin with the shipped weights and are held there (see
    :func:`callmine.extractors.fitting.nudged`); the lessons that teach count once each, corrections
    :data:`COUNT` times. The strengths were chosen by cross-validation: one of six kinds of conversation
    the model had not learned from played the workspace, half of its conversations gave 30, 100 or
    200 corrections as the queue would ask for them, and the other half judged. ``objection`` was best
    held with 100 (of 10, 30, 100 and 300) and corrections counting 3 (of 1, 3, 5 and 10), ``label`` with
    1000 (of 10 to 3000), below which it learns single corrections by heart. Without lessons both became
    worse.

    Probabilities are calibrated, and the thresholds chosen, on the lessons that judge, by the rules of the
    training: corrections are of doubtful utterances, so they cannot say how often anything is right.

    Args:
        shipped: Where to begin.
        lessons: Of the same model.
        taught: What people said.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # More threads add up in another order, and so to other last digits.
    with threadpool_limits(1):
        return _refit(
            shipped,
            Examples.of(lessons.only(judging=False)),
            taught,
            Examples.of(lessons.only(judging=True)),
        )


def _refit(
    shipped: Questions, old: Examples, taught: Examples, calls: Examples
) -> tuple[Questions, dict[str, float]]:
    """Fit to ``old`` and ``taught``, calibrate on ``calls``; see :func:`refit`."""
    features = np.concatenate([old.features, taught.features]).astype(np.float64)
    yes = np.concatenate([old.yes, taught.yes])
    labels = np.concatenate([old.labels, taught.labels]).astype(np.float64)
    counts = np.repeat([1.0, COUNT], [len(old.yes), len(taught.yes)])
    labelled = labels.any(axis=1)
    found = _fit("objection", shipped, features, yes[:, None].astype(np.float64), counts)
    shares = np.asarray(labels[labelled] / labels[labelled].sum(axis=1, keepdims=True))
    found = _fit("label", found, features[labelled], shares, counts[labelled])
    column = COLUMNS["objection"].start
    raw = calls.features @ found.weights[column] + found.offsets[column]
    slopes, shifts = found.slopes.copy(), found.shifts.copy()
    slopes[column], shifts[column] = platt(raw, calls.yes)
    found = replace(found, slopes=slopes, shifts=shifts)
    said = flags_of(found.chances("label", calls.features))
    return found, objection_thresholds(found.chances("objection", calls.features), calls.yes, said)


def _fit(question: str, start: Questions, features: Doubles, wanted: Doubles, counts: Doubles) -> Questions:
    """Return the questions with one of them fitted again; its calibration becomes part of its weights."""
    at = COLUMNS[question]
    weights, offsets = start.weights.copy(), start.offsets.copy()
    slopes, shifts = start.slopes.copy(), start.shifts.copy()
    weights[at] *= slopes[at, None]
    offsets[at] = offsets[at] * slopes[at] + shifts[at]
    slopes[at], shifts[at] = 1.0, 0.0
    odds = np.asarray(features @ weights[at].T + offsets[at], dtype=np.float64)
    turned, moved = nudged(features, wanted, odds, counts, prior=PRIORS[question])
    weights[at] += turned.astype(np.float32)
    offsets[at] += moved.astype(np.float32)
    return Questions(weights, offsets, slopes, shifts)


def judge(questions: Questions, threshold: float, examples: Examples) -> Accuracy:
    """Return how well the questions answer for examples; objections are found from ``threshold`` on."""
    if not len(examples.yes):
        return Accuracy(0, 0, None, None, None, None, None)
    found, yes = questions.chances("objection", examples.features) >= threshold, examples.yes
    likeliest = questions.chances("label", examples.features).argmax(axis=1)
    known = examples.labels.any(axis=1)
    hits = examples.labels[np.arange(len(yes)), likeliest]
    return Accuracy(
        utterances=len(yes),
        objections=int(yes.sum()),
        right=_share(found == yes),
        precision=_share(yes[found]),
        recall=_share(found[yes]),
        f1=round(f1(found, yes), 4) if yes.any() else None,
        label=_share(hits[known]),
    )


def _share(flags: Flags) -> float | None:
    return round(float(flags.mean()), 4) if len(flags) else None
