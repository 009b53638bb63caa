"""The questions that are put to what the encoder read, and how their answers become probabilities.

Every question is linear in the features of a stretch of text (an utterance, a sentence, a name), so that it
can be fitted again from stored features, without the encoder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from callmine.domain import ANSWER_KINDS, OBJECTION_LABELS, RELATIONS, STANCES

FEATURES = 192
"""Width of the features of a stretch of text."""

MEANING = 128
"""Width of the vector that says what a stretch of text means, whatever the context."""

OTHER = "other"
"""Resistance that fits none of the labels."""

SORTS: tuple[str, ...] = ("value", "pain", "success")
"""What a positioning phrase speaks of."""

REACTIONS: tuple[str, ...] = ("none", "accepted", "not_accepted")
"""What a prospect's turn says of the answer before it."""

QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "objection": ("yes",),
    "label": (*OBJECTION_LABELS, OTHER),
    "positioning": ("yes",),
    "sort": SORTS,
    "request": ("yes",),
    "answer": ("none", *ANSWER_KINDS),
    "reaction": REACTIONS,
    "rival": ("yes",),
    "relation": RELATIONS,
    "stance": STANCES,
}
"""Each question with its answers: one stands for yes or no, several exclude each other."""


def _columns() -> dict[str, slice]:
    found, place = {}, 0
    for question, answers in QUESTIONS.items():
        found[question] = slice(place, place + len(answers))
        place += len(answers)
    return found


COLUMNS: Mapping[str, slice] = _columns()
"""Where each question's answers stand among all the outputs."""

OUTPUTS = sum(map(len, QUESTIONS.values()))
"""How many outputs there are in all."""

TOKEN_LABELS: tuple[str, ...] = (*OBJECTION_LABELS, OTHER, "positioning", "request")
"""What single tokens are judged for, to find the words that say it."""

SIDE_BY_SIDE = 0.5
"""How likely a further label must be, as a share of the likeliest."""

Floats = npt.NDArray[np.float32]


def sigmoid(x: Floats) -> Floats:
    """Return the logistic function of ``x``."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0))), dtype=np.float32)


def softmax(x: Floats) -> Floats:
    """Return probabilities over the last axis."""
    grown = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=-1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Questions:
    """Every question as a linear function of the features.

    Attributes:
        weights: Shape (outputs, features).
        offsets: Shape (outputs,).
        slopes: Shape (outputs,); with ``shifts`` the calibration (Platt scaling): the log-odds of an answer
            are ``slope * (weights @ features + offset) + shift``.
        shifts: Shape (outputs,).
    """

    weights: Floats
    offsets: Floats
    slopes: Floats
    shifts: Floats

    @classmethod
    def load(cls, path: Path) -> Questions:
        """Read ``questions.npz``."""
        with np.load(path) as kept:
            return cls(*(np.asarray(kept[name], dtype=np.float32) for name in cls.__slots__))

    def save(self, path: Path | IO[bytes]) -> None:
        """Write ``questions.npz``; the same questions are the same bytes."""
        np.savez(path, **{name: getattr(self, name) for name in self.__slots__})

    def log_odds(self, question: str, features: Floats) -> Floats:
        """Return the calibrated log-odds of a question's answers; of one of several, before they share 1.

        Args:
            question: One of :data:`QUESTIONS`.
            features: Shape (stretches, 192).

        Returns:
            Shape (stretches, answers).
        """
        columns = COLUMNS[question]
        raw = np.asarray(features, dtype=np.float32) @ self.weights[columns].T + self.offsets[columns]
        return np.asarray(raw * self.slopes[columns] + self.shifts[columns], dtype=np.float32)

    def chances(self, question: str, features: Floats) -> Floats:
        """Return the probabilities of a question's answers.

        Args:
            question: One of :data:`QUESTIONS`.
            features: Shape (stretches, 192).

        Returns:
            Shape (stretches,) for a yes-or-no question, else (stretches, answers).
        """
        odds = self.log_odds(question, features)
        return sigmoid(odds)[:, 0] if odds.shape[1] == 1 else softmax(odds)
