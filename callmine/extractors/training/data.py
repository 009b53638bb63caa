"""Labelled utterances to training examples, and the noise that real transcripts have."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from callmine.domain import OBJECTION_LABELS, Role
from callmine.extractors.base import Passage, Turn
from callmine.extractors.heads import HEADS
from callmine.extractors.rendering import unpunctuated

_FILLERS = ("uh", "um", "you know", "i mean", "like", "well", "so", "yeah")


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled passage; ``targets`` has one value per head, 0 or 1."""

    passage: Passage
    targets: tuple[float, ...]
    scenario: str


def read_examples(paths: Iterable[Path]) -> list[Example]:
    """Read gold lines (see the labelling guide) as examples.

    Raises:
        ValueError: A label is not one of the twelve.
    """
    found = []
    for path in sorted(paths):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip():
                continue
            raw = json.loads(line)
            if unknown := set(raw["objections"]) - set(OBJECTION_LABELS):
                raise ValueError(f"{path}: {raw['id']}: unknown labels {unknown}")
            before = tuple(Turn(Role(t["role"]), t["text"]) for t in raw["before"])
            hits = {*raw["objections"]}
            if raw.get("positioning"):
                hits.add("positioning")
            if raw["objections"]:
                hits.add("any_objection")
            found.append(
                Example(
                    Passage(raw["text"], Role(raw["role"]), before),
                    tuple(float(head in hits) for head in HEADS),
                    raw["scenario"],
                )
            )
    return found


def split(examples: Sequence[Example], *, share: float = 0.12) -> tuple[list[Example], list[Example]]:
    """Split by scenario, never by sentence: ``(train, dev)``."""

    def is_dev(scenario: str) -> bool:
        return hashlib.sha256(scenario.encode()).digest()[0] / 256 < share

    train = [e for e in examples if not is_dev(e.scenario)]
    return train, [e for e in examples if is_dev(e.scenario)]


def noisy(example: Example, rng: random.Random) -> Example:
    """Return the example as a worse recording might give it.

    Roles get lost together (a mono call), context gets lost, punctuation and case go, words
    are dropped, doubled or preceded by fillers.
    """
    passage = example.passage
    if rng.random() < 0.25:
        before = tuple(replace(t, role=Role.UNKNOWN) for t in passage.before)
        passage = replace(passage, role=Role.UNKNOWN, before=before)
    if rng.random() < 0.25:
        passage = replace(passage, before=())
    if rng.random() < 0.25:
        before = tuple(replace(t, text=unpunctuated(t.text)) for t in passage.before)
        passage = replace(passage, text=unpunctuated(passage.text), before=before)
    if rng.random() < 0.25:
        passage = replace(passage, text=stumble(passage.text, rng))
    return replace(example, passage=passage)


def stumble(text: str, rng: random.Random) -> str:
    """Drop, double or precede words as hesitant speech and recognisers do."""
    words = []
    for word in text.split():
        draw = rng.random()
        if draw < 0.03:
            continue
        if draw < 0.05:
            words.append(word)
        if draw > 0.97:
            words.append(rng.choice(_FILLERS))
        words.append(word)
    return " ".join(words) or text


def targets(examples: Sequence[Example]) -> npt.NDArray[np.float32]:
    """Return targets of shape (examples, heads)."""
    return np.asarray([e.targets for e in examples], dtype=np.float32)
