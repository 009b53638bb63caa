"""WebVTT, with names as Zoom (``Name: words``) and Teams (``<v Name>words</v>``) write them."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from callmine.domain import Role, Segment, Utterance
from callmine.errors import UnreadableTranscript
from callmine.formats.base import BROKEN, ImportedCall, clean_name, finish, segment
from callmine.formats.captions import UNKNOWN, captions_of, stamp, wrapped
from callmine.formats.cues import Cue, cues_in, named_by_prefix, without_tags
from callmine.formats.text import load_text

_VOICE = re.compile(r"<v(?P<classes>\.[^\s>]*)?(?:[ \t]+(?P<name>[^>]*))?>", re.IGNORECASE)
# Such a block begins after a blank line; a line of a cue may begin with the word.
_NO_CUE = re.compile(r"(?ms)(?<![^\n]\n)^(NOTE|STYLE|REGION)\b.*?(?=^\s*$|\Z)")


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
        bare = _NO_CUE.sub(lambda m: "\n" * m.group().count("\n"), text)
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
    first = without_tags(cue.text[: marks[0].start()] if marks else cue.text)
    pieces: list[tuple[str | None, Role | None, str]] = [(None, None, first)]
    for index, mark in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(cue.text)
        speaker = clean_name(html.unescape(mark["name"] or ""))
        speaker = None if speaker == UNKNOWN else speaker
        classes = (mark["classes"] or "").lower().split(".")
        role = next((r for r in (Role.REP, Role.PROSPECT) if r.value in classes), None)
        pieces.append((speaker, role, without_tags(cue.text[mark.end() : end])))
    pieces = [piece for piece in pieces if piece[2]]
    total = sum(len(text) for _, _, text in pieces) or 1
    where = f"{name}:{cue.line}: the cue"
    segments, done, length = [], 0, cue.end_ms - cue.start_ms
    for speaker, role, text in pieces:
        begin = cue.start_ms + length * done // total
        done += len(text)
        end_ms = cue.start_ms + length * done // total
        segments.append(segment(begin, end_ms, text, where=where, speaker=speaker, role=role))
    return segments


def to_vtt(utterances: Sequence[Utterance], names: Mapping[str, str], *, call_id: str = "") -> str:
    """Return a transcript as WebVTT, each cue ``<v.role Name>words</v>``; a note names the call.

    Every cue has a voice, those of nobody in particular too, so that no word of theirs can pass
    for a name; the class is read back as the role. ``names`` are those of
    :func:`callmine.formats.captions.speaker_names`.
    """
    cues = ["WEBVTT\n", *([f"NOTE callmine call {call_id}\n"] if call_id else [])]
    for caption in captions_of(utterances, names):
        said = "\n".join(html.escape(line, quote=False) for line in wrapped(caption.text))
        who = html.escape(caption.speaker or UNKNOWN, quote=False)
        times = f"{stamp(caption.start_ms, '.')} --> {stamp(caption.end_ms, '.')}"
        cues.append(f"{times}\n<v.{caption.role.value} {who}>{said}</v>\n")
    return "\n".join(cues)
