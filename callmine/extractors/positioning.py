"""Positioning: words by which either side says why this product."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from callmine.domain import Json, Kind, Mention, Role
from callmine.extractors.base import ENGLISH, Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import SORTS
from callmine.extractors.showing import words_showing
from callmine.playbook import Playbook


class PositioningExtractor:
    """Finds value claims of reps and prospects' own words for value, pain and success.

    The side is the speaker's role; where that is not known, the side is ``unknown``. ``sort`` says
    which of value, pain and success a phrase speaks of; a rep's is a claim of value.
    """

    name = "positioning"
    version = "2"
    kinds = frozenset({Kind.POSITIONING})
    languages = ENGLISH

    def __init__(self, encoder: Encoder, *, threshold: float | None = None) -> None:
        """Use ``encoder`` (shared with other extractors); report from ``threshold`` (0..1) on.

        Without one, the model card's is used.
        """
        self.encoder = encoder
        self.threshold = encoder.card()["thresholds"]["positioning"] if threshold is None else threshold

    def settings(self) -> Json:
        """Return the model's hash and the threshold."""
        return {"model": self.encoder.version(), "threshold": self.threshold}

    def setup(self, playbook: Playbook) -> None:
        """Load the model."""
        self.encoder.load()

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return at most one positioning phrase for each passage: its clearest words."""
        found: list[list[Mention]] = [[] for _ in passages]
        if not passages:
            return found
        readings = self.encoder.read(passages)
        features = np.stack([r.features for r in readings])
        chances = self.encoder.questions.chances("positioning", features)
        sorts = self.encoder.questions.chances("sort", features)
        for i in np.flatnonzero(chances >= self.threshold).tolist():
            passage = passages[i]
            start, end = words_showing(passage.text, readings[i], "positioning")
            sort = "value" if passage.role is Role.REP else SORTS[int(sorts[i].argmax())]
            detail = {"side": passage.role.value, "sort": sort}
            if start < end:
                score = min(1.0, float(chances[i]))
                found[i].append(Mention(Kind.POSITIONING, passage.role.value, start, end, score, detail))
        return found
