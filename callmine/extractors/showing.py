"""Which words of an utterance say what it was found to say."""

from __future__ import annotations

import re

import numpy as np

from callmine.extractors.heads import TOKEN_LABELS
from callmine.extractors.readings import Reading
from callmine.extractors.spans import Span, sentence_at, trim

SHORT = 2
"""A run of so few words is shown with its whole sentence."""


def words_showing(text: str, reading: Reading, *labels: str) -> Span:
    """Return the span of ``text`` that shows one of ``labels`` best.

    The encoder judges every token; the best run of tokens is the one with the largest sum of log-odds
    (Kadane's algorithm), widened to whole words. Where no token is more likely than not, it is the
    sentence with the likeliest one.
    """
    columns = [TOKEN_LABELS.index(label) for label in labels]
    places = [i for i, (a, b) in enumerate(reading.offsets) if b > a]
    if not places:
        return trim(text, 0, len(text))
    odds = reading.shown[:, columns].max(axis=1)[places]
    first, last = _best_run(odds)
    start, end = reading.offsets[places[first]][0], reading.offsets[places[last]][1]
    start, end = _whole_words(text, start, end)
    if odds[first : last + 1].max() <= 0 or len(text[start:end].split()) <= SHORT:
        start, end = sentence_at(text, start)
    return trim(text, start, end)


def _best_run(odds: np.ndarray) -> tuple[int, int]:
    best, best_run = -np.inf, (0, 0)
    total, begin = 0.0, 0
    for index, value in enumerate(odds.tolist()):
        if total <= 0:
            total, begin = 0.0, index
        total += value
        if total > best:
            best, best_run = total, (begin, index)
    return best_run


def _whole_words(text: str, start: int, end: int) -> Span:
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    rest = re.match(r"\S*", text[end:])
    return start, end + (rest.end() if rest else 0)
