"""Content requests: a prospect asks for something to be sent or shown, such as a case study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callmine.domain import Kind, Mention
from callmine.extractors.base import Passage
from callmine.extractors.heads import Floats
from callmine.extractors.readings import Reading
from callmine.extractors.showing import words_showing
from callmine.extractors.trained import TrainedExtractor

LABEL = "content"
"""The label of every request; what was asked for is in its words."""


class RequestExtractor(TrainedExtractor):
    """Finds what prospects ask to be sent or shown; unmet requests are marketing's to-do list.

    There is at most one for each passage.
    """

    name = "requests"
    version = "1"
    kinds = frozenset({Kind.REQUEST})
    question = "request"

    def _mentions(
        self,
        passages: Sequence[Passage],
        readings: Sequence[Reading],
        features: Floats,
        sure: dict[int, float],
    ) -> Iterator[tuple[int, Mention]]:
        for i, score in sure.items():
            start, end = words_showing(passages[i].text, readings[i], "request")
            if start < end:
                yield i, Mention(Kind.REQUEST, LABEL, start, end, score)
