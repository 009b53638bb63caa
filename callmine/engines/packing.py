"""Put the speech of a channel into one array, and its words back on the recording's clock.

Whisper's encoder costs the same for half a second as for thirty, so speech regions are not decoded
one by one: they are laid end to end, with some of the real sound around each, and decoded in
sequence. A channel of a two-sided call is half silence; this halves its cost and takes away the
long pauses in which Whisper invents text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from callmine.audio.types import RATE, Samples, Span
from callmine.domain import Segment, Word

CONTEXT_MS = 300
"""Sound kept before and after each speech region."""

MERGE_MS = 1_000
"""Regions closer than this stay together with all that is between them."""

_PER_MS = RATE // 1000


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch that was kept: ``at_ms`` on the packed clock, ``start_ms:end_ms`` on the recording's."""

    at_ms: int
    start_ms: int
    end_ms: int

    @property
    def stop_ms(self) -> int:
        """End on the packed clock."""
        return self.at_ms + self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Packed:
    """Packed sound, where its pieces come from, and the speech in it (packed clock, piece index)."""

    samples: Samples
    pieces: tuple[Piece, ...]
    speech: tuple[tuple[int, int, int], ...]


def pack(samples: Samples, speech: Sequence[Span]) -> Packed:
    """Lay the speech regions (milliseconds, ordered) of one channel end to end."""
    length = len(samples) // _PER_MS
    kept: list[list[int]] = []
    inside: list[tuple[Span, int]] = []
    for start, end in speech:
        low, high = max(0, start - CONTEXT_MS), min(length, end + CONTEXT_MS)
        if low >= high:
            continue
        if kept and low - kept[-1][1] <= MERGE_MS - 2 * CONTEXT_MS:
            kept[-1][1] = max(kept[-1][1], high)
        else:
            kept.append([low, high])
        inside.append(((max(0, start), min(length, end)), len(kept) - 1))
    pieces, at = [], 0
    for low, high in kept:
        pieces.append(Piece(at, low, high))
        at = pieces[-1].stop_ms
    parts = [samples[p.start_ms * _PER_MS : p.end_ms * _PER_MS] for p in pieces]
    return Packed(
        samples=np.concatenate(parts) if parts else np.zeros(0, np.float32),
        pieces=tuple(pieces),
        speech=tuple(
            (s - pieces[i].start_ms + pieces[i].at_ms, e - pieces[i].start_ms + pieces[i].at_ms, i)
            for (s, e), i in inside
        ),
    )


def unpack(segments: Iterable[Segment], packed: Packed) -> list[Segment]:
    """Put segments heard in packed sound back on the recording's clock, split at the joins.

    ``Word.text`` comes as the engine wrote it, with its leading space, and leaves stripped.
    A word that straddles a join goes to the side on which it has more speech.
    """
    placed: list[Segment] = []
    lowest = 0
    last_ms = 0
    for segment in segments:
        words = segment.words or (Word(segment.text, segment.start_ms, segment.end_ms),)
        located = []
        for word in words:
            lowest = max(lowest, _piece_of(word, packed))
            located.append((lowest, word))
        for index, group in groupby(located, key=lambda item: item[0]):
            piece = packed.pieces[index]
            heard = [word for _, word in group]
            moved = []
            for word in heard:
                start = max(last_ms, _moved(word.start_ms, piece))
                last_ms = start
                end = max(start, _moved(word.end_ms, piece))
                moved.append(Word(word.text.strip(), start, end, word.probability))
            text = "".join(word.text for word in heard).strip()
            if text:
                placed.append(
                    replace(
                        segment,
                        start_ms=moved[0].start_ms,
                        end_ms=max(w.end_ms for w in moved),
                        text=text,
                        words=tuple(w for w in moved if w.text) if segment.words else (),
                    )
                )
    return placed


def _piece_of(word: Word, packed: Packed) -> int:
    shares = dict(_shares(word, packed))
    if shares:
        return max(shares, key=lambda i: shares[i])
    middle = (word.start_ms + word.end_ms) // 2
    return next((i for i, p in enumerate(packed.pieces) if middle < p.stop_ms), len(packed.pieces) - 1)


def _shares(word: Word, packed: Packed) -> Iterator[tuple[int, int]]:
    """Yield piece index and milliseconds of its speech that the word covers."""
    total: dict[int, int] = {}
    for start, end, index in packed.speech:
        overlap = min(end, word.end_ms) - max(start, word.start_ms)
        if overlap > 0:
            total[index] = total.get(index, 0) + overlap
    yield from total.items()


def _moved(at_ms: int, piece: Piece) -> int:
    return min(max(at_ms, piece.at_ms), piece.stop_ms) - piece.at_ms + piece.start_ms
