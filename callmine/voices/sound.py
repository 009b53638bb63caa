"""What the speaker encoder hears: level, and 40 mel bands every 10 ms.

As Resemblyzer prepares sound for its encoder (``resemblyzer/audio.py``): RMS raised to -30 dBFS,
frames of 25 ms every 10 ms, power, Slaney's mel filters. The bands are *not* in decibels.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from callmine.audio.types import RATE, Samples

Mels = npt.NDArray[np.float32]
"""Shape (frames, 40): one row for every 10 ms."""

HOP = RATE // 100
"""Samples between two frames: 10 ms."""

_SIZE = RATE // 40  # 25 ms
_BANDS = 40
_LEVEL_DB = -30.0
_AT_ONCE = 3000  # frames: half a minute, 10 MB


def levelled(samples: Samples, *, lower: bool = False) -> Samples:
    """Return the sound raised to an RMS of -30 dBFS; what is louder stays unless ``lower``."""
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0
    if rms == 0.0:
        return samples
    gain = 10 ** (_LEVEL_DB / 20) / rms
    return samples * np.float32(gain) if lower or gain > 1 else samples


def mel_bands(samples: Samples) -> Mels:
    """Return the mel bands of a sound at 16 kHz; the frame *i* is centred on sample ``i * HOP``."""
    padded = np.pad(samples, _SIZE // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::HOP]
    out = np.empty((len(frames), _BANDS), dtype=np.float32)
    window, filters = _window(), _filters()
    for at in range(0, len(frames), _AT_ONCE):
        spectrum = np.fft.rfft(frames[at : at + _AT_ONCE] * window, axis=1)
        out[at : at + _AT_ONCE] = (spectrum.real**2 + spectrum.imag**2) @ filters
    return out


@cache
def _window() -> npt.NDArray[np.float32]:
    """Return a periodic Hann window."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_SIZE) / _SIZE), dtype=np.float32)


@cache
def _filters() -> npt.NDArray[np.float32]:
    """Return the mel filters, shape (bins, bands): triangles of equal area on Slaney's scale.

    Linear to 1 kHz at 200/3 Hz a mel, then logarithmic (Slaney 1998, Auditory Toolbox, ``mfcc.m``).
    """
    step, knee, log_step = 200.0 / 3, 1000.0, np.log(6.4) / 27
    top = knee / step + np.log(RATE / 2 / knee) / log_step
    mels = np.linspace(0.0, top, _BANDS + 2)
    edges = np.where(mels < knee / step, mels * step, knee * np.exp(log_step * (mels - knee / step)))
    bins = np.fft.rfftfreq(_SIZE, 1 / RATE)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * (2.0 / (edges[2:] - edges[:-2])), dtype=np.float32)
