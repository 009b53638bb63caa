"""Who is known by name: the people of the calls and the CRM, and what is never a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from callmine.redaction.spans import PersonalSpan
from callmine.redaction.words import listed, read

_AND = re.compile(r"\s*[&+]\s*")
_BEHIND = re.compile(r"\([^)]*\)|\[[^\]]*\]|(?:\s+[-–—]\s|\s*[|/@]).*", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss"}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_TITLES = listed("titles_in_any_case") | listed("other_titles")
_PARTICLES = listed("particles")


def spellings(word: str) -> tuple[str, ...]:
    """Return a word in small letters without accents; with umlauts also with ``ae`` for ``ä``."""
    text = unicodedata.normalize("NFC", word).casefold()
    return tuple(dict.fromkeys((_plain(text), _plain(text.translate(_UMLAUTS)))))


def _plain(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(c for c in split if not unicodedata.combining(c))


@lru_cache(maxsize=1)
def first_names() -> tuple[frozenset[str], frozenset[str]]:
    """Return first names that are no other word, and those that are one, both as :func:`spellings`."""
    lists = read("first_names.json")
    words = frozenset(lists["also_words"])
    names = frozenset(s for name in lists["names"] for s in spellings(name)) - words
    return names, words


def parts_of(name: str) -> tuple[str, ...]:
    """Return the words of a person's name that may stand for it: without titles, initials, "van der".

    What stands behind it, as in "Petra Voss (CFO)" or "Petra Voss | Brennholt", is no part of it.
    """
    words = (w.group() for w in _WORD.finditer(_BEHIND.sub(" ", name)))
    plain = (spellings(word)[0] for word in words)
    return tuple(w for w in plain if len(w) > 1 and w not in _TITLES and w not in _PARTICLES)


def name_words(name: str) -> set[tuple[str, ...]]:
    """Return the words of a person's whole name, surname last, in all spellings.

    With "van der" and without. Titles and initials are no part of it, nor is what :func:`parts_of`
    leaves out.
    """
    found = set()
    for spelling in spellings(_BEHIND.sub(" ", name)):
        surname, comma, rest = spelling.partition(",")
        words = _WORD.findall(f"{rest} {surname}" if comma else spelling)
        whole = tuple(w for w in words if len(w) > 1 and w not in _TITLES)
        found |= {whole, tuple(w for w in whole if w not in _PARTICLES)}
    return found


def name_of_address(email: str) -> str:
    """Return the name that an address spells out: ``maya linden`` of ``maya.linden@…``; else nothing."""
    words = [w for w in re.split(r"[._+-]+", email.partition("@")[0]) if w]
    if len(words) > 1:
        return " ".join(word for word in words if not word.isdecimal())
    only = "".join(words).casefold()
    return only if only in first_names()[0] else ""


@dataclass(frozen=True, slots=True)
class KnownPeople:
    """People known by name.

    Attributes:
        everywhere: Everybody's names, of whatever call.
        of_call: Names of those who take part in a call or in its deal, by the call's id.
        of_deal: Names of its contacts, its owner and all who take part in its calls, by the deal's id.
        accounts: Names of companies that we sell to.
        kept: Names that are never anybody's: ours, our products', the competitors'.
        kept_of_call: How these were misheard in a call, by its id.
        own_texts: Our products', our company's and the competitors' names and the approved messages:
            their single words, too, are nobody's name, unless somebody known is called so.
    """

    everywhere: tuple[str, ...] = ()
    of_call: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of_deal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    kept_of_call: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own_texts: tuple[str, ...] = ()

    def own_words(self) -> frozenset[str]:
        """Return the words of ``own_texts`` that are nobody's name, as :func:`spellings` has them first.

        Given names are left out: in "Clara Planner" or a message about Grace they may be anybody's. A
        product that is called by such a word alone is a name of ``kept``.
        """
        people = {*self.everywhere, *chain(*self.of_call.values()), *chain(*self.of_deal.values())}
        known = {part for name in people for part in parts_of(name)}
        said = (w.group() for text in self.own_texts for w in _WORD.finditer(text))
        words = frozenset(spellings(word)[0] for word in said)
        return words.difference(known, *first_names())


class Phrases:
    """Finds names of one or more words in a text, in any case and with any signs between the words."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        spoken = [form for name in names for form in (name, _AND.sub(" and ", name))]
        for name in dict.fromkeys(spoken):
            for spelling in spellings(name):
                if words := tuple(_WORD.findall(spelling)):
                    known = self._by_first.setdefault(words[0], [])
                    if words not in known:
                        known.append(words)
        for known in self._by_first.values():
            known.sort(key=len, reverse=True)

    def find(self, words: Sequence[tuple[str, int, int]]) -> list[PersonalSpan]:
        """Return where they are; of names that begin at one place the longest.

        Args:
            words: The text's words as :func:`spellings` has them first, with start and end.
        """
        found = []
        at = 0
        while at < len(words):
            longest = next(
                (
                    known
                    for known in self._by_first.get(words[at][0], ())
                    if tuple(w[0] for w in words[at : at + len(known)]) == known
                ),
                None,
            )
            if longest:
                end = at + len(longest)
                found.append(PersonalSpan(words[at][1], words[end - 1][2], "account"))
                at = end
            else:
                at += 1
        return found
