"""Objections: the trained encoder reads each utterance with what was said before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from callmine.domain import OBJECTION_LABELS, Json, Kind, Mention, Role
from callmine.extractors.base import ENGLISH, Passage
from callmine.extractors.encoder import Encoder, Scores
from callmine.extractors.heads import ANY, HEADS
from callmine.extractors.spans import Span, sentences, trim
from callmine.playbook import Playbook

REP_PENALTY = 0.35
"""A rep names objections but does not have them: their probability counts this much."""


_COURTESY = re.compile(
    r"(?:\W*\b(?:thank you(?: very much| so much)?|thanks(?: a lot| so much)?|cheers|good ?bye|bye"
    r"|hello|hi|good (?:morning|afternoon|evening|day)|take care|see you(?: soon| then)?|you too|and"
    r"|have a (?:nice|good|great|lovely) (?:day|weekend|evening|one)))+\W*",
    re.IGNORECASE,
)
"""Greetings, thanks and goodbyes and nothing else; to the encoder a bare goodbye is a brush-off."""


class ObjectionExtractor:
    """Finds the twelve built-in objections, several per utterance, each with its sentence.

    The encoder scores the utterance as a whole; for a long one, each sentence is scored alone in
    the same context, and the best becomes the span. (Reporting what only a sentence alone shows
    costs more false alarms than it finds: average precision 0.75 against 0.83 on held-out calls.)
    A rep's utterance is not left out, only
    believed less, because channels and vendors can be wrong about who spoke.
    """

    name = "objections"
    version = "2"
    kinds = frozenset({Kind.OBJECTION})
    languages = ENGLISH

    def __init__(self, encoder: Encoder, *, threshold: float | None = None) -> None:
        """Use ``encoder`` (shared with other extractors); report from ``threshold`` (0..1) on.

        Without one, the model card's is used: it was chosen on held-out scenarios for a precision.
        """
        self.encoder = encoder
        self.threshold = float(encoder.card()["threshold"]) if threshold is None else threshold
        self._labels: tuple[str, ...] = OBJECTION_LABELS

    def settings(self) -> Json:
        """Return the model's hash and the threshold."""
        return {"model": self.encoder.version(), "threshold": self.threshold}

    def setup(self, playbook: Playbook) -> None:
        """Load the model; labels that the playbook disables are not reported."""
        self._labels = tuple(label for label in OBJECTION_LABELS if label in playbook.titles())
        self.encoder.load()

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return the objections of each passage."""
        scores = self._believed(self.encoder.scores(passages), passages)
        scores[[bool(_COURTESY.fullmatch(p.text)) for p in passages]] = 0.0
        parts = [_sentences(p.text) for p in passages]
        wanted = [i for i, row in enumerate(scores) if row.max(initial=0.0) >= self.threshold]
        alone = [(i, span) for i in wanted if len(parts[i]) > 1 for span in parts[i]]
        asked = [
            Passage(passages[i].text[start:end], passages[i].role, passages[i].before)
            for i, (start, end) in alone
        ]
        by_sentence: dict[int, list[tuple[Span, Scores]]] = {}
        if asked:
            for (i, span), row in zip(alone, self.encoder.scores(asked), strict=True):
                by_sentence.setdefault(i, []).append((span, row))
        found: list[list[Mention]] = [[] for _ in passages]
        for i in wanted:
            found[i] = self._mentions(passages[i].text, scores[i], by_sentence.get(i, []), parts[i])
        return found

    def _believed(self, scores: Scores, passages: Sequence[Passage]) -> Scores:
        """Return the scores of this playbook's labels, lowered where a rep speaks."""
        columns = [HEADS.index(label) for label in self._labels]
        factor = [REP_PENALTY if p.role is Role.REP else 1.0 for p in passages]
        return np.asarray(scores[:, columns] * np.asarray(factor, dtype=np.float32)[:, None])

    def _mentions(
        self,
        text: str,
        whole: Scores,
        by_sentence: Sequence[tuple[Span, Scores]],
        spans: Sequence[Span],
    ) -> list[Mention]:
        found = []
        for column, label in enumerate(self._labels):
            score, span = float(whole[column]), spans[0] if len(spans) == 1 else trim(text, 0, len(text))
            if by_sentence:
                head = HEADS.index(label)
                span, _ = max(by_sentence, key=lambda item: (item[1][head], item[1][ANY]))
            if score >= self.threshold and span[0] < span[1]:
                found.append(Mention(Kind.OBJECTION, label, *span, min(1.0, score)))
        return sorted(found, key=lambda m: (m.start, m.label))


def _sentences(text: str) -> list[Span]:
    """Return the trimmed, non-empty sentences of an utterance."""
    spans = [trim(text, start, end) for start, end in sentences(text)]
    return [span for span in spans if span[0] < span[1]] or [trim(text, 0, len(text))]
