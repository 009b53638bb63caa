"""Objections: the trained encoder reads each utterance in its conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from callmine.domain import OBJECTION_LABELS, Kind, Mention
from callmine.extractors.base import Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import SIDE_BY_SIDE, Floats, Questions
from callmine.extractors.readings import Reading
from callmine.extractors.showing import words_showing
from callmine.extractors.spans import has_word
from callmine.extractors.thresholds import Flags
from callmine.extractors.trained import TrainedExtractor
from callmine.playbook import Playbook

_COURTESY = re.compile(
    r"(?:\W*\b(?:thank you(?: very much| so much)?|thanks(?: a lot| so much)?|cheers|good ?bye|bye"
    r"|hello|hi|good (?:morning|afternoon|evening|day)|take care|see you(?: soon| then)?|you too|and"
    r"|have a (?:nice|good|great|lovely) (?:day|weekend|evening|one)))+\W*",
    re.IGNORECASE,
)
"""Greetings, thanks and goodbyes and nothing else; to the encoder a bare goodbye is a brush-off."""


class ObjectionExtractor(TrainedExtractor):
    """Finds the twelve built-in objections, several per utterance, each with the words that say it.

    Whether there is an objection, and which, are asked apart, because the second question can
    only be learned from the few utterances that hold one. The likeliest label has the probability
    of an objection as its score, and so has any other that is at least half as likely.
    """

    name = "objections"
    version = "3"
    kinds = frozenset({Kind.OBJECTION})
    question = "objection"

    def __init__(self, encoder: Encoder, *, threshold: float | None = None) -> None:
        """Read as every trained extractor does; all labels count until a playbook disables some."""
        super().__init__(encoder, threshold=threshold)
        self._labels: tuple[str, ...] = OBJECTION_LABELS

    def setup(self, playbook: Playbook) -> None:
        """Load the model; labels that the playbook disables are not reported."""
        super().setup(playbook)
        self._labels = tuple(label for label in OBJECTION_LABELS if label in playbook.titles())

    def _chances(self, passages: Sequence[Passage], features: Floats) -> Floats:
        return objection_chances(self.encoder.questions, features, [p.text for p in passages])

    def _mentions(
        self,
        passages: Sequence[Passage],
        readings: Sequence[Reading],
        features: Floats,
        sure: dict[int, float],
    ) -> Iterator[tuple[int, Mention]]:
        which = self.encoder.questions.chances("label", features)
        for i, score in sure.items():
            for label in labels_of(which[i]):
                start, end = words_showing(passages[i].text, readings[i], label)
                if label in self._labels and start < end:
                    yield i, Mention(Kind.OBJECTION, label, start, end, score)


def objection_chances(questions: Questions, features: Floats, texts: Sequence[str]) -> Floats:
    """Return the probability that each utterance holds an objection, from its features and its text.

    Courtesies and what has no word hold none.
    """
    chances = questions.chances("objection", features)
    chances[[bool(_COURTESY.fullmatch(text)) or not has_word(text) for text in texts]] = 0.0
    return chances


def flags_of(which: Floats) -> Flags:
    """Return which labels objections have, shape (utterances, labels); see :func:`labels_of`.

    Args:
        which: Probability of each label, and of none of them, shape (utterances, labels + 1).
    """
    bar = SIDE_BY_SIDE * which.max(axis=1, keepdims=True)
    return np.asarray(which[:, : len(OBJECTION_LABELS)] >= bar)


def labels_of(which: Floats) -> list[str]:
    """Return the labels that an objection has, the likeliest first.

    Args:
        which: Probability of each label, and of none of them, shape (labels + 1,). Resistance that
            fits no label has none.
    """
    order = np.argsort(-which, kind="stable")
    bar = SIDE_BY_SIDE * which[order[0]]
    return [OBJECTION_LABELS[i] for i in order if i < len(OBJECTION_LABELS) and which[i] >= bar]
