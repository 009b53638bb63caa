"""What the channels of a recording are to each other, in plain numpy.

A call-centre recorder puts one person on each channel, a phone app puts the same sound on both,
a broken line leaves one silent. Roles by channel are only right in the first case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from callmine.audio.types import RATE, Samples, Span

Floats = npt.NDArray[np.float64]

SILENT_DB = -60.0
"""A channel whose loudest moment stays below this level (dBFS) holds nothing."""

_SAME = 0.98  # waveform correlation from which two channels are one sound
_SAME_LEVEL_DB = 6.0
_STEADY_DB = 3.0  # the level difference of one sound on two channels does not wander
_MAX_DELAY = RATE // 50
_LEAK_DB = 12.0
_LEAK_LIKENESS = 0.8
_FRAME = RATE // 50  # 20 ms
_WINDOW = 50  # frames: one second
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


def analyse(channels: Sequence[Samples]) -> ChannelReport:
    """Measure the channels of a recording (equal length, 16 kHz)."""
    envelopes = [_envelope(c) for c in channels]
    levels = tuple(_active_db(e) for e in envelopes)
    silent = tuple(_loudest_db(e) < SILENT_DB for e in envelopes)
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
    channels: Sequence[Samples], report: ChannelReport | None = None
) -> tuple[list[Samples], tuple[int, ...], tuple[str, ...]]:
    """Return the channels to transcribe apart, their true indices, and remarks.

    Dual-mono becomes one channel (index 0). Where one of two channels is silent, only the other
    is returned, with its true index: it may well hold both people, so a single returned channel
    is mono and says nothing about roles. Very quiet channels are raised.
    """
    report = report or analyse(channels)
    if report.dual_mono:
        delay = round(report.delay_ms * RATE / 1000)
        mean = (channels[0] + _shifted(channels[1], -delay)) * np.float32(0.5)
        sides, indices = [mean], [0]
        notes = ["both channels carry the same sound; it was read as one"]
    else:
        indices = [i for i, silent in enumerate(report.silent) if not silent]
        notes = [
            f"the {_side(i, len(channels))} is silent" for i in range(len(channels)) if i not in indices
        ]
        if notes and len(indices) == 1:
            notes[0] += "; everybody may be on the other one"
        indices = indices or [0]
        sides = [channels[i] for i in indices]
        if len(indices) == 2 and abs(report.imbalance_db) > 20:
            low = 1 if report.imbalance_db > 0 else 0
            notes.append(f"the {_side(low, 2)} is {abs(report.imbalance_db):.0f} dB quieter than the other")
    out = []
    for index, side in zip(indices, sides, strict=True):
        level = _active_db(_envelope(side))
        if level < _QUIET_DB and not report.silent[index]:
            side = _raised(side, _TARGET_DB - level)
            notes.append(
                f"the {_side(index, len(channels))} was very quiet ({level:.0f} dBFS) and was raised"
            )
        out.append(side)
    return out, tuple(indices), tuple(notes)


def suppress_leaks(
    channels: Sequence[Samples], speech: Sequence[Sequence[Span]]
) -> tuple[tuple[Span, ...], ...]:
    """Remove from each channel's speech what is only the quieter copy of the other channel.

    A moment is a copy where, over a second around it, the channel is more than 12 dB below the
    other and its envelope follows the other's (correlation above 0.8, delays to 100 ms). A
    person's own quiet words while the other talks do not follow the other's envelope and stay.
    """
    if len(channels) != 2:
        return tuple(tuple(spans) for spans in speech)
    envelopes = [_envelope(c) for c in channels]
    out = []
    for mine, spans in enumerate(speech):
        copy = _is_copy(envelopes[mine], envelopes[1 - mine])
        out.append(tuple(piece for span in spans for piece in _without(span, copy)))
    return tuple(out)


def _side(index: int, of: int) -> str:
    if of == 1:
        return "recording"
    return f"{('left', 'right')[index]} channel" if of == 2 else f"channel {index + 1}"


def _envelope(samples: Samples) -> Floats:
    """Return the RMS of every 20 ms."""
    count = len(samples) // _FRAME
    if count == 0:
        return np.zeros(1)
    frames = samples[: count * _FRAME].reshape(count, _FRAME)
    power = np.einsum("ij,ij->i", frames, frames).astype(np.float64) / _FRAME
    return np.asarray(np.sqrt(power), dtype=np.float64)


def _db(level: float) -> float:
    return float(20 * np.log10(max(level, 1e-6)))


def _active_db(envelope: Floats) -> float:
    """Return the level of what is within 20 dB of the loudest: pauses do not count."""
    active = envelope[envelope >= envelope.max() / 10]
    return _db(float(np.sqrt(np.mean(active**2))))


def _loudest_db(envelope: Floats) -> float:
    """Return the level of the loudest 200 ms: one word in an hour is not silence."""
    power = np.convolve(envelope**2, np.full(10, 0.1), mode="valid") if len(envelope) >= 10 else envelope**2
    return _db(float(np.sqrt(power.max())))


def _compare(left: Samples, right: Samples, loudness: Floats) -> tuple[Floats, Floats, Floats]:
    """Return likeness, delay in samples, and level difference in dB over up to 24 loud seconds."""
    size = min(RATE, len(left), len(right))
    starts = np.arange(0, max(1, min(len(left), len(right)) - size + 1), size)
    weight = np.array([loudness[s // _FRAME : (s + size) // _FRAME].sum() for s in starts])
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
        return 0.0, 0.0, _db(float(np.sqrt(energy_a))) - _db(float(np.sqrt(energy_b)))
    size = 1 << (2 * len(first) - 1).bit_length()
    cross = np.fft.irfft(np.fft.rfft(second, size) * np.conj(np.fft.rfft(first, size)), size)
    near = np.concatenate([cross[-_MAX_DELAY:], cross[: _MAX_DELAY + 1]])
    best = int(np.argmax(near))
    gain = 10 * np.log10(energy_a / energy_b)
    return float(near[best] / np.sqrt(energy_a * energy_b)), float(best - _MAX_DELAY), float(gain)


def _shifted(samples: Samples, by: int) -> Samples:
    out = np.zeros_like(samples)
    if by >= 0:
        out[by:] = samples[: len(samples) - by]
    else:
        out[:by] = samples[-by:]
    return out


def _raised(samples: Samples, gain_db: float) -> Samples:
    peak = float(np.abs(samples).max())
    return samples * np.float32(min(10 ** (gain_db / 20), 0.99 / peak))


def _leak_db(source: Floats, other: Floats) -> float | None:
    """Return the level in ``other`` while only ``source`` speaks, if it follows it."""
    talking = (source > 3.16 * other) & (source > np.percentile(source, 60)) & (source > 1e-3)
    if talking.sum() < _WINDOW or other[talking].std() == 0 or source[talking].std() == 0:
        return None
    if np.corrcoef(source[talking], other[talking])[0, 1] < 0.7:
        return None
    return float(np.median(20 * np.log10(np.maximum(other[talking], 1e-6) / source[talking])))


def _is_copy(mine: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    """Return for every 20 ms whether ``mine`` is there only the quieter copy of ``other``."""
    count = min(len(mine), len(other))
    mine, other = mine[:count], other[:count]
    votes = np.zeros(count)
    windows = np.zeros(count)
    for start in range(0, max(1, count - _WINDOW + 1), _WINDOW // 5):
        piece = slice(start, start + _WINDOW)
        windows[piece] += 1
        here = mine[piece]
        level = _db(float(np.sqrt(np.mean(here**2)))) - _db(float(np.sqrt(np.mean(other[piece] ** 2))))
        if level > -_LEAK_DB or here.std() == 0:
            continue
        for delay in range(6):
            there = other[max(0, start - delay) : max(0, start - delay) + len(here)]
            if (
                len(there) == len(here)
                and there.std() > 0
                and np.corrcoef(here, there)[0, 1] > _LEAK_LIKENESS
            ):
                votes[piece] += 1
                break
    copy = np.asarray(votes * 2 > windows, dtype=np.bool_)
    # Windows blur the edges of turns: from each copy, go on while the other stays the louder.
    recent = np.max([np.roll(other, delay) for delay in range(6)], axis=0)
    below = mine < recent * 10 ** (-_LEAK_DB / 20)
    for order in (range(1, count), range(count - 2, -1, -1)):
        step = -1 if order.step > 0 else 1
        for at in order:
            copy[at] |= copy[at + step] and below[at]
    return copy


def _without(span: Span, copy: npt.NDArray[np.bool_]) -> list[Span]:
    """Return the pieces of a span, in ms, of at least 200 ms that are not copies."""
    first, last = span[0] // 20, min(-(-span[1] // 20), len(copy))
    if not copy[first:last].any():
        return [span]
    edges = np.flatnonzero(np.diff(np.concatenate([[True], copy[first:last], [True]]).astype(np.int8)))
    pieces = []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        piece = max(span[0], (first + int(begin)) * 20), min(span[1], (first + int(end)) * 20)
        if piece[1] - piece[0] >= 200:
            pieces.append(piece)
    return pieces
