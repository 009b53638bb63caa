"""Labels by example: what a playbook adds with a few example sentences.

Each sentence is compared with the examples by what the encoder takes them to mean, less what is said in
any call (:mod:`callmine.extractors.contrast`). The encoder learned meanings from groups of sentences that
say the same in other words, and of look-alikes. This knows less than a trained question; it is meant for
a workspace's own labels, of which there is nothing to train on yet.
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

ALIKE = 0.32
"""Likeness from which a sentence is found; of 1,000 ordinary utterances 13 are that much like one label."""

SURE = 0.42
"""Likeness from which that is sure enough to count; 3 of 1,000 are."""

ONE_ALONE = 0.2
"""What likeness to a single example counts less than likeness to what all have in common."""

AT_THE_BAR, COUNTED = 0.3, 0.5
"""Scores of sentences that are just that much like their label."""

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
        """Compare what ``encoder`` reads; report from the likeness ``alike`` (0..1) on."""
        self.encoder = encoder
        self.alike = alike
        self.threshold = AT_THE_BAR
        self._labels: list[tuple[Kind, str, Tracker | None]] = []
        self._meant: list[tuple[Floats, Floats]] = []

    def settings(self) -> Json:
        """Return the model and the bar for likeness; the examples are the playbook's."""
        return {"model": self.encoder.shipped_version(), "alike": self.alike}

    def setup(self, playbook: Playbook) -> None:
        """Load the model, and read the playbook's examples, but for those too short to compare."""
        self.encoder.load()
        self._labels, self._meant = [], []
        for objection in playbook.objections:
            if objection.enabled:
                self._listen(Kind.OBJECTION, objection.label, None, objection.examples)
        for tracker in playbook.trackers:
            self._listen(Kind.TRACKER, tracker.name, tracker, tracker.examples)

    def _listen(self, kind: Kind, label: str, tracker: Tracker | None, examples: Sequence[str]) -> None:
        meant = self.meant(list(filter(is_comparable, examples)))
        if len(meant):
            contrast = self.encoder.contrast
            self._labels.append((kind, label, tracker))
            self._meant.append((contrast.middle(meant), contrast.apart(meant)))

    def likeness(self, meanings: Floats) -> Floats:
        """Return how like each label's examples sentences are, shape (sentences, labels).

        To what the examples of a label have in common, or to one of them, which tells less.
        """
        apart = self.encoder.contrast.apart(meanings)
        found: Floats = np.stack(
            [np.maximum(apart @ all_, (apart @ each.T).max(1) - ONE_ALONE) for all_, each in self._meant],
            axis=1,
        )
        return found

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
        likeness = self.likeness(np.stack(meanings))
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
