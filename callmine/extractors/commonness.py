"""How common words are in ordinary English talk, by a committed list of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

RARE = 2.0
"""Zipf value taken for a word that is in no list (a hundred in a billion words)."""


@lru_cache(maxsize=1)
def _lists() -> tuple[dict[str, float], dict[str, float]]:
    """Read the committed word list: ordinary words, and other (names), with Zipf values."""
    raw = json.loads(files("callmine.extractors").joinpath("data/words.json").read_text("utf-8"))
    ordinary, other = (
        {word: float(zipf) for zipf, line in raw[part].items() for word in line.split()}
        for part in ("ordinary", "other")
    )
    return ordinary, other


def is_ordinary(word: str) -> bool:
    """Whether a normal form is an ordinary English word, one a dictionary writes small."""
    return word in _lists()[0]


def zipf(word: str) -> float:
    """Return how common a normal form is: log10 of its occurrences in a billion words."""
    ordinary, other = _lists()
    return ordinary.get(word) or other.get(word) or RARE


def commonness(words: Iterable[str]) -> float:
    """Return the Zipf value expected of words in a row if each came by chance.

    One common word is common; two in a row that make no phrase are rare.
    """
    values = [zipf(w) for w in words]
    return sum(values) - 9.0 * (len(values) - 1)


@lru_cache(maxsize=1 << 15)
def commonest(word: str) -> float:
    """Return the Zipf value of a word or of the word it is an inflection of."""
    stems = [word]
    for ending in ("s", "es", "ed", "d", "ing", "er", "ers", "ly"):
        if word.endswith(ending) and len(word) - len(ending) > 3:
            stem = word[: -len(ending)]
            stems += [stem, stem + "e"] if ending == "ing" else [stem]
    return max(zipf(stem) for stem in stems)
