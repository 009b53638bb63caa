"""Where words stand: their characters in an utterance, their time on the clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from callmine.domain import Finding, Mention, Segment, SpokenWord, Utterance, Word, check_detail, digest_of

_SENTENCE_END = re.compile(r"[.?!…][\"')\]]*$")


def place(
    call_id: str, utterance: Utterance, mention: Mention, *, extractor: str, playbook: str
) -> Finding:
    """Turn a mention into a finding: verbatim text, times, and an id that survives re-extraction.

    Raises:
        ValueError: The span is empty or outside the utterance, the score is not in 0..1,
            or the detail is not valid for the kind.
    """
    text = utterance.text[mention.start : mention.end]
    if not 0 <= mention.start < mention.end <= len(utterance.text) or not text.strip():
        raise ValueError(f"span {mention.start}:{mention.end} is not in utterance {utterance.index}")
    if not 0.0 <= mention.score <= 1.0:
        raise ValueError(f"score {mention.score} is not between 0 and 1")
    check_detail(mention.kind, mention.detail)
    start_ms, end_ms = span_times(utterance, mention.start, mention.end)
    sentence_ms, _ = span_times(utterance, sentence_start(utterance.text, mention.start), mention.end)
    return Finding(
        finding_id=digest_of(
            call_id, utterance.index, mention.kind, mention.label, mention.start, mention.end
        ),
        call_id=call_id,
        utterance_index=utterance.index,
        kind=mention.kind,
        label=mention.label,
        start=mention.start,
        end=mention.end,
        text=text,
        start_ms=start_ms,
        play_ms=min(sentence_ms, start_ms),  # words that were not located have estimated times
        end_ms=end_ms,
        score=round(mention.score, 4),
        extractor=extractor,
        playbook=playbook,
        detail=dict(mention.detail),
    )


def span_times(utterance: Utterance, start: int, end: int) -> tuple[int, int]:
    """Return ``(start_ms, end_ms)`` of a character span, from the words it touches.

    Without word times the utterance's range is shared out by characters, which is what an
    imported transcript with turn times only allows.
    """
    touched = [w for w in utterance.words if w.end > start and w.start < end]
    if touched:
        return touched[0].start_ms, max(w.end_ms for w in touched)
    length = max(len(utterance.text), 1)
    duration = utterance.end_ms - utterance.start_ms
    return (
        utterance.start_ms + duration * start // length,
        utterance.start_ms + duration * min(end, length) // length,
    )


def sentence_start(text: str, position: int) -> int:
    """Return the offset at which the sentence holding ``position`` begins."""
    for mark in range(position - 1, 0, -1):
        if text[mark].isspace() and text[mark - 1] in ".?!":
            return mark + 1
    return 0


def ends_sentence(text: str) -> bool:
    """Return whether a sentence ends with these words: a stop, closing quotes and brackets after it."""
    return _SENTENCE_END.search(text.strip()) is not None


def words_in(text: str, words: Sequence[Word]) -> tuple[SpokenWord, ...]:
    """Locate ``words`` in ``text``, in order; words that cannot be found are left out."""
    placed: list[SpokenWord] = []
    cursor = 0
    for word in words:
        token = word.text.strip()
        found = text.find(token, cursor) if token else -1
        if found < 0:
            continue
        cursor = found + len(token)
        placed.append(SpokenWord(found, cursor, word.start_ms, word.end_ms))
    return tuple(placed)


def part_of(segment: Segment, low: int, high: int) -> Segment:
    """Return the part of a segment that its words ``low`` to ``high`` (exclusive) make up.

    The text keeps the engine's spacing ("30,000" of the words "30" and ",000") where it holds all
    words, and has blanks between them where it does not.
    """
    words = segment.words[low:high]
    spans: list[tuple[int, int]] = []
    cursor = 0
    for word in segment.words:
        found = segment.text.find(word.text.strip(), cursor)
        if found < 0:
            break
        cursor = found + len(word.text.strip())
        spans.append((found, cursor))
    whole = len(spans) == len(segment.words)
    text = segment.text[spans[low][0] : spans[high - 1][1]] if whole else " ".join(w.text for w in words)
    return replace(
        segment,
        start_ms=words[0].start_ms,
        end_ms=max(w.end_ms for w in words),
        text=" ".join(text.split()),
        words=words,
    )


def clock(ms: int) -> str:
    """Return a place in a recording as ``1:23``, or ``1:02:03`` after the first hour."""
    minutes, seconds = divmod(max(ms, 0) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
