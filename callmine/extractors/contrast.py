"""What sets a meaning apart from what is said in any call.

Sentences of sales calls are alike before they say anything: all speak of prices, people and weeks. So a
handful of examples is not compared by the cosine of meanings but after whitening: the mean of ordinary
sentences is taken off, and directions in which these vary anyway count less (Mahalanobis 1936; for
sentence embeddings Su et al. 2021). Examples then stand for their label by their mean (Snell et al. 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from callmine.errors import ModelError
from callmine.extractors.heads import MEANING, Floats

FILE = "contrast.npz"

_SHRINKAGE = 0.01
"""Variance that is added to every direction; unit vectors have 1/128 in each, were all alike."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """What is ordinary: the mean of meanings, shape (128,), and the whitening of them, (128, 128)."""

    mean: Floats
    whitening: Floats

    @classmethod
    def of(cls, ordinary: Floats) -> Contrast:
        """Return the contrast to ordinary sentences; meanings of shape (sentences, 128)."""
        mean = ordinary.mean(axis=0)
        covariance = np.cov((ordinary - mean).T) + _SHRINKAGE * np.eye(MEANING)
        whitening = np.linalg.cholesky(np.linalg.inv(covariance))
        return cls(mean.astype(np.float32), whitening.astype(np.float32))

    @classmethod
    def none(cls) -> Contrast:
        """Return a contrast that leaves meanings as they are."""
        return cls(np.zeros(MEANING, np.float32), np.eye(MEANING, dtype=np.float32))

    @classmethod
    def load(cls, folder: Path) -> Contrast:
        """Read the contrast of a model.

        Raises:
            ModelError: It is missing or damaged.
        """
        path = folder / FILE
        try:
            with np.load(path, allow_pickle=False) as kept:
                found = cls(kept["mean"].astype(np.float32), kept["whitening"].astype(np.float32))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ModelError(f"{path}: not readable: {error}", hint="Reinstall callmine.") from error
        if found.mean.shape != (MEANING,) or found.whitening.shape != (MEANING, MEANING):
            raise ModelError(f"{path}: made for other meanings", hint="Reinstall callmine.")
        return found

    def save(self, folder: Path) -> None:
        """Write the contrast into a model's folder."""
        np.savez_compressed(folder / FILE, mean=self.mean, whitening=self.whitening)

    def apart(self, meanings: Floats) -> Floats:
        """Return what sets meanings apart: unit vectors, of the same shape as ``meanings``."""
        return _unit((meanings - self.mean) @ self.whitening)

    def middle(self, meanings: Floats) -> Floats:
        """Return what sets several meanings apart together: a unit vector, shape (128,)."""
        return _unit(((meanings - self.mean) @ self.whitening).mean(axis=0))


def _unit(vectors: npt.NDArray[np.floating[Any]]) -> Floats:
    found: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
    return found
