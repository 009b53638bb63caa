"""Take out what Whisper invents, and say so: in silence, in loops, and in words without time.

Every rule needs the decoder's own doubt or a physical impossibility, because a lost sentence is
worse than a stray one: a real "thank you" stays. Thresholds 0.6, -1.0 and 2.4 are those of Radford
et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", section 4.5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from callmine.audio.types import Span
from callmine.domain import Segment, Word
from callmine.spans import clock

NO_SPEECH = 0.6
LOW_LOGPROB = -1.0
LOOP_RATIO = 2.4
MS_PER_WORD = 40
"""Faster than 25 words a second is not speech."""

LONGEST_PHRASE = 40
"""Words of the longest loop: half a minute holds four phrases of seven seconds. Where words are timed
character by character, as in Japanese, these are characters."""

PHRASES = frozenset(
    """
    thank you|thank you very much|thank you so much|thanks|thank you for watching|thanks for watching
    |thank you for listening|thanks for listening|please subscribe|like and subscribe|bye|bye bye|you|so
    |okay|the end|see you next time|see you in the next video|subtitles by the amara org community
    |subtitles by|transcribed by|music|applause|silence|blank audio|i m sorry
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
"""What Whisper tends to write where nobody speaks."""


def suppress(segments: Sequence[Segment], speech: Sequence[Span]) -> tuple[list[Segment], list[str]]:
    """Return what was really said, and a note for each thing that was taken out.

    Args:
        segments: One channel, ordered, on the recording's clock.
        speech: Where voice activity was found, milliseconds.
    """
    kept: list[Segment] = []
    notes: list[str] = []
    for segment in segments:
        reason = invented(segment, speech)
        if reason:
            notes.append(note(segment.text, segment.start_ms, reason))
            continue
        whole, cut = unloop(segment)
        notes += [note(text, at_ms, "said over and over") for text, at_ms in cut]
        kept.append(whole)
    return drop_repeats(kept, notes), notes


def invented(segment: Segment, speech: Sequence[Span]) -> str | None:
    """Return why the segment cannot have been said, or ``None``."""
    silent = (segment.no_speech_prob or 0.0) > NO_SPEECH
    doubtful = segment.avg_logprob is not None and segment.avg_logprob < LOW_LOGPROB
    sure = _certainty(segment)
    if not plain(segment.text):
        return "no words"
    if silent and doubtful:
        return "the recogniser heard no speech there"
    if len(segment.words) >= 3 and sum(w.end_ms - w.start_ms for w in segment.words) < MS_PER_WORD * len(
        segment.words
    ):
        return "its words take no time"
    if not any(s < segment.end_ms and segment.start_ms < e for s, e in speech) and sure < 0.5:
        return "it lies outside the speech that was found"
    if plain(segment.text) in PHRASES and (silent or doubtful) and sure < 0.5:
        return "a phrase that is often invented in silence, with low confidence"
    return None


def unloop(segment: Segment) -> tuple[Segment, list[tuple[str, int]]]:
    """Cut a phrase that is repeated at least four times in a row down to one, in looping segments.

    Returns:
        The segment, and the text and start of each stretch that was cut.
    """
    words = list(segment.words)
    if (segment.compression_ratio or 0.0) <= LOOP_RATIO or len(words) < 4:
        return segment, []
    keys = [plain(w.text) for w in words]
    spaced = _spaced(segment)
    kept: list[Word] = []
    text = ""
    cut = []
    at = 0
    while at < len(words):
        size, times = loop_at(keys, at)
        kept += words[at : at + size]
        text += "".join(spaced[at : at + size])
        if times > 1:
            gone = slice(at + size, at + size * times)
            cut.append(("".join(spaced[gone]).strip(), words[gone.start].start_ms))
        at += size * times
    if not cut:
        return segment, []
    return replace(segment, text=text.strip(), words=tuple(kept), end_ms=kept[-1].end_ms), cut


def straight(segments: Sequence[Segment]) -> list[Segment]:
    """Return segments without what :func:`suppress` cuts from them for being said over and over."""
    return drop_repeats([unloop(segment)[0] for segment in segments], [])


def _spaced(segment: Segment) -> list[str]:
    """Return the words of a segment, each after a blank where its text has one: Japanese has none."""
    spaced = []
    cursor = 0
    for word in segment.words:
        found = segment.text.find(word.text, cursor)
        spaced.append(word.text if found == cursor else f" {word.text}")
        cursor = max(cursor, found + len(word.text)) if found >= 0 else cursor
    return spaced


def drop_repeats(segments: Sequence[Segment], notes: list[str]) -> list[Segment]:
    """Drop looping segments that say what the two before them said; adds to ``notes``."""
    kept: list[Segment] = []
    for segment in segments:
        text = plain(segment.text)
        looping = (segment.compression_ratio or 0.0) > LOOP_RATIO
        if looping and len(kept) > 1 and text == plain(kept[-1].text) == plain(kept[-2].text):
            notes.append(note(segment.text, segment.start_ms, "said over and over"))
        else:
            kept.append(segment)
    return kept


def note(text: str, start_ms: int, reason: str) -> str:
    """Return the remark that tells a person what was taken out, where and why."""
    shown = text if len(text) <= 80 else text[:79] + "…"
    return f"suppressed “{shown}” at {clock(start_ms)}: {reason}"


def loop_at(keys: Sequence[str], at: int) -> tuple[int, int]:
    """Return length and number of repeats of the shortest phrase that loops at ``at``, or (1, 1)."""
    for size in range(1, LONGEST_PHRASE + 1):
        phrase = keys[at : at + size]
        times = 1
        while keys[at + size * times : at + size * (times + 1)] == phrase:
            times += 1
        if times >= 4:
            return size, times
    return 1, 1


def _certainty(segment: Segment) -> float:
    """Mean word probability; 1 where the engine gives none."""
    return sum(w.probability for w in segment.words) / len(segment.words) if segment.words else 1.0


def plain(text: str) -> str:
    """Return the words in lower case, without punctuation."""
    return " ".join(re.findall(r"\w+", text.lower()))
