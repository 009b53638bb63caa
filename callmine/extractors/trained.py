"""What extractors share that put a trained question to the encoder."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from callmine.domain import Json, Mention
from callmine.extractors.base import ENGLISH, Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import Floats
from callmine.extractors.readings import Reading
from callmine.extractors.spans import has_word
from callmine.playbook import Playbook


class TrainedExtractor(ABC):
    """Asks one question of every utterance, and says what it finds where the answer is sure enough.

    ``question`` is the name of that question, and of its threshold on the model's card. An utterance
    without any word is never worth a finding: what the model makes of bare marks is chance.
    """

    question: ClassVar[str]
    languages = ENGLISH

    def __init__(self, encoder: Encoder, *, threshold: float | None = None) -> None:
        """Use ``encoder`` (shared with other extractors); report from ``threshold`` (0..1) on.

        Without one, the model card's is used: it was chosen on held-out calls.
        """
        self.encoder = encoder
        self.threshold = encoder.thresholds()[self.question] if threshold is None else threshold

    def settings(self) -> Json:
        """Return the model's hash and the threshold."""
        return {"model": self.encoder.version(), "threshold": self.threshold}

    def setup(self, playbook: Playbook) -> None:
        """Load the model."""
        self.encoder.load()

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return the mentions of each passage, in the order of their words."""
        found: list[list[Mention]] = [[] for _ in passages]
        if not passages:
            return found
        readings = self.encoder.read(passages)
        features = np.stack([reading.features for reading in readings])
        chances = self._chances(passages, features)
        sure = {
            i: min(1.0, float(chances[i]))
            for i in np.flatnonzero(chances >= self.threshold).tolist()
            if has_word(passages[i].text)
        }
        for i, mention in self._mentions(passages, readings, features, sure):
            found[i].append(mention)
        for mentions in found:
            mentions.sort(key=lambda m: (m.start, m.label))
        return found

    def _chances(self, passages: Sequence[Passage], features: Floats) -> Floats:
        """Return the probability that each passage has what is asked for."""
        return self.encoder.questions.chances(self.question, features)

    @abstractmethod
    def _mentions(
        self,
        passages: Sequence[Passage],
        readings: Sequence[Reading],
        features: Floats,
        sure: dict[int, float],
    ) -> Iterator[tuple[int, Mention]]:
        """Yield mentions, each with the number of its passage.

        Args:
            passages: The utterances.
            readings: What the encoder made of them.
            features: Their features, shape (passages, features).
            sure: Number of each passage that has what is asked for, in order, and the probability of it.
        """
