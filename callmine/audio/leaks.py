"""Crosstalk: which moments of a channel are only the quieter copy of the other channel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from callmine.audio.levels import Floats, levels_of
from callmine.audio.types import Span, Track

WINDOW = 50
"""Frames over which a channel is compared with the other: one second."""

_LEAK_DB = 12.0
_LEAK_LIKENESS = 0.8
_HOP = WINDOW // 5
_WORTH_TELLING_MS = 1_000
_DELAYS = 6  # frames: 0 to 100 ms
_AT_ONCE = 4096  # windows compared at once: a few MB

Flags = npt.NDArray[np.bool_]


def suppress_leaks(
    channels: Sequence[Track], speech: Sequence[Sequence[Span]]
) -> tuple[tuple[Span, ...], ...]:
    """Remove from each channel's speech what is only the quieter copy of the other channel.

    A moment is a copy where, over a second around it, the channel is more than 12 dB below the
    other and its envelope follows the other's (correlation above 0.8, delays to 100 ms). A
    person's own quiet words while the other talks do not follow the other's envelope and stay.

    Args:
        channels: As recorded: a channel that was raised is as loud as what leaked into it.
        speech: Speech found in each, milliseconds.
    """
    if len(channels) != 2:
        return tuple(tuple(spans) for spans in speech)
    envelopes = [levels_of(c).envelope for c in channels]
    out = []
    for mine, spans in enumerate(speech):
        copy = is_copy(envelopes[mine], envelopes[1 - mine])
        out.append(tuple(piece for span in spans for piece in _without(span, copy)))
    return tuple(out)


def leak_remark(name: str, before: Sequence[Span], after: Sequence[Span]) -> str | None:
    """Return what a person should know of the leaks in a channel, ``None`` if there is less than a second.

    Args:
        name: What to call the channel, such as "left channel".
        before: Speech found in it, milliseconds.
        after: What of that is no leak.
    """
    leaked = sum(end - start for start, end in before) - sum(end - start for start, end in after)
    if leaked < _WORTH_TELLING_MS:
        return None
    return f"{leaked / 1000:.0f} s of the {name} were the other side's voice leaking in, and were left out"


def is_copy(mine: Floats, other: Floats) -> Flags:
    """Return for every 20 ms whether ``mine`` is there only the quieter copy of ``other``."""
    count = min(len(mine), len(other))
    mine, other = mine[:count], other[:count]
    size = min(WINDOW, count)
    starts = np.arange(0, max(1, count - WINDOW + 1), _HOP)
    alike = np.concatenate(
        [_alike(mine, other, starts[at : at + _AT_ONCE], size) for at in range(0, len(starts), _AT_ONCE)]
    )
    votes, windows = _covering(starts[alike], size, count), _covering(starts, size, count)
    copy = votes * 2 > windows
    # Windows blur the edges of turns: from each copy, go on while the other stays the louder.
    recent = other.copy()
    for delay in range(1, min(_DELAYS, count)):
        np.maximum(recent[delay:], other[:-delay], out=recent[delay:])
    return _spread(copy, mine < recent * 10 ** (-_LEAK_DB / 20))


def _alike(mine: Floats, other: Floats, starts: npt.NDArray[np.int_], size: int) -> Flags:
    """Return for each window whether ``mine`` is far below ``other`` and follows it."""
    here = np.lib.stride_tricks.sliding_window_view(mine, size)
    there = np.lib.stride_tricks.sliding_window_view(other, size)
    below = _power_db(here[starts]) - _power_db(there[starts]) <= -_LEAK_DB
    found = np.zeros(len(starts), dtype=np.bool_)
    at = np.flatnonzero(below)
    windows = here[starts[at]]
    windows = windows - windows.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", windows, windows)
    for delay in range(_DELAYS):
        before = there[np.maximum(starts[at] - delay, 0)]
        before = before - before.mean(axis=1, keepdims=True)
        both = np.sqrt(spread * np.einsum("ij,ij->i", before, before))
        found[at] |= np.einsum("ij,ij->i", windows, before) > _LEAK_LIKENESS * np.where(
            both > 0, both, np.inf
        )
    return found


def _power_db(windows: Floats) -> Floats:
    power = np.einsum("ij,ij->i", windows, windows) / windows.shape[1]
    return np.asarray(20 * np.log10(np.maximum(np.sqrt(power), 1e-6)), dtype=np.float64)


def _covering(starts: npt.NDArray[np.int_], size: int, count: int) -> npt.NDArray[np.int_]:
    """Return for every frame how many of the windows cover it."""
    steps = np.zeros(count + 1, dtype=np.int_)
    np.add.at(steps, starts, 1)
    np.add.at(steps, starts + size, -1)
    return np.cumsum(steps[:count])


def _spread(copy: Flags, below: Flags) -> Flags:
    """Return ``copy`` with every run of ``below`` that holds or touches a copy."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], below, [False]]).astype(np.int8)))
    begins, ends = edges[::2], edges[1::2]
    sums = np.concatenate([[0], np.cumsum(copy)])
    touched = sums[np.minimum(ends + 1, len(copy))] > sums[np.maximum(begins - 1, 0)]
    steps = np.zeros(len(copy) + 1, dtype=np.int8)
    steps[begins[touched]] = 1
    steps[ends[touched]] = -1
    return copy | (np.cumsum(steps[:-1]) > 0)


def _without(span: Span, copy: Flags) -> list[Span]:
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
