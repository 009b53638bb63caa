"""What the channels of a recording are to each other, in plain numpy.

A call-centre recorder puts one person on each channel, a phone app puts the same sound on both,
a broken line leaves one silent. Roles by channel are only right in the first case. Everything is
told from envelopes and from a few seconds of sound, so that a channel may be of any length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from callmine.audio.leaks import WINDOW
from callmine.audio.levels import FRAME, Floats, active_db, db, levels_of, loudest_db
from callmine.audio.spool import MeanTrack, RaisedTrack
from callmine.audio.types import RATE, Samples, Track

SILENT_DB = -60.0
"""A channel whose loudest moment stays below this level (dBFS) holds nothing."""

_SAME = 0.98  # waveform correlation from which two channels are one sound
_SAME_LEVEL_DB = 6.0
_STEADY_DB = 3.0  # the level difference of one sound on two channels does not wander
_MAX_DELAY = RATE // 50
_UNBALANCED_DB = 20.0
_QUIET_DB, _TARGET_DB = -35.0, -23.0


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """What the channels of one recording are to each other.

    Attributes:
        levels_db: Level of each channel while it is active dBFS.
        silent: Whether each channel holds nothing.
        dual_mono: Whether two channels carry one and the same sound.
        correlation: Median waveform correlation over loud seconds, -1..1; 0 for one channel.
        delay_ms: How much later the second channel is than the first.
        imbalance_db: Level of the first channel over the second.
        crosstalk_db: Level of a channel's copy in the other, relative to the original, for the
            worse direction; ``None`` where no copy is heard.
    """

    levels_db: tuple[float, ...]
    silent: tuple[bool, ...]
    dual_mono: bool = False
    correlation: float = 0.0
    delay_ms: float = 0.0
    imbalance_db: float = 0.0
    crosstalk_db: float | None = None


def analyse(channels: Sequence[Track]) -> ChannelReport:
    """Measure the channels of a recording (equal length, 16 kHz)."""
    envelopes = [levels_of(c).envelope for c in channels]
    levels = tuple(active_db(e) for e in envelopes)
    silent = tuple(loudest_db(e) < SILENT_DB for e in envelopes)
    if len(channels) != 2 or any(silent):
        imbalance = levels[0] - levels[1] if len(levels) == 2 else 0.0
        return ChannelReport(levels, silent, imbalance_db=imbalance)
    likeness, delays, gains = _compare(channels[0], channels[1], envelopes[0] + envelopes[1])
    correlation, imbalance = float(np.median(likeness)), float(np.median(gains))
    spread = float(np.percentile(gains, 90) - np.percentile(gains, 10))
    same = correlation >= _SAME and abs(imbalance) <= _SAME_LEVEL_DB and spread <= _STEADY_DB
    leaks = [
        leak for a, b in ((0, 1), (1, 0)) if (leak := _leak_db(envelopes[a], envelopes[b])) is not None
    ]
    return ChannelReport(
        levels,
        silent,
        dual_mono=same,
        correlation=correlation,
        delay_ms=float(np.median(delays)) * 1000 / RATE,
        imbalance_db=levels[0] - levels[1],
        crosstalk_db=None if same or not leaks else max(leaks),
    )


def separate(
    channels: Sequence[Track], report: ChannelReport | None = None
) -> tuple[list[Track], tuple[int, ...], tuple[str, ...]]:
    """Return the channels to transcribe apart, their true indices, and remarks.

    Dual-mono becomes one channel (index 0). Where one of two channels is silent, only the other
    is returned, with its true index: it may well hold both people, so a single returned channel
    is mono and says nothing about roles. Channels that are very quiet, or far below the other,
    are raised. A channel that needs no change is returned as it came; the mean of two and the
    raised ones are computed when they are sliced.
    """
    report = report or analyse(channels)
    sides: list[Track]
    if report.dual_mono:
        sides, indices = [MeanTrack(channels[0], channels[1], round(report.delay_ms * RATE / 1000))], [0]
        notes = ["both channels carry the same sound; it was read as one"]
    else:
        indices = [i for i, silent in enumerate(report.silent) if not silent]
        notes = [
            f"the {side_name(i, len(channels))} is silent" for i in range(len(channels)) if i not in indices
        ]
        if notes and len(indices) == 1:
            notes[0] += "; everybody may be on the other one"
        indices = indices or [0]
        sides = [channels[i] for i in indices]
    out = []
    for index, side in zip(indices, sides, strict=True):
        gain, note = (1.0, "") if report.silent[index] else _gain(side, index, len(sides), report)
        out.append(RaisedTrack(side, gain) if gain > 1 else side)
        notes += [note] if note else []
    return out, tuple(indices), tuple(notes)


def _gain(side: Track, index: int, of: int, report: ChannelReport) -> tuple[float, str]:
    """Return by how much to raise a channel (1: not at all), and what to say of it."""
    levels = levels_of(side)
    level = active_db(levels.envelope)
    below = (report.imbalance_db if index == 1 else -report.imbalance_db) if of == 2 else 0.0
    reasons = []
    if below > _UNBALANCED_DB:
        reasons.append(f"is {below:.0f} dB quieter than the other")
    if level < _QUIET_DB:
        reasons.append(f"was very quiet ({level:.0f} dBFS)")
    if not reasons:
        return 1.0, ""
    gain = min(10 ** ((_TARGET_DB - level) / 20), 0.99 / levels.peak)
    said = f"the {side_name(index, len(report.levels_db))} {' and '.join(reasons)}"
    return gain, f"{said}; it was raised" if gain > 1 else said


def side_name(index: int, of: int) -> str:
    """Return what people call a channel (0-based) of a recording with ``of`` channels."""
    if of == 1:
        return "recording"
    return f"{('left', 'right')[index]} channel" if of == 2 else f"channel {index + 1}"


def _compare(left: Track, right: Track, loudness: Floats) -> tuple[Floats, Floats, Floats]:
    """Return likeness, delay in samples, and level difference in dB over up to 24 loud seconds."""
    size = min(RATE, len(left), len(right))
    starts = np.arange(0, max(1, min(len(left), len(right)) - size + 1), size)
    weight = np.array([loudness[s // FRAME : (s + size) // FRAME].sum() for s in starts])
    # The louder half, spread over the whole call so that both people's turns are in it.
    loud = starts[weight >= np.median(weight)]
    chosen = loud[np.linspace(0, len(loud) - 1, min(24, len(loud))).astype(int)]
    rows = [_likeness(left[s : s + size], right[s : s + size]) for s in chosen]
    table = np.array(rows)
    return table[:, 0], table[:, 1], table[:, 2]


def _likeness(a: Samples, b: Samples) -> tuple[float, float, float]:
    first, second = a.astype(np.float64), b.astype(np.float64)
    energy_a, energy_b = float(first @ first), float(second @ second)
    if energy_a <= 1e-9 or energy_b <= 1e-9:
        return 0.0, 0.0, db(float(np.sqrt(energy_a))) - db(float(np.sqrt(energy_b)))
    size = 1 << (2 * len(first) - 1).bit_length()
    cross = np.fft.irfft(np.fft.rfft(second, size) * np.conj(np.fft.rfft(first, size)), size)
    near = np.concatenate([cross[-_MAX_DELAY:], cross[: _MAX_DELAY + 1]])
    best = int(np.argmax(near))
    gain = 10 * np.log10(energy_a / energy_b)
    return float(near[best] / np.sqrt(energy_a * energy_b)), float(best - _MAX_DELAY), float(gain)


def _leak_db(source: Floats, other: Floats) -> float | None:
    """Return the level in ``other`` while only ``source`` speaks, if it follows it."""
    talking = (source > 3.16 * other) & (source > np.percentile(source, 60)) & (source > 1e-3)
    if talking.sum() < WINDOW or other[talking].std() == 0 or source[talking].std() == 0:
        return None
    if np.corrcoef(source[talking], other[talking])[0, 1] < 0.7:
        return None
    return float(np.median(20 * np.log10(np.maximum(other[talking], 1e-6) / source[talking])))
