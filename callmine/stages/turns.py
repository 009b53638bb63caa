"""From segments to utterances: one speaker's uninterrupted turn, long ones cut at sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from callmine.domain import Role, Segment, Speaker, Transcript, Utterance, Word
from callmine.spans import ends_sentence, words_in
from callmine.stages.roles import speaker_key

MAX_WORDS = 60
"""A turn longer than this is cut at sentence ends."""

PAUSE_MS = 1500
"""A silence of one voice that ends its turn even when nobody else speaks."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of one voice: its text, its words if known, and its time range."""

    speaker: str
    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...]


def utterances_from(transcript: Transcript, speakers: Sequence[Speaker]) -> tuple[Utterance, ...]:
    """Return the utterances of a transcript, ordered by start.

    Segments of one voice are joined until it pauses or another voice takes the turn; a
    back-channel ("mm-hm") in the middle is an utterance of its own and does not cut the other's.
    Where voices are not told apart (mono without diarization), every sentence stands alone,
    because two of them in a row may be two people's.
    """
    by_key = {s.key: s for s in speakers}
    apart = len(by_key) > 1 or any(s.role is not Role.UNKNOWN for s in speakers)
    pieces = [p for segment in transcript.segments for p in _sentences(segment)]
    pieces.sort(key=lambda p: (p.start_ms, p.speaker))
    turns = _turns(pieces) if apart else [[p] for p in pieces]
    split = [part for turn in turns for part in _split(turn)]
    split.sort(key=lambda parts: (parts[0].start_ms, parts[0].speaker))
    found: list[Utterance] = []
    for parts in split:
        text = " ".join(p.text for p in parts)
        speaker = by_key[parts[0].speaker]
        utterance = Utterance(
            index=len(found),
            speaker=speaker.key,
            role=speaker.role,
            role_source=speaker.role_source,
            role_confidence=speaker.confidence,
            start_ms=parts[0].start_ms,
            end_ms=max(p.end_ms for p in parts),
            text=text,
        )
        words = [w for p in parts for w in p.words]
        found.append(replace(utterance, words=words_in(text, words)))
    return tuple(found)


def _sentences(segment: Segment) -> Iterator[_Piece]:
    """Cut a segment at sentence ends and pauses, by its words where it has them."""
    key = speaker_key(segment)
    if not segment.words:
        text = " ".join(segment.text.split())
        if text:
            yield _Piece(key, segment.start_ms, max(segment.start_ms, segment.end_ms), text, ())
        return
    current: list[Word] = []
    gaps = _gaps(segment)
    text = ""
    for word, gap, following in zip(segment.words, gaps, [*segment.words[1:], None], strict=True):
        text += (gap if current else "") + word.text.strip()
        current.append(word)
        ends = following is None or ends_sentence(word.text)
        if ends or (following is not None and following.start_ms - word.end_ms > PAUSE_MS):
            if text := " ".join(text.split()):
                # Other people's files may hold words that end before they begin.
                last = max(current[0].start_ms, *(w.end_ms for w in current))
                yield _Piece(key, current[0].start_ms, last, text, tuple(current))
            current, text = [], ""


def _gaps(segment: Segment) -> list[str]:
    """Return what stands before each word in the segment's own text: nothing between "30" and ",000".

    A word that the text does not hold brings its own blank, where the engine's words do.
    """
    own = any(w.text[:1].isspace() for w in segment.words[1:])
    gaps: list[str] = []
    cursor = 0
    for word in segment.words:
        token = word.text.strip()
        found = segment.text.find(token, cursor)
        between = segment.text[cursor:found]
        if found >= 0 and not between.strip():
            gaps.append(between)
            cursor = found + len(token)
        else:
            gaps.append(word.text[: len(word.text) - len(word.text.lstrip())] if own else " ")
    return gaps


def _turns(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Join each voice's pieces while it neither pauses nor hands the turn over."""
    turns: list[list[_Piece]] = []
    last: dict[str, list[_Piece]] = {}
    for piece in pieces:
        turn = last.get(piece.speaker)
        if turn is not None and not _is_over(turn, piece, turns):
            turn.append(piece)
            continue
        last[piece.speaker] = [piece]
        turns.append(last[piece.speaker])
    return turns


def _is_over(turn: list[_Piece], piece: _Piece, turns: Sequence[list[_Piece]]) -> bool:
    """Whether ``turn`` ended before ``piece``: by a pause, or by another's words in between."""
    if piece.start_ms - turn[-1].end_ms > PAUSE_MS:
        return True
    for other in reversed(turns):
        if other is turn:
            return False
        between = other[0].start_ms >= turn[-1].end_ms - 300
        spoken = sum(len(p.text.split()) for p in other)
        if between and (spoken > 3 or piece.start_ms - turn[-1].end_ms > 700):
            return True
    return False


def _split(turn: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Cut a turn of more than :data:`MAX_WORDS` words at sentence ends."""
    current: list[_Piece] = []
    count = 0
    for piece in turn:
        words = len(piece.text.split())
        if current and count + words > MAX_WORDS:
            yield current
            current, count = [], 0
        current.append(piece)
        count += words
    if current:
        yield current
