"""Content requests: a prospect asks for something to be sent or shown, such as a case study."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from callmine.domain import Json, Kind, Mention
from callmine.extractors.base import ENGLISH, Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.showing import words_showing
from callmine.playbook import Playbook

LABEL = "content"
"""The label of every request; what was asked for is in its words."""


class RequestExtractor:
    """Finds what prospects ask to be sent or shown; unmet requests are marketing's to-do list."""

    name = "requests"
    version = "1"
    kinds = frozenset({Kind.REQUEST})
    languages = ENGLISH

    def __init__(self, encoder: Encoder, *, threshold: float | None = None) -> None:
        """Use ``encoder`` (shared with other extractors); report from ``threshold`` (0..1) on.

        Without one, the model card's is used.
        """
        self.encoder = encoder
        self.threshold = encoder.thresholds()["request"] if threshold is None else threshold

    def settings(self) -> Json:
        """Return the model's hash and the threshold."""
        return {"model": self.encoder.version(), "threshold": self.threshold}

    def setup(self, playbook: Playbook) -> None:
        """Load the model."""
        self.encoder.load()

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return at most one request for each passage."""
        found: list[list[Mention]] = [[] for _ in passages]
        if not passages:
            return found
        readings = self.encoder.read(passages)
        chances = self.encoder.questions.chances("request", np.stack([r.features for r in readings]))
        for i in np.flatnonzero(chances >= self.threshold).tolist():
            start, end = words_showing(passages[i].text, readings[i], "request")
            if start < end:
                found[i].append(Mention(Kind.REQUEST, LABEL, start, end, min(1.0, float(chances[i]))))
        return found
