"""Put the voices that were told apart into the transcript, word by word."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from callmine.domain import Segment, Transcript, Voices, VoiceTurn
from callmine.spans import part_of
from callmine.voices.diarization import DOUBTFUL


def with_voices(transcript: Transcript, voices: Voices | None) -> Transcript:
    """Return the transcript with its segments cut where the voice changes.

    Each segment's ``speaker`` becomes its voice's key (``voice 1``, ``voice 2`` ...), or ``None``
    where the voice is in doubt, which is better than a wrong one. Words go by the middle of their
    time. Segments that have a channel or a speaker of their own stay as they are.
    """
    if voices is None or not voices.turns:
        return transcript
    starts = [turn.start_ms for turn in voices.turns]
    segments = [
        part
        for segment in transcript.segments
        for part in (
            _cut(segment, voices.turns, starts)
            if segment.channel is None and segment.speaker is None
            else (segment,)
        )
    ]
    segments.sort(key=lambda s: s.start_ms)
    return replace(transcript, segments=tuple(segments))


def _cut(segment: Segment, turns: Sequence[VoiceTurn], starts: Sequence[int]) -> Iterator[Segment]:
    if not segment.words:
        yield replace(segment, speaker=_voice_at(segment.start_ms, segment.end_ms, turns, starts))
        return
    spoken = [(word, _voice_at(word.start_ms, word.end_ms, turns, starts)) for word in segment.words]
    if len({voice for _, voice in spoken}) == 1:
        yield replace(segment, speaker=spoken[0][1])
        return
    low = 0
    for voice, group in groupby(spoken, key=lambda pair: pair[1]):
        high = low + len(list(group))
        yield replace(part_of(segment, low, high), speaker=voice)
        low = high


def _voice_at(start_ms: int, end_ms: int, turns: Sequence[VoiceTurn], starts: Sequence[int]) -> str | None:
    """Return the voice of the turn that holds the middle of a range, if it is certain enough."""
    middle = (start_ms + end_ms) // 2
    at = bisect_right(starts, middle) - 1
    if at < 0 or middle >= turns[at].end_ms or turns[at].confidence < DOUBTFUL:
        return None
    return turns[at].voice
