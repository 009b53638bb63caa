"""Turns out of single words, for files that only have those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callmine.domain import Segment, Word
from callmine.formats.base import segment

_PAUSE_MS = 1000
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word and who said it."""

    word: Word
    speaker: str | None


def turns_of(words: Sequence[Spoken], *, where: str) -> list[Segment]:
    """Join words to turns: a new one at another speaker, a pause of a second, or a late full stop."""
    turns: list[list[Spoken]] = []
    for spoken in words:
        last = turns[-1] if turns else None
        if (
            last is None
            or last[-1].speaker != spoken.speaker
            or spoken.word.start_ms - last[-1].word.end_ms > _PAUSE_MS
            or (len(last) >= _LONGEST and last[-1].word.text.rstrip().endswith((".", "?", "!")))
        ):
            turns.append([spoken])
        else:
            last.append(spoken)
    return [
        segment(
            turn[0].word.start_ms,
            max(s.word.end_ms for s in turn),
            " ".join(s.word.text.strip() for s in turn),
            where=f"{where}: the word {turn[0].word.text.strip()[:30]!r}",
            words=[s.word for s in turn],
            speaker=turn[0].speaker,
        )
        for turn in turns
    ]
