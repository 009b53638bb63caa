"""Labels by example: what a playbook adds with a few example sentences.

Each sentence is compared with the examples by the cosine of their MiniLM embeddings (Reimers and
Gurevych 2019, Sentence-BERT). This knows far less than the trained encoder; it is meant for a
workspace's own labels, of which there is nothing to train on yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from callmine.domain import Json, Kind, Mention, Role
from callmine.extractors.base import ENGLISH, Passage
from callmine.extractors.spans import Span, sentences, trim
from callmine.extractors.trackers import has_form, listens
from callmine.extractors.windows import well_formed
from callmine.playbook import Playbook, Tracker

ALIKE = 0.62
"""Cosine from which a sentence counts as saying the same as an example."""

AT_THE_BAR = 0.5
"""Score of a sentence that is just that much like an example."""

MIN_WORDS = 3
"""Shorter sentences have too little meaning to compare."""

Vectors = npt.NDArray[np.float32]


def uses_examples(playbook: Playbook) -> bool:
    """Whether a playbook has anything to compare with, and so needs the embedding model."""
    return any(o.examples for o in playbook.objections if o.enabled) or any(
        t.examples for t in playbook.trackers
    )


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


class ExampleExtractor:
    """Finds a playbook's own objections and trackers by their examples."""

    name = "examples"
    version = "2"
    kinds = frozenset({Kind.OBJECTION, Kind.TRACKER})
    languages = ENGLISH
    threshold = AT_THE_BAR

    def __init__(self, embedder: Embedder, *, alike: float = ALIKE) -> None:
        """Compare with ``embedder``; report from cosine ``alike`` (0..1) on."""
        self.embedder = embedder
        self.alike = alike
        self._labels: list[tuple[Kind, str, Tracker | None]] = []
        self._vectors: Vectors = np.zeros((0, 384), dtype=np.float32)

    def settings(self) -> Json:
        """Return the bar for likeness; the examples are the playbook's."""
        return {"alike": self.alike}

    def setup(self, playbook: Playbook) -> None:
        """Embed the playbook's examples."""
        texts = []
        self._labels = []
        for objection in playbook.objections:
            for text in objection.examples if objection.enabled else ():
                self._labels.append((Kind.OBJECTION, objection.label, None))
                texts.append(text)
        for tracker in playbook.trackers:
            for text in tracker.examples:
                self._labels.append((Kind.TRACKER, tracker.name, tracker))
                texts.append(text)
        self._vectors = self.embedder.embed(texts)

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return, for each passage, the sentences that are like an example, once per label."""
        found: list[list[Mention]] = [[] for _ in passages]
        parts: list[tuple[int, Span]] = []
        for i, passage in enumerate(passages):
            spans = (trim(passage.text, *span) for span in sentences(passage.text))
            parts += [(i, (a, b)) for a, b in spans if len(passage.text[a:b].split()) >= MIN_WORDS]
        if not (parts and self._labels):
            return found
        likeness = self.embedder.embed([passages[i].text[a:b] for i, (a, b) in parts]) @ self._vectors.T
        best: dict[tuple[int, Kind, str], tuple[float, Span]] = {}
        for (i, span), row in zip(parts, likeness, strict=True):
            for (kind, label, tracker), cosine in zip(self._labels, row, strict=True):
                if cosine >= self.alike and _is_asked_for(tracker, passages[i], span):
                    key = (i, kind, label)
                    best[key] = max(best.get(key, (0.0, span)), (float(cosine), span))
        for (i, kind, label), (cosine, (start, end)) in best.items():
            found[i].append(Mention(kind, label, start, end, self._score(cosine)))
        return found

    def _score(self, cosine: float) -> float:
        """Map likeness to a score: half at the bar, 1 for the same sentence. Not calibrated."""
        return min(1.0, AT_THE_BAR + (1.0 - AT_THE_BAR) * (cosine - self.alike) / (1.0 - self.alike))


def _is_asked_for(tracker: Tracker | None, passage: Passage, span: Span) -> bool:
    """Whether a sentence is said by whom, where and how a tracker wants it; objections are no rep's."""
    if tracker is None:
        return passage.role is not Role.REP
    return listens(tracker, passage) and has_form(tracker, passage.text, span)
