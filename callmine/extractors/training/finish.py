"""Calibrate the exported model and choose its thresholds, on held-out conversations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from callmine.extractors.encoder import Encoder
from callmine.extractors.fitting import platt
from callmine.extractors.heads import COLUMNS, OUTPUTS, QUESTIONS, Floats, Questions
from callmine.extractors.objections import flags_of
from callmine.extractors.thresholds import best_threshold, f1, objection_thresholds
from callmine.extractors.training.batches import windows_of
from callmine.extractors.training.scripts import Script

_YES_OR_NO = [name for name, answers in QUESTIONS.items() if len(answers) == 1]


@dataclass(frozen=True, slots=True)
class Held:
    """Held-out spans.

    Attributes:
        features: What is read off them, shape (spans, 192).
        answers: The right outputs, shape (spans, outputs).
        known: Which questions were asked, shape (spans, questions).
        sources: Of each span, the file that it is from.
        scenarios: And the scenario.
    """

    features: Floats
    answers: Floats
    known: Floats
    sources: tuple[str, ...]
    scenarios: tuple[str, ...]

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
    scenarios: list[str] = []
    for script in scripts:
        reads = windows_of(script, encoder.tokenizer, None)
        passes = encoder.passes([(window, [], asked.spans) for window, asked in reads])
        for (_, (found, _, _)), (_, asked) in zip(passes, reads, strict=True):
            features.append(found)
            answers += asked.answers
            known += asked.known
            sources += [script.source] * len(asked.spans)
            scenarios += [script.scenario] * len(asked.spans)
    return Held(
        np.concatenate(features),
        np.asarray(answers),
        np.asarray(known),
        tuple(sources),
        tuple(scenarios),
    )


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
        slopes[column], shifts[column] = platt(raw, yes)
    return replace(questions, slopes=slopes, shifts=shifts)


def thresholds(questions: Questions, held: Held, *, calls: Sequence[bool]) -> dict[str, float]:
    """Return from which probability each kind of finding is stored, and an objection counted."""
    found: dict[str, float] = {}
    whole = np.asarray(calls)
    for question in _YES_OR_NO:
        asked, column = held.of(question)
        at = asked & whole
        chances, yes = questions.chances(question, held.features[at]), held.answers[at, column] > 0.5
        if question == "objection":
            said = flags_of(questions.chances("label", held.features[at]))
            found |= objection_thresholds(chances, yes, said)
        else:
            found[question] = best_threshold(chances, yes)
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
                scores[question] = round(f1(chances >= limits[question], yes), 3) if yes.any() else None
            else:
                scores[question] = round(
                    float((right[np.arange(len(right)), chances.argmax(1)] > 0).mean()), 3
                )
        found[name] = scores
    return found


def _group(source: str) -> str:
    """Return the group of files that one belongs to: its name without numbers."""
    return re.sub(r"_?\d*\.\w+$", "", source)
