"""What a file is, before any of it is decoded: hash, kind, length; and the one way to open it.

A file's name is never believed. The container is opened from a Python file object, with an
allowlist of formats and no protocols, so that a playlist dressed up as a recording cannot make
the demuxer open another file or an address.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any

from callmine.audio.sniff import Declared, declared_bytes, lacks_end_mark, mp3_has_length, not_a_recording
from callmine.audio.types import AudioInfo
from callmine.errors import UnreadableRecording
from callmine.spans import clock

MAX_HOURS = 8
"""Longer recordings are refused: a call is not that long, a damaged header or timestamp is."""

FORMATS = (
    "wav,w64,aiff,caf,au,mp3,aac,amr,flac,ogg,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,asf,avi,mpegts,flv"
)
"""Demuxers that may be used; playlists, images, network and device formats are left out."""

_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
_PLAIN_NAMES = {"mov": "mp4", "matroska": "webm"}
_ESTIMATED = frozenset({"aac", "amr", "mpegts", "mp3"})
_LOWEST_RATE, _HIGHEST_RATE = 100, 10_000_000  # Hz; beyond them resampling asks for gigabytes
_SHOWN = 3
_AGAIN = "Fetch or export the recording again; the transfer was probably interrupted."


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file in hex, reading it in pieces.

    Raises:
        UnreadableRecording: The file is missing, a folder, or may not be read.
    """
    with _plain_file(path) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def probe(path: Path) -> AudioInfo:
    """Return what the container says about the sound in a file.

    ``duration_ms`` is the declared length; where a format declares none it is counted from
    the packets, without decoding them.

    Raises:
        UnreadableRecording: Missing, empty, not a recording, without sound, too long, or damaged.
    """
    with open_audio(path) as opened:
        return opened.info


def remarks(path: Path, info: AudioInfo) -> tuple[str, ...]:
    """Return plain remarks about how a readable recording will be, or was, read."""
    notes = []
    if info.channels > 2:
        notes.append(f"the recording has {info.channels} channels; they were mixed into one")
    if info.tracks > 1:
        notes.append(
            f"the recording has {info.tracks} sound tracks, and only track {info.track} was read; who is"
            " on another one is missing"
        )
    if info.holes:
        where = ", ".join(f"{clock(end - start)} from {clock(start)}" for start, end in info.holes[:_SHOWN])
        more = f" and in {len(info.holes) - _SHOWN} more places" if len(info.holes) > _SHOWN else ""
        notes.append(f"the recording holds no sound for {where}{more}; silence was put in there")
    if info.container == "ogg" and lacks_end_mark(path):
        notes.append("the recording has no end mark; its end may be missing")
    return tuple(notes)


@dataclass(frozen=True, slots=True)
class Opened:
    """An open container and its best audio stream.

    Attributes:
        container: The PyAV container.
        stream: The audio stream to read.
        info: What the container says.
        start: Time of the container's first sample, in seconds, to be taken off every timestamp.
        declared_s: Length in seconds that the header promises, ``None`` where it only estimates.
    """

    container: Any
    stream: Any
    info: AudioInfo
    start: float
    declared_s: float | None


@contextmanager
def open_audio(path: Path, *, count: bool = True) -> Iterator[Opened]:
    """Open a recording safely; the only place that hands a file to the demuxer.

    Args:
        path: The recording.
        count: Count packets where the header does not state a length, which reads the whole file.

    Raises:
        UnreadableRecording: See :func:`probe`.
    """
    import av

    with _plain_file(path) as handle:
        head = handle.read(4096)
        if not head:
            raise UnreadableRecording(f"{path.name} is empty (0 bytes)", hint=_AGAIN)
        if (what := not_a_recording(head)) is not None:
            raise UnreadableRecording(f"{path.name} is not a recording: {what.text}", hint=what.hint)
        sizes = declared_bytes(handle)
        sized = mp3_has_length(handle)
        handle.seek(0)
        try:
            container = av.open(handle, mode="r", options=dict(_OPTIONS), metadata_errors="ignore")
        except (av.error.FFmpegError, ValueError) as error:
            raise _unopenable(path, head) from error
        with container:
            stream = _best_stream(path, container)
            declared = _declared_seconds(container, stream, sizes, mp3_sized=sized)
            if declared is not None and declared > MAX_HOURS * 3600:
                # True or not, decoding would find it too long, or cut short, and refuse it in the end.
                raise UnreadableRecording(
                    f"{path.name} is longer than {MAX_HOURS} hours by its header",
                    hint="Split it into single calls; if it is a short one, its header is damaged:"
                    " export it again.",
                )
            start = (container.start_time or 0) / av.time_base
            length = declared or (_counted_seconds(container, stream, start) if count else 0.0)
            yield Opened(container, stream, _info(container, stream, length), start, declared)


class _File(BufferedReader):
    """An open file; what a damaged header makes somebody seek, where no file reaches, is its end."""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        try:
            return super().seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return super().seek(0, os.SEEK_END)


@contextmanager
def _plain_file(path: Path) -> Iterator[BufferedReader]:
    name = path.name or str(path)
    if path.is_dir():
        raise UnreadableRecording(
            f"{name} is a folder, not a recording", hint="Give the recordings inside it instead."
        )
    if path.exists() and not path.is_file():
        raise UnreadableRecording(f"{name} is not an ordinary file", hint="Give a recording on disk.")
    try:
        handle = _File(FileIO(path))
    except FileNotFoundError as error:
        raise UnreadableRecording(
            f"{name} is not there any more" if path.is_symlink() else f"{name} does not exist",
            hint="Check the name and the folder, and that the drive it is on is connected.",
        ) from error
    except OSError as error:
        raise UnreadableRecording(
            f"{name} cannot be opened: {error.strerror}",
            hint="Ask for permission to read it, or copy it to a folder of your own.",
        ) from error
    with handle:
        yield handle


def _unopenable(path: Path, head: bytes) -> UnreadableRecording:
    if head[4:8] == b"ftyp":
        return UnreadableRecording(
            f"{path.name} is damaged: it looks like an MP4 recording whose index is missing,"
            " usually because the recording or the transfer was cut off",
            hint=_AGAIN,
        )
    if (
        head[:4] in (b"RIFF", b"RF64", b"OggS", b"fLaC", b"FORM", b"caff", b"\x1aE\xdf\xa3")
        or head[:3] == b"ID3"
    ):
        return UnreadableRecording(f"{path.name} is damaged: its beginning cannot be read", hint=_AGAIN)
    return UnreadableRecording(
        f"{path.name} is not a recording, or not of a kind that callmine reads",
        hint="Export it as WAV, MP3, M4A, MP4, OGG, FLAC or WebM.",
    )


def _best_stream(path: Path, container: Any) -> Any:
    stream = container.streams.best("audio")
    if stream is None:
        if container.streams.video:
            raise UnreadableRecording(
                f"{path.name} is a video without sound",
                hint="Export it again with its audio track, or use the audio file of the meeting.",
            )
        raise UnreadableRecording(f"{path.name} holds no sound", hint=_AGAIN)
    codec = stream.codec_context
    if codec is None or not codec.channels or not _LOWEST_RATE <= codec.sample_rate <= _HIGHEST_RATE:
        raise UnreadableRecording(
            f"{path.name} is not a recording, or its beginning is damaged",
            hint="Play it in a media player; if that fails too, ask for the file again.",
        )
    return stream


def _declared_seconds(
    container: Any, stream: Any, sizes: Declared | None, *, mp3_sized: bool
) -> float | None:
    """Return the length that the header promises, or ``None`` where ffmpeg only estimates it."""
    import av

    name = container.format.name.split(",")[0]
    if name in _ESTIMATED and not (name == "mp3" and mp3_sized):
        return None
    if stream.duration is not None:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        seconds = container.duration / av.time_base
    else:
        return None
    if sizes is not None and sizes.present:
        # The demuxer quietly takes what is there; the header knows how much there should be.
        seconds *= max(1.0, sizes.promised / sizes.present)
    return seconds if seconds > 0 else None


def _counted_seconds(container: Any, stream: Any, start: float) -> float:
    """Return the end of the last audio packet in seconds, and rewind."""
    import av

    end, tick = 0.0, float(stream.time_base)
    try:
        for packet in container.demux(stream):
            if packet.pts is not None:
                at = (packet.pts + (packet.duration or 0)) * tick - start
                if at <= MAX_HOURS * 3600:  # what is later is a damaged timestamp, or told when decoded
                    end = max(end, at)
    except av.error.FFmpegError:
        pass  # What cannot be read does not count; decoding will judge it.
    try:
        container.seek(0)
    except av.error.FFmpegError:
        container.seek(0, any_frame=True)
    return end


def _info(container: Any, stream: Any, seconds: float) -> AudioInfo:
    name = container.format.name.split(",")[0]
    codec = stream.codec_context
    tracks = [track.index for track in container.streams.audio]
    return AudioInfo(
        duration_ms=round(seconds * 1000),
        channels=codec.channels,
        sample_rate=codec.sample_rate,
        codec=codec.codec.canonical_name,
        container=_PLAIN_NAMES.get(name, name),
        track=tracks.index(stream.index) + 1,
        tracks=len(tracks),
    )
