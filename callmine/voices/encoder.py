"""Speaker embeddings: 1.6 seconds of speech become 256 numbers that are alike for one voice.

GE2E (Wan, Wang, Papir, Moreno 2018, "Generalized End-to-End Loss for Speaker Verification"), with
the weights that Resemblyzer publishes (Apache-2.0): three LSTM layers of 256, a linear layer, what
is negative cut off, length 1. In plain numpy, so that nobody has to install torch for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from callmine.audio.types import RATE, Samples
from callmine.errors import ModelError
from callmine.voices.checkpoint import Tensor, read_checkpoint
from callmine.voices.sound import HOP, Mels, levelled, mel_bands

Embeddings = npt.NDArray[np.float32]
"""Shape (n, 256), rows of length 1, none negative."""

FRAMES = 160
"""Frames that the encoder was trained to hear at once: 1.6 s."""

SIZE = 256
"""Length of an embedding, and of the encoder's layers."""

MODEL = "ge2e"
"""Name in the catalogue of models."""

FILE = "pretrained.pt"
"""Its only file."""

_LAYERS = 3
_AT_ONCE = 64  # windows: 40 MB


class VoiceEncoder:
    """The encoder, loaded. Makes embeddings of windows or of whole stretches."""

    def __init__(self, folder: Path) -> None:
        """Load the weights from a model folder.

        Raises:
            ModelError: They cannot be read, or are another model's.
        """
        path = folder / FILE
        tensors = read_checkpoint(path)
        try:
            self._layers = [_Layer(tensors, index) for index in range(_LAYERS)]
            self._linear, self._bias = tensors["linear.weight"].T.copy(), tensors["linear.bias"]
        except KeyError as error:
            raise ModelError(
                f"{path} is another model: it has no {error}",
                hint=f"Delete {folder} and run `callmine models get {MODEL}`.",
            ) from error

    def windows(self, windows: Sequence[Mels]) -> Embeddings:
        """Return the embedding of each window of mel bands (all of one length, 160 frames best)."""
        out = np.empty((len(windows), SIZE), dtype=np.float32)
        for at in range(0, len(windows), _AT_ONCE):
            batch = np.stack(windows[at : at + _AT_ONCE]).transpose(1, 0, 2)
            for layer in self._layers:
                batch = layer.run(batch)
            out[at : at + _AT_ONCE] = unit(np.maximum(batch[-1] @ self._linear + self._bias, 0.0))
        return out

    def stretch(self, samples: Samples, *, rate: float = 1.3, coverage: float = 0.75) -> Embeddings:
        """Return the embedding, shape (256,), of speech of any length: the mean over its windows.

        Args:
            samples: Speech of one voice, 16 kHz; its level is brought to the usual one.
            rate: Windows a second.
            coverage: How much of the last window must be there, 0..1.
        """
        return unit(self.windows(cut(levelled(samples), rate=rate, coverage=coverage)).mean(axis=0))


class _Layer:
    """One LSTM layer; torch's order of gates: input, forget, cell, output."""

    def __init__(self, tensors: dict[str, Tensor], index: int) -> None:
        self._input = tensors[f"lstm.weight_ih_l{index}"].T.copy()
        self._hidden = tensors[f"lstm.weight_hh_l{index}"].T.copy()
        self._bias = tensors[f"lstm.bias_ih_l{index}"] + tensors[f"lstm.bias_hh_l{index}"]

    def run(self, batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the layer's output; both are (time, window, channel)."""
        length, count = batch.shape[:2]
        given = (batch.reshape(length * count, -1) @ self._input + self._bias).reshape(length, count, -1)
        out = np.empty((length, count, SIZE), dtype=np.float32)
        hidden = np.zeros((count, SIZE), dtype=np.float32)
        cell = np.zeros((count, SIZE), dtype=np.float32)
        for step in range(length):
            gates = given[step] + hidden @ self._hidden
            update = np.tanh(gates[:, 2 * SIZE : 3 * SIZE])
            let_in, keep = _sigmoid(gates[:, :SIZE]), _sigmoid(gates[:, SIZE : 2 * SIZE])
            cell = keep * cell + let_in * update
            hidden = _sigmoid(gates[:, 3 * SIZE :]) * np.tanh(cell)
            out[step] = hidden
        return out


def cut(samples: Samples, *, rate: float = 1.3, coverage: float = 0.75) -> list[Mels]:
    """Return overlapping windows of 160 frames over a sound, the last one filled up with silence."""
    step = round(RATE / rate / HOP)
    frames = -(-(len(samples) + 1) // HOP)
    starts = list(range(0, max(1, frames - FRAMES + step + 1), step))
    if len(starts) > 1 and len(samples) - starts[-1] * HOP < coverage * FRAMES * HOP:
        starts.pop()
    missing = (starts[-1] + FRAMES) * HOP - len(samples)
    bands = mel_bands(np.pad(samples, (0, max(0, missing))))
    return [bands[start : start + FRAMES] for start in starts]


def unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return vectors (last axis) at length 1; zero stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), dtype=np.float32)


def _sigmoid(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), dtype=np.float32)
