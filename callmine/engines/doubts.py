"""What has to be heard again: speech without words, loops, a decoder that was unsure.

Whisper drops sentences without a word, most of all at the end of a window and after a list of names.
So every piece of speech is held against the words that were heard in it.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from callmine.audio.types import Span
from callmine.domain import Segment, Word
from callmine.engines.checks import LOW_LOGPROB, PHRASES, plain, straight
from callmine.engines.packing import Piece
from callmine.spans import clock, part_of

UNHEARD_GAP_MS = 1_000
"""A gap in the words of this length, inside speech, means that speech was dropped."""

NEAR_MS = 8_000
"""How far from a gap a sentence may end for the second reading to begin or end there."""

UNHEARD_REGION_MS = 700
"""A region of this length without any word is a short answer that was dropped: "yes" with its margins."""

GAP_LEFT_MS = 1_500
"""A gap of this length that three readings left is read by itself: four words, a short sentence."""

_PLACES = 12
"""Of speech without words that a note names."""

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


def unheard_note(gaps: Sequence[Span]) -> str | None:
    """Return the remark that tells a person where speech has no words; ``None`` where there is none."""
    if not gaps:
        return None
    total = sum(end - start for start, end in gaps)
    shown = ", ".join(clock(start) for start, _ in sorted(gaps)[:_PLACES])
    more = f" and {len(gaps) - _PLACES} more places" if len(gaps) > _PLACES else ""
    return f"{total / 1000:.1f} s taken for speech have no words, perhaps only a breath: {shown}{more}"


def _longest(word: Word) -> int:
    """Milliseconds that a word may last: half a second, and a little for each of its letters."""
    return 500 + 60 * len(word.text)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a piece should be heard again; ``unheard_ms`` is how much of its speech has no words.

    One reason reads the same wherever it is found, so that a note can count it.
    """

    reason: str
    unheard_ms: int = 0


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A piece to hear again, what was heard in it, and why that is not believed."""

    piece: Piece
    heard: list[Segment]
    reason: str


def doubt(segments: Sequence[Segment], speech: Sequence[Span]) -> Doubt | None:
    """Return why what was heard in a piece cannot be all of it, or cannot be right.

    Args:
        segments: What was heard in the piece, on the recording's clock.
        speech: The speech in it.
    """
    # First: the words of a loop were said nowhere, so the gaps between them are the wrong places.
    if straight(segments) != list(segments):
        return Doubt("text that goes round in circles")
    missing = unheard_ms(segments, speech)
    if missing:
        return Doubt("speech without words", missing)
    if any((s.avg_logprob or 0.0) < LOW_LOGPROB for s in segments):
        return Doubt("an unsure recogniser")
    if _crowded(segments, speech):
        return Doubt("more words than anybody says in that time")
    return None


def again_note(doubtful: Sequence[Doubtful]) -> str | None:
    """Return the remark that says how much was read twice, and how often for which reason."""
    if not doubtful:
        return None
    seconds = sum(d.piece.speech_ms for d in doubtful) / 1000
    counts = Counter(d.reason for d in doubtful)
    why = ", ".join(f"{reason} ({count})" for reason, count in counts.most_common())
    return f"{seconds:.0f} s of speech were read a second time, because the first left doubts: {why}"


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
    """Whether the second hearing of a piece is to be kept: less speech without words, or less doubt.

    A loop leaves no gap in the speech, so both are judged without the loops that will be cut from
    them: what was said before a loop counts, the loop does not. A rush of words leaves none, either:
    where one of the two is a rush, the other is kept whatever its gaps, if it says anything.
    """
    left, left_again = straight(first), straight(second)
    wrong, wrong_again = (_crowded(heard, speech) for heard in (left, left_again))
    if wrong != wrong_again and any(s.text.strip() for s in (second if wrong else first)):
        return wrong
    if left_again != list(second) and not any(s.text.strip() for s in first):
        return False  # what is left of a loop is not worth more than nothing
    before, after = unheard_ms(left, speech), unheard_ms(left_again, speech)
    if before != after:
        return after < before
    if (doubt(first, speech) is None) != (doubt(second, speech) is None):
        return doubt(second, speech) is None
    return _mean_probability(second) > _mean_probability(first)


def gaps_left(heard: Sequence[Segment], speech: Sequence[Span]) -> list[Span]:
    """Return where speech has no words for :data:`GAP_LEFT_MS`; gaps with no word between them are one."""
    joined: list[Span] = []
    starts = sorted(w.start_ms for s in heard for w in s.words)
    for start, end in sorted(unheard(heard, speech)):
        if joined and bisect_left(starts, joined[-1][1]) == bisect_left(starts, start):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return [(start, end) for start, end in joined if end - start >= GAP_LEFT_MS]


def in_gap(heard: Sequence[Segment], gap: Span, speech: Sequence[Span]) -> list[Segment]:
    """Return what was heard in a gap when it was read by itself, if it can be believed.

    Three readings heard nothing there, so a loop, a rush, an unsure text and the phrases that Whisper
    writes into silence are not taken.
    """
    inside = [part for s in heard for part in between(s, gap[0] - 1, gap[1])]
    within = [(max(s, gap[0]), min(e, gap[1])) for s, e in speech if s < gap[1] and gap[0] < e]
    if straight(inside) != inside or _crowded(inside, within):
        return []
    return [
        s
        for s in inside
        if (s.avg_logprob or 0.0) >= LOW_LOGPROB
        and _mean_probability([s]) >= 0.5
        and plain(s.text) not in PHRASES
    ]


def with_gap(heard: Sequence[Segment], more: Sequence[Segment], gap: Span) -> list[Segment]:
    """Return segments in order, with what was heard in a gap; one that lies around it is parted there."""
    if not more:
        return list(heard)
    parts = [part for s in heard for part in (*between(s, -1, gap[1]), *between(s, gap[1], sys.maxsize))]
    return sorted([*parts, *more], key=lambda s: s.start_ms)


def _crowded(segments: Sequence[Segment], speech: Sequence[Span]) -> bool:
    """Whether there are more words than anybody says in that time.

    Words are what stands between blanks, not what an engine times: Japanese, Chinese, Thai, Lao and Burmese
    are timed character by character. They have hardly any blanks, so they are never too many.
    """
    seconds = sum(end - start for start, end in speech) / 1000
    return sum(len(s.text.split()) for s in segments) > MOST_WORDS_A_SECOND * max(seconds, 1.0)


def _mean_probability(segments: Sequence[Segment]) -> float:
    words = [w.probability for s in segments for w in s.words]
    return sum(words) / len(words) if words else 0.0


def set_apart(piece: Piece, segments: list[Segment]) -> tuple[list[Segment], list[Doubtful]]:
    """Return what was clearly heard in a piece, and the part of it to hear again, if any.

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
    part = replace(piece, start_ms=low, end_ms=high, speech=speech)
    return outside, [Doubtful(part, inside, found.reason)]


def between(segment: Segment, low: int, high: int) -> list[Segment]:
    """Return the part of a segment whose words begin in a range, if there are any."""
    if not segment.words:
        return [segment] if low <= segment.start_ms < high else []
    chosen = [i for i, w in enumerate(segment.words) if low <= w.start_ms < high]
    return [part_of(segment, chosen[0], chosen[-1] + 1)] if chosen else []
