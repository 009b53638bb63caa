"""Looks at raw bytes: what a file plainly is not, and how long its header says it should be."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (
        b"PK\x03\x04",
        "it is a ZIP archive (or an Office document)",
        "Unpack it and give the recording inside.",
    ),
    (b"Rar!", "it is a RAR archive", "Unpack it and give the recording inside."),
    (b"7z\xbc\xaf", "it is a 7-Zip archive", "Unpack it and give the recording inside."),
    (b"\x1f\x8b", "it is a compressed archive", "Unpack it and give the recording inside."),
    (b"%PDF", "it is a PDF document", "Give the recording itself."),
    (b"\x89PNG", "it is a picture", "Give the recording itself."),
    (b"\xff\xd8\xff", "it is a picture", "Give the recording itself."),
    (b"GIF8", "it is a picture", "Give the recording itself."),
    (b"SQLite format 3", "it is a database", "Give the recording itself."),
)
_UNKNOWN_SIZES = frozenset({0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF})
_STREAMED = 0x7FFFF000  # what programs that write to a pipe put where the size belongs


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a file is not a recording, and what to do about it."""

    text: str
    hint: str


@dataclass(frozen=True, slots=True)
class Declared:
    """Bytes of sound that a header promises, and bytes that the file has."""

    promised: int
    present: int


def not_a_recording(head: bytes) -> Verdict | None:
    """Return why a file beginning with ``head`` is plainly no recording, or ``None``.

    Text is refused here: no container is text, but playlists and transcripts are.
    """
    for magic, text, hint in _MAGIC:
        if head.startswith(magic):
            return Verdict(text, hint)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Verdict("it is a picture", "Give the recording itself.")
    if _is_text(head):
        return Verdict(
            "it is text",
            "If it is a transcript, add it with its ending (.json, .vtt, .srt) or with --format;"
            " a playlist names recordings, give those.",
        )
    return None


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and len(head) > 4 and head[2:].count(0) * 3 > len(head):
        return True
    if any(byte < 9 or 13 < byte < 27 for byte in head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 > 0  # a character cut by the end of the head
    return True


def declared_bytes(handle: IO[bytes]) -> Declared | None:
    """Return the sound bytes a WAV or CAF header promises and those present.

    ``None`` for other formats (whose demuxers report the promise themselves) and for headers
    that leave the size open, as recorders do that write while the call goes on. The handle's
    position afterwards is undefined.
    """
    handle.seek(0)
    head = handle.read(12)
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        handle.seek(12)
        return _walk(handle, b"data", "<I", even=True)
    if head[:4] == b"caff":
        handle.seek(8)
        return _walk(handle, b"data", ">Q", even=False)
    return None


def _walk(handle: IO[bytes], wanted: bytes, size_format: str, *, even: bool) -> Declared | None:
    total = os.fstat(handle.fileno()).st_size
    width = struct.calcsize(size_format)
    wide_size = 0
    for _ in range(1000):
        head = handle.read(4 + width)
        if len(head) < 4 + width:
            return None
        size = int(struct.unpack(size_format, head[4:])[0])
        begin = handle.tell()
        if head[:4] == b"ds64":
            wide_size = int(struct.unpack("<Q", handle.read(16)[8:16].ljust(8, b"\0"))[0])
        if head[:4] == wanted:
            size = wide_size if size == 0xFFFFFFFF and wide_size else size
            present = total - begin
            if size in _UNKNOWN_SIZES or (_STREAMED <= size <= 0xFFFFFFFF and present < size):
                return None
            return Declared(size, present)
        handle.seek(begin + size + (size % 2 if even else 0))
    return None


def mp3_has_length(handle: IO[bytes]) -> bool:
    """Return whether an MP3 file's first frame states its length (Xing, Info or VBRI header)."""
    handle.seek(0)
    head = handle.read(10)
    start = 0
    if head[:3] == b"ID3" and len(head) == 10:
        start = 10 + sum(
            (byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)
        )
    handle.seek(start)
    frame = handle.read(2048)
    return any(mark in frame for mark in (b"Xing", b"Info", b"VBRI"))


def lacks_end_mark(path: Path) -> bool:
    """Return whether the last page of an Ogg file is not marked as the end of its stream."""
    with path.open("rb") as handle:
        size = handle.seek(0, os.SEEK_END)
        handle.seek(max(0, size - 70_000))
        tail = handle.read()
    last = tail.rfind(b"OggS")
    return last < 0 or len(tail) < last + 6 or not tail[last + 5] & 4
