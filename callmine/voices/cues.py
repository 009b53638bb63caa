"""What the words of a voice say about its side: how likely it is a seller's.

A linear model of words and pairs of words, learned from whole calls and dialogues with known
roles (see :mod:`callmine.voices.training`), beside hints that a person can check. Weights are
log-odds: positive for the rep. Numbers come from a table; nothing is loaded but that.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from callmine.domain import digest_of
from callmine.voices.hints import Hit, Spoken, hits, in_one_word, spoken

CHUNK = 15
"""Words that are judged together. Equal lengths, or long turns would pass for a buyer's."""

CLIP = 3.0
"""No chunk tells more than this, log-odds: one strange sentence decides nothing."""

MOST = 8.0
"""A voice's words tell no more than this, log-odds."""

FEW = 2.0
"""Chunks at which words are worth half of what they would be among many: a greeting tells no side."""

KEPT = 40
"""Telling phrases that are kept of one voice."""

REPEATS = 2
"""How often one hint counts for one voice."""


@dataclass(frozen=True, slots=True)
class Model:
    """The table ``cues.json``.

    Attributes:
        grams: Word, or two words, to log-odds of the rep per chunk.
        hints: Hint to log-odds per chunk; in ``grams`` they are under their :func:`marker`.
        bias: Log-odds that a whole chunk of known words begins with.
        shift: The part of it that was fitted on held-out calls.
        scale: What a voice's sum is worth; below 1 where chunks say the same thing again.
        overlap: How much chunks of one voice repeat each other, 0..1.
        version: Hash of the table.
    """

    grams: Mapping[str, float]
    hints: Mapping[str, float]
    bias: float
    shift: float
    scale: float
    overlap: float
    version: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A few words of a voice and what they weigh: positive speaks for a rep.

    ``hint`` says that a named turn of phrase was found, ``asks`` that it is a question.
    """

    text: str
    weight: float
    hint: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a voice's words say.

    Attributes:
        log_odds: Of being the rep, from words alone; 0 says nothing.
        words: How many words there are.
        phrases: Telling phrases, the heaviest first, hints before other words.
    """

    log_odds: float = 0.0
    words: int = 0
    phrases: tuple[Phrase, ...] = ()

    @property
    def rep(self) -> float:
        """Probability (0..1) of being the rep when both sides are equally likely."""
        return probability(self.log_odds)


def probability(log_odds: float) -> float:
    """Return the probability of log-odds, without overflow."""
    return 1 / (1 + math.exp(-log_odds)) if log_odds >= 0 else 1 - 1 / (1 + math.exp(log_odds))


@cache
def model() -> Model:
    """Return the weights in the package."""
    text = files("callmine.voices").joinpath("cues.json").read_text("utf-8")
    return model_of(json.loads(text))


def model_of(table: Mapping[str, Any]) -> Model:
    """Return the model of a table such as ``cues.json`` holds."""
    fields = {k: table[k] for k in ("grams", "hints", "bias", "shift", "scale", "overlap")}
    return Model(**fields, version=digest_of(fields))


class Cues:
    """Judges voices by their words."""

    def __init__(self, own_names: Sequence[str] = (), weights: Model | None = None) -> None:
        self._model = weights or model()
        self._own = tuple(sorted({in_one_word(name) for name in own_names} - {""}))

    @property
    def version(self) -> str:
        """What changes the output: hash of the weights and of our names."""
        return digest_of(self._model.version, self._own, CHUNK, CLIP, FEW, MOST, REPEATS)

    def hear(self, texts: Iterable[str]) -> Evidence:
        """Judge one voice by its texts, in any cutting; text that is no English says little."""
        total, size, count = 0.0, 0.0, 0
        seen: set[tuple[str, ...]] = set()
        counted: dict[str, int] = {}
        fixed = 0.0
        told: list[Phrase] = []
        for text in texts:
            said = spoken(text, self._own)
            count += len(said.words)
            found = tuple(hits(said))
            for hit in found:
                name, sure = hit.hint.name, hit.hint.fixed
                counted[name] = counted.get(name, 0) + 1
                if sure is not None and counted[name] <= REPEATS:
                    fixed += sure
                weight = self._model.hints.get(name, 0.0) if sure is None else sure
                if (weight > 0) is hit.hint.rep:
                    quote = said.quote(hit.first, hit.last)
                    told.append(Phrase(quote, weight, hint=True, asks=name.startswith("asks_")))
            for chunk in chunks_of(said, found):
                words = tuple(word for word, _ in chunk)
                if words in seen:  # a recogniser's loop, or a set phrase: heard once
                    continue
                seen.add(words)
                score, best = self.chunk(words)
                total += max(-CLIP, min(CLIP, score))
                size += len(words) / CHUNK
                if best is not None:
                    first = chunk[best[0]][1]
                    told.append(Phrase(said.quote(first, first + 2), best[1]))
        told.sort(key=lambda phrase: (not phrase.hint, -abs(phrase.weight)))
        shared = total * self._model.scale * worth_of(size, self._model.overlap)
        log_odds = max(-MOST, min(MOST, shared + max(-MOST, min(MOST, fixed))))
        return Evidence(log_odds, count, tuple(dict.fromkeys(told))[:KEPT])

    def chunk(self, words: Sequence[str]) -> tuple[float, tuple[int, float] | None]:
        """Return the log-odds of a chunk, and where its most telling word or pair begins and its weight."""
        known, total, best = 0, 0.0, None
        grams = self._model.grams
        met: set[str] = set()
        for at, word in enumerate(words):
            known += word in grams
            for gram in (word, f"{word} {words[at + 1]}") if at + 1 < len(words) else (word,):
                weight = grams.get(gram, 0.0)
                if not weight or gram in met:
                    continue
                met.add(gram)
                total += weight
                if best is None or abs(weight) > abs(best[1]):
                    best = (at, weight)
        return total + self._model.bias * known / CHUNK, best


def worth_of(size: float, overlap: float) -> float:
    """Return what a sum over ``size`` chunks is worth: few tell little, many repeat each other."""
    return size / (size + FEW) / (1 + max(0.0, size - 1) * overlap)


def grams_of(words: Sequence[str]) -> Iterator[str]:
    """Yield the words, and each two that follow each other."""
    yield from words
    yield from (f"{one} {two}" for one, two in pairwise(words))


def chunks_of(said: Spoken, found: Iterable[Hit] = ()) -> Iterator[list[tuple[str, int]]]:
    """Yield ``[(word, its index), ...]`` in even parts of at most :data:`CHUNK` words.

    The words of a hint are one word, its :func:`marker`: what they weigh by themselves, in other
    company, is no measure of what they mean together.
    """
    marks: dict[int, str] = {}
    inside: set[int] = set()
    for hit in found:
        if hit.first not in inside and hit.first not in marks:
            marks[hit.first] = marker(hit.hint.name)
            inside.update(range(hit.first + 1, hit.last + 1))
    words = [(marks.get(i, word), i) for i, word in enumerate(said.words) if i not in inside]
    number = -(-len(words) // CHUNK)
    size = -(-len(words) // number) if number else 1
    for first in range(0, len(words), size):
        yield words[first : first + size]


def marker(hint: str) -> str:
    """Return the word that stands for a hint in the table."""
    return f"<{hint}>"
