"""Positioning: words by which either side says why this product."""

from __future__ import annotations

from collections.abc import Sequence

from callmine.domain import Json, Kind, Mention
from callmine.extractors.base import ENGLISH, Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import HEADS
from callmine.extractors.spans import sentences, trim
from callmine.playbook import Playbook

THRESHOLD = 0.5
"""Calibrated probability from which a phrase is reported."""

_HEAD = HEADS.index("positioning")


class PositioningExtractor:
    """Finds value claims of reps and prospects' own words for value, pain and success.

    The side is the speaker's role; where that is not known, the side is ``unknown``.
    """

    name = "positioning"
    version = "1"
    kinds = frozenset({Kind.POSITIONING})
    languages = ENGLISH

    def __init__(self, encoder: Encoder, *, threshold: float = THRESHOLD) -> None:
        """Use ``encoder`` (shared with other extractors); report from ``threshold`` (0..1) on."""
        self.encoder = encoder
        self.threshold = threshold

    def settings(self) -> Json:
        """Return the model's hash and the threshold."""
        return {"model": self.encoder.version(), "threshold": self.threshold}

    def setup(self, playbook: Playbook) -> None:
        """Load the model."""
        self.encoder.load()

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return at most one positioning phrase for each passage: its clearest sentence."""
        whole = self.encoder.scores(passages)[:, _HEAD]
        found: list[list[Mention]] = []
        for passage, score in zip(passages, whole, strict=True):
            if score < self.threshold or not passage.text.strip():
                found.append([])
                continue
            spans = [trim(passage.text, *span) for span in sentences(passage.text)]
            spans = [s for s in spans if s[0] < s[1]] or [trim(passage.text, 0, len(passage.text))]
            if len(spans) > 1:
                parts = [
                    Passage(passage.text[start:end], passage.role, passage.before) for start, end in spans
                ]
                alone = self.encoder.scores(parts)[:, _HEAD]
                start, end = spans[int(alone.argmax())]
            else:
                start, end = spans[0]
            side = passage.role.value
            mention = Mention(Kind.POSITIONING, side, start, end, min(1.0, float(score)), {"side": side})
            found.append([mention] if start < end else [])
        return found
