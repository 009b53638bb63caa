"""Positioning: words by which either side says why this product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from callmine.domain import Kind, Mention, Role
from callmine.extractors.approved import PLAINLY, SAME_MESSAGE, Approved
from callmine.extractors.base import Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import SORTS, Floats
from callmine.extractors.readings import Reading, meaning_at
from callmine.extractors.showing import words_showing
from callmine.extractors.spans import Span
from callmine.extractors.trained import TrainedExtractor
from callmine.playbook import Playbook

ECHO = 0.35
"""Likeness from which a prospect's words take up a claim, with what is said in any call taken off."""


class PositioningExtractor(TrainedExtractor):
    """Finds value claims of reps and prospects' own words for value, pain and success.

    The side is the speaker's role; where that is not known, the side is ``unknown``. ``sort`` says
    which of value, pain and success a phrase speaks of; a rep's is a claim of value. What says
    one of the playbook's messages, by its meaning or nearly word for word, names it, and a prospect's
    phrase that takes up what was claimed before names the number of that passage. Claims are everybody's
    but a known prospect's: the rep may be a speaker not known. Else a passage has one phrase: its clearest
    words.
    """

    name = "positioning"
    version = "4"
    kinds = frozenset({Kind.POSITIONING})
    question = "positioning"

    def __init__(self, encoder: Encoder, *, threshold: float | None = None) -> None:
        """Read as every trained extractor does; there are no messages before a playbook has some."""
        super().__init__(encoder, threshold=threshold)
        self._messages: tuple[str, ...] = ()
        self._approved = Approved(encoder, ())

    def setup(self, playbook: Playbook) -> None:
        """Load the model, and listen for the playbook's messages."""
        super().setup(playbook)
        self._messages = tuple(message.id for message in playbook.messages)
        self._approved = Approved(self.encoder, [message.text for message in playbook.messages])

    def _mentions(
        self,
        passages: Sequence[Passage],
        readings: Sequence[Reading],
        features: Floats,
        sure: dict[int, float],
    ) -> Iterator[tuple[int, Mention]]:
        sorts = self.encoder.questions.chances("sort", features)
        claims: list[tuple[int, Floats]] = []
        for i, (passage, reading) in enumerate(zip(passages, readings, strict=True)):
            score = sure.get(i)
            side = passage.role.value
            sort = "value" if passage.role is Role.REP else SORTS[int(sorts[i].argmax())]
            said = [] if passage.role is Role.PROSPECT else self._said(passage, reading, claimed=score)
            for span, meaning, message, chance in said:
                claims.append((i, meaning))
                detail: dict[str, str | int] = {"side": side, "sort": sort, "message": message}
                yield i, Mention(Kind.POSITIONING, side, *span, chance, detail)
            if said or score is None:
                continue
            span = words_showing(passage.text, reading, "positioning")
            if span[0] == span[1]:
                continue
            meaning = meaning_at(reading, span)
            detail = {"side": side, "sort": sort}
            if passage.role is not Role.PROSPECT:
                claims.append((i, meaning))
            elif (echoed := self._echoed(meaning, claims)) is not None:
                detail["echoes"] = echoed
            yield i, Mention(Kind.POSITIONING, side, *span, score, detail)

    def _said(
        self, passage: Passage, reading: Reading, *, claimed: float | None
    ) -> list[tuple[Span, Floats, str, float]]:
        """Return the messages that are said: the words that say each best, their meaning, a score.

        Args:
            passage: What a rep says, or somebody unknown.
            reading: What the encoder made of it.
            claimed: How likely it is a claim; ``None`` where it is taken for none, and has to be said
                more plainly.
        """
        least = PLAINLY if claimed is None else SAME_MESSAGE
        return [
            (said.span, said.meaning, self._messages[said.number], max(claimed or 0.0, said.score))
            for said in self._approved.said(passage, reading, least=least)
        ]

    def echo_likeness(self, meaning: Floats, claims: Sequence[Floats]) -> Floats:
        """Return how much a prospect's words take up each claim, shape (claims,); see :data:`ECHO`."""
        apart = self.encoder.contrast.apart
        found: Floats = apart(np.stack(claims)) @ apart(meaning)
        return found

    def _echoed(self, meaning: Floats, claims: Sequence[tuple[int, Floats]]) -> int | None:
        """Return the number of the passage with the claim that a prospect's words take up."""
        if not claims:
            return None
        alike = self.echo_likeness(meaning, [claim for _, claim in claims])
        best = int(alike.argmax())
        return claims[best][0] if alike[best] >= ECHO else None
