"""Word error rate on normalised words, for comparing transcripts in tests and benchmarks."""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein


def words(text: str) -> list[str]:
    """Return the words of a text in small letters, without punctuation."""
    return re.findall(r"[\w']+", text.lower().replace("’", "'"))


def wer(reference: str, heard: str) -> float:
    """Return word insertions, deletions and substitutions over the words of ``reference``."""
    expected = words(reference)
    return Levenshtein.distance(expected, words(heard)) / max(len(expected), 1)
