"""What the audio functions hand to the stages and engines."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""One channel of mono samples, float32 in -1..1, at :data:`RATE`."""

RATE = 16_000
"""Sample rate in Hz that every engine is given."""

Span = tuple[int, int]
"""A half-open range in milliseconds."""


class Track(Protocol):
    """One channel at :data:`RATE`, read in slices; an array is one, sound on disk is another."""

    def __len__(self) -> int:
        """Return the number of samples."""
        ...

    def __getitem__(self, part: slice, /) -> Samples:
        """Return the samples of a slice without a step, cut to the track's length."""
        ...


class Closable(Protocol):
    """Something that holds memory or disk until it is closed."""

    def close(self) -> None:
        """Free it; a second call does nothing."""
        ...


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the container says: length in milliseconds, channels, rate in Hz, codec and format name.

    Attributes:
        track: Which of the sound tracks is meant, counted from 1.
        tracks: How many there are.
        holes: Where sound is missing for more than a minute; known when all of it was decoded.
    """

    duration_ms: int
    channels: int
    sample_rate: int
    codec: str
    container: str
    track: int = 1
    tracks: int = 1
    holes: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """Decoded sound of one call; close it, or use it in a ``with``, to free the sound.

    Attributes:
        content: SHA-256 (hex) of the file.
        source: The file's name, for messages.
        channels: One track per channel that is to be transcribed apart (dual-mono is one).
        speech: Speech found in each channel, milliseconds, ordered, not overlapping.
        notes: Plain remarks (dual-mono, silent channel, ...).
        spool: What holds the sound of the tracks, if anything has to be freed.
    """

    content: str
    source: str
    channels: tuple[Track, ...]
    speech: tuple[tuple[Span, ...], ...]
    notes: tuple[str, ...] = ()
    spool: Closable | None = field(default=None, repr=False, compare=False)

    @property
    def duration_ms(self) -> int:
        """Length of the longest channel."""
        return max((len(c) for c in self.channels), default=0) * 1000 // RATE

    @property
    def speech_ms(self) -> int:
        """Speech over all channels."""
        return sum(end - start for spans in self.speech for start, end in spans)

    def close(self) -> None:
        """Free the sound; the tracks cannot be read any more."""
        if self.spool is not None:
            self.spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
