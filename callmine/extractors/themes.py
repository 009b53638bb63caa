"""Emerging themes: what several prospects say against us that no label has a name for yet.

Pure functions on what the encoder made of utterances; the same utterances give the same themes, in
whatever order they come once they are sorted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from callmine.extractors.heads import OTHER, QUESTIONS, TOKEN_LABELS, Floats, Questions
from callmine.extractors.readings import Reading
from callmine.extractors.spans import Span, overlap, tokens

CLEAR = 0.7
"""Probability from which a label fits; most labelled objections of the gold dialogues have it."""

DISTANCE = 0.55
"""Cosine distance up to which groups are joined.

On weeks 1 and 2 of the gold themes the index is highest at 0.6, and from 0.65 on everything is one group:
the choice keeps away from that edge, because one theme of unlike quotes costs more trust than two of like
ones.
"""

LEAST, LEAST_CALLS = 3, 2
"""Utterances, and calls they come from, that make a theme."""

MOST = 3000
"""Utterances that are compared with each other at most (72 MB): the likeliest resistance."""

LEAST_WORDS = 4
"""A shorter sentence says too little to be like another."""

TELLING_WORDS = 4
"""Telling words of a theme."""

_OBJECTING = [i for i, label in enumerate(TOKEN_LABELS) if label in QUESTIONS["label"]]
_OTHER = QUESTIONS["label"].index(OTHER)


@dataclass(frozen=True, slots=True)
class Resistance:
    """An utterance that looks like resistance and fits no label.

    Attributes:
        number: Which of the call's utterances.
        span: Its sentence with the most resistance.
        chance: Probability of an objection, 0..1.
        meaning: What that sentence says, shape (128,).
    """

    number: int
    span: Span
    chance: float
    meaning: Floats


def resistance_in(
    readings: Sequence[Reading], questions: Questions, *, threshold: float
) -> list[Resistance]:
    """Return the utterances of a call that look like resistance and fit no label.

    Args:
        readings: What the encoder makes of the call's utterances, in their order.
        questions: The questions put to it.
        threshold: Probability from which an utterance is an objection, 0..1. What is half as likely may be
            resistance of a kind that the encoder was not taught.
    """
    if not readings:
        return []
    features = np.stack([reading.features for reading in readings])
    chances = questions.chances("objection", features)
    which = questions.chances("label", features)
    likeliest = which.argmax(axis=1)
    unclear = (likeliest == _OTHER) | (which.max(axis=1) < CLEAR)
    found = []
    for number in np.flatnonzero((chances >= threshold / 2) & unclear).tolist():
        reading = readings[number]
        at = sentence_that_resists(reading)
        chance = min(1.0, float(chances[number]))
        found.append(Resistance(number, reading.sentences[at], chance, reading.meanings[at]))
    return found


def sentence_that_resists(reading: Reading) -> int:
    """Return the number of the sentence with the token that resists most; else of the longest."""
    if not reading.offsets:
        return max(range(len(reading.sentences)), key=lambda i: np.ptp(reading.sentences[i]))
    odds = reading.shown[:, _OBJECTING].max(axis=1).tolist()
    best = [
        max(
            (o for o, place in zip(odds, reading.offsets, strict=True) if overlap(place, one)),
            default=-99.0,
        )
        for one in reading.sentences
    ]
    return int(np.argmax(best))


def says_enough(text: str) -> bool:
    """Whether a sentence has enough words to be like another one."""
    return len(tokens(text)) >= LEAST_WORDS


def groups_of(meanings: Floats, *, distance: float = DISTANCE) -> list[list[int]]:
    """Return groups of alike rows, each in order, by their first row.

    Agglomerative clustering with average linkage (Sokal and Michener 1958), which neither chains as single
    linkage does nor needs to know how many groups there are.

    Args:
        meanings: Shape (utterances, 128), no row zero.
        distance: Cosine distance up to which two groups are joined.
    """
    if len(meanings) < 2:
        return [[i] for i in range(len(meanings))]
    from sklearn.cluster import AgglomerativeClustering

    model = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=distance
    )
    groups: dict[int, list[int]] = {}
    for row, group in enumerate(model.fit_predict(meanings).tolist()):
        groups.setdefault(group, []).append(row)
    return sorted(groups.values())


def themes_among(meanings: Floats, calls: Sequence[str], chances: Sequence[float]) -> list[list[int]]:
    """Return the themes among utterances as row numbers, the largest first, ties by their first row.

    Args:
        meanings: Shape (utterances, 128).
        calls: The call of each utterance.
        chances: How likely each is resistance, 0..1.
    """
    length = np.linalg.norm(meanings, axis=1) if len(meanings) else np.zeros(0)
    rows = [i for i in range(len(meanings)) if length[i] > 0]
    rows = sorted(sorted(rows, key=lambda i: -chances[i])[:MOST])
    groups = [[rows[i] for i in group] for group in groups_of(meanings[rows])] if rows else []
    groups = [g for g in groups if len(g) >= LEAST and len({calls[i] for i in g}) >= LEAST_CALLS]
    return sorted(groups, key=lambda g: (-len(g), g[0]))


def by_likeness(meanings: Floats) -> list[int]:
    """Return the rows of a theme, the one that is most like all the others first."""
    unit = meanings / np.maximum(np.linalg.norm(meanings, axis=1, keepdims=True), 1e-9)
    likeness = np.round(unit @ unit.mean(axis=0), 6)
    order: list[int] = np.argsort(-likeness, kind="stable").tolist()
    return order


def telling_words(themes: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return the words that set each theme apart from the others, by TF-IDF over whole themes.

    Args:
        themes: The texts of each theme. Give what belongs to none as a theme of its own: the more there
            is to compare with, the more telling the words.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    counts = [Counter(_content(texts, ENGLISH_STOP_WORDS)) for texts in themes]
    seen = Counter(word for count in counts for word in count)
    found = []
    for count in counts:
        weight = {w: n * (1.0 + np.log(len(counts) / seen[w])) for w, n in count.items()}
        ordered = sorted((w for w in weight if count[w] > 1), key=lambda w: (-weight[w], w))
        found.append(tuple(ordered[:TELLING_WORDS]))
    return found


def _content(texts: Sequence[str], stop: frozenset[str]) -> list[str]:
    """Return the words with a meaning of their own, each once a text, so that nobody's repetitions tell."""
    found: list[str] = []
    for text in texts:
        words = {re.sub(r"['’]s$", "", token.text.casefold()) for token in tokens(text)}
        found += sorted(w for w in words if len(w) > 2 and w not in stop and not re.search(r"['’\d]", w))
    return found
