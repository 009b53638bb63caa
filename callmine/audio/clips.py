"""Short clips that a browser plays: the seconds behind a quote."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from callmine.audio.decode import decode
from callmine.audio.types import RATE, Samples
from callmine.errors import UnreadableRecording
from callmine.spans import clock

CLIP_MIME = "audio/ogg; codecs=opus"
"""Media type of what :func:`clip` returns."""

_BIT_RATE = 24_000
_PEAK = 0.89  # -1 dBFS
_MOST_GAIN = 4.0  # 12 dB: quiet voices become audible, noise does not become loud
_FADE_IN_MS, _FADE_OUT_MS = 15, 40


def clip(
    path: Path,
    start_ms: int,
    end_ms: int,
    *,
    channel: int | None = None,
    lead_ms: int = 150,
    max_ms: int = 15_000,
) -> bytes:
    """Cut ``[start_ms - lead_ms, end_ms)`` as mono Opus in Ogg, the same bytes every time.

    Args:
        path: The recording; only the window is decoded.
        start_ms: Where the quote begins.
        end_ms: Where it ends.
        channel: 0-based channel to play alone; ``None`` mixes all. A channel that the
            recording does not have is treated as ``None``.
        lead_ms: How much to play before the quote.
        max_ms: Longest clip, lead included.

    Raises:
        UnreadableRecording: The file cannot be read, or has no sound there.
        ValueError: The range is empty or negative.
    """
    if not 0 <= start_ms < end_ms:
        raise ValueError(f"{start_ms} to {end_ms} ms is not a range")
    begin = max(0, start_ms - lead_ms)
    _, channels = decode(path, start_ms=begin, end_ms=min(end_ms, begin + max_ms))
    if channel is not None and 0 <= channel < len(channels):
        sound = channels[channel]
    else:
        sound = np.mean(channels, axis=0, dtype=np.float32)
    if not len(sound):
        raise UnreadableRecording(
            f"{path.name} has no sound at {clock(start_ms)}",
            hint="The recording is shorter than its transcript; check that they belong together.",
        )
    return _encode(_polish(sound))


def _polish(sound: Samples) -> Samples:
    """Return the sound at a comfortable peak, faded at both ends."""
    peak = float(np.abs(sound).max())
    out = sound * np.float32(min(_MOST_GAIN, _PEAK / peak) if peak > 1e-4 else 1.0)
    for milliseconds, edge in ((_FADE_IN_MS, slice(None)), (_FADE_OUT_MS, slice(None, None, -1))):
        count = min(len(out), RATE * milliseconds // 1000)
        out[edge][:count] *= np.linspace(0.0, 1.0, count, dtype=np.float32)
    return out.astype(np.float32)


def _encode(sound: Samples) -> bytes:
    import av

    buffer = io.BytesIO()
    # Bit-exact: no random serial number and no library version in the file.
    with av.open(buffer, mode="w", format="ogg", options={"fflags": "+bitexact"}) as container:
        options = {"flags": "+bitexact", "vbr": "constrained", "compression_level": "4"}
        stream = container.add_stream("libopus", rate=RATE, options=options)
        stream.layout = "mono"
        stream.bit_rate = _BIT_RATE
        pcm = np.clip(np.round(sound * 32767), -32768, 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts = 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return buffer.getvalue()
