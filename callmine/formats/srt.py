"""SubRip subtitles; names in front of the words are taken as in WebVTT."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from callmine.domain import Utterance
from callmine.formats.base import ImportedCall, finish
from callmine.formats.captions import UNKNOWN, Caption, captions_of, stamp, wrapped
from callmine.formats.cues import MARK, Cue, cues_in, named_by_prefix, without_tags
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


def to_srt(utterances: Sequence[Utterance], names: Mapping[str, str]) -> str:
    """Return a transcript as SubRip, each cue ``Name: words``.

    The blank after a name is one that does not break, by which callmine knows every name again
    that it wrote. Where no speaker is known there are no names, unless the words look as if.
    """
    captions = captions_of(utterances, names, before_words=MARK)
    named = any(c.speaker for c in captions) or _looks_named(captions)
    cues = []
    for number, caption in enumerate(captions, 1):
        body = f"{caption.speaker or UNKNOWN}{MARK}{caption.text}" if named else caption.text
        lines = wrapped(body)
        if _misread(body):  # players show entities as they are, so only where there is need
            lines = [html.escape(line, quote=False) for line in lines]
        times = f"{stamp(caption.start_ms, ',')} --> {stamp(caption.end_ms, ',')}"
        cues.append("\n".join([str(number), times, *lines, ""]))
    return "\n".join(cues)


def _misread(body: str) -> bool:
    """Return whether tags, entities or arrows in what was said would be taken for such."""
    return "-->" in body or without_tags(body) != " ".join(body.split())


def _looks_named(captions: Sequence[Caption]) -> bool:
    cues = [Cue(0, c.start_ms, c.end_ms, html.escape(c.text)) for c in captions]
    return any(segment.speaker for segment in named_by_prefix(cues, name="")[0])
