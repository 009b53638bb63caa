"""Apply what people changed in a transcript to the turns of its call."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from callmine.domain import Edit, Role, RoleSource, SpokenWord, Utterance
from callmine.spans import clock

SIMILAR = 80.0
"""Likeness (0 to 100) from which the words of a new transcription are those that were corrected.

Of letters, as the share of them in common. Below it the correction is not applied: a turn that is
corrected again by a person is better than one that says what nobody said.
"""

_WORD = re.compile(r"\S+")
_NOT_SAID = re.compile(r"\W+")


@dataclass(slots=True)
class _Turn:
    """A turn as the engine heard it, and what people made of it so far."""

    heard: Utterance
    text: str
    role: Role | None = None


def apply_edits(
    utterances: Sequence[Utterance], edits: Sequence[Edit]
) -> tuple[tuple[Utterance, ...], tuple[str, ...]]:
    """Return the utterances as people corrected them, and a note for each edit without a turn.

    Edits are applied one after the other, each to what the ones before left: ``heard`` is what
    the turn said when it was edited, the engine's words or those of an earlier edit. So the last
    one wins, and taking a correction back is a correction too. A turn is found again

    1. where the edit before it of the same turn was applied,
    2. else where it began when it was edited, if it still says the same,
    3. else, after a new transcription, where it overlaps most in time with words that are at
       least :data:`SIMILAR` to those before or after the correction.

    Where no turn, or more than one, is meant, nothing is changed and a note says so.

    Indices stay what they are: a turn in which nothing was said leaves a gap, because findings
    of other turns, and what people said of them, go by the index. Words keep their times.
    """
    turns = [_Turn(utterance, utterance.text) for utterance in utterances]
    edited: dict[tuple[int, int], _Turn] = {}
    notes = []
    for edit in edits:
        place = edit.start_ms, edit.end_ms
        turn = edited.get(place)
        if turn is None or turn.text != edit.heard:
            turn = _there(edit, turns) or _alike(edit, turns)
        if turn is None:
            at = clock(edit.start_ms)
            notes.append(f"the correction of the turn at {at} was not applied: no such turn any more")
            continue
        edited[place] = turn
        if edit.text != edit.heard:  # else the person left the words, and newer ones stay
            turn.text = edit.text
        turn.role = edit.role or turn.role
    return tuple(_corrected(turn) for turn in turns if turn.text), tuple(notes)


def _there(edit: Edit, turns: Sequence[_Turn]) -> _Turn | None:
    """Return the turn that begins where the edited one did and says the same."""
    same = [t for t in turns if t.text == edit.heard and t.heard.start_ms == edit.start_ms]
    if len(same) > 1:
        same = [t for t in same if t.heard.end_ms == edit.end_ms]
    return same[0] if len(same) == 1 else None


def _alike(edit: Edit, turns: Sequence[_Turn]) -> _Turn | None:
    """Return the turn of a new transcription that the edit is about."""
    if not edit.heard:
        return None
    known = [_letters(text) for text in (edit.heard, edit.text) if text]
    found: list[tuple[int, _Turn]] = []
    for turn in turns:
        start, end = turn.heard.start_ms, max(turn.heard.end_ms, turn.heard.start_ms + 1)
        last = max(edit.end_ms, edit.start_ms + 1)
        shared = min(end, last) - max(start, edit.start_ms)
        if shared * 2 < min(end - start, last - edit.start_ms):
            continue
        said = _letters(turn.text)
        if said and max(fuzz.ratio(said, text) for text in known) >= SIMILAR:
            found.append((shared, turn))
    most = max((shared for shared, _ in found), default=0)
    best = [turn for shared, turn in found if shared == most]
    return best[0] if len(best) == 1 else None


def _letters(text: str) -> str:
    return _NOT_SAID.sub(" ", text.casefold()).strip()


def _corrected(turn: _Turn) -> Utterance:
    utterance = turn.heard
    if turn.text != utterance.text:
        utterance = replace(utterance, text=turn.text, words=words_of(utterance, turn.text))
    if turn.role is not None:
        utterance = replace(utterance, role=turn.role, role_source=RoleSource.PERSON, role_confidence=1.0)
    return utterance


def words_of(utterance: Utterance, text: str) -> tuple[SpokenWord, ...]:
    """Return the words of a corrected ``text`` with the times of the engine's words.

    Words that stayed keep their times; words in the place of others share the time of those;
    words put in between share the time that is left there, which may be none. The alignment is
    :class:`difflib.SequenceMatcher`'s over words, whatever their case and punctuation. Without
    times of words in ``utterance`` there are none in the result.
    """
    old = utterance.words
    if not old:
        return ()
    spans = [match.span() for match in _WORD.finditer(text)]
    before = [_key(utterance.text[w.start : w.end]) for w in old]
    after = [_key(text[start:end]) for start, end in spans]
    found: list[SpokenWord] = []
    for _, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if i2 - i1 == j2 - j1:
            times = [(w.start_ms, w.end_ms) for w in old[i1:i2]]
        elif i1 < i2:
            times = _shared(spans[j1:j2], old[i1].start_ms, max(w.end_ms for w in old[i1:i2]))
        else:
            begin = old[i1 - 1].end_ms if i1 else utterance.start_ms
            end = old[i1].start_ms if i1 < len(old) else utterance.end_ms
            times = _shared(spans[j1:j2], begin, end)
        found += [SpokenWord(*span, *time) for span, time in zip(spans[j1:j2], times, strict=True)]
    return tuple(found)


def _key(word: str) -> str:
    return _NOT_SAID.sub("", word.casefold()) or word


def _shared(spans: Sequence[tuple[int, int]], begin: int, end: int) -> list[tuple[int, int]]:
    """Share a time out to words by their letters; a reversed one has no length."""
    length = max(0, end - begin)
    total = sum(stop - start for start, stop in spans) or 1
    times, done = [], 0
    for start, stop in spans:
        first = begin + length * done // total
        done += stop - start
        times.append((first, begin + length * done // total))
    return times
