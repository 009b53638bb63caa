"""Looks up every window of up to twelve words: is it a name of the playbook, or does it sound like one?

A window is known by its joined form or by its sound (:mod:`callmine.extractors.sounds`). Every word of
every call comes by here after each change of the playbook, so what is cheap to tell is told first.
A name in a script that does not part words by blanks is looked for letter by letter instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from callmine.extractors.commonness import RARE, commonest, commonness, is_ordinary, zipf
from callmine.extractors.letters import NOTHING, as_seen, clusters, is_glued, letters_in
from callmine.extractors.sounds import Form, SoundIndex, normal
from callmine.extractors.spans import Token, free_of, tokens
from callmine.extractors.weighing import Candidate, Part, telling, total

WIDEST = 12
"""Words a window may have at most. It has as many as the longest name looked for, and one more."""

_FUNCTION_ZIPF = 6.0
_HOPELESS = -4.0  # log-odds of a sound-alike that nothing mends
_EVERYDAY = 3.0  # commonness of words in a row that are nobody's name
_WIDEST_HEARD, _SHORTEST_HEARD = 4, 4  # words, and letters, of a window that is matched by its sound

# Sound-alikes, tuned on half of the Earnings-21 calls and on talk without any competitor.
_SLOPE, _EVEN = 20.0, 0.72  # log-odds per likeness, and the likeness at which they are even
_SHORT, _LONG = 0.02, 0.01  # likeness asked more per letter under 7, and less per letter over 7
_COMMON, _FUNCTION = 0.6, 0.5  # log-odds taken per Zipf of commonness, and for a function word
_GAP = re.compile(rf"(?:[{NOTHING}]*+[\s\-\u2010\u2011–+&/'’_・]){{1,3}}[{NOTHING}]*+|\.")
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "st"})
_INITIAL_GAP = re.compile(r"\.\s")


class NameScan:
    """Finds what may be one of the names looked for, ours included, by what its words alone say."""

    def __init__(self, known: Sequence[Form] = ()) -> None:
        """Index the ways in which names may be said."""
        self._glued = [form for form in known if is_glued(form.joined)]
        self._exact = {form.joined: form for form in known if not is_glued(form.joined)}
        self._index = SoundIndex(
            f
            for f in self._exact.values()
            if len(f.joined) > 3 and f.keys and not (f.words[1:] and f.words[-1] == "com")
        )
        self._widest = min(WIDEST, max([4, *(len(form.words) + 1 for form in self._exact.values())]))
        self._most = max(map(len, self._exact), default=0) + 4

    def scan(self, text: str, *, by_sound: bool = True) -> list[Candidate]:
        """Return every window of ``text`` that matches a form, by text or, if asked, by sound."""
        inside = _written_inside(text, self._glued) if self._glued and is_glued(text) else []
        return [*self._windows(text, by_sound=by_sound), *inside] if self._exact else inside

    def _windows(self, text: str, *, by_sound: bool) -> list[Candidate]:
        """Return the windows that match a form written with blanks between words."""
        words = tokens(text)
        plain = [normal(w.text) for w in words]
        common = [zipf(word) for word in plain]
        ends = [not _joined(text, a, b) for a, b in pairwise(words)] + [True] * bool(words)
        found: list[Candidate] = []
        for first in range(len(words)):
            joined, said = "", 0.0
            for last in range(first, min(first + self._widest, len(words))):
                joined += plain[last]
                if len(joined) > self._most:
                    break
                said += common[last]
                count = last - first + 1
                if (form := self._written(joined)) is not None:
                    parts = _exact_parts(form, plain[first : last + 1])
                    found.append(_candidate(form, words[first : last + 1], form.match, parts, 1.0))
                # Words in a row that are common are nobody's name: see commonness().
                elif (
                    by_sound
                    and count <= _WIDEST_HEARD
                    and len(joined) >= _SHORTEST_HEARD
                    and (count == 1 or said - 9.0 * (count - 1) <= _EVERYDAY)
                    and (hit := self._heard(joined, plain[first : last + 1], words[first : last + 1]))
                ):
                    found.append(hit)
                if ends[last]:
                    break
        # "sales force is" is no sound-alike: the name itself is in it, meant or not.
        exact = [(c.start, c.end) for c in found if c.match != "sound"]
        return [c for c in found if c.match != "sound" or free_of((c.start, c.end), exact)]

    def _written(self, joined: str) -> Form | None:
        """Return the form that a window is written as, or the plural of."""
        form = self._exact.get(joined)
        if form is None and joined[-1:] == "s":
            form = self._exact.get(joined[:-1])
            if form is not None and form.zipf and len(form.words) == 1:
                return None  # "closes", "gongs": an ordinary word's plural is an ordinary word
        return form

    def _heard(self, joined: str, plain: list[str], words: list[Token]) -> Candidate | None:
        """Match one window by its sound."""
        near = self._index.nearest(tuple(plain), joined)
        if near is None or near[0].name is None:
            return None
        form, alike = near
        parts = _sound_parts(form, alike, plain)
        return _candidate(form, words, "sound", parts, alike) if total(parts) > _HOPELESS else None


def _joined(text: str, one: Token, other: Token) -> bool:
    """Whether two neighbouring words may belong to one name: no sentence ends between them."""
    if text[one.end : other.start] == " " or _GAP.fullmatch(text, one.end, other.start):
        return True
    return (len(as_seen(one.text)) == 1 or one.text.lower() in _TITLES) and bool(
        _INITIAL_GAP.fullmatch(text, one.end, other.start)
    )


def _written_inside(text: str, known: Sequence[Form]) -> list[Candidate]:
    """Return where names stand in a text that has no blanks between words, as they are written.

    What is compared are whole characters: no syllable of Korean ends within another one.
    """
    plain, pieces = "", []
    for start, end in clusters(text):
        letters = normal(text[start:end])
        if not letters and not _GAP.fullmatch(text, start, end):
            letters = "\n"  # a name does not go on behind a stop
        plain += letters
        pieces += [(start, end)] * len(letters)
    firsts = {at for at in range(len(pieces)) if not at or pieces[at] != pieces[at - 1]}
    found = []
    for form in known:
        at = plain.find(form.joined)
        while at >= 0:
            behind = at + len(form.joined)
            start, end = pieces[at][0], pieces[behind - 1][1]
            whole = at in firsts and (behind == len(pieces) or behind in firsts)
            if whole and not _is_within_word(text, start) and not _is_within_word(text, end):
                heard = [Token(text[start:end], start, end)]
                parts = _exact_parts(form, [form.joined])
                found.append(_candidate(form, heard, form.match, parts, 1.0))
            at = plain.find(form.joined, behind)
    return found


def _is_within_word(text: str, at: int) -> bool:
    """Whether a word of a script with blanks goes on at ``at``, as at the "l" of "Online" in Japanese."""
    around = text[max(0, at - 1) : at + 1]
    return 0 < at < len(text) and around.isalnum() and not any(map(is_glued, around))


def _candidate(form: Form, words: list[Token], match: str, parts: list[Part], alike: float) -> Candidate:
    last = words[-1]
    end = last.end - 2 if last.text[-2:].lower() in ("'s", "’s") else last.end
    return Candidate(form, words[0].start, end, tuple(words), match, tuple(parts), alike)


def _exact_parts(form: Form, plain: list[str]) -> list[Part]:
    """Return what it says that a window has the letters of a form."""
    if form.match == "heard_as":
        return [Part("a spelling that a person confirmed", 3.0)]
    if len(plain) == 1 and is_ordinary(plain[0]):
        common = -0.4 * max(0.0, zipf(plain[0]) - 3.5)
        return telling(Part("the letters of an ordinary word", -0.4), Part("how common it is", common))
    if len(form.words) > 1 and len(plain) > 1:
        return [Part("the letters of a name of several words", 4.0)]
    if all(is_ordinary(w) for w in plain):
        common = -0.5 * max(0.0, commonness(plain))
        return telling(Part("the letters of ordinary words", 2.0), Part("how common they are", common))
    if letters_in(form.joined) > 3:
        return [Part("the letters of the name", 4.0)]
    return [Part("the letters of a short name", 2.5)]


def _sound_parts(form: Form, alike: float, plain: list[str]) -> list[Part]:
    """Return what it says that a window only sounds like a form.

    The more letters agree the more that says; words that are common, or are function words,
    explain themselves; and a recogniser that knows a name's word does not mishear it.
    """
    length = len(form.joined)
    asked = _EVEN + _SHORT * max(0, 7 - length) - _LONG * min(max(0, length - 7), 7)
    common = commonness(plain) if len(plain) > 1 else commonest(plain[0])
    function = len(plain) > 1 and max(zipf(plain[0]), zipf(plain[-1])) >= _FUNCTION_ZIPF
    known = max(form.zipf if len(form.words) == 1 else 0.0, zipf(form.joined))
    return telling(
        Part("how alike it sounds", _SLOPE * (alike - asked)),
        Part("how common the words are", -_COMMON * max(0.0, common)),
        Part("begins or ends with a function word", -_FUNCTION if function else 0.0),
        Part("a known word itself", -2.0 if len(plain) == 1 and common > RARE else 0.0),
        Part("the name is a word that recognisers know", -1.5 * max(0.0, known - 2.5)),
    )
