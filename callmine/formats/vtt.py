"""WebVTT, with names as Zoom (``Name: words``) and Teams (``<v Name>words</v>``) write them."""

from __future__ import annotations

import html
import re
from pathlib import Path

from callmine.domain import Segment
from callmine.errors import UnreadableTranscript
from callmine.formats.base import BROKEN, ImportedCall, clean_name, finish, segment
from callmine.formats.cues import Cue, cues_in, named_by_prefix, plain
from callmine.formats.text import load_text

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?(?:[ \t]+([^>]*))?>", re.IGNORECASE)


class WebVTT:
    """WebVTT (W3C), Zoom's and Teams' habits included."""

    name = "vtt"
    title = "WebVTT, as Zoom and Teams export it"
    extensions: tuple[str, ...] = (".vtt",)

    def sniff(self, head: bytes, path: Path) -> float:
        """Return 1 where the file opens with its signature."""
        return 1.0 if head.startswith(b"WEBVTT") else 0.0

    def read(self, path: Path) -> ImportedCall:
        """Read a WebVTT file; cues may be out of order and overlap."""
        text, notes = load_text(path)
        if not text.startswith("WEBVTT"):
            raise UnreadableTranscript(f"{path.name}:1: a WebVTT file begins with WEBVTT", hint=BROKEN)
        # Comments may quote anything, arrows too; the parser must not see them.
        bare = re.sub(
            r"(?ms)^(NOTE|STYLE|REGION)\b.*?(?=^\s*$|\Z)", lambda m: "\n" * m.group().count("\n"), text
        )
        cues = cues_in(bare, name=path.name)
        if any(_VOICE.search(cue.text) for cue in cues):
            segments = [s for cue in cues for s in _voices(cue, path.name)]
            more: list[str] = []
        else:
            segments, more = named_by_prefix(cues, name=path.name)
        return finish(segments, path=path, name=self.name, notes=[*notes, *more])


def _voices(cue: Cue, name: str) -> list[Segment]:
    """Return a segment for each voice of a cue; several share its time by their letters."""
    marks = list(_VOICE.finditer(cue.text))
    pieces = [(None, plain(cue.text[: marks[0].start()] if marks else cue.text))]
    for index, mark in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(cue.text)
        speaker = clean_name(html.unescape(mark.group(1) or ""))
        pieces.append((speaker, plain(cue.text[mark.end() : end])))  # type: ignore[arg-type]
    pieces = [piece for piece in pieces if piece[1]]
    total = sum(len(text) for _, text in pieces) or 1
    where = f"{name}:{cue.line}: the cue"
    segments, done, length = [], 0, cue.end_ms - cue.start_ms
    for speaker, text in pieces:
        begin = cue.start_ms + length * done // total
        done += len(text)
        end_ms = cue.start_ms + length * done // total
        segments.append(segment(begin, end_ms, text, where=where, speaker=speaker))
    return segments
