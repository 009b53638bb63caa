"""Who speaks when in one mixed channel, told by voice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from callmine.audio.types import Track
from callmine.domain import Transcript, Voices, VoiceTurn
from callmine.voices.clustering import voices_in
from callmine.voices.encoder import Embeddings, VoiceEncoder, unit
from callmine.voices.smoothing import Floats, Voice, likeness, smooth
from callmine.voices.windows import Spoken, Window, embed, spoken_in, windows_over

MOST = 6
"""Voices that are told apart at most."""

PAUSE_MS = 2000
"""A turn of one voice is interrupted by a silence longer than this."""

DOUBTFUL = 0.7
"""Words whose voice is less certain (0..1) than this are turns of their own."""

_ROUNDS = 3
_SURE_MS = 800


def diarize(
    transcript: Transcript,
    track: Track,
    encoder: VoiceEncoder,
    *,
    most: int = MOST,
    embeddings: bool = False,
) -> Voices:
    """Tell the voices of a mixed channel apart.

    Args:
        transcript: What was said; its words' times say where speech is.
        track: The channel's sound, 16 kHz.
        encoder: Makes speaker embeddings.
        most: How many voices there may be at most.
        embeddings: Whether to return each voice's embedding.

    Returns:
        The turns, with voices named ``voice 1``, ``voice 2`` ... in the order in which they first
        speak; none where they cannot be told apart. The confidence of a turn is the mean
        probability of its voice over its words; words in doubt are turns of their own.
    """
    words = spoken_in(transcript)
    windows = windows_over(words)
    if not windows:
        return Voices()
    heard = embed(windows, track, encoder)
    means = voices_in(heard, np.array([w.end_ms - w.start_ms for w in windows]), most=most)
    if not len(means):
        return Voices()
    path, sure, means = _assigned(words, windows, heard, means)
    order = list(dict.fromkeys(path.tolist()))
    names = {voice: f"voice {rank + 1}" for rank, voice in enumerate(order)}
    return Voices(
        tuple(_turns(words, path, sure, names)),
        {names[v]: tuple(float(x) for x in means[v]) for v in order} if embeddings else {},
    )


def _assigned(
    words: Sequence[Spoken], windows: Sequence[Window], heard: Embeddings, means: Embeddings
) -> tuple[Voice, Floats, Embeddings]:
    """Assign words to voices; then learn the voices again from what they were given, a few times."""
    opens = [word.opens for word in words]
    path, sure = smooth(likeness(words, windows, heard, means), opens)
    length = np.array([w.end_ms - w.start_ms for w in windows], dtype=np.float32)
    for _ in range(_ROUNDS):
        certain = np.asarray(np.stack([sure[w.first : w.last].mean(axis=0) for w in windows]) > 0.9)
        weights = certain * np.where(length >= _SURE_MS, length, 1.0)[:, None]
        learned = unit(weights.T.astype(np.float32) @ heard)
        means = np.where(certain.any(axis=0, keepdims=True).T, learned, means)
        again, sure = smooth(likeness(words, windows, heard, means), opens)
        if (again == path).all():
            break
        path = again
    return path, sure, means


def _turns(
    words: Sequence[Spoken], path: Voice, sure: Floats, names: dict[int, str]
) -> Iterator[VoiceTurn]:
    """Join the words of one voice to turns that do not overlap."""
    certain = sure[np.arange(len(words)), path]
    doubtful = [float(x) < DOUBTFUL for x in certain]
    first = 0
    for at in range(1, len(words) + 1):
        if at < len(words):
            same = path[at] == path[first] and doubtful[at] == doubtful[first]
            if same and words[at].start_ms - words[at - 1].end_ms <= PAUSE_MS:
                continue
        said, voice = words[first:at], int(path[first])
        begin, end = said[0].start_ms, max(w.end_ms for w in said)
        if at < len(words):  # words of two voices may overlap by a little
            end = max(begin + 1, min(end, words[at].start_ms))
        weights = np.array([w.end_ms - w.start_ms for w in said], dtype=np.float64)
        confidence = float(np.average(certain[first:at], weights=weights))
        yield VoiceTurn(begin, end, names[voice], round(confidence, 3))
        first = at
