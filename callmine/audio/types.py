"""What the audio functions hand to the stages and engines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""One channel of mono samples, float32 in -1..1, at :data:`RATE`."""

RATE = 16_000
"""Sample rate in Hz that every engine is given."""

Span = tuple[int, int]
"""A half-open range in milliseconds."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the container says: length in milliseconds, channels, rate in Hz, codec and format name."""

    duration_ms: int
    channels: int
    sample_rate: int
    codec: str
    container: str


@dataclass(frozen=True, slots=True)
class Recording:
    """Decoded sound of one call.

    Attributes:
        content: SHA-256 (hex) of the file.
        source: The file's name, for messages.
        channels: One array per channel that is to be transcribed apart (dual-mono is one).
        speech: Speech found in each channel, milliseconds, ordered, not overlapping.
        notes: Plain remarks (dual-mono, silent channel, ...).
    """

    content: str
    source: str
    channels: tuple[Samples, ...]
    speech: tuple[tuple[Span, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def duration_ms(self) -> int:
        """Length of the longest channel."""
        return max((len(c) for c in self.channels), default=0) * 1000 // RATE

    @property
    def speech_ms(self) -> int:
        """Speech over all channels."""
        return sum(end - start for spans in self.speech for start, end in spans)
