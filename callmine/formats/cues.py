"""What WebVTT and SRT share: cue times, and names in front of the words."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from callmine.domain import Segment
from callmine.errors import UnreadableTranscript
from callmine.formats.base import BROKEN, clean_name, clean_text, segment
from callmine.formats.captions import UNKNOWN

_TIME = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})")
_TIMING = re.compile(rf"^\s*({_TIME.pattern})\s*-->\s*({_TIME.pattern})(?:\s.*)?$")
_TAG = re.compile(r"<[^<>]*>")
_PREFIX = re.compile(r"^([^:\n.?!<>]{1,80}(?:\([^()\n]{1,60}\))?):\s+(?=\S)")
_MARKED = re.compile(r"^([^\N{NO-BREAK SPACE}]+):\N{NO-BREAK SPACE}")
_CONTINUES_MS = 250
_PARTICLES = frozenset({"de", "da", "del", "der", "di", "la", "van", "von", "zu", "bin", "al", "el", "y"})


MARK = ":\N{NO-BREAK SPACE}"
"""What callmine writes after a name; where every cue has it, what stands before is believed."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue: its line number, its range, its raw text."""

    line: int
    start_ms: int
    end_ms: int
    text: str


def cues_in(text: str, *, name: str) -> list[Cue]:
    """Return the cues of a WebVTT or SRT text; blocks without a timing line are skipped.

    Raises:
        UnreadableTranscript: A timing line cannot be read; the message names the line.
    """
    cues = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        if "-->" not in lines[at] or lines[at].startswith("NOTE"):
            at += 1
            continue
        match = _TIMING.match(lines[at])
        if match is None:
            raise UnreadableTranscript(
                f"{name}:{at + 1}: this is not a time range: {lines[at][:60]!r}", hint=BROKEN
            )
        first = at
        groups = match.groups()
        start, end = _ms(groups[1:5]), _ms(groups[6:10])
        body = []
        at += 1
        while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
            body.append(lines[at])
            at += 1
        if at < len(lines) and "-->" in lines[at] and body and body[-1].strip().isdigit():
            body.pop()  # the next cue's number, where the blank line between is missing
        cues.append(Cue(first + 1, start, end, "\n".join(body)))
    return cues


def _ms(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def without_tags(text: str) -> str:
    """Return a cue's words without tags, entities resolved."""
    return clean_text(html.unescape(_TAG.sub("", text)))


def named_by_prefix(cues: Sequence[Cue], *, name: str) -> tuple[list[Segment], list[str]]:
    """Return segments whose speaker is the ``Name: `` in front, where there are such names.

    A prefix is only believed when it opens two cues or more, or when it is plainly a name and
    half of all cues have one; ``Note: call them`` stays what was said. A cue without a name that
    follows within a quarter of a second belongs to the same speaker; any other is nobody's.
    """
    marked = [_MARKED.match(html.unescape(_TAG.sub("", cue.text))) for cue in cues]
    if cues and all(marked):
        return [_marked(cue, m, name) for cue, m in zip(cues, marked, strict=True) if m], []
    texts = [without_tags(cue.text) for cue in cues]
    matches = [_PREFIX.match(text) for text in texts]
    counts = Counter(match.group(1) for match in matches if match and _like_a_name(match.group(1)))
    all_of_them = sum(counts.values()) * 2 >= len(cues)
    segments: list[Segment] = []
    continued = 0
    speaker: str | None = None
    end_ms = -_CONTINUES_MS - 1
    for cue, text, match in zip(cues, texts, matches, strict=True):
        name_here = match.group(1) if match else ""
        named = counts[name_here] >= 2 or (counts[name_here] and all_of_them and _only_a_name(name_here))
        if match is not None and named:
            speaker, text = clean_name(match.group(1)), text[match.end() :]
        elif speaker is not None and 0 <= cue.start_ms - end_ms <= _CONTINUES_MS:
            continued += 1
        else:
            speaker = None
        end_ms = cue.end_ms
        made = segment(cue.start_ms, cue.end_ms, text, where=f"{name}:{cue.line}: the cue")
        segments.append(replace(made, speaker=speaker))
    notes = [f"{continued} cues without a name were given to the speaker before"] if continued else []
    return segments, notes


def _marked(cue: Cue, match: re.Match[str], name: str) -> Segment:
    speaker = clean_name(match.group(1))
    made = segment(
        cue.start_ms, cue.end_ms, match.string[match.end() :], where=f"{name}:{cue.line}: the cue"
    )
    return replace(made, speaker=None if speaker == UNKNOWN else speaker)


def _like_a_name(text: str) -> bool:
    """Return whether all words begin like a name's: ``And note`` is no name."""
    words = [word for word in text.split() if word.lower() not in _PARTICLES]
    return 0 < len(words) <= 7 and all(not word[0].islower() for word in words)


def _only_a_name(text: str) -> bool:
    """Return whether this can hardly be anything else: two words, a company, a dialled number."""
    return " " in text or text[0] in "+@0123456789"
