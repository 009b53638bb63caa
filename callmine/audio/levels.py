"""How loud a channel is, 20 ms by 20 ms: all that most questions about channels need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from callmine.audio.types import RATE, Samples, Track

Floats = npt.NDArray[np.float64]

FRAME = RATE // 50
"""Samples that one value of an envelope stands for: 20 ms."""

_SLICE = 30 * RATE


@dataclass(frozen=True, slots=True)
class Levels:
    """What was measured of one channel.

    Attributes:
        envelope: RMS of every whole 20 ms, one zero where there is none.
        peak: Largest absolute sample.
    """

    envelope: Floats
    peak: float


class Meter:
    """Measures a channel that comes in blocks of any length; keeps 400 bytes a second of it."""

    def __init__(self) -> None:
        self._parts: list[Floats] = []
        self._rest = np.zeros(0, dtype=np.float32)
        self._peak = 0.0

    def add(self, block: Samples) -> None:
        """Take in the next samples."""
        if not len(block):
            return
        self._peak = max(self._peak, float(block.max()), -float(block.min()))
        joined = np.concatenate([self._rest, block]) if len(self._rest) else block
        count = len(joined) // FRAME
        self._rest = joined[count * FRAME :].copy()
        if count:
            frames = joined[: count * FRAME].reshape(count, FRAME)
            power = np.einsum("ij,ij->i", frames, frames).astype(np.float64) / FRAME
            self._parts.append(np.sqrt(power))

    def levels(self) -> Levels:
        """Return what was measured so far."""
        envelope = np.concatenate(self._parts) if self._parts else np.zeros(1)
        return Levels(envelope, self._peak)


def slices(track: Track) -> Iterator[Samples]:
    """Yield a track in pieces of half a minute, so that a long one is never in memory whole."""
    for begin in range(0, len(track), _SLICE):
        yield track[begin : begin + _SLICE]


def levels_of(track: Track) -> Levels:
    """Return a track's levels; those measured while it was written are not measured again."""
    known = getattr(track, "levels", None)
    if isinstance(known, Levels):
        return known
    meter = Meter()
    for piece in slices(track):
        meter.add(piece)
    return meter.levels()


def db(level: float) -> float:
    """Return an amplitude in dBFS, -120 for nothing."""
    return float(20 * np.log10(max(level, 1e-6)))


def active_db(envelope: Floats) -> float:
    """Return the level of what is within 20 dB of the loudest: pauses do not count."""
    active = envelope[envelope >= envelope.max() / 10]
    return db(float(np.sqrt(np.mean(active**2))))


def loudest_db(envelope: Floats) -> float:
    """Return the level of the loudest 200 ms: one word in an hour is not silence."""
    power = np.convolve(envelope**2, np.full(10, 0.1), mode="valid") if len(envelope) >= 10 else envelope**2
    return db(float(np.sqrt(power.max())))
