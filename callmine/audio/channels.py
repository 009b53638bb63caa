"""What the channels of a recording are to each other, in plain numpy.

A call-centre recorder puts one person on each channel, a phone app puts the same sound on both,
a broken line leaves one silent. Roles by channel are only right in the first case. Everything is
told from envelopes and from a few seconds of sound, so that a channel may be of any length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from callmine.audio.levels import FRAME, Floats, active_db, db, levels_of, loudest_db
from callmine.audio.spool import MeanTrack, RaisedTrack
from callmine.audio.types import RATE, Samples, Track

SILENT_DB = -60.0
"""A channel whose loudest moment stays below this level (dBFS) holds nothing."""

_SAME = 0.98  # waveform correlation, of either sign, from which two channels are one sound
_SAME_LEVEL_DB = 6.0
_FAINT_COPY_DB = 12.0  # below this a copy is a leak, see :mod:`callmine.audio.leaks`
_STEADY_DB = 3.0  # the level difference of one sound on two channels does not wander
_MAX_DELAY = RATE // 50
_UNBALANCED_DB = 20.0
_QUIET_DB, _TARGET_DB = -35.0, -23.0
_OWN_DB = 6.0  # this much above the other channel's copy, a channel holds a sound of its own
_OWN_FRAMES = 15  # of 20 ms: a word; a click is in ten averages at most
_ACTIVE_DB = 25.0  # below its loudest moment a channel is a pause


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """What the channels of one recording are to each other.

    Attributes:
        levels_db: Level of each channel while it is active dBFS.
        silent: Whether each channel holds nothing.
        dual_mono: Whether two channels carry one and the same sound.
        correlation: Median waveform correlation over loud seconds, -1..1; 0 for one channel. Near -1
            is one sound with its polarity inverted on a channel.
        delay_ms: How much later the second channel is than the first.
        imbalance_db: Level of the first channel over the second.
    """

    levels_db: tuple[float, ...]
    silent: tuple[bool, ...]
    dual_mono: bool = False
    correlation: float = 0.0
    delay_ms: float = 0.0
    imbalance_db: float = 0.0


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
    same = abs(correlation) >= _SAME and spread <= _STEADY_DB
    if same and abs(imbalance) > _SAME_LEVEL_DB:
        # A leak is that faint, too: one word of the other person's own, and these are two channels.
        same = abs(imbalance) <= _FAINT_COPY_DB and not _own_words(envelopes[0], envelopes[1], imbalance)
    return ChannelReport(
        levels,
        silent,
        dual_mono=same,
        correlation=correlation,
        delay_ms=float(np.median(delays)) * 1000 / RATE,
        imbalance_db=levels[0] - levels[1],
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
        # Where one of them is inverted, their mean as they are would be silence.
        second = RaisedTrack(channels[1], -1.0) if report.correlation < 0 else channels[1]
        sides, indices = [MeanTrack(channels[0], second, round(report.delay_ms * RATE / 1000))], [0]
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
    """Return likeness (-1..1), delay in samples, level difference in dB of up to 24 loud seconds."""
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
    best = int(np.argmax(np.abs(near)))
    gain = 10 * np.log10(energy_a / energy_b)
    return float(near[best] / np.sqrt(energy_a * energy_b)), float(best - _MAX_DELAY), float(gain)


def _own_words(left: Floats, right: Floats, difference_db: float) -> bool:
    """Whether either channel has, for the time of a word, a sound that is not in the other.

    Args:
        left: Envelope of a channel.
        right: Envelope of the other.
        difference_db: Level of the left over the right where both carry the same sound.
    """
    powers = [np.convolve(envelope**2, np.full(10, 0.1)) for envelope in (left, right)]
    ratio = 10 ** (difference_db / 10)
    for mine, other, gain in ((powers[0], powers[1], ratio), (powers[1], powers[0], 1 / ratio)):
        # Two frames to each side are more than a copy may be late; the noise is a channel's own.
        near = np.lib.stride_tricks.sliding_window_view(np.pad(other, 2), 5).max(axis=1) * gain
        copy = (near + np.percentile(mine, 10)) * 10 ** (_OWN_DB / 10)
        own = (mine > copy) & (mine > mine.max() * 10 ** (-_ACTIVE_DB / 10))
        if np.convolve(own, np.ones(_OWN_FRAMES), mode="valid").max(initial=0.0) >= _OWN_FRAMES:
            return True
    return False
