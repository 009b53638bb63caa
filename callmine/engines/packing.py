"""Lay the speech of all channels into windows, and put the words back on the recording's clock.

Whisper costs the same for half a second as for thirty. So speech regions are not decoded one by
one: they are laid end to end, with some of the real sound around each, until a window is full. The
two sides of a call speak in turn, so their speech fills about as many windows as that of the same
call in one channel, and the long pauses in which Whisper invents text are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from callmine.audio.types import RATE, Samples, Span, Track
from callmine.domain import Segment, Word

WINDOW_MS = 28_500
"""Most sound laid into one window: Whisper's thirty seconds, less a margin in which it may end."""

FULL_MS = 30_000
"""What Whisper reads at once."""

CONTEXT_MS = 100
"""Sound kept before and after each speech region, which has a margin of its own already."""

MERGE_MS = 600
"""Regions closer than this keep all that is between them."""

MARGIN_MS = 200
"""Margin of the speech detector at both ends of a region."""

_FULL = 0.85  # from this share of a window on, it may be closed early, at the longest pause
_PER_MS = RATE // 1000


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one channel: ``start_ms`` to ``end_ms``, lying at ``at_ms`` in its window.

    ``speech`` is the speech in it, on the recording's clock.
    """

    channel: int
    at_ms: int
    start_ms: int
    end_ms: int
    speech: tuple[Span, ...]

    @property
    def stop_ms(self) -> int:
        """Where it ends in its window."""
        return self.at_ms + self.end_ms - self.start_ms

    @property
    def speech_ms(self) -> int:
        """How much speech it holds."""
        return sum(end - start for start, end in self.speech)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What fills one window: pieces in the order in which they lie there."""

    pieces: tuple[Piece, ...]

    @property
    def length_ms(self) -> int:
        """Length of the sound in the window."""
        return self.pieces[-1].stop_ms

    def samples(self, tracks: Sequence[Track]) -> Samples:
        """Read the sound of the window."""
        parts = [tracks[p.channel][p.start_ms * _PER_MS : p.end_ms * _PER_MS] for p in self.pieces]
        return np.concatenate(parts)


def plan(tracks: Sequence[Track], speech: Sequence[Sequence[Span]]) -> list[Chunk]:
    """Lay all speech into windows, each channel's into its own: no word can come to the wrong side.

    Args:
        tracks: The channels.
        speech: Speech of each channel, milliseconds, ordered and apart.

    Returns:
        Windows of at most :data:`WINDOW_MS`. Each region lies in one of them, unless it is longer
        than a window: such a one is cut where it is quietest.
    """
    chunks: list[Chunk] = []
    for channel, (track, spans) in enumerate(zip(tracks, speech, strict=True)):
        atoms = list(_atoms(channel, track, spans))
        while atoms:
            count = _fill(atoms)
            chunks.append(_lay(atoms[:count]))
            atoms = atoms[count:]
    return chunks


def repack(pieces: Sequence[Piece]) -> list[Chunk]:
    """Lay pieces that are to be heard again into new windows, in other company than before."""
    chunks: list[Chunk] = []
    waiting: list[Piece] = []
    at = 0
    for piece in pieces:
        length = piece.end_ms - piece.start_ms
        if waiting and (at + length > WINDOW_MS or piece.channel != waiting[-1].channel):
            chunks.append(Chunk(tuple(waiting)))
            waiting, at = [], 0
        waiting.append(replace(piece, at_ms=at))
        at += length
    return [*chunks, Chunk(tuple(waiting))] if waiting else chunks


def _atoms(channel: int, track: Track, speech: Sequence[Span]) -> Iterator[Piece]:
    """Yield each region of a channel with the sound around it; neighbours meet in the middle."""
    length = len(track) // _PER_MS
    spans = [(max(0, s), min(e, length)) for s, e in speech if s < min(e, length)]
    for index, (start, end) in enumerate(spans):
        low, high = max(0, start - CONTEXT_MS), min(length, end + CONTEXT_MS)
        if index and start - spans[index - 1][1] <= MERGE_MS:
            low = (spans[index - 1][1] + start) // 2
        if index + 1 < len(spans) and spans[index + 1][0] - end <= MERGE_MS:
            high = (end + spans[index + 1][0]) // 2
        # As long as speech is left behind the cut; the sound after it is worth no window of its own.
        while end - low > WINDOW_MS:
            cut = _quietest(track, low + WINDOW_MS // 2, low + WINDOW_MS)
            yield Piece(channel, 0, low, cut, ((max(low, start), cut),))
            low = cut
        high = min(high, low + WINDOW_MS)
        yield Piece(channel, 0, low, high, ((max(low, start), end),))


def _quietest(track: Track, low: int, high: int) -> int:
    """Return the middle of the quietest fifth of a second between two times, milliseconds."""
    frame = RATE // 50
    sound = track[low * _PER_MS : high * _PER_MS]
    count = len(sound) // frame
    power = (sound[: count * frame].reshape(count, frame) ** 2).mean(axis=1)
    around = np.convolve(power, np.ones(10), mode="valid")
    return low + (int(around.argmin()) + 5) * 20


def _fill(atoms: Sequence[Piece]) -> int:
    """Return how many atoms go into the next window; it closes at the longest pause near its end."""
    total = 0
    best, pause = 1, -1
    for count, atom in enumerate(atoms, 1):
        total += atom.end_ms - atom.start_ms
        if total > WINDOW_MS:
            return best
        if count == len(atoms):
            return count
        gap = atoms[count].speech[0][0] - atom.speech[-1][1]
        if total < _FULL * WINDOW_MS:
            best = count
        elif gap >= pause:
            best, pause = count, gap
    return best


def _lay(atoms: Sequence[Piece]) -> Chunk:
    """Lay atoms end to end; those that meet become one piece."""
    pieces: list[Piece] = []
    for atom in atoms:
        last = pieces[-1] if pieces else None
        if last is not None and last.end_ms == atom.start_ms:
            pieces[-1] = replace(last, end_ms=atom.end_ms, speech=last.speech + atom.speech)
        else:
            pieces.append(replace(atom, at_ms=last.stop_ms if last else 0))
    return Chunk(tuple(pieces))


def encoded_ms(length_ms: int) -> int:
    """Return the length at which a window is encoded: its sound and a second of silence, in steps of five.

    Whisper learned to end in silence. The steps depend on the window alone, so that its text does
    not depend on which windows are decoded beside it.
    """
    return min(FULL_MS, -(-(length_ms + 1_000) // 5_000) * 5_000)


def grouped(lengths: Sequence[int], *, most: int, lanes: int) -> list[list[int]]:
    """Return which windows to decode together: encoded at one length, and work for every lane.

    Args:
        lengths: Length of each window, milliseconds.
        most: Most windows in a group.
        lanes: Groups that are decoded at the same time.
    """
    groups: list[list[int]] = []
    for size in sorted({encoded_ms(length) for length in lengths}, reverse=True):
        alike = [i for i, length in enumerate(lengths) if encoded_ms(length) == size]
        count = max(1, min(most, -(-len(alike) // lanes)))
        groups += [alike[at : at + count] for at in range(0, len(alike), count)]
    return groups


def unpack(segments: Iterable[Segment], chunk: Chunk) -> list[list[Segment]]:
    """Put what was heard in a window back on the recording's clock, piece by piece.

    Segments are split where pieces meet. ``Word.text`` comes as the engine wrote it, with its
    leading space, and leaves stripped. A word that straddles a join goes to the side on which it
    has more speech.

    Returns:
        One list a piece of ``chunk``, with ``channel`` set.
    """
    placed: list[list[Segment]] = [[] for _ in chunk.pieces]
    lowest = 0
    last_ms = 0
    for segment in segments:
        words = segment.words or (Word(segment.text, segment.start_ms, segment.end_ms),)
        located = []
        for word in words:
            lowest = max(lowest, _piece_of(word, chunk))
            located.append((lowest, word))
        for index, group in groupby(located, key=lambda item: item[0]):
            piece = chunk.pieces[index]
            heard = [word for _, word in group]
            moved = []
            last_ms = max(last_ms, piece.start_ms) if placed[index] else piece.start_ms
            for word in heard:
                start = max(last_ms, _moved(word.start_ms, piece))
                last_ms = start
                end = max(start, _moved(word.end_ms, piece))
                moved.append(Word(word.text.strip(), start, end, word.probability))
            text = "".join(word.text for word in heard).strip()
            if text:
                placed[index].append(
                    replace(
                        segment,
                        start_ms=moved[0].start_ms,
                        end_ms=max(w.end_ms for w in moved),
                        text=text,
                        words=tuple(w for w in moved if w.text) if segment.words else (),
                        channel=piece.channel,
                    )
                )
    return placed


def _piece_of(word: Word, chunk: Chunk) -> int:
    shares = dict(_shares(word, chunk))
    if shares:
        return max(shares, key=lambda i: shares[i])
    middle = (word.start_ms + word.end_ms) // 2
    return next((i for i, p in enumerate(chunk.pieces) if middle < p.stop_ms), len(chunk.pieces) - 1)


def _shares(word: Word, chunk: Chunk) -> Iterator[tuple[int, int]]:
    """Yield piece index and milliseconds of its speech that the word covers."""
    for index, piece in enumerate(chunk.pieces):
        if word.end_ms <= piece.at_ms or word.start_ms >= piece.stop_ms:
            continue
        move = piece.at_ms - piece.start_ms
        overlap = sum(
            max(0, min(end + move, word.end_ms) - max(start + move, word.start_ms))
            for start, end in map(_core, piece.speech)
        )
        if overlap > 0:
            yield index, overlap


def _core(span: Span) -> Span:
    """Return a region without the detector's margins: a word never begins in those of the region before."""
    margin = min(MARGIN_MS, (span[1] - span[0]) // 3)
    return span[0] + margin, span[1] - margin


def _moved(at_ms: int, piece: Piece) -> int:
    return min(max(at_ms, piece.at_ms), piece.stop_ms) - piece.at_ms + piece.start_ms
