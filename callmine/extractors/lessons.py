"""Lessons: labelled utterances as the encoder reads them, from which questions can be fitted again.

They come with the model, because a handful of corrections alone would make a question forget what it knew,
and because somebody has to judge what was learned. There is no text in them.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from callmine.errors import ModelError
from callmine.extractors.heads import FEATURES, QUESTIONS, Floats
from callmine.extractors.thresholds import Flags

FILE = "lessons.npz"
"""The lessons' file, in the folder of the model whose readings they are."""

RESISTANCE = QUESTIONS["label"]
"""What an objection may be."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """Utterances and what they are.

    Attributes:
        features: What the encoder makes of them, shape (utterances, 192).
        labels: Which of :data:`RESISTANCE` each is, shape (utterances, labels); none: no objection.
        groups: Number of the conversation that each is from.
        judging: Whether an utterance is of a call that the model never learned from: those judge.
    """

    features: Floats
    labels: Flags
    groups: npt.NDArray[np.uint16]
    judging: Flags

    def only(self, *, judging: bool) -> Lessons:
        """Return those that judge, or those that teach."""
        at = self.judging == judging
        return Lessons(self.features[at], self.labels[at], self.groups[at], self.judging[at])

    @classmethod
    def load(cls, folder: Path, expected: str | None) -> Lessons:
        """Read the lessons of a model.

        Args:
            folder: The model's.
            expected: SHA-256 that the model card names; ``None`` where it names no lessons.

        Raises:
            ModelError: They are missing or damaged.
        """
        path = folder / FILE
        data = path.read_bytes() if path.is_file() else b""
        got = hashlib.sha256(data).hexdigest() if data else "nothing"
        if expected is None or got != expected:
            wanted = expected or "no lessons"
            raise ModelError(f"{path}: SHA-256 is {got}, expected {wanted}", hint="Reinstall callmine.")
        return cls.unpack(data)

    @classmethod
    def unpack(cls, data: bytes) -> Lessons:
        """Return the lessons that :meth:`pack` packed.

        Raises:
            ModelError: The bytes are not lessons.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as kept:
                features = kept["features"].astype(np.float32) * kept["steps"]
                labels = (kept["labels"][:, None] >> np.arange(len(RESISTANCE))) & 1 > 0
                found = cls(features, labels, kept["groups"], kept["judging"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ModelError(f"{FILE}: not lessons: {error}", hint="Reinstall callmine.") from error
        if found.features.shape != (len(labels), FEATURES):
            raise ModelError(f"{FILE}: its parts do not fit together", hint="Reinstall callmine.")
        return found

    def pack(self) -> bytes:
        """Return the lessons as the bytes of a NumPy archive, the features rounded to int8 by column."""
        steps = np.maximum(np.abs(self.features).max(axis=0) / 127.0, 1e-8).astype(np.float32)
        out = io.BytesIO()
        np.savez_compressed(
            out,
            features=np.clip(np.round(self.features / steps), -127, 127).astype(np.int8),
            steps=steps,
            labels=(self.labels @ (1 << np.arange(len(RESISTANCE)))).astype(np.uint16),
            groups=self.groups,
            judging=self.judging,
        )
        return out.getvalue()
