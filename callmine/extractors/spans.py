"""Spans of spoken text: tokens, sentences, trimming and overlap.

A span is a half-open pair ``(start, end)`` of character offsets (Unicode code points).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from callmine.extractors.letters import find_words

Span = tuple[int, int]

LONGEST_SENTENCE = 40
"""Words after which unpunctuated speech is cut, at the best joint there is."""

# Each begins where a run begins and gives nothing back: a run that leads nowhere is read once, not once
# from each of its characters.
_STOP = re.compile(r"(?<![.?!…])[.?!…]++[\"'”’)\]]*+(?=\s)|\n++")
_ABBREVIATION = re.compile(r"(?:\b[A-Za-z]|\b(?:Mr|Mrs|Ms|Dr|St|vs|etc|inc|ltd|co|corp|approx))\.$", re.I)
JOINTS = (
    "and",
    "but",
    "so",
    "because",
    "then",
    "or",
    "although",
    "though",
    "which",
    "if",
    "when",
    "well",
    "okay",
)
"""Words before which speech without punctuation may be cut."""

_CLAUSE = re.compile(
    rf"(?<=[,;:–—])\s++|(?<!\s)\s++(?:-++\s++|(?=(?:{'|'.join(JOINTS)}|unless|until|while)\b))",
    re.IGNORECASE,
)
_PADDING = ",;:-–—"


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text, with its span. A possessive or contraction is part of the word."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Return the words of ``text`` in order, as written; punctuation, emoji and spaces are left out."""
    return [Token(m.group(), m.start(), m.end()) for m in find_words(text)]


def has_word(text: str) -> bool:
    """Whether anything is said in ``text``: whether it has a letter or a digit."""
    return any(map(str.isalnum, text))


def trim(text: str, start: int, end: int, *, padding: str = _PADDING) -> Span:
    """Return the span without white space and loose punctuation at either end.

    A span that holds nothing else comes back empty, ``(start, start)``.
    """
    while start < end and (text[start].isspace() or text[start] in padding):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in padding):
        end -= 1
    return start, end


def overlap(one: Span, other: Span) -> int:
    """Return how many characters two spans share."""
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def free_of(span: Span, taken: Iterable[Span]) -> bool:
    """Whether ``span`` touches none of the spans in ``taken``."""
    return all(overlap(span, other) == 0 for other in taken)


def sentences(text: str, *, longest: int = LONGEST_SENTENCE) -> list[Span]:
    """Return the sentences of spoken text, in order, each trimmed and not empty.

    Punctuation and line ends decide where there are any; a stretch of more than ``longest``
    words without them is cut before a conjunction, or where there is none after ``longest`` words.
    """
    found: list[Span] = []
    start = 0
    for stop in _STOP.finditer(text):
        if stop.group() == "." and _ABBREVIATION.search(text[max(start, stop.end() - 8) : stop.end()]):
            continue
        found.extend(_cut(text, start, stop.end(), longest))
        start = stop.end()
    found.extend(_cut(text, start, len(text), longest))
    return found


def clauses(text: str, start: int, end: int) -> list[Span]:
    """Return the clauses of ``[start, end)``: cut after commas and dashes, and before conjunctions."""
    found, begin = [], start
    for joint in _CLAUSE.finditer(text, start, end):
        found.append((begin, joint.start()))
        begin = joint.end()
    return [span for span in (*found, (begin, end)) if span[0] < span[1]] or [(start, end)]


def sentence_at(text: str, position: int) -> Span:
    """Return the sentence holding the character at ``position`` (or the next one after it)."""
    return holding(sentences(text) or [(0, len(text))], position)


def holding(spans: Sequence[Span], position: int) -> Span:
    """Return the one of some spans in order that holds the character at ``position`` (or the next one)."""
    return next((span for span in spans if position < span[1]), spans[-1])


def _cut(text: str, start: int, end: int, longest: int) -> list[Span]:
    """Cut one stretch into pieces of at most ``longest`` words."""
    start, end = trim(text, start, end, padding="")
    if start == end:
        return []
    pieces: list[Span] = []
    # A span of n characters cannot hold more than n words: most stretches need no tokens.
    while end - start > longest:
        inside = takewhile(lambda word: word.start() < end, find_words(text, start))
        first = list(islice(inside, longest + 1))
        if len(first) <= longest:
            break
        joints = [w.start() for w in first[longest // 2 : longest] if w.group().lower() in JOINTS]
        cut = joints[-1] if joints else first[longest].start()
        pieces.append(trim(text, start, cut, padding=""))
        start = cut
    pieces.append((start, end))
    return pieces
