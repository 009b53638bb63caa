"""Where to listen: the words' times say where speech is, and where a voice may change.

No second search for speech is made: what has no words is nobody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from callmine.audio.types import RATE, Samples, Track
from callmine.domain import Transcript
from callmine.spans import ends_sentence
from callmine.voices.encoder import FRAMES, SIZE, Embeddings, VoiceEncoder
from callmine.voices.sound import Mels, levelled, mel_bands

PAUSE_MS = 250
"""A silence between two words at which the other voice may well take over."""

WINDOW_MS = FRAMES * 10
"""What the encoder hears at once."""

STEP_MS = 800
"""Windows over a long stretch begin at most this far apart."""

_AT_ONCE = 64
_PAUSE = 1e-3  # frames 30 dB below the loudest one of their window
_LEAST_MS = 400  # shorter stretches are heard with what is around them


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word, or a segment whose words have no times.

    ``opens`` says whether a voice may well begin here: after a pause, or after a sentence's end.
    """

    start_ms: int
    end_ms: int
    opens: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A range of the recording that is embedded, and the words ``[first, last)`` it stands for."""

    start_ms: int
    end_ms: int
    first: int
    last: int


def spoken_in(transcript: Transcript) -> tuple[Spoken, ...]:
    """Return the words of a transcript in the order of their times."""
    pieces: list[tuple[int, int, str]] = []
    for segment in transcript.segments:
        if segment.words:
            pieces += [(w.start_ms, w.end_ms, w.text) for w in segment.words]
        else:
            pieces.append((segment.start_ms, segment.end_ms, segment.text))
    pieces.sort(key=lambda p: p[:2])
    found: list[Spoken] = []
    ended, reached = True, 0
    for start, end, text in pieces:
        opens = ended or start - reached >= PAUSE_MS
        found.append(Spoken(start, max(end, start + 1), opens))
        ended, reached = ends_sentence(text), max(reached, end)
    return tuple(found)


def windows_over(words: Sequence[Spoken]) -> tuple[Window, ...]:
    """Return the windows to embed, ordered: each lies within one stretch without a likely change."""
    found: list[Window] = []
    opening = [i for i, word in enumerate(words) if word.opens] + [len(words)]
    for first, last in pairwise(opening):
        begin, end = words[first].start_ms, max(w.end_ms for w in words[first:last])
        count = 1 + max(0, -(-(end - begin - WINDOW_MS) // STEP_MS))
        starts = np.linspace(begin, max(begin, end - WINDOW_MS), count).astype(int).tolist()
        for start in starts:
            stop = min(end, start + WINDOW_MS)
            inside = [i for i in range(first, last) if words[i].end_ms > start and words[i].start_ms < stop]
            found.append(
                Window(start, stop, inside[0], inside[-1] + 1)
                if inside
                else Window(start, stop, first, last)
            )
    return tuple(found)


def embed(windows: Sequence[Window], track: Track, encoder: VoiceEncoder) -> Embeddings:
    """Return the embeddings of windows, in their order; a batch's sound is held at a time."""
    parts = [
        encoder.windows([_bands(_sound(window, track)) for window in windows[at : at + _AT_ONCE]])
        for at in range(0, len(windows), _AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, SIZE), dtype=np.float32)


def _sound(window: Window, track: Track) -> Samples:
    """Return a window's sound; a very short one is heard with what is around it."""
    more = max(0, _LEAST_MS - (window.end_ms - window.start_ms)) // 2
    start = max(0, window.start_ms - more) * RATE // 1000
    return track[start : (window.end_ms + more) * RATE // 1000]


def _bands(samples: Samples) -> Mels:
    """Return 160 frames: pauses are left out, and what is shorter then is repeated.

    An engine's word times often take in a pause; the encoder bears repetition better than silence.
    """
    bands = mel_bands(levelled(samples, lower=True))[:FRAMES]
    power = bands.sum(axis=1)
    return np.resize(bands[power >= power.max(initial=0.0) * _PAUSE], (FRAMES, bands.shape[1]))
