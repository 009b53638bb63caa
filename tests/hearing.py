"""What an engine says that it heard, for tests of what is made of it."""

from __future__ import annotations

from dataclasses import replace

from callmine.domain import Segment, Word

SPEECH = [(11_000, 30_000)]
"""Where speech was found."""


def said(
    text: str, *, start_ms: int = 12_000, p: float = 0.9, each_ms: int = 300, **scores: float
) -> Segment:
    """A segment as an engine hears it, its words evenly spread, with scores that raise no doubt."""
    times = [(start_ms + i * each_ms, start_ms + (i + 1) * each_ms) for i in range(len(text.split()))]
    heard = tuple(Word(w, *t, p) for w, t in zip(text.split(), times, strict=True))
    values = {"avg_logprob": -0.2, "no_speech_prob": 0.05, "compression_ratio": 1.2, **scores}
    return Segment(start_ms, times[-1][1], text, heard, **values)


def spelt(text: str, *, start_ms: int = 12_000, each_ms: int = 100, **scores: float) -> Segment:
    """A segment of a language without blanks, which an engine times character by character."""
    spread = said(" ".join(text), start_ms=start_ms, each_ms=each_ms, **scores)
    return replace(spread, text=text)


def words(count: int) -> str:
    """Words, each another."""
    return " ".join(f"w{i}" for i in range(count))
