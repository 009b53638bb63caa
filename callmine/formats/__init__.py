"""Transcripts from elsewhere: which formats are known, which one a file has, and reading it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from callmine import registry
from callmine.errors import UnreadableTranscript, UsageError
from callmine.formats.assemblyai import AssemblyAI
from callmine.formats.aws import CallAnalytics
from callmine.formats.base import Format, ImportedCall
from callmine.formats.deepgram import Deepgram
from callmine.formats.gong import Gong
from callmine.formats.own import Own
from callmine.formats.srt import SubRip
from callmine.formats.text import load_text
from callmine.formats.vtt import WebVTT
from callmine.formats.whisper import WhisperFamily
from callmine.validation import did_you_mean

FORMATS: tuple[Format, ...] = (
    Own(),
    WebVTT(),
    SubRip(),
    WhisperFamily(),
    Gong(),
    CallAnalytics(),
    Deepgram(),
    AssemblyAI(),
)
"""Every format that is built in."""

EXTENSIONS = tuple(sorted({ending for known in FORMATS for ending in known.extensions}))
"""File endings that are taken for transcripts."""

_HEAD = 256 * 1024
_SURE_ENOUGH = 0.5


@cache
def all_formats() -> tuple[Format, ...]:
    """Return the built-in formats and those that other packages add as entry points."""
    own = {known.name for known in FORMATS}
    return (*FORMATS, *(registry.load("formats", n)() for n in registry.known("formats") if n not in own))


def find(name: str) -> Format:
    """Return the format called ``name``.

    Raises:
        UsageError: There is none.
    """
    for known in all_formats():
        if known.name == name:
            return known
    near = did_you_mean(name, [known.name for known in all_formats()])
    raise UsageError(f"there is no transcript format {name!r}{near}", hint=f"Known formats: {_known()}.")


def sniff(path: Path) -> Format:
    """Return the format of a file, judged by its content.

    Raises:
        UnreadableTranscript: It is none of the known ones; the hint lists them.
    """
    try:
        # A pipe would keep the reader waiting for ever.
        score, best = _best(path) if path.is_file() else (0.0, FORMATS[0])
    except OSError:
        load_text(path)  # says in words what is wrong with it
        raise
    if score < _SURE_ENOUGH:
        load_text(path)
        raise UnreadableTranscript(
            f"{path.name} is not in a transcript format that callmine knows",
            hint=f"Known formats: {_known()}. Name one with --format if it is one of them.",
        )
    return best


def _best(path: Path) -> tuple[float, Format]:
    with path.open("rb") as handle:
        head = _as_utf8(handle.read(_HEAD))
    return max(((f.sniff(head, path), f) for f in all_formats()), key=lambda pair: pair[0])


def read(path: Path, name: str | None = None) -> ImportedCall:
    """Read a transcript file, in the format called ``name`` or in the one its content shows.

    Raises:
        UnreadableTranscript: The file is not of a known format, or not what its format promises.
        UsageError: There is no format of that name.
    """
    return (find(name) if name else sniff(path)).read(path)


def _known() -> str:
    return ", ".join(f"{known.name} ({known.title})" for known in all_formats())


def _as_utf8(head: bytes) -> bytes:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    return head.removeprefix(b"\xef\xbb\xbf")


__all__ = [
    "EXTENSIONS",
    "FORMATS",
    "Format",
    "ImportedCall",
    "all_formats",
    "find",
    "read",
    "sniff",
]
