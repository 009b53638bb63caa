"""Finds what the playbook's trackers listen for, by their words and by their example sentences.

Words match whole words, whatever their ending (``outage`` finds "outages"). An example
matches a sentence that has most of its content words. The deal's stage and the position in
the call are not known here; reports filter by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callmine.domain import Json, Kind, Mention, Role
from callmine.extractors.base import Passage
from callmine.extractors.sounds import normal, zipf
from callmine.extractors.spans import Span, Token, sentence_at, sentences, tokens
from callmine.playbook import Playbook, Tracker

LIKE_EXAMPLE = 0.75
"""Share of an example's content words that a sentence must have."""

_EXACT, _INFLECTED = 0.95, 0.9
_CONTENT = 6.0  # words more common than this carry no content
_ENDINGS = ("'s", "ings", "ing", "ed", "es", "s", "e")
_QUESTION = re.compile(
    r"^\W*(?:(?:and|but|so|okay|well|um|uh)\W+)*(?:who|what|when|where|why|which|how|is|are|was|were|do|does|did|can|could|"
    r"will|would|should|has|have|had|isn't|aren't|don't|doesn't|didn't|can't|couldn't|won't|wouldn't)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Ear:
    """A tracker with its words and examples as stems."""

    tracker: Tracker
    phrases: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    examples: tuple[frozenset[str], ...]


class TrackerExtractor:
    """Reports each place where a tracker's words, or something like its examples, are said."""

    name = "trackers"
    version = "1"
    kinds = frozenset({Kind.TRACKER})

    def __init__(self) -> None:
        self._ears: tuple[_Ear, ...] = ()

    def settings(self) -> Json:
        """Return the share of an example's words that is asked."""
        return {"like_example": LIKE_EXAMPLE}

    def setup(self, playbook: Playbook) -> None:
        """Prepare the playbook's trackers."""
        self._ears = tuple(_ear(tracker) for tracker in playbook.trackers)

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return the tracker mentions of each passage, in the order of the text."""
        return [self._read(passage) for passage in passages]

    def _read(self, passage: Passage) -> list[Mention]:
        ears = [ear for ear in self._ears if _may_speak(ear.tracker, passage.role)]
        if not ears:
            return []
        words = tokens(passage.text)
        found: list[Mention] = []
        for ear in ears:
            spans = {**_like_examples(ear, passage.text, words), **_said(ear, words)}
            found.extend(
                Mention(Kind.TRACKER, ear.tracker.name, start, end, score)
                for (start, end), score in spans.items()
                if _has_form(ear.tracker, passage.text, (start, end))
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
    examples = (_content(tokens(example)) for example in tracker.examples)
    return _Ear(tracker, tuple(phrases), tuple(e for e in examples if e))


def _content(words: Iterable[Token]) -> frozenset[str]:
    return frozenset(stem(w.text) for w in words if zipf(normal(w.text)) < _CONTENT)


def _may_speak(tracker: Tracker, role: Role) -> bool:
    """Whether the tracker listens to this speaker; one whose role is unknown is heard."""
    return tracker.role == "any" or role is Role.UNKNOWN or role.value == tracker.role


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


def _like_examples(ear: _Ear, text: str, words: list[Token]) -> dict[Span, float]:
    """Return the sentences that have most of an example's content words, at least two."""
    found: dict[Span, float] = {}
    for span in sentences(text) if ear.examples else ():
        heard = _content(w for w in words if span[0] <= w.start < span[1])
        for example in ear.examples:
            share = len(heard & example) / len(example)
            if share >= LIKE_EXAMPLE and len(heard & example) >= min(2, len(example)):
                found[span] = max(found.get(span, 0.0), round(0.8 * share, 4))
    return found


def _has_form(tracker: Tracker, text: str, span: Span) -> bool:
    """Whether the sentence is of the form (question, statement) that the tracker asks for."""
    if tracker.form == "any":
        return True
    start, end = sentence_at(text, span[0])
    sentence = text[start:end].rstrip("\"'”’)] ")
    question = sentence.endswith("?") or (
        not sentence.endswith((".", "!", "…")) and bool(_QUESTION.match(sentence))
    )
    return question == (tracker.form == "question")
