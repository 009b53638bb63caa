"""Counting words: error rate, lost passages, invented words, names. One way for every tool.

Words are compared after Whisper's own English normaliser (openai-whisper,
``whisper.normalizers.EnglishTextNormalizer``), aligned by jiwer.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from callmine.playbook import Playbook

LOST_RUN = 4
"""So many deleted words in a row are a lost passage, not a slip."""

FAR_MS = 1_000
"""A word whose middle is farther than this from every turn was not spoken."""

PHRASE_GAP_MS = 1_000
"""Words of one channel with less than this between them are one phrase."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One word of a tool's transcript; ``channel`` is ``None`` where the tool read a mix."""

    text: str
    start_ms: int
    end_ms: int
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the truth; ``channel`` is the side it was spoken on."""

    text: str
    start_ms: int
    end_ms: int
    channel: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """Word counts of one or more comparisons; add them up with ``+``.

    Attributes:
        words: Words of the reference.
        substituted: Words written as another.
        deleted: Words that are missing.
        inserted: Words that nobody said.
        lost: Deleted words in runs of at least :data:`LOST_RUN`.
        passages: How many such runs.
    """

    words: int = 0
    substituted: int = 0
    deleted: int = 0
    inserted: int = 0
    lost: int = 0
    passages: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, n) + getattr(other, n) for n in self.__dataclass_fields__))

    @property
    def rate(self) -> float:
        """Word error rate, 0..; 0 where the reference is empty and nothing was heard."""
        errors = self.substituted + self.deleted + self.inserted
        return errors / max(1, self.words)


@cache
def _normaliser() -> Any:
    from whisper.normalizers import EnglishTextNormalizer

    # The library leaves its table of spellings open; not the caller's business.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        return EnglishTextNormalizer()


def normal(text: str) -> str:
    """Return a text as Whisper's own English normaliser writes it."""
    return str(_normaliser()(text))


def compare(reference: str, heard: str) -> Counts:
    """Count the word errors of ``heard`` against ``reference``, both as written."""
    import jiwer

    expected, found = normal(reference), normal(heard)
    if not expected:
        return Counts(inserted=len(found.split()))
    result = jiwer.process_words(expected, found)
    runs = [c.ref_end_idx - c.ref_start_idx for c in result.alignments[0] if c.type == "delete"]
    long = [run for run in runs if run >= LOST_RUN]
    return Counts(
        words=len(expected.split()),
        substituted=result.substitutions,
        deleted=result.deletions,
        inserted=result.insertions,
        lost=sum(long),
        passages=len(long),
    )


def stream(words: Iterable[Heard]) -> str:
    """Return all words as one text, phrase by phrase in order of their starts.

    Words of two channels that overlap are not interleaved word by word: whoever began first is
    written first, as in the truth and as a recogniser of the mix does.
    """
    by_channel: dict[int | None, list[Heard]] = {}
    for word in words:
        by_channel.setdefault(word.channel, []).append(word)
    phrases: list[list[Heard]] = []
    for said in by_channel.values():
        current: list[Heard] = []
        for word in sorted(said, key=lambda w: w.start_ms):
            if current and word.start_ms - current[-1].end_ms >= PHRASE_GAP_MS:
                phrases.append(current)
                current = []
            current.append(word)
        if current:
            phrases.append(current)
    phrases.sort(key=lambda p: p[0].start_ms)
    return " ".join(w.text.strip() for p in phrases for w in p)


def one_stream(turns: Sequence[Turn], words: Sequence[Heard]) -> Counts:
    """Compare a call as one text: turns by their starts, whoever spoke.

    Where people talk at once the order is ambiguous, for every tool alike.
    """
    expected = " ".join(t.text for t in sorted(turns, key=lambda t: t.start_ms))
    return compare(expected, stream(words))


def per_channel(turns: Sequence[Turn], words: Sequence[Heard]) -> Counts | None:
    """Compare each side by itself; ``None`` where the tool does not say who is on which."""
    if any(w.channel is None for w in words):
        return None
    total = Counts()
    for side in sorted({t.channel for t in turns} | {w.channel or 0 for w in words}):
        total += one_stream(
            [t for t in turns if t.channel == side], [w for w in words if w.channel == side]
        )
    return total


def invented(turns: Sequence[Turn], words: Iterable[Heard]) -> int:
    """Count the words that stand where nobody speaks."""
    return sum(
        not any(t.start_ms - FAR_MS <= (w.start_ms + w.end_ms) // 2 <= t.end_ms + FAR_MS for t in turns)
        for w in words
    )


def playbook_names(playbook: Playbook) -> tuple[str, ...]:
    """Return the names that a playbook wants to be heard: ours and the competitors', with aliases."""
    names = [playbook.company.name, *playbook.company.products]
    for competitor in playbook.competitors:
        names += [competitor.name, *competitor.aliases]
    return tuple(dict.fromkeys(n for n in names if n))


def names_in(text: str, names: Sequence[str]) -> Counter[str]:
    """Count the names that are written exactly so; of two that fit in one place the longer counts."""
    longest = sorted(names, key=len, reverse=True)
    pattern = "|".join(re.escape(n) for n in longest)
    return Counter(re.findall(rf"(?<!\w)(?:{pattern})(?!\w)", text)) if pattern else Counter()


def names_heard(turns: Sequence[Turn], words: Sequence[Heard], names: Sequence[str]) -> tuple[int, int]:
    """Return how many of the names said were written exactly, and how many were said.

    A name counts as written when it stands in the tool's words around its turn. The words around
    one turn may be those of the next, so a name is not counted more often than it was said.
    """
    found = said = 0
    for turn in turns:
        expected = names_in(turn.text, names)
        if not expected:
            continue
        around = stream(
            w
            for w in words
            if w.channel in (None, turn.channel)
            and w.end_ms >= turn.start_ms - FAR_MS
            and w.start_ms <= turn.end_ms + FAR_MS
        )
        heard = names_in(around, names)
        said += sum(expected.values())
        found += sum(min(n, heard[name]) for name, n in expected.items())
    return found, said


def turn_starts(turns: Sequence[Turn], words: Sequence[Heard]) -> list[tuple[Turn, int]]:
    """Return ``(turn, error in ms)`` where the first word of a turn was heard.

    Words are aligned over the whole call, so an error may be of any size. Sentence starts are
    known by construction only at the starts of turns; those are taken.
    """
    import jiwer

    expected = [(_plain(w), t if i == 0 else None) for t in turns for i, w in enumerate(t.text.split())]
    expected = [(text, turn) for text, turn in expected if text]
    heard = [(_plain(w.text), w) for w in words if _plain(w.text)]
    if not expected or not heard:
        return []
    result = jiwer.process_words(" ".join(t for t, _ in expected), " ".join(t for t, _ in heard))
    found = []
    for chunk in result.alignments[0]:
        if chunk.type == "equal":
            for i in range(chunk.ref_end_idx - chunk.ref_start_idx):
                turn = expected[chunk.ref_start_idx + i][1]
                if turn is not None:
                    word = heard[chunk.hyp_start_idx + i][1]
                    found.append((turn, word.start_ms - turn.start_ms))
    return found


def _plain(word: str) -> str:
    return re.sub(r"[^\w']", "", word.lower().replace("’", "'"))
