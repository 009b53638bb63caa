"""What is as loud as the speech and was not taken for speech: music, tones, or words gone missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from callmine.audio.levels import db, levels_of
from callmine.audio.types import Span, Track
from callmine.spans import clock

_FRAME_MS = 20
_BELOW_DB = 15.0  # this much under the speech still counts as loud
_SHORTEST_MS = 1_000
_BRIDGE = 10  # frames: a dip of a fifth of a second ends no stretch
_WORTH_TELLING_MS = 3_000


def loud_outside(track: Track, speech: Sequence[Span]) -> list[Span]:
    """Return the stretches outside the speech of a channel that are nearly as loud as it.

    Args:
        track: The channel.
        speech: The speech found in it, milliseconds, ordered and apart.

    Returns:
        Stretches of a second and more, milliseconds; none where there is no speech to compare with.
    """
    envelope = levels_of(track).envelope
    inside = np.zeros(len(envelope), dtype=np.bool_)
    for start, end in speech:
        inside[start // _FRAME_MS : -(-end // _FRAME_MS)] = True
    if not inside.any():
        return []
    level = db(float(np.sqrt(np.mean(envelope[inside] ** 2))))
    loud = ~inside & (20 * np.log10(np.maximum(envelope, 1e-6)) > level - _BELOW_DB)
    at = np.flatnonzero(loud)
    if not len(at):
        return []
    stretches = np.split(at, np.flatnonzero(np.diff(at) > _BRIDGE) + 1)
    spans = [(int(s[0]) * _FRAME_MS, (int(s[-1]) + 1) * _FRAME_MS) for s in stretches]
    return [span for span in spans if span[1] - span[0] >= _SHORTEST_MS]


def remark(track: Track, speech: Sequence[Span], *, name: str) -> str | None:
    """Return what a person should know of loud sound outside the speech, ``None`` if there is little.

    Args:
        track: The channel.
        speech: The speech found in it.
        name: What to call the channel, such as "left channel".
    """
    spans = loud_outside(track, speech)
    total = sum(end - start for start, end in spans)
    if total < _WORTH_TELLING_MS:
        return None
    longest = max(spans, key=lambda span: span[1] - span[0])[0]
    return (
        f"{total / 1000:.0f} s of the {name} are as loud as its speech but were not taken for speech"
        f" (music, tones, noise?); the longest begins at {clock(longest)}"
    )
