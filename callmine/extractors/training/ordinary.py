"""What is ordinary in calls: see :mod:`callmine.extractors.contrast`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from callmine.domain import Role
from callmine.extractors.base import CONTEXT_TURNS, Passage, Turn
from callmine.extractors.contrast import Contrast
from callmine.extractors.encoder import Encoder
from callmine.extractors.examples import is_comparable
from callmine.extractors.heads import Floats
from callmine.extractors.training.scripts import Script

CALLS = 60
"""Whole calls that are read."""

LONG = 25
"""Turns of a whole call, at least."""


def contrast_of(encoder: Encoder, scripts: Sequence[Script], *, whole: tuple[str, ...]) -> Contrast:
    """Return the contrast to what others than reps say in some whole calls, the same every time.

    Args:
        encoder: What reads; its own contrast does not matter.
        scripts: What it learned from.
        whole: How the names of the files of whole calls begin.
    """

    def place(script: Script) -> bytes:
        return hashlib.sha256(f"ordinary {script.source} {script.scenario}".encode()).digest()

    calls = [s for s in scripts if s.source.startswith(whole) and len(s.turns) > LONG]
    read = [m for call in sorted(calls, key=place)[:CALLS] for m in ordinary_meanings(encoder, call)]
    return Contrast.of(np.concatenate(read))


def ordinary_meanings(encoder: Encoder, call: Script) -> Iterator[Floats]:
    """Yield what the sentences mean of each utterance that is not a rep's, shape (sentences, 128)."""
    turns = [Turn(t.role, t.text) for t in call.turns]
    passages = [
        Passage(t.text, t.role, tuple(turns[max(0, i - CONTEXT_TURNS) : i])) for i, t in enumerate(turns)
    ]
    for passage, reading in zip(passages, encoder.read(passages), strict=True):
        if passage.role is not Role.REP and is_comparable(passage.text):
            yield reading.meanings
