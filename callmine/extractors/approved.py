"""What a playbook approves, messages and answers, and which words of a rep say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from callmine.domain import Role
from callmine.extractors.base import Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import MEANING, Floats
from callmine.extractors.readings import Reading
from callmine.extractors.spans import Span, has_word, trim
from callmine.extractors.wording import share_said, span_said, wording

SAME_MESSAGE = 0.55
"""Cosine of meanings from which what a rep claims is what the playbook has."""

PLAINLY = 0.6
"""The same, where the encoder does not take what is said for a claim: half of the claims it overlooks."""

WORDED = 0.7
"""Share of a text's wording from which a sentence says it whatever it is taken to mean."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text of the playbook that was said.

    Attributes:
        number: Which of them.
        span: The words that say it best.
        meaning: What the sentence with these words means.
        alike: Cosine of that meaning and the text's; 0 where the sentence means another text more.
        share: How much of the text's wording the sentence has, 0..1.
    """

    number: int
    span: Span
    meaning: Floats
    alike: float
    share: float

    @property
    def worded(self) -> bool:
        """Whether it is said nearly word for word."""
        return self.share >= WORDED

    @property
    def score(self) -> float:
        """How sure it is by itself, whatever the encoder takes the turn for: 0, or from 0.5 to 1."""
        plain = np.interp(self.alike, (PLAINLY, 1.0), (0.5, 1.0), left=0.0)
        sure = np.interp(self.share, (WORDED, 1.0), (0.5, 1.0), left=0.0)
        return max(float(plain), float(sure))


class Approved:
    """Finds which of a playbook's texts a turn says: by their meaning, or nearly word for word."""

    def __init__(self, encoder: Encoder, texts: Sequence[str]) -> None:
        """Listen for ``texts``, which are read with ``encoder`` once, when they are first needed."""
        self.encoder = encoder
        self.texts = tuple(texts)
        self._wordings = tuple(wording(text) for text in self.texts)

    @cached_property
    def _meant(self) -> Floats:
        """What each text means, as a rep would say it, shape (texts, meaning)."""
        if not self.texts:
            return np.zeros((0, MEANING), dtype=np.float32)
        read = self.encoder.read([Passage(text, Role.REP) for text in self.texts])
        return np.stack([reading.meanings.mean(axis=0) for reading in read])

    def said(
        self, passage: Passage, reading: Reading, *, least: float, among: Sequence[int] | None = None
    ) -> list[Said]:
        """Return the texts that are said, in their order, each with the words that say it best.

        Args:
            passage: What a rep says, or somebody unknown.
            reading: What the encoder made of it.
            least: Cosine of meanings from which it is said.
            among: Numbers of the texts that may be said; all by default.
        """
        numbers = range(len(self.texts)) if among is None else among
        if not numbers:
            return []
        spans = [trim(passage.text, *sentence) for sentence in reading.sentences]
        likeness = reading.meanings @ self._meant[list(numbers)].T
        nearest = likeness.argmax(axis=1)
        found = []
        for column, number in enumerate(numbers):
            words = self._wordings[number]
            shares = np.asarray([share_said(words, passage.text[start:end]) for start, end in spans])
            meant = np.where(nearest == column, likeness[:, column], 0.0)
            # Word for word weighs most: the meaning of a sentence that says two things is neither's.
            best = int(np.where(shares >= WORDED, 1.0 + shares, meant).argmax())
            start, end = spans[best]
            worded = shares[best] >= WORDED
            if not (worded or meant[best] >= least) or not has_word(passage.text[start:end]):
                continue
            if worded:  # two texts in one sentence are told by their words
                first, last = span_said(words, passage.text[start:end])
                start, end = start + first, start + last
            alike, share = float(meant[best]), float(shares[best])
            found.append(Said(number, (start, end), reading.meanings[best], alike, share))
        return found
