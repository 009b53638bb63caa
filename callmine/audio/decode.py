"""From any recording to 16 kHz float32, one array a channel, placed by timestamp."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from callmine.audio.probe import MAX_HOURS, Opened, open_audio
from callmine.audio.resample import Block, Resampler
from callmine.audio.types import RATE, AudioInfo, Samples, Span
from callmine.errors import UnreadableRecording

_TOLERANCE = 0.05  # seconds by which timestamps may wander before silence is put in
_PREROLL = 1.0  # seconds decoded before a window, so that codecs with memory have settled
_ENOUGH = 0.95  # share of the declared length that must be readable
_LONG_HOLE = 60.0  # seconds without sound that a person should know of
_SEEK_IS_ROUGH = frozenset({"mp3", "aac", "amr"})


def decode(path: Path, *, start_ms: int = 0, end_ms: int | None = None) -> tuple[AudioInfo, list[Samples]]:
    """Decode a recording, or a window of it.

    More than two channels are mixed into one. Packets that were lost leave silence, so that
    what follows stays where it was said.

    Args:
        path: The recording.
        start_ms: First millisecond wanted.
        end_ms: End of the window (exclusive); ``None`` for the end of the recording.

    Returns:
        What the container says (``channels`` is the number in the file; after a full decode
        ``duration_ms`` is the decoded length; for a window it is 0 where the header states
        none), and float32 arrays of equal length at 16 kHz, every sample in -1..1.

    Raises:
        UnreadableRecording: Not a recording, cut short, or damaged in more than a few places.
    """
    whole = start_ms <= 0 and end_ms is None
    with decoding(path, start_ms=start_ms, end_ms=end_ms) as (info, pieces):
        blocks = list(pieces)
    channels = [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
    if not channels:
        channels = [np.zeros(0, dtype=np.float32) for _ in range(width_of(info))]
    if whole:
        info = replace(info, duration_ms=len(channels[0]) * 1000 // RATE)
    return info, channels


@contextmanager
def decoding(
    path: Path,
    *,
    seconds: float = 30.0,
    start_ms: int = 0,
    end_ms: int | None = None,
    holes: list[Span] | None = None,
) -> Iterator[tuple[AudioInfo, Iterator[list[Samples]]]]:
    """Open a recording and give what its container says, and its sound in constant memory.

    The sound comes in blocks of ``seconds``, one array a channel. Where it is missing for more than a
    minute and silence is put in, the place is added to ``holes`` as the blocks are taken.

    Raises:
        UnreadableRecording: As :func:`decode`; a cut is only known at the end.
    """
    # A length that the header does not state is not counted here: that would read the file twice.
    with open_audio(path, count=False) as opened:
        reader = _Reader(path, opened, start_ms / 1000, None if end_ms is None else end_ms / 1000)
        reader.holes = [] if holes is None else holes
        yield opened.info, reader.blocks(seconds)


def width_of(info: AudioInfo) -> int:
    """Return how many channels a recording is decoded to: more than two are mixed into one."""
    return info.channels if info.channels <= 2 else 1


class _Reader:
    """Decodes one window: places frames on the clock, resamples, counts what cannot be read."""

    def __init__(self, path: Path, opened: Opened, start: float, end: float | None) -> None:
        self._path = path
        self._opened = opened
        self._start = max(start, 0.0)
        self._end = end
        self._windowed = self._start > 0 or end is not None
        self.width = width_of(opened.info)
        self._tick = float(opened.stream.time_base)  # exact fractions cost as much as resampling
        self._cursor: float | None = None if self._start > 0 else 0.0
        self._begin = 0.0
        self._shift = 0.0
        self._reached = 0.0
        self._faults = 0
        self._packets = 0
        self._given = 0  # samples given out, on the output clock
        self._overlap = 0  # samples still to be dropped, because they were given out before
        self._resampler = Resampler(path.name, self.width)
        self.holes: list[Span] = []
        declared = opened.declared_s
        self._limit = MAX_HOURS * 3600.0 if declared is None else min(MAX_HOURS * 3600.0, declared + 60.0)

    def blocks(self, seconds: float) -> Iterator[list[Samples]]:
        """Yield blocks of ``seconds`` and judge the recording at the end."""
        size = max(1, round(seconds * RATE))
        waiting: list[Block] = []
        held = 0
        for piece in self._window():
            waiting.append(piece)
            held += piece.shape[1]
            if held >= size:
                joined = np.concatenate(waiting, axis=1)
                for at in range(0, held - held % size, size):
                    yield _rows(joined[:, at : at + size])
                waiting, held = [joined[:, held - held % size :]], held % size
        self._judge()
        if held:
            yield _rows(np.concatenate(waiting, axis=1))

    def _window(self) -> Iterator[Block]:
        """Yield resampled sound between the window's edges."""
        position: int | None = None  # index of the next piece's first sample, on the output clock
        first = round(self._start * RATE)
        last = None if self._end is None else round(self._end * RATE)
        for piece in self._resampled():
            if position is None:
                position = round(self._begin * RATE)
            begin, end = position, position + piece.shape[1]
            position = end
            if end <= first:
                continue
            yield piece[:, max(0, first - begin) : None if last is None else max(0, last - begin)]
            if last is not None and end >= last:
                return
            if end > MAX_HOURS * 3600 * RATE:
                raise UnreadableRecording(
                    f"{self._path.name} is longer than {MAX_HOURS} hours",
                    hint="Split it into single calls.",
                )

    def _resampled(self) -> Iterator[Block]:
        for frame in self._frames():
            yield from self._place(frame)
        yield from self._given_out(self._resampler.flush())

    def _place(self, frame: Any) -> Iterator[Block]:
        """Put a frame on the clock: silence before it if packets are missing, a cut if it overlaps."""
        length = frame.samples / frame.sample_rate
        cursor = self._cursor
        if frame.pts is None:
            at = cursor if cursor is not None else self._start
        else:
            at = frame.pts * self._tick - self._opened.start + self._shift
        if cursor is None:
            cursor = self._begin = max(at, 0.0)
        if at > self._limit:
            self._faults += 1
            at = cursor
        if at < cursor - 1.0:
            # The clock was set back (joined files): carry on from here.
            self._shift += cursor - at
            at = cursor
        gap = at - cursor
        if gap > _TOLERANCE:
            if gap > _LONG_HOLE:
                self.holes.append((round(cursor * 1000), round(at * 1000)))
            yield from self._silence_until(at)
            cursor = at
        elif gap < -_TOLERANCE:
            if -gap >= length:
                return
            self._overlap = round(-gap * RATE)
            cursor = at
        self._cursor = cursor + length
        self._reached = max(self._reached, self._cursor)
        yield from self._given_out(self._resampler.convert(frame))

    def _silence_until(self, at: float) -> Iterator[Block]:
        """Yield zeros up to a time; counted from what was given out, so that nothing adds up."""
        yield from self._given_out(self._resampler.flush())
        left = round((at - self._begin) * RATE) - self._given
        self._given += max(left, 0)
        while left > 0:
            yield np.zeros((self.width, min(left, 30 * RATE)), dtype=np.float32)
            left -= 30 * RATE

    def _given_out(self, blocks: list[Block]) -> Iterator[Block]:
        """Yield blocks without what was given out before, and count them."""
        for block in blocks:
            cut = min(self._overlap, block.shape[1])
            self._overlap -= cut
            self._given += block.shape[1] - cut
            yield block[:, cut:]

    def _frames(self) -> Iterator[Any]:
        import av

        for packet in self._packets_wanted():
            try:
                frames = packet.decode()
            except av.error.EOFError:
                continue
            except av.error.FFmpegError:
                self._faults += 1
                continue
            yield from (f for f in frames if f.samples and f.sample_rate)
            if self._end is not None and self._cursor is not None and self._cursor > self._end + 0.1:
                return

    def _packets_wanted(self) -> Iterator[Any]:
        """Yield audio packets from shortly before the window, noting how far the file reaches."""
        import av

        container, stream, base = self._opened.container, self._opened.stream, self._opened.start
        skip_to = self._start - _PREROLL
        info = self._opened.info
        rough = info.container in _SEEK_IS_ROUGH or info.codec.startswith("adpcm")
        if skip_to > 0 and not rough:
            try:
                container.seek(int((skip_to + base) / stream.time_base), stream=stream)
            except av.error.FFmpegError:
                container.seek(0)
        streams = [stream, *container.streams.video] if not self._windowed else [stream]
        packets = container.demux(*streams)
        # Times as floats, once: exact fractions a packet cost ten times the reading.
        ticks = {s.index: float(s.time_base or 0) for s in streams}
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError):
                return
            end = None
            if packet.pts is not None:
                end = (packet.pts + (packet.duration or 0)) * ticks[packet.stream_index] - base
                if end <= self._limit:
                    self._reached = max(self._reached, end)
            if packet.stream is not stream:
                continue
            self._packets += 1
            if end is not None and end < skip_to:
                continue
            yield packet

    def _judge(self) -> None:
        """Refuse a recording of which too much could not be read."""
        name, declared = self._path.name, self._opened.declared_s
        if self._windowed:
            return
        if declared is not None and self._reached < declared * _ENOUGH and declared - self._reached > 0.25:
            raise UnreadableRecording(
                f"{name} is cut short: {self._reached:.0f} of {declared:.0f} s could be read",
                hint="Fetch or export the recording again; the transfer was probably interrupted.",
            )
        if not self._resampler.used:
            raise UnreadableRecording(
                f"{name} is damaged: no sound could be read from it",
                hint="Play it in a media player; if that fails too, ask for the file again.",
            )
        if self._faults > max(5, self._packets // 50):
            raise UnreadableRecording(
                f"{name} is damaged: {self._faults} of {self._packets} pieces could not be read",
                hint="Fetch or export the recording again.",
            )


def _rows(block: Block) -> list[Samples]:
    """Return one array a channel; a damaged float recording may hold what is no number, or any."""
    # One such sample would spoil every level that is measured.
    sound = np.clip(np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)
    return [np.ascontiguousarray(row) for row in sound]
