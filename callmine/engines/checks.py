"""Take out what Whisper invents, and say so: in silence, in loops, and in words without time.

Every rule needs the decoder's own doubt or a physical impossibility, because a lost sentence is
worse than a stray one: a real "thank you" stays. Thresholds 0.6, -1.0 and 2.4 are those of Radford
et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", section 4.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from callmine.audio.types import Span
from callmine.domain import Segment, Word

NO_SPEECH = 0.6
LOW_LOGPROB = -1.0
LOOP_RATIO = 2.4
MS_PER_WORD = 40
"""Faster than 25 words a second is not speech."""

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


UNHEARD_GAP_MS = 1_000
"""A gap in the words of this length, inside speech, means that speech was dropped."""

NEAR_MS = 8_000
"""How far from a gap a sentence may end for the second reading to begin or end there."""

MOST_WORDS_A_SECOND = 8
"""The fastest talkers say six."""


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
    if not _plain(segment.text):
        return "no words"
    if silent and doubtful:
        return "the recogniser heard no speech there"
    if len(segment.words) >= 3 and sum(w.end_ms - w.start_ms for w in segment.words) < MS_PER_WORD * len(
        segment.words
    ):
        return "its words take no time"
    if not any(s < segment.end_ms and segment.start_ms < e for s, e in speech) and sure < 0.5:
        return "it lies outside the speech that was found"
    if _plain(segment.text) in PHRASES and (silent or doubtful) and sure < 0.5:
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
    keys = [_plain(w.text) for w in words]
    kept: list[Word] = []
    cut = []
    at = 0
    while at < len(words):
        size, times = _loop_at(keys, at)
        kept += words[at : at + size]
        if times > 1:
            gone = words[at + size : at + size * times]
            cut.append((" ".join(w.text for w in gone), gone[0].start_ms))
        at += size * times
    if not cut:
        return segment, []
    text = " ".join(w.text for w in kept)
    return replace(segment, text=text, words=tuple(kept), end_ms=kept[-1].end_ms), cut


def drop_repeats(segments: Sequence[Segment], notes: list[str]) -> list[Segment]:
    """Drop looping segments that say what the two before them said; adds to ``notes``."""
    kept: list[Segment] = []
    for segment in segments:
        text = _plain(segment.text)
        looping = (segment.compression_ratio or 0.0) > LOOP_RATIO
        if looping and len(kept) > 1 and text == _plain(kept[-1].text) == _plain(kept[-2].text):
            notes.append(note(segment.text, segment.start_ms, "said over and over"))
        else:
            kept.append(segment)
    return kept


def note(text: str, start_ms: int, reason: str) -> str:
    """Return the remark that tells a person what was taken out, where and why."""
    seconds = start_ms // 1000
    shown = text if len(text) <= 80 else text[:79] + "…"
    return f"suppressed “{shown}” at {seconds // 60}:{seconds % 60:02d}: {reason}"


def _loop_at(keys: Sequence[str], at: int) -> tuple[int, int]:
    """Return length and number of repeats of the shortest phrase that loops at ``at``, or (1, 1)."""
    for size in range(1, 13):
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


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def unheard(segments: Iterable[Segment], speech: Sequence[Span]) -> list[Span]:
    """Return the stretches of :data:`UNHEARD_GAP_MS` and more of speech without words.

    Speech detection is generous at the edges and between words; only longer gaps mean that the
    decoder dropped something. A word is only taken to last as long as such a word can: an aligner
    stretches the words beside a dropped sentence over it.
    """
    words = sorted((w.start_ms, min(w.end_ms, w.start_ms + _longest(w))) for s in segments for w in s.words)
    gaps: list[Span] = []
    for start, end in speech:
        at = start
        for word_start, word_end in [*words, (end, end)]:
            if word_end <= at or word_start > end:
                continue
            if word_start - at >= UNHEARD_GAP_MS:
                gaps.append((at, word_start))
            at = word_end
    return gaps


def unheard_ms(segments: Iterable[Segment], speech: Sequence[Span]) -> int:
    """Return how much of the speech has no words; see :func:`unheard`."""
    return sum(end - start for start, end in unheard(segments, speech))


def _longest(word: Word) -> int:
    """Milliseconds that a word may last: half a second, and a little for each of its letters."""
    return 500 + 60 * len(word.text)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a piece should be heard again; ``unheard_ms`` is how much of its speech has no words."""

    reason: str
    unheard_ms: int = 0


def doubt(segments: Sequence[Segment], speech: Sequence[Span]) -> Doubt | None:
    """Return why what was heard in a piece cannot be all of it, or cannot be right.

    Args:
        segments: What was heard in the piece, on the recording's clock.
        speech: The speech in it.
    """
    missing = unheard_ms(segments, speech)
    if missing:
        return Doubt(f"{missing / 1000:.1f} s of speech without words", missing)
    words = [w for s in segments for w in s.words]
    if any((s.compression_ratio or 0.0) > LOOP_RATIO for s in segments) and _loops(words):
        return Doubt("it goes round in circles")
    if any((s.avg_logprob or 0.0) < LOW_LOGPROB for s in segments):
        return Doubt("the recogniser was unsure")
    seconds = sum(end - start for start, end in speech) / 1000
    if len(words) > MOST_WORDS_A_SECOND * max(seconds, 1.0):
        return Doubt("more words than anybody says in that time")
    return None


def around(gaps: Sequence[Span], segments: Sequence[Segment], bounds: Span) -> Span:
    """Return the range to hear again for the sake of some gaps: from sentence to sentence, if near.

    Args:
        gaps: Stretches without words.
        segments: What was heard around them.
        bounds: The piece they lie in, milliseconds.
    """
    words = [w for s in segments for w in s.words]
    ends = [
        (before.end_ms + after.start_ms) // 2
        for before, after in pairwise(words)
        if before.text.rstrip("\"')").endswith((".", "?", "!")) and after.start_ms >= before.end_ms
    ]
    first, last = gaps[0][0], gaps[-1][1]
    low = max((at for at in ends if first - NEAR_MS <= at <= first - UNHEARD_GAP_MS), default=bounds[0])
    high = min((at for at in ends if last + UNHEARD_GAP_MS <= at <= last + NEAR_MS), default=bounds[1])
    return low, high


def better(first: Sequence[Segment], second: Sequence[Segment], speech: Sequence[Span]) -> bool:
    """Whether the second hearing of a piece is to be kept: less speech without words, or less doubt."""
    before, after = unheard_ms(first, speech), unheard_ms(second, speech)
    if before != after:
        return after < before and not _circles(second)
    if (doubt(first, speech) is None) != (doubt(second, speech) is None):
        return doubt(second, speech) is None
    return _mean_probability(second) > _mean_probability(first)


def _circles(segments: Sequence[Segment]) -> bool:
    return _loops([w for s in segments for w in s.words])


def _loops(words: Sequence[Word]) -> bool:
    keys = [_plain(w.text) for w in words]
    return any(_loop_at(keys, at)[1] > 1 for at in range(len(keys)))


def _mean_probability(segments: Sequence[Segment]) -> float:
    words = [w.probability for s in segments for w in s.words]
    return sum(words) / len(words) if words else 0.0
