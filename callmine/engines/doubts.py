"""What has to be heard again: speech without words, loops, a decoder that was unsure.

Whisper drops sentences without a word, most of all at the end of a window and after a list of names.
So every piece of speech is held against the words that were heard in it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from callmine.audio.types import Span
from callmine.domain import Segment, Word
from callmine.engines.checks import LOOP_RATIO, LOW_LOGPROB, loop_at, plain
from callmine.engines.packing import Piece
from callmine.spans import part_of

UNHEARD_GAP_MS = 1_000
"""A gap in the words of this length, inside speech, means that speech was dropped."""

NEAR_MS = 8_000
"""How far from a gap a sentence may end for the second reading to begin or end there."""

UNHEARD_REGION_MS = 700
"""A region of this length without any word is a short answer that was dropped: "yes" with its margins."""

MOST_WORDS_A_SECOND = 8
"""The fastest talkers say six."""


def unheard(segments: Iterable[Segment], speech: Sequence[Span]) -> list[Span]:
    """Return the stretches of speech without words: :data:`UNHEARD_GAP_MS` and more, or whole regions.

    Speech detection is generous at the edges and between words; only longer gaps mean that the
    decoder dropped something. A word is only taken to last as long as such a word can: an aligner
    stretches the words beside a dropped sentence over it.
    """
    words = sorted((w.start_ms, min(w.end_ms, w.start_ms + _longest(w))) for s in segments for w in s.words)
    starts = [start for start, _ in words]
    reach = max((end - start for start, end in words), default=0)
    gaps: list[Span] = []
    for start, end in speech:
        near = words[bisect_left(starts, start - reach) : bisect_right(starts, end)]
        inside = [word for word in near if word[1] > start and word[0] < end]
        least = UNHEARD_GAP_MS if inside else UNHEARD_REGION_MS
        at = start
        for word_start, word_end in [*inside, (end, end)]:
            if word_start - at >= least:
                gaps.append((at, word_start))
            at = max(at, word_end)
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
    keys = [plain(w.text) for w in words]
    return any(loop_at(keys, at)[1] > 1 for at in range(len(keys)))


def _mean_probability(segments: Sequence[Segment]) -> float:
    words = [w.probability for s in segments for w in s.words]
    return sum(words) / len(words) if words else 0.0


def set_apart(
    piece: Piece, segments: list[Segment]
) -> tuple[list[Segment], list[tuple[Piece, list[Segment]]]]:
    """Return what was clearly heard in a piece, and the part of it to hear again with what was heard there.

    Where only some speech has no words, only its surroundings are heard again.
    """
    found = doubt(segments, piece.speech)
    if found is None:
        return segments, []
    low, high = piece.start_ms, piece.end_ms
    if found.unheard_ms:
        low, high = around(unheard(segments, piece.speech), segments, (low, high))
    inside = [part for s in segments for part in between(s, low, high)]
    outside = [
        part
        for s in segments
        for part in (*between(s, piece.start_ms - 1, low), *between(s, high, piece.end_ms + 1))
    ]
    speech = tuple((max(s, low), min(e, high)) for s, e in piece.speech if s < high and low < e)
    return outside, [(replace(piece, start_ms=low, end_ms=high, speech=speech), inside)]


def between(segment: Segment, low: int, high: int) -> list[Segment]:
    """Return the part of a segment whose words begin in a range, if there are any."""
    if not segment.words:
        return [segment] if low <= segment.start_ms < high else []
    chosen = [i for i, w in enumerate(segment.words) if low <= w.start_ms < high]
    return [part_of(segment, chosen[0], chosen[-1] + 1)] if chosen else []
