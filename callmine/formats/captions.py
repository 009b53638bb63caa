"""What the writers of subtitles share: names of speakers, and turns cut into readable cues."""

from __future__ import annotations

import math
import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callmine.domain import Role, Speaker, Utterance
from callmine.formats.base import clean_name, clean_text
from callmine.spans import ends_sentence, span_times

LINE = 42
"""Letters in a line of subtitles, and :data:`LONGEST_MS` of a cue: the BBC's and Netflix's limits."""

LINES = 2
LONGEST_MS = 7000

UNKNOWN = "Unknown"
"""The name written, and understood, for words of nobody in particular."""

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Caption:
    """A cue to write: cleaned words of one turn; ``speaker`` is ``None`` where nobody knows."""

    start_ms: int
    end_ms: int
    speaker: str | None
    role: Role
    text: str


def speaker_names(speakers: Sequence[Speaker]) -> dict[str, str]:
    """Return the name to show for each voice that has one: a person's, else its side, else its key.

    A voice that is nobody's in particular has none.
    """
    roles = Counter(s.role for s in speakers)
    names = {}
    for s in speakers:
        known = clean_name(s.name)
        if known is None and s.role is not Role.UNKNOWN and roles[s.role] == 1:
            known = s.role.value.capitalize()
        key = clean_name(s.key)
        if known is None and key is not None and key != Role.UNKNOWN.value:
            known = key[:1].upper() + key[1:]
        if known is not None:
            names[s.key] = known
    return names


def captions_of(
    utterances: Sequence[Utterance], names: Mapping[str, str], *, before_words: str = ""
) -> list[Caption]:
    """Return the cues of a transcript, by start; every one lies within one turn.

    A turn longer than two lines or seven seconds is halved until its parts are not, at sentence
    ends or commas where they are near, by the times of its words; its first cue begins and its
    last one ends with it. Where the name stands in front of the words, ``before_words`` is what
    stands between, and the name has its place in the two lines.
    """
    found = []
    for utterance in utterances:
        name = names.get(utterance.speaker)
        prefix = f"{name}{before_words}" if name and before_words else ""
        parts = _parts(utterance, prefix if len(prefix) < LINE else "")
        # Words that were not located have estimated times, which may run against the others'.
        start = utterance.start_ms
        for number, (begin, end, text) in enumerate(parts):
            start = max(start, begin) if number else start
            last = max(utterance.end_ms, start + 1) if number == len(parts) - 1 else max(end, start + 1)
            found.append(Caption(start, last, name, utterance.role, text))
    return sorted(found, key=lambda caption: caption.start_ms)


def _parts(utterance: Utterance, prefix: str) -> list[tuple[int, int, str]]:
    """Return start, end and text of the cues of one turn."""
    words = [
        (*span_times(utterance, *match.span()), word)
        for match in _WORD.finditer(utterance.text)
        if (word := clean_text(match.group()))
    ]
    return [
        (part[0][0], max(end for _, end, _ in part), " ".join(word for _, _, word in part))
        for part in _cut(words, prefix)
        if part
    ]


def _cut(words: Sequence[tuple[int, int, str]], prefix: str) -> list[Sequence[tuple[int, int, str]]]:
    """Halve a turn until every part fits: at sentence ends, else at commas, else between words."""
    text = " ".join(word for _, _, word in words)
    long = bool(words) and words[-1][1] - words[0][0] > LONGEST_MS
    if len(words) < 2 or not (long or len(wrapped(prefix + text)) > LINES):
        return [words]
    at, best, length = 1, math.inf, 0
    for number, (_, _, word) in enumerate(words[:-1], 1):
        length += len(word) + 1
        # Letters away from the middle; a sentence's end may be a third of the turn away from it.
        away = abs(length - len(text) / 2)
        away -= len(text) / 3 if ends_sentence(word) else len(text) / 6 if word.endswith((",", ";")) else 0
        if away < best:
            at, best = number, away
    return [*_cut(words[:at], prefix), *_cut(words[at:], prefix)]


def wrapped(text: str) -> list[str]:
    """Return the lines of a cue; a word is never cut."""
    return textwrap.wrap(text, LINE, break_long_words=False, break_on_hyphens=False)


def stamp(ms: int, mark: str) -> str:
    """Return ``00:01:02.345``; ``mark`` stands before the milliseconds."""
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}{mark}{ms % 1000:03d}"
