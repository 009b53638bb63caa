"""Which words of an utterance say what it was found to say."""

from __future__ import annotations

import numpy as np

from callmine.extractors.heads import TOKEN_LABELS
from callmine.extractors.readings import Reading
from callmine.extractors.spans import Span, clauses, holding, overlap, trim

WHOLE = 15
"""A sentence of so few words is shown as a whole: its parts are no quotes."""

FEWEST = 6
"""Words that a part of a longer sentence has at least."""


def words_showing(text: str, reading: Reading, *labels: str) -> Span:
    """Return the span of ``text`` that shows one of ``labels`` best.

    The encoder judges every token. The sentence is the one with the largest sum of what its tokens say for
    it (softplus of their log-odds, so that one token's peak does not outweigh a sentence that is likely
    all along). In it the best run of tokens is the one with the largest sum of log-odds (Kadane's
    algorithm), widened to whole clauses, and to more of them where those hold too few words to be
    understood. A short sentence is shown as a whole, and so is one without a token that is more likely
    than not.
    """
    columns = [TOKEN_LABELS.index(label) for label in labels]
    places = [(a, b, row) for row, (a, b) in enumerate(reading.offsets) if b > a]
    if not places:
        return trim(text, 0, len(text))
    odds = reading.shown[:, columns].max(axis=1)[[row for _, _, row in places]]
    sentence_of = [holding(reading.sentences, start) for start, _, _ in places]
    held: dict[Span, float] = {}
    for sentence, value in zip(sentence_of, np.logaddexp(0.0, odds).tolist(), strict=True):
        held[sentence] = held.get(sentence, 0.0) + value
    chosen = max(held, key=lambda sentence: (held[sentence], -sentence[0]))
    at = [i for i, sentence in enumerate(sentence_of) if sentence == chosen]
    if odds[at].max() <= 0 or len(text[slice(*chosen)].split()) <= WHOLE:
        return trim(text, *chosen)
    first, last = _best_run(odds[at])
    run = (places[at[first]][0], places[at[last]][1])
    return trim(text, *_whole_clauses(text, chosen, run))


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


def _whole_clauses(text: str, sentence: Span, run: Span) -> Span:
    """Return the clauses of a sentence that a run of tokens touches, and more of them where that is little.

    What follows is taken in first: a clause of few words mostly opens what comes after it.
    """
    parts = clauses(text, *sentence)
    touched = [i for i, part in enumerate(parts) if overlap(part, run)] or [0]
    first, last = touched[0], touched[-1]
    while (last, first) != (len(parts) - 1, 0):
        if len(text[parts[first][0] : parts[last][1]].split()) >= FEWEST:
            break
        if last + 1 < len(parts):
            last += 1
        else:
            first -= 1
    return parts[first][0], parts[last][1]
