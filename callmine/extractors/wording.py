"""How much of a message's wording is said: what is said nearly word for word needs no encoder."""

from __future__ import annotations

from collections.abc import Mapping

from callmine.extractors.commonness import zipf
from callmine.extractors.sounds import normal
from callmine.extractors.spans import Span, tokens
from callmine.extractors.trackers import stem

_TELLING = 1.0  # weight of a word that is no mere "the", "of" or "to"
_OFTENEST = 8.0  # on the Zipf scale: "the" has 7.7, a word in a billion 0

Wording = Mapping[str, float]
"""The stems of a text's words, each with how much it tells: the rarer, the more."""


def wording(text: str) -> Wording:
    """Return the words of a text without their endings and marks, weighed by how rare they are."""
    plain = [normal(token.text).removesuffix("'s") for token in tokens(text)]
    return {stem(word): max(0.0, _OFTENEST - zipf(word)) for word in plain}


def span_said(message: Wording, text: str) -> Span:
    """Return from the first to the last word of a text that a message has, too, but for the commonest."""
    said = [
        (token.start, token.end)
        for token in tokens(text)
        if message.get(stem(normal(token.text).removesuffix("'s")), 0.0) >= _TELLING
    ]
    return (said[0][0], said[-1][1]) if said else (0, len(text))


def share_said(message: Wording, text: str) -> float:
    """Return how much of a message's wording a text has, 0..1; its order does not matter."""
    said = wording(text).keys()
    whole = sum(message.values())
    return sum(weight for word, weight in message.items() if word in said) / whole if whole else 0.0
