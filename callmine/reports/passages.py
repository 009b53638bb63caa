"""Readable passages around a span: whole sentences where they are not too long, and nothing reworded."""

from __future__ import annotations

import re

from callmine.spans import sentence_start

PASSAGE = 300
"""Characters of a printed passage, about; a longer sentence is cut at a word."""
SHORT = 60
"""A passage shorter than this takes the next sentence with it."""
LONGEST_MARK = 400
"""A marked span longer than this is cut."""

_SENTENCE_END = re.compile(r"[.?!]+[\"'”’)\]]*(?=\s|$)")


def passage_of(text: str, start: int, end: int) -> tuple[int, int, int, bool, bool]:
    """Return first, end of mark, last, and whether the ends are inside a sentence.

    All are offsets into ``text``, of which ``start`` to ``end`` is to be marked.
    """
    first = sentence_start(text, start)
    while first < start and text[first].isspace():
        first += 1
    last = _sentence_end(text, end)
    if last - first < SHORT and last < len(text):
        last = _sentence_end(text, last + 1)
    if last == len(text):
        last = max(len(text.rstrip()), end)
    if end - start > LONGEST_MARK:
        mark_end = last = _word_before(text, start + LONGEST_MARK, start + 1)
        cut_end = True
    else:
        mark_end = end
    room = max(PASSAGE - (mark_end - start), 80)
    cut_start = start - first > room // 2
    if cut_start:
        first = _word_after(text, start - room // 2, start)
    if mark_end == end:
        room -= start - first
        cut_end = last - end > room
        if cut_end:
            last = _word_before(text, end + room, end)
    return first, mark_end, last, cut_start, cut_end


def _sentence_end(text: str, position: int) -> int:
    """Return the end of the sentence that holds the character before ``position``."""
    match = _SENTENCE_END.search(text, max(position - 1, 0))
    return max(match.end(), position) if match else len(text)


def _word_after(text: str, position: int, limit: int) -> int:
    space = re.compile(r"\s+").search(text, position, limit)
    return space.end() if space else limit


def _word_before(text: str, position: int, limit: int) -> int:
    spaces = [m.start() for m in re.finditer(r"\s+", text[limit:position])]
    return limit + spaces[-1] if spaces else position


def cut_at_word(text: str, longest: int) -> str:
    """Return a text from its beginning up to the last word that ends within ``longest`` characters."""
    return text.rstrip() if len(text.rstrip()) <= longest else text[: _word_before(text, longest, 1)]
