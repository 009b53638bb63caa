"""The published MiniLM's sentence embeddings, which the nearest example is found by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callmine.extractors.windows import well_formed

Vectors = npt.NDArray[np.float32]


class Embedder:
    """MiniLM sentence embeddings through onnxruntime: unit vectors of width 384."""

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        """Remember where ``model.onnx`` and ``tokenizer.json`` are; loaded at the first use."""
        self.folder = folder
        self.threads = threads
        self._session: Any = None
        self._tokenizer: Any = None

    def __getstate__(self) -> dict[str, Any]:
        """Leave the session behind when the embedder travels to a worker."""
        return {"folder": self.folder, "threads": self.threads, "_session": None, "_tokenizer": None}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape (texts, 384), each of length 1."""
        if self._session is None:
            self._load()
        # One by one: this model rounds its activations by the largest in the batch, so that in
        # company a sentence's vector would depend on its neighbours.
        found = [self._vector(text) for text in texts]
        return np.concatenate(found) if found else np.zeros((0, 384), dtype=np.float32)

    def _load(self) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(self.folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(128)
        self._tokenizer.no_padding()  # the file asks for 128; padding is not text

    def _vector(self, text: str) -> Vectors:
        encoded = self._tokenizer.encode(well_formed(text))
        ids = np.asarray([encoded.ids], dtype=np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        wanted = {i.name for i in self._session.get_inputs()}
        (hidden, *_) = self._session.run(None, {k: v for k, v in inputs.items() if k in wanted})
        if hidden.ndim == 3:  # token vectors: the sentence is their mean
            hidden = hidden.mean(axis=1)
        vectors: Vectors = hidden / np.maximum(np.linalg.norm(hidden, axis=1, keepdims=True), 1e-9)
        return vectors.astype(np.float32)
