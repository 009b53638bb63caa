"""How names are written, said and misheard: normal forms and phonetic keys.

A name is compared in its *joined* form (letters and digits only, small, accents off), so that
``Hub Spot`` and ``HubSpot`` are the same. Two joined forms sound alike to the degree given by
:func:`similarity`: half edit distance of the letters, half of the double metaphone keys
(L. Philips, "The double metaphone search algorithm", C/C++ Users Journal, June 2000).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from doublemetaphone import doublemetaphone
from rapidfuzz.distance.Levenshtein import distance, normalized_similarity

from callmine.extractors.commonness import RARE, commonness, is_ordinary, zipf
from callmine.extractors.letters import as_seen, find_words, folded, letters_in
from callmine.playbook import Playbook

FLOOR = 0.6
"""Least likeness that is reported; below it two words have little in common."""

SHORTEST = 2
"""Letters and digits that a name has at least; a single one is said too often to be one."""

_MEMO = 1 << 17

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SPOKEN_DIGITS = {str(digit): word for digit, word in enumerate(_DIGITS)}
_LEGAL = re.compile(
    r"[\s,]+(?:incorporated|inc|corporation|corp|company|co|limited|ltd|llc|llp|plc|gmbh|ag|se|sa|bv|nv|ab|oy|"
    r"pty|kk)\.?$",
    re.I,
)
_DOMAIN = re.compile(r"\.(?:com|io|ai|co|net|org|app|dev|so)$", re.I)
_AND = re.compile(r"(?<=[^\W_])(?:\s*&\s*|\s+\+\s+|\+)(?=[^\W_])")
"""A sign that is said as "and" or "n": one between two words. That of "C++" or "+1" is not."""

_FIRST_SOUND = dict(zip("PBFVWTD0SXJKGCMNRLH", "PPPPPTTTSSSKKKNNRLH", strict=True))


@dataclass(frozen=True, slots=True)
class Form:
    """One way a name may be said.

    Attributes:
        joined: Letters and digits of the form.
        name: Canonical name; ``None`` for one of our own names.
        match: Where the form comes from: ``name``, ``alias`` or ``heard_as``.
        words: The words it is written with.
        zipf: How common the form is in ordinary talk (Zipf, by
            :func:`~callmine.extractors.commonness.commonness`); 0 when one of its words is no
            ordinary word.
        keys: Phonetic keys, primary first.
    """

    joined: str
    name: str | None
    match: str
    words: tuple[str, ...]
    zipf: float
    keys: tuple[str, ...]


@lru_cache(maxsize=1 << 15)
def normal(word: str) -> str:
    """Return a word in small letters without accents, apostrophes and a possessive ``'s``.

    A mark that is a vowel, as in Hindi or Thai, stays: see :func:`callmine.extractors.letters.folded`.
    """
    word = word.casefold().replace("’", "'")
    if word.endswith("'s"):
        word = word[:-2]
    return word.replace("'", "") if word.isascii() else folded(word)


def words_of(name: str) -> list[str]:
    """Return the normal forms of the words of ``name``."""
    return [n for n in (normal(word.group()) for word in find_words(name)) if n]


_SILENT_R = re.compile(r"(?<=[aeiou])r(?![aeiouy])")


@lru_cache(maxsize=1 << 16)
def keys(joined: str) -> tuple[str, ...]:
    """Return the double metaphone keys of a joined form, primary first; none for digits."""
    primary, secondary = doublemetaphone(joined)
    return tuple(dict.fromkeys(k for k in (primary, secondary) if k))


def first_sound(key: str) -> str:
    """Return the class of the sound a key begins with; sounds recognisers confuse share one."""
    return _FIRST_SOUND.get(key[0], key[0])


_LETTERS = {
    **{"a": "ay", "b": "bee", "c": "see", "d": "dee", "e": "ee", "f": "eff", "g": "jee", "h": "aitch"},
    **{"i": "eye", "j": "jay", "k": "kay", "l": "ell", "m": "em", "n": "en", "o": "oh", "p": "pee"},
    **{"q": "cue", "r": "are", "s": "ess", "t": "tee", "u": "you", "v": "vee", "w": "doubleyou"},
    **{"x": "ex", "y": "why", "z": "zee"},
}


def spelled_out(words: Iterable[str]) -> str:
    """Return the joined form of words with single letters as they are said.

    A recogniser may write "Sea" as "C", and "Why" as "Y".
    """
    return "".join(_LETTERS.get(word, word) for word in words)


@lru_cache(maxsize=1 << 14)
def without_silent_r(joined: str) -> str:
    """Return a joined form as most of Britain says it: no "r" but before a vowel.

    A recogniser writes down what it hears: "Harbor" said in London may come out as "Habo".
    """
    return _SILENT_R.sub("", joined)


def similarity(one: str, other: str) -> float:
    """Return how alike two joined forms sound and look, 0 (not at all) to 1 (the same).

    Either may have been said with or without the silent "r".
    """
    ways = {(one, other), (without_silent_r(one), other), (one, without_silent_r(other))}
    return max(_alike(a, b) for a, b in ways if a and b)


def _alike(one: str, other: str) -> float:
    sound = max((normalized_similarity(a, b) for a in keys(one) for b in keys(other)), default=0.0)
    return 0.5 * sound + 0.5 * normalized_similarity(one, other)


def likeness(words: tuple[str, ...], form: Form) -> float:
    """Return how alike heard words and a form are, 0..1.

    Known words that both share at the beginning or end ("… Logistics") say little: what is
    left of them counts as much as the whole.
    """
    whole = _spoken_similarity(words, form.joined)
    heard, meant = list(words), list(form.words)
    while len(heard) > 1 and len(meant) > 1 and heard[-1] == meant[-1] and zipf(heard[-1]) > RARE:
        heard.pop()
        meant.pop()
    while len(heard) > 1 and len(meant) > 1 and heard[0] == meant[0] and zipf(heard[0]) > RARE:
        del heard[0], meant[0]
    if len(meant) == len(form.words):
        return whole
    return 0.5 * whole + 0.5 * _spoken_similarity(heard, "".join(meant))


def _spoken_similarity(words: Sequence[str], joined: str) -> float:
    ways = {"".join(words), spelled_out(words)}
    return max(similarity(way, joined) for way in ways)


def forms(playbook: Playbook) -> list[Form]:
    """Return every form of the playbook's competitors and of our own names, without repeats.

    Beside what the playbook lists: without the legal suffix ("Inc"), with and without the
    domain (".com", "dot com"), with digits spoken, with and without the "and" of "&" and the
    "plus" of "+", and the first word alone where it is rare and no other name has it ("Northwind"
    for "Northwind Traders").
    """
    given: list[tuple[str, str | None, str]] = [(n, None, "name") for n in playbook.own_names]
    for rival in playbook.competitors:
        given.append((rival.name, rival.name, "name"))
        given.extend((alias, rival.name, "alias") for alias in rival.aliases)
        given.extend((heard, rival.name, "heard_as") for heard in rival.heard_as)
    firsts: dict[str, set[str | None]] = defaultdict(set)
    for text, name, _ in given:
        firsts[(words_of(text) or [""])[0]].add(name)
    found: dict[str, Form] = {}
    for text, name, match in given:
        for words in dict.fromkeys(ways_of(text)):
            _add(found, words, name, match)
    for form in [f for f in found.values() if len(f.words) == 1]:
        for domain in (("com",), ("dot", "com")):
            _add(found, (*form.words, *domain), form.name, form.match)
    for text, name, match in given:
        head, *tail = words_of(_LEGAL.sub("", text)) or [""]
        if tail and letters_in(head) > 4 and zipf(head) == RARE and len(firsts[head]) == 1:
            _add(found, (head,), name, match)
    return list(found.values())


def _add(found: dict[str, Form], words: tuple[str, ...], name: str | None, match: str) -> None:
    joined = "".join(words)
    if letters_in(joined) < SHORTEST or joined in found:
        return
    whole = [joined] if is_ordinary(joined) else list(words)
    common = commonness(whole) if all(is_ordinary(w) for w in whole) else 0.0
    found[joined] = Form(joined, name, match, words, max(common, 0.0), keys(joined))


def ways_of(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the word sequences by which a listed name may be said."""
    text = as_seen(text)
    bare = _LEGAL.sub("", text).strip() or text
    for way in dict.fromkeys((text, bare, _DOMAIN.sub(" dot com", bare), _DOMAIN.sub("", bare))):
        signs = _AND.sub(" and ", way), _AND.sub("n", way), way.replace("+", " plus ")
        for said in dict.fromkeys((way, *signs)):
            plain = tuple(words_of(said))
            yield plain
            # One digit alone is no name: every "one" would be it.
            if len("".join(plain)) >= SHORTEST and any(c in _SPOKEN_DIGITS for w in plain for c in w):
                spoken = "".join(f" {_SPOKEN_DIGITS[c]} " if c in _SPOKEN_DIGITS else c for c in said)
                yield tuple(words_of(spoken))


def _first_sounds(key: str) -> tuple[str, ...]:
    """Return what a key begins with; behind a first vowel, which is easily lost, also what follows it."""
    first = first_sound(key)
    if first != "A" or len(key) <= 2:
        return (first,)
    second = first_sound(key[1:])
    return (first,) if second == first else (first, second)


_Entry = tuple[str, int, Form]  # a key, in how many sounds what is heard may differ from it, whose it is


class SoundIndex:
    """Finds the forms that a stretch of words sounds like."""

    def __init__(self, known: Iterable[Form]) -> None:
        # By first sound and length: most of what is looked up is told from every form by these alone.
        self._buckets: dict[tuple[str, int], list[_Entry]] = defaultdict(list)
        for form in known:
            size = len(form.joined)
            slack = 1 + size // 4
            for key in form.keys:
                entry = (key, max(1, len(key) // 2), form)
                for first in _first_sounds(key):
                    for length in range(size - slack, size + slack + 1):
                        self._buckets[first, length].append(entry)
        self._memo: dict[tuple[str, ...], tuple[Form, float] | None] = {}

    def nearest(self, words: tuple[str, ...], joined: str) -> tuple[Form, float] | None:
        """Return the form that ``words`` sound most like, with the likeness, or ``None``."""
        try:
            return self._memo[words]
        except KeyError:
            if len(self._memo) >= _MEMO:
                self._memo.clear()
            found = self._memo[words] = self._search(words, joined)
            return found

    def _search(self, words: tuple[str, ...], joined: str) -> tuple[Form, float] | None:
        best: tuple[Form, float] | None = None
        size = len(joined)
        heard = keys(joined)
        if 1 in map(len, words):
            heard = tuple(dict.fromkeys((*heard, *keys(spelled_out(words)))))
        compared: set[str] = set()
        for key in heard:
            for first in _first_sounds(key):
                for other, off, form in self._buckets.get((first, size), ()):
                    if form.joined in compared or distance(key, other, score_cutoff=off) > off:
                        continue
                    compared.add(form.joined)
                    alike = likeness(words, form)
                    if alike >= FLOOR and (
                        best is None or (-alike, form.joined) < (-best[1], best[0].joined)
                    ):
                        best = (form, alike)
        return best
