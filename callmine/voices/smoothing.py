"""Which voice says which word: likeness to each voice, smoothed over time.

A hidden Markov model over the words: a voice's likeness is the evidence, a change of voice costs
little after a pause or a sentence's end and much within one. The most probable sequence (Viterbi)
says who speaks; the forward-backward probabilities say how sure that is (Rabiner 1989, "A Tutorial
on Hidden Markov Models", section III). A word over which two people talk is like both voices, and so
comes out unsure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from callmine.voices.encoder import Embeddings
from callmine.voices.windows import WINDOW_MS, Spoken, Window

Floats = npt.NDArray[np.float64]
Voice = npt.NDArray[np.intp]

CHANGE_AT_PAUSE = 0.3
"""Probability that another voice goes on after a pause or a sentence's end."""

CHANGE_WITHIN = 0.01
"""... and within a sentence."""

LEAST_MS = 800.0
"""A stretch of speech counts as at least this long: a "yes" between two pauses is somebody's."""

WEIGHT = 50.0
"""Log-odds of a whole window whose likenesses to two voices differ by 1. Neighbouring windows
overlap, so that this is less than their number would give."""


def likeness(
    words: Sequence[Spoken], windows: Sequence[Window], embeddings: Embeddings, voices: Embeddings
) -> Floats:
    """Return each word's evidence for each voice as log-likelihoods, shape (words, voices)."""
    cosines = embeddings.astype(np.float64) @ voices.T.astype(np.float64)
    total = np.zeros((len(words), len(voices)))
    weight = np.zeros(len(words))
    for window, row in zip(windows, cosines, strict=True):
        for index in range(window.first, window.last):
            word = words[index]
            shared = min(word.end_ms, window.end_ms) - max(word.start_ms, window.start_ms)
            share = max(1, shared)
            total[index] += share * row
            weight[index] += share
    mean = total / np.maximum(weight, 1.0)[:, None]
    return np.asarray(WEIGHT * _shares(words)[:, None] * mean, dtype=np.float64)


def _shares(words: Sequence[Spoken]) -> Floats:
    """Return how much of a window each word stands for: its length, and more in a short stretch."""
    length = np.array([w.end_ms - w.start_ms for w in words], dtype=np.float64)
    stretch = np.cumsum([w.opens for w in words])
    total = np.bincount(stretch, weights=length)[stretch]
    return np.asarray(length * np.maximum(1.0, LEAST_MS / total) / WINDOW_MS)


def smooth(evidence: Floats, opens: Sequence[bool]) -> tuple[Voice, Floats]:
    """Return each word's voice, and the probability (0..1) of each voice for each word.

    Args:
        evidence: Log-likelihoods, shape (words, voices).
        opens: For each word, whether a voice may well begin there.
    """
    count, voices = evidence.shape
    if voices == 1 or count == 0:
        return np.zeros(count, dtype=np.intp), np.ones((count, voices))
    steps = np.where(np.asarray(opens), CHANGE_AT_PAUSE, CHANGE_WITHIN)
    change, stay = np.log(steps / (voices - 1)), np.log1p(-steps)
    moves = np.where(np.eye(voices, dtype=bool), stay[:, None, None], change[:, None, None])
    best, back = evidence[0].copy(), np.zeros((count, voices), dtype=np.intp)
    ahead = np.empty_like(evidence)
    ahead[0] = evidence[0]
    for at in range(1, count):
        reached = best[:, None] + moves[at]
        back[at] = reached.argmax(axis=0)
        best = reached.max(axis=0) + evidence[at]
        ahead[at] = np.logaddexp.reduce(ahead[at - 1][:, None] + moves[at], axis=0) + evidence[at]
    behind = np.zeros_like(evidence)
    for at in range(count - 2, -1, -1):
        behind[at] = np.logaddexp.reduce(moves[at + 1] + evidence[at + 1] + behind[at + 1], axis=1)
    path = np.empty(count, dtype=np.intp)
    path[-1] = best.argmax()
    for at in range(count - 1, 0, -1):
        path[at - 1] = back[at, path[at]]
    joint = ahead + behind
    return path, np.exp(joint - np.logaddexp.reduce(joint, axis=1)[:, None])
