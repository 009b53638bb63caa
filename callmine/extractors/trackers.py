"""Finds what the playbook's trackers listen for, by their words.

Words match whole words, whatever their English ending (``outage`` finds "outages"); in a call in
another language, write each form that matters. Where no blanks part words (Chinese, Japanese, Thai), a
word is a whole stretch without blanks. Trackers' examples are for :mod:`callmine.extractors.examples`,
which asks here what else a tracker wants. The deal's stage is not known here and may change with the
call's link: whoever counts or lists filters by it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callmine.domain import Json, Kind, Mention, Role
from callmine.extractors.base import ANY_LANGUAGE, Passage
from callmine.extractors.sounds import normal
from callmine.extractors.spans import Span, Token, sentence_at, tokens
from callmine.playbook import Playbook, Tracker

_EXACT, _INFLECTED = 0.95, 0.9
_ENDINGS = ("'s", "ings", "ing", "ed", "es", "s", "e")
_QUESTION = re.compile(
    r"^\W*(?:(?:and|but|so|okay|well|um|uh)\W+)*(?:who|what|when|where|why|which|how|is|are|was|were|do|does|did|can|could|"
    r"will|would|should|has|have|had|isn't|aren't|don't|doesn't|didn't|can't|couldn't|won't|wouldn't)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Ear:
    """A tracker with its words, as they are and as stems."""

    tracker: Tracker
    phrases: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


class TrackerExtractor:
    """Reports each place where a tracker's words are said."""

    name = "trackers"
    version = "3"
    kinds = frozenset({Kind.TRACKER})
    languages = ANY_LANGUAGE
    threshold = None

    def __init__(self) -> None:
        self._ears: tuple[_Ear, ...] = ()

    def settings(self) -> Json:
        """Return nothing: only the playbook changes what is found."""
        return {}

    def setup(self, playbook: Playbook) -> None:
        """Prepare the words of the playbook's trackers."""
        self._ears = tuple(_ear(tracker) for tracker in playbook.trackers if tracker.words)

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return the tracker mentions of each passage, in the order of the text."""
        return [self._read(passage) for passage in passages]

    def _read(self, passage: Passage) -> list[Mention]:
        ears = [ear for ear in self._ears if listens(ear.tracker, passage)]
        if not ears:
            return []
        words = tokens(passage.text)
        found: list[Mention] = []
        for ear in ears:
            found.extend(
                Mention(Kind.TRACKER, ear.tracker.name, start, end, score)
                for (start, end), score in _said(ear, words).items()
                if has_form(ear.tracker, passage.text, (start, end))
            )
        return sorted(found, key=lambda m: (m.start, m.end, m.label))


def stem(word: str) -> str:
    """Return a word without its inflection; both sides of a comparison go through this."""
    word = normal(word)
    for ending in _ENDINGS:
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= 3 and re.search("[aeiouy]", rest):
            return (
                rest[:-1] if len(rest) > 3 and rest[-1] == rest[-2] and ending != "e" else rest.rstrip("e")
            )
    return word


def _ear(tracker: Tracker) -> _Ear:
    phrases = []
    for phrase in tracker.words:
        said = tuple(normal(w.text) for w in tokens(phrase))
        if said:
            phrases.append((said, tuple(stem(w) for w in said)))
    return _Ear(tracker, tuple(phrases))


def phrase_in(tracker: Tracker, said: str) -> tuple[str, bool] | None:
    """Return which of a tracker's words something that was said is, and whether letter by letter."""
    words = tokens(said)
    stems = [stem(w.text) for w in words]
    for phrase in tracker.words:
        listed = tokens(phrase)
        if [stem(w.text) for w in listed] == stems:
            return phrase, [normal(w.text) for w in listed] == [normal(w.text) for w in words]
    return None


def listens(tracker: Tracker, passage: Passage) -> bool:
    """Whether a tracker listens to this speaker in this part of the call; what is unknown is heard."""
    speaks = tracker.role == "any" or passage.role in (Role.UNKNOWN, tracker.role)
    return speaks and (tracker.position == "any" or passage.position in (None, tracker.position))


def _said(ear: _Ear, words: list[Token]) -> dict[Span, float]:
    """Return where the tracker's words are said, the longest phrase at each place."""
    plain = [normal(w.text) for w in words]
    stems = [stem(w.text) for w in words]
    found: dict[Span, float] = {}
    covered: set[int] = set()
    for said, said_stems in sorted(ear.phrases, key=lambda phrase: -len(phrase[0])):
        size = len(said)
        for first in range(len(words) - size + 1):
            here = range(first, first + size)
            if tuple(stems[first : first + size]) == said_stems and covered.isdisjoint(here):
                covered.update(here)
                exact = tuple(plain[first : first + size]) == said
                found[words[first].start, words[first + size - 1].end] = _EXACT if exact else _INFLECTED
    return found


def has_form(tracker: Tracker, text: str, span: Span) -> bool:
    """Whether the sentence is of the form (question, statement) that the tracker asks for."""
    if tracker.form == "any":
        return True
    start, end = sentence_at(text, span[0])
    sentence = text[start:end].rstrip("\"'”’)] ")
    question = sentence.endswith("?") or (
        not sentence.endswith((".", "!", "…")) and bool(_QUESTION.match(sentence))
    )
    return question == (tracker.form == "question")
