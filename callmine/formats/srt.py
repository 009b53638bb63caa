"""SubRip subtitles; names in front of the words are taken as in WebVTT."""

from __future__ import annotations

import re
from pathlib import Path

from callmine.formats.base import ImportedCall, finish
from callmine.formats.cues import cues_in, named_by_prefix
from callmine.formats.text import load_text

_OPENING = re.compile(rb"^\s*\d+[ \t]*\r?\n\s*\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}\s*-->\s*\d{1,2}:\d{2}:\d{2}")


class SubRip:
    """SubRip (.srt)."""

    name = "srt"
    title = "SubRip subtitles"
    extensions: tuple[str, ...] = (".srt",)

    def sniff(self, head: bytes, path: Path) -> float:
        """Return 0.9 where the file opens with a number and a time range."""
        return 0.9 if _OPENING.match(head) else 0.0

    def read(self, path: Path) -> ImportedCall:
        """Read an SRT file."""
        text, notes = load_text(path)
        segments, more = named_by_prefix(cues_in(text, name=path.name), name=path.name)
        return finish(segments, path=path, name=self.name, notes=[*notes, *more])
