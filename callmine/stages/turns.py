"""From segments to utterances: one speaker's uninterrupted turn, long ones cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from callmine.domain import Role, Speaker, Transcript, Utterance
from callmine.spans import words_in
from callmine.stages.pieces import PAUSE_MS, Piece, fits, pieces_of, shortened, size


def utterances_from(transcript: Transcript, speakers: Sequence[Speaker]) -> tuple[Utterance, ...]:
    """Return the utterances of a transcript, ordered by start.

    Segments of one voice are joined until it pauses or another voice takes the turn; a
    back-channel ("mm-hm") in the middle is an utterance of its own and does not cut the other's.
    Where voices are not told apart (mono without diarization), every sentence stands alone,
    because two of them in a row may be two people's. What is too long to be read at once is cut:
    at sentence ends, and where there are none, as :func:`callmine.stages.pieces.shortened` does.
    """
    by_key = {s.key: s for s in speakers}
    apart = len(by_key) > 1 or any(s.role is not Role.UNKNOWN for s in speakers)
    pieces = [p for segment in transcript.segments for p in pieces_of(segment)]
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


def _turns(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Join each voice's pieces while it neither pauses nor hands the turn over."""
    turns: list[list[Piece]] = []
    last: dict[str, list[Piece]] = {}
    for piece in pieces:
        turn = last.get(piece.speaker)
        if turn is not None and not _is_over(turn, piece, turns):
            turn.append(piece)
            continue
        last[piece.speaker] = [piece]
        turns.append(last[piece.speaker])
    return turns


def _is_over(turn: list[Piece], piece: Piece, turns: Sequence[list[Piece]]) -> bool:
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


def _split(turn: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Cut a turn that is too long at sentence ends, and sentences that are too long themselves."""
    current: list[Piece] = []
    words = tokens = 0
    for piece in (part for whole in turn for part in shortened(whole)):
        more_words, more_tokens = len(piece.text.split()), size(piece.text)
        if current and not fits(words + more_words, tokens + more_tokens):
            yield current
            current, words, tokens = [], 0, 0
        current.append(piece)
        words += more_words
        tokens += more_tokens
    if current:
        yield current
