"""Labels by example: what a playbook adds with a few example sentences.

Each sentence is compared with the examples by the cosine of what the encoder takes them to mean. The
encoder learned that from groups of sentences that say the same in other words, and of look-alikes. This
knows less than a trained question; it is meant for a workspace's own labels, of which there is nothing to
train on yet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from callmine.domain import Json, Kind, Mention, Role
from callmine.extractors.base import ENGLISH, Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import MEANING, Floats
from callmine.extractors.spans import Span, has_word, trim
from callmine.extractors.trackers import has_form, listens
from callmine.playbook import Playbook, Tracker

ALIKE = 0.55
"""Cosine from which a sentence is found as saying the same as an example."""

SURE = 0.65
"""Cosine from which that is sure enough to count."""

AT_THE_BAR, COUNTED = 0.3, 0.5
"""Scores of sentences that are just that much like an example."""

MIN_WORDS = 3
"""Shorter sentences and examples have too little meaning to compare."""


def is_comparable(text: str) -> bool:
    """Whether a sentence or an example has enough words; bare marks are none."""
    return sum(map(has_word, text.split())) >= MIN_WORDS


def uses_examples(playbook: Playbook) -> bool:
    """Whether a playbook has anything to compare with."""
    return any(o.examples for o in playbook.objections if o.enabled) or any(
        t.examples for t in playbook.trackers
    )


class ExampleExtractor:
    """Finds a playbook's own objections and trackers by their examples."""

    name = "examples"
    version = "4"
    kinds = frozenset({Kind.OBJECTION, Kind.TRACKER})
    languages = ENGLISH
    threshold = AT_THE_BAR

    def __init__(self, encoder: Encoder, *, alike: float = ALIKE) -> None:
        """Compare what ``encoder`` reads; report from cosine ``alike`` (0..1) on."""
        self.encoder = encoder
        self.alike = alike
        self.threshold = AT_THE_BAR
        self._labels: list[tuple[Kind, str, Tracker | None]] = []
        self._meant: Floats = np.zeros((0, MEANING), dtype=np.float32)

    def settings(self) -> Json:
        """Return the model and the bar for likeness; the examples are the playbook's."""
        return {"model": self.encoder.reading_version(), "alike": self.alike}

    def setup(self, playbook: Playbook) -> None:
        """Load the model, and read the playbook's examples, but for those too short to compare."""
        self.encoder.load()
        texts = []
        self._labels = []
        for objection in playbook.objections:
            for text in filter(is_comparable, objection.examples if objection.enabled else ()):
                self._labels.append((Kind.OBJECTION, objection.label, None))
                texts.append(text)
        for tracker in playbook.trackers:
            for text in filter(is_comparable, tracker.examples):
                self._labels.append((Kind.TRACKER, tracker.name, tracker))
                texts.append(text)
        self._meant = self.meant(texts)

    def meant(self, texts: Sequence[str]) -> Floats:
        """Return what examples mean, each read alone: unit vectors, shape (texts, 128)."""
        if not texts:
            return np.zeros((0, MEANING), dtype=np.float32)
        said = np.stack([self.encoder.read([Passage(text)])[0].meanings.mean(axis=0) for text in texts])
        found: Floats = said / np.maximum(np.linalg.norm(said, axis=1, keepdims=True), 1e-6)
        return found

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return, for each passage, the sentences that are like an example, once per label."""
        found: list[list[Mention]] = [[] for _ in passages]
        if not (passages and self._labels):
            return found
        parts: list[tuple[int, Span]] = []
        meanings: list[Floats] = []
        for i, (passage, reading) in enumerate(zip(passages, self.encoder.read(passages), strict=True)):
            for sentence, meaning in zip(reading.sentences, reading.meanings, strict=True):
                span = trim(passage.text, *sentence)
                if is_comparable(passage.text[slice(*span)]):
                    parts.append((i, span))
                    meanings.append(meaning)
        if not parts:
            return found
        likeness = np.stack(meanings) @ self._meant.T
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
        """Map likeness to a score: half from where it counts, 1 for the same sentence. Not calibrated."""
        return float(
            np.interp(cosine, (self.alike, max(SURE, self.alike), 1.0), (AT_THE_BAR, COUNTED, 1.0))
        )


def _is_asked_for(tracker: Tracker | None, passage: Passage, span: Span) -> bool:
    """Whether a sentence is said by whom, where and how a tracker wants it; objections are no rep's."""
    if tracker is None:
        return passage.role is not Role.REP
    return listens(tracker, passage) and has_form(tracker, passage.text, span)
