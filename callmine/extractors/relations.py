"""The sentence around a name, with its parse, and the reason that a speaker gives after it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callmine.extractors.spans import trim

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_REASON = re.compile(
    r"\b(?:because|since|mostly over|over the|'cause|cos|purely as|due to|so that)\s+(.+)", re.I
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with a candidate in it: its span in the passage and its parse.

    ``doc`` is ``None`` where nothing hinges on it, and in another language than English, which the
    parser does not know.
    """

    start: int
    end: int
    doc: Doc | None

    def token_at(self, position: int) -> Token | None:
        """Return the parsed token at a character offset of the passage, if it was parsed."""
        offset = position - self.start
        return next((t for t in self.doc or () if t.idx <= offset < t.idx + len(t)), None)

    def tag_at(self, position: int) -> str:
        """Return the Penn Treebank tag at a character offset, empty when it was not parsed."""
        token = self.token_at(position)
        return str(token.tag_) if token is not None else ""


def reason(text: str, sentence: Sentence, end: int) -> str:
    """Return the words that give a reason after the name, at most 120 characters."""
    found = _REASON.search(text, end, sentence.end)
    if found is None:
        return ""
    start, stop = trim(text, *found.span(1), padding=" .,!?;:")
    words = text[start : min(stop, start + 120)]
    return words if stop - start <= 120 else words.rsplit(" ", 1)[0]
