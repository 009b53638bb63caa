"""Pieces of one voice's speech: sentences where there are any, shorter parts where nobody stops."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from callmine.domain import Segment, Word
from callmine.extractors.spans import JOINTS
from callmine.spans import ends_sentence
from callmine.stages.roles import speaker_key

PAUSE_MS = 1500
"""A silence of one voice that ends its turn even when nobody else speaks."""

MAX_WORDS = 60
"""A turn longer than this is cut."""

MAX_SIZE = 108
"""So is one with a larger :func:`size`: the encoder reads 110 tokens of a turn."""

LEAST_WORDS = 15
"""What is left when a long sentence is cut; fewer words would say little by themselves."""

BREATH_MS = 200
"""The shortest pause that tells where to cut a sentence that has no end."""

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_AFTER = (",", ";", ":", "–", "—")  # what a clause ends with
_FILLERS = frozenset(("um", "uh", "erm", "er", "hm", "mm", "mhm", "yeah"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one voice: its text, its words if known, and its time range.

    ``gaps`` has, for each word, what stands before it in the text.
    """

    speaker: str
    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    gaps: tuple[str, ...] = ()


def pieces_of(segment: Segment) -> Iterator[Piece]:
    """Cut a segment at sentence ends and pauses, by its words where it has them."""
    key = speaker_key(segment)
    if not segment.words:
        text = " ".join(segment.text.split())
        if text:
            yield Piece(key, segment.start_ms, max(segment.start_ms, segment.end_ms), text)
        return
    gaps = _gaps(segment)
    begin = 0
    for at, (word, following) in enumerate(zip(segment.words, [*segment.words[1:], None], strict=True), 1):
        ends = following is None or ends_sentence(word.text)
        if ends or (following is not None and following.start_ms - word.end_ms > PAUSE_MS):
            piece = _spoken(key, segment.words[begin:at], gaps[begin:at])
            if piece.text:
                yield piece
            begin = at


def _spoken(key: str, words: Sequence[Word], gaps: Sequence[str]) -> Piece:
    """Return the piece that some words make up."""
    text = "".join(gap + word.text.strip() for gap, word in zip(gaps, words, strict=True))
    # Other people's files may hold words that end before they begin.
    last = max(words[0].start_ms, *(w.end_ms for w in words))
    return Piece(key, words[0].start_ms, last, " ".join(text.split()), tuple(words), tuple(gaps))


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


def size(text: str) -> int:
    """Return about how many tokens a text is for the encoder, rather too many than too few.

    Reckoned without its tokenizer, so that where a turn is cut does not depend on a model: marks
    count one, words one for every five letters, numbers one for every two digits. Of 5,400 stretches
    of 60 words from the training calls, five have more tokens than this, by one.
    """
    return sum(map(_tokens_in, _TOKEN.findall(text)))


def _tokens_in(run: str) -> int:
    if run.isdigit():
        return -(-len(run) // 2)
    return -(-len(run) // 5) if run.isascii() else len(run)


def fits(words: int, tokens: int) -> bool:
    """Whether a turn of so many words, and of so many tokens by :func:`size`, is short enough."""
    return words <= MAX_WORDS and tokens <= MAX_SIZE


def shortened(piece: Piece) -> list[Piece]:
    """Return a piece as parts that are short enough, in order; itself where it is.

    A text without word times is cut at its sentence ends first. A sentence that is still too long is
    cut at its longest pause, else after a comma, before a conjunction or after a filler, else where
    it has to be. Only what has no blank in it is never cut.
    """
    if fits(len(piece.text.split()), size(piece.text)):
        return [piece]
    return [part for sentence in _sentences(_atoms(piece)) for part in _parts(sentence)]


def _atoms(piece: Piece) -> list[Piece]:
    """Return what no cut goes through: the text from blank to blank, with the words and the time of each.

    Without word times, the time is shared out by characters, as :func:`callmine.spans.span_times` does.
    """
    if not piece.words:
        length, duration = len(piece.text), piece.end_ms - piece.start_ms
        return [
            replace(
                piece,
                start_ms=piece.start_ms + duration * found.start() // length,
                end_ms=piece.start_ms + duration * found.end() // length,
                text=found.group(),
            )
            for found in re.finditer(r"\S+", piece.text)
        ]
    starts = [i for i, gap in enumerate(piece.gaps) if i == 0 or gap]
    atoms = (
        _spoken(piece.speaker, piece.words[a:b], piece.gaps[a:b])
        for a, b in zip(starts, [*starts[1:], len(piece.words)], strict=True)
    )
    return [atom for atom in atoms if atom.text]


def _sentences(atoms: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    begin = 0
    for at, atom in enumerate(atoms, 1):
        if at == len(atoms) or ends_sentence(atom.text):
            yield atoms[begin:at]
            begin = at


def _parts(atoms: Sequence[Piece]) -> Iterator[Piece]:
    """Cut a sentence into parts that are short enough."""
    words = [0, *accumulate(len(atom.text.split()) for atom in atoms)]
    sizes = [0, *accumulate(size(atom.text) for atom in atoms)]
    begin = 0
    while not fits(words[-1] - words[begin], sizes[-1] - sizes[begin]):
        high = begin + 1
        while high < len(atoms) and fits(words[high + 1] - words[begin], sizes[high + 1] - sizes[begin]):
            high += 1
        if high == len(atoms):  # one that is too long by itself, and the last
            break
        low = max(begin + 1, (begin + high + 1) // 2)
        high = max(low, min(high, len(atoms) - LEAST_WORDS))
        cut = max(range(low, high + 1), key=lambda at: _worth(atoms, at))
        yield _joined(atoms[begin:cut])
        begin = cut
    yield _joined(atoms[begin:])


def _worth(atoms: Sequence[Piece], at: int) -> tuple[int, int, int]:
    """Return how good a place to cut is before an atom: by the pause, by the words, by how late it is."""
    before, after = atoms[at - 1], atoms[at]
    pause = after.start_ms - before.end_ms if before.words else 0
    joint = 0
    if before.text.endswith(_AFTER):
        joint = 3
    elif after.text.casefold().strip("\"'“”‘’(") in JOINTS:
        joint = 2
    elif before.text.casefold() in _FILLERS:
        joint = 1
    return (pause if pause >= BREATH_MS else 0), joint, at


def _joined(atoms: Sequence[Piece]) -> Piece:
    return Piece(
        atoms[0].speaker,
        atoms[0].start_ms,
        max(atom.end_ms for atom in atoms),
        " ".join(atom.text for atom in atoms),
        tuple(word for atom in atoms for word in atom.words),
        tuple(gap for atom in atoms for gap in atom.gaps),
    )
