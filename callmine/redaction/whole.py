"""Whole names of known people, also where each of their words is an ordinary one: "mark hill"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from callmine.redaction.names import Token, Words
from callmine.redaction.people import first_names, name_words
from callmine.redaction.spans import PersonalSpan
from callmine.redaction.words import listed

_BETWEEN = re.compile(r"[\s_]*[-‐-―]?[\s_]*|\.")
_AFTER_SURNAME = re.compile(r"\s*,\s*")
_AFTER_INITIAL = re.compile(r"\.?\s*")
_FUNCTION_WORDS = listed("function_words")


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write somebody's name; ``turned`` has the surname first."""

    words: tuple[str, ...]
    turned: bool


def _forms(name: str) -> Iterator[_Form]:
    """Yield the ways to write a name of two words or more; of more also the first and last alone."""
    for words in name_words(name):
        if len(words) < 2:
            continue
        yield _Form(words, turned=False)
        yield _Form((words[0], words[-1]), turned=False)
        for turned in (words[-1:] + words[:-1], words[1:] + words[:1], (words[-1], words[0])):
            yield _Form(turned, turned=True)


class WholeNames:
    """Finds whole names, either word first and in any case.

    A name with a word that is nothing else is found everywhere. One of ordinary words alone has to have
    a first name among them, so that the mailbox of Customer Success is nobody, and has to be written like
    a name unless the text has no capitals, or it is the name of somebody of this very call.

    Args:
        names: Names of known people, as calls and deals have them.
        words: What is an ordinary word.
    """

    def __init__(self, names: Iterable[str], words: Words) -> None:
        self._is_word = words.is_word
        self._firsts, self._also_words = first_names()
        self._owners: dict[_Form, set[str]] = {}
        self._by_first: dict[str, list[_Form]] = {}
        for name in names:
            for form in _forms(name):
                if form not in self._owners:
                    self._by_first.setdefault(form.words[0], []).append(form)
                self._owners.setdefault(form, set()).add(name)
        for forms in self._by_first.values():
            forms.sort(key=lambda form: (-len(form.words), form.turned))

    def find(self, text: str, tokens: Sequence[Token], here: Collection[str] = ()) -> list[PersonalSpan]:
        """Return where they are, in order, none overlapping.

        Args:
            text: What was said, or a label.
            tokens: Its words.
            here: The names of those who take part in the call, or in the deal.
        """
        cased = any(t.text[0].isupper() for t in tokens if len(t.text) > 1)
        found, at = [], 0
        while at < len(tokens):
            end = self._end(text, tokens, at, frozenset(here), cased=cased)
            if end is None:
                at += 1
                continue
            found.append(PersonalSpan(tokens[at].start, tokens[end - 1].end, "name"))
            at = end
        return found

    def _end(
        self, text: str, tokens: Sequence[Token], at: int, here: frozenset[str], *, cased: bool
    ) -> int | None:
        for form in self._by_first.get(tokens[at].plain, ()):
            places = _places(text, tokens, at, form)
            if places is None:
                continue
            written = all(tokens[n].text[0].isupper() for n in places)
            comma = "," in text[tokens[at].end : tokens[places[-1]].start]
            is_here = not here.isdisjoint(self._owners[form])
            if self._is_name(form, here=is_here, written=written, cased=cased, comma=comma):
                return places[-1] + 1
        return None

    def _is_name(self, form: _Form, *, here: bool, written: bool, cased: bool, comma: bool) -> bool:
        """Whether the words of a known name are that name, and not the words."""
        if not all(self._ordinary(word) for word in form.words):
            return True
        if not any(word in self._also_words for word in form.words):
            return here and written
        if written:
            return True
        if not _FUNCTION_WORDS.isdisjoint(form.words):
            return False
        return (not form.turned and (here or not cased)) or (here and comma)

    def _ordinary(self, word: str) -> bool:
        return word not in self._firsts and (word in self._also_words or self._is_word(word))


def _places(text: str, tokens: Sequence[Token], at: int, form: _Form) -> list[int] | None:
    """Return which tokens are the form's words, initials between them left out; ``None`` for none."""
    places, place = [at], at
    for word in form.words[1:]:
        sign = _AFTER_SURNAME if form.turned else None
        place += 1
        if place < len(tokens) and len(tokens[place].text) == 1 and tokens[place].text.isupper():
            if not _parted(text, tokens, place, None):
                return None
            place, sign = place + 1, _AFTER_INITIAL
        if place >= len(tokens) or tokens[place].plain != word or not _parted(text, tokens, place, sign):
            return None
        places.append(place)
    return places


def _parted(text: str, tokens: Sequence[Token], place: int, sign: re.Pattern[str] | None) -> bool:
    """Whether what stands before a word parts two words of one name."""
    between = text[tokens[place - 1].end : tokens[place].start]
    return bool(_BETWEEN.fullmatch(between) or (sign and sign.fullmatch(between)))
