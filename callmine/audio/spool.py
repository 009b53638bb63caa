"""Where the sound of a call waits while it is transcribed: on disk when it is long.

Five hours of two channels are 2.3 GB as decoded, and an engine needs half a minute of them at a
time. They are kept as 16-bit samples, in memory while short, else in a temporary file that has
no name any more, so that also a killed process leaves nothing behind.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from callmine.audio.decode import decoding, width_of
from callmine.audio.levels import Levels, Meter
from callmine.audio.types import RATE, AudioInfo, Samples, Span, Track
from callmine.errors import CallError

MEMORY_BYTES = 64_000_000
"""What is kept in memory: about 17 minutes of two channels."""

_SCALE = 32_768.0
_WIDTH = 2  # bytes a sample


class Spool:
    """The decoded channels of one recording, written once in blocks, read in slices.

    Samples are rounded to 16 bits, which changes nothing that was recorded in 16 bits at 16 kHz
    and adds noise at -101 dBFS to everything else. Whatever fails, close it: then nothing is left.

    Args:
        channels: How many channels every block has.
        source: The recording's name, for messages.
        memory_bytes: What may be kept in memory; more goes to a file in the folder for temporary
            files (``TMPDIR``).
    """

    def __init__(self, channels: int, *, source: str, memory_bytes: int = MEMORY_BYTES) -> None:
        self._source = source
        self._count = channels
        self._length = 0
        self._lock = threading.Lock()  # reading moves the file's one position
        self._meters = [Meter() for _ in range(channels)]
        # Not a context manager: the file lives as long as the spool, whose close() ends it.
        self._file = tempfile.SpooledTemporaryFile(max_size=memory_bytes)  # noqa: SIM115

    def write(self, block: Sequence[Samples]) -> None:
        """Append a block: one array a channel, equal in length.

        Raises:
            callmine.errors.CallError: The disk is full. Another try may help.
        """
        frames = np.empty((len(block[0]), self._count), dtype="<i2")
        for index, (samples, meter) in enumerate(zip(block, self._meters, strict=True)):
            meter.add(samples)
            frames[:, index] = np.clip(np.rint(samples * np.float32(_SCALE)), -_SCALE, _SCALE - 1)
        self._length += len(frames)
        with self._room():
            self._file.write(frames.data)

    def tracks(self) -> tuple[SpooledTrack, ...]:
        """Return the channels as they are now; call it when all is written.

        Raises:
            callmine.errors.CallError: The disk is full. Another try may help.
        """
        # The last kilobytes go to the disk now, and not at some read in one of an engine's threads.
        with self._room():
            self._file.flush()
        return tuple(
            SpooledTrack(self, i, self._length, meter.levels()) for i, meter in enumerate(self._meters)
        )

    def read(self, channel: int, begin: int, end: int) -> Samples:
        """Return the samples ``begin:end`` of a channel; both must lie inside it.

        Raises:
            callmine.errors.CallError: The disk is full, or broken. Another try may help.
        """
        if end <= begin:
            return np.zeros(0, dtype=np.float32)
        width = self._count * _WIDTH
        with self._lock, self._room():
            self._file.seek(begin * width)
            data = self._file.read((end - begin) * width)
        frames = np.frombuffer(data, dtype="<i2").reshape(-1, self._count)
        return frames[:, channel].astype(np.float32) * np.float32(1 / _SCALE)

    def close(self) -> None:
        """Free memory and disk; tracks cannot be read any more. A second call does nothing."""
        with suppress(OSError):  # the last kilobytes of a full disk; the file is closed all the same
            self._file.close()

    @contextmanager
    def _room(self) -> Iterator[None]:
        """Say of a file that takes or gives no more which call it is for, and what to do."""
        try:
            yield
        except OSError as error:
            needed = self._length * self._count * _WIDTH / 1e6
            raise CallError(
                f"{self._source}: its sound does not fit into {_folder()}"
                f" ({error.strerror or error}; {needed:.0f} MB and more are needed)",
                hint="Free some space there or set TMPDIR to a roomier folder; the next run tries again.",
                retryable=True,
            ) from error


def spooled(path: Path, *, source: str) -> tuple[AudioInfo, Spool]:
    """Decode a recording once, block by block, into a spool, which the caller closes.

    Args:
        path: The recording.
        source: Its name, for messages.

    Returns:
        What the container says, with the holes in the sound, and the spool. Where anything fails,
        nothing is left of it.

    Raises:
        callmine.errors.UnreadableRecording: It cannot be decoded to its end.
        callmine.errors.CallError: There is no room for its sound.
    """
    holes: list[Span] = []
    with ExitStack() as undo:
        with decoding(path, holes=holes) as (info, blocks):
            spool = Spool(width_of(info), source=source)
            undo.callback(spool.close)
            for block in blocks:
                spool.write(block)
        undo.pop_all()
    return replace(info, holes=tuple(holes)), spool


def _folder() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:  # where not one folder takes a file, there is none to name
        return "any folder for temporary files"


@dataclass(frozen=True, slots=True)
class SpooledTrack:
    """One channel of a spool.

    Attributes:
        spool: Where its samples are.
        channel: Its index there.
        length: In samples.
        levels: What was measured while it was written.
    """

    spool: Spool
    channel: int
    length: int
    levels: Levels

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, part: slice, /) -> Samples:
        return self.spool.read(self.channel, *bounds(part, self.length))


@dataclass(frozen=True, slots=True)
class MeanTrack:
    """One sound that is on two channels: their mean, with the second ``delay`` samples late."""

    first: Track
    second: Track
    delay: int

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, part: slice, /) -> Samples:
        begin, end = bounds(part, len(self.first))
        low, high = (min(max(at + self.delay, 0), len(self.second)) for at in (begin, end))
        there = np.zeros(max(0, end - begin), dtype=np.float32)
        if low < high:
            at = low - self.delay - begin
            there[at : at + high - low] = self.second[low:high]
        return (self.first[begin:end] + there) * np.float32(0.5)


@dataclass(frozen=True, slots=True)
class RaisedTrack:
    """A quiet channel made louder: every sample times ``gain``."""

    track: Track
    gain: float

    def __len__(self) -> int:
        return len(self.track)

    def __getitem__(self, part: slice, /) -> Samples:
        return self.track[part] * np.float32(self.gain)


def bounds(part: slice, length: int) -> tuple[int, int]:
    """Return where a slice begins and ends in ``length`` samples, as a list has it.

    Raises:
        ValueError: The slice has a step.
    """
    begin, end, step = part.indices(length)
    if step != 1:
        raise ValueError(f"a track at {RATE} Hz is read sample by sample, not every {step}")
    return begin, max(begin, end)
