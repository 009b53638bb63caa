"""Calibrate the exported model and choose its thresholds, on held-out conversations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import COLUMNS, OUTPUTS, QUESTIONS, Floats, Questions
from callmine.extractors.training.batches import windows_of
from callmine.extractors.training.scripts import Script

PRECISION = 0.9
"""The share of what a digest counts that should be right."""

_YES_OR_NO = [name for name, answers in QUESTIONS.items() if len(answers) == 1]


@dataclass(frozen=True, slots=True)
class Held:
    """Held-out spans: features, right answers, which questions were asked, and the file each is from."""

    features: Floats
    answers: Floats
    known: Floats
    sources: tuple[str, ...]

    def of(self, question: str) -> tuple[npt.NDArray[np.bool_], int]:
        """Return which spans a question was asked of, and its first column."""
        return self.known[:, list(QUESTIONS).index(question)] > 0, COLUMNS[question].start


def read_held(encoder: Encoder, scripts: Sequence[Script]) -> Held:
    """Read conversations as at run time, with the exported model."""
    encoder.load()
    features: list[Floats] = []
    answers: list[Floats] = []
    known: list[Floats] = []
    sources: list[str] = []
    for script in scripts:
        reads = windows_of(script, encoder.tokenizer, None)
        for window, asked in reads:
            for (_, _, _), (found, _, _) in encoder.passes([(window, [], asked.spans)]):
                features.append(found)
                answers += asked.answers
                known += asked.known
                sources += [script.source] * len(asked.spans)
    return Held(np.concatenate(features), np.asarray(answers), np.asarray(known), tuple(sources))


def calibrated(questions: Questions, held: Held, *, calls: Sequence[bool]) -> Questions:
    """Return the questions with Platt scaling (Platt 1999) for those answered by yes or no.

    Args:
        questions: Not calibrated.
        held: What the model reads in held-out conversations.
        calls: Which spans are of whole calls, where objections are about as rare as in real ones.
    """
    slopes, shifts = np.ones(OUTPUTS, np.float32), np.zeros(OUTPUTS, np.float32)
    whole = np.asarray(calls)
    for question in _YES_OR_NO:
        asked, column = held.of(question)
        at = asked & whole
        raw = held.features[at] @ questions.weights[column] + questions.offsets[column]
        yes = held.answers[at, column] > 0.5
        fitted = LogisticRegression(C=10.0).fit(raw[:, None], yes)
        slopes[column], shifts[column] = fitted.coef_[0, 0], fitted.intercept_[0]
    return replace(questions, slopes=slopes, shifts=shifts)


NEARLY = 0.01
"""How far below the best F1 a threshold is as good as the best one."""


def best_threshold(chances: Floats, yes: npt.NDArray[np.bool_]) -> float:
    """Return the probability from which reports have about the highest F1.

    The curve is flat at its top and jumps with every utterance: the middle of the thresholds that are
    nearly as good as the best one holds better on other calls than the best one itself.
    """
    scores = {t: _f1(chances >= t, yes) for t in _steps()}
    good = [t for t, score in scores.items() if score >= max(scores.values()) - NEARLY]
    return good[len(good) // 2]


def precise_threshold(
    chances: Floats, yes: npt.NDArray[np.bool_], *, precision: float = PRECISION
) -> float:
    """Return the lowest probability from which that share of the reports is right."""
    for t in _steps():
        found = chances >= t
        if found.any() and (found & yes).sum() >= precision * found.sum():
            return t
    return _steps()[-1]


def _steps() -> list[float]:
    return [round(t / 100, 2) for t in range(10, 96)]


def _f1(found: npt.NDArray[np.bool_], yes: npt.NDArray[np.bool_]) -> float:
    return 2.0 * float((found & yes).sum()) / max(1.0, float(found.sum() + yes.sum()))


def thresholds(questions: Questions, held: Held, *, calls: Sequence[bool]) -> dict[str, float]:
    """Return from which probability each kind of finding is stored, and an objection counted."""
    found = {}
    whole = np.asarray(calls)
    for question in _YES_OR_NO:
        asked, column = held.of(question)
        at = asked & whole
        chances, yes = questions.chances(question, held.features[at]), held.answers[at, column] > 0.5
        found[question] = best_threshold(chances, yes)
        if question == "objection":
            found["digest"] = max(found[question], precise_threshold(chances, yes))
    return found


def report(questions: Questions, held: Held, limits: Mapping[str, float]) -> dict[str, Any]:
    """Return how well each question is answered, per file and in all: F1, or the share that is right."""
    groups = {"all": np.ones(len(held.sources), bool)}
    for source in sorted({_group(s) for s in held.sources}):
        groups[source] = np.asarray([_group(s) == source for s in held.sources])
    found: dict[str, Any] = {}
    for name, members in groups.items():
        scores = {}
        for question in QUESTIONS:
            at = held.of(question)[0] & members
            if not at.any():
                continue
            right = held.answers[at][:, COLUMNS[question]]
            chances = questions.chances(question, held.features[at])
            if question in _YES_OR_NO:
                yes = right[:, 0] > 0.5
                scores[question] = round(_f1(chances >= limits[question], yes), 3) if yes.any() else None
            else:
                scores[question] = round(
                    float((right[np.arange(len(right)), chances.argmax(1)] > 0).mean()), 3
                )
        found[name] = scores
    return found


def _group(source: str) -> str:
    """Return the group of files that one belongs to: its name without numbers."""
    return re.sub(r"_?\d*\.\w+$", "", source)
