"""How companies are written: the words of a name, its places, and what it may be short for.

Nothing here knows deals. :mod:`callmine.crm.accounts` looks names up with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from callmine.crm.people import company_domain, listed, mixed_scripts, plain_spellings, stem_of

_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_ALIAS = re.compile(
    r"\b(?:d/?b/?a|t/a|trading as|doing business as|formerly(?: known as)?|f/?k/?a|a/?k/?a|previously)\b",
)
_PIECES = re.compile(r"\s+[-–—/]+\s+|\s[-–—]|\s*(?:[|:;·•»>]|<+>*|->)\s*|\s//\s|[-–—]\s")
_COUNTED = re.compile(
    r"\b\d[\d.,']*\s*\+?\s*(?:seats?|users?|licen[cs]es?|sites?|shops?|stores?|employees|fte|plaetze|plätze)\b"
)
_LONG_FORMS = re.compile(
    r"\b(?:s\s?a(?:\s?p\s?i)? de c\s?v|s de r\s?l(?: de c\s?v)?|sp z o\s?o|spolka z o\s?o|societe anonyme"
    r"|co kg|sdn bhd|pvt ltd|pty ltd|gmbh and co(?: ohg| kg)?)$"
)
_LOOKALIKES = str.maketrans("авекмнорстухіјѕԁɡ", "abekmhopctyxijsdg")
_TIED = frozenset({"of", "the", "de", "du", "la", "le", "for", "and", "air"})
"""After these a place is part of the name: Bank of America."""

_PLURAL_FROM = 4


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to read a company's name.

    Attributes:
        words: Its words, spelled out, without legal form and places.
        places: Countries and cities it is followed by.
        whole: Whether it is the whole name, not a part of it that may be something else.
        text: The same as it was written.
        key: The words in any order.
        joined: The words as one.
        bare: The words as one, neither spelled out nor shortened.
    """

    words: tuple[str, ...]
    places: frozenset[str]
    whole: bool
    text: str
    key: str = field(init=False)
    joined: str = field(init=False)
    bare: str = field(init=False)

    def __post_init__(self) -> None:
        """Make what names are looked up by, once."""
        object.__setattr__(self, "key", " ".join(sorted(self.words)))
        object.__setattr__(self, "joined", "".join(self.words))
        object.__setattr__(self, "bare", "".join(split_words(self.text)))

    @property
    def core(self) -> tuple[str, ...]:
        """The words without those that a company keeps or loses without becoming another."""
        return tuple(w for w in self.words if w not in words_of("empty"))

    @property
    def initials(self) -> str:
        """``ibm`` of International Business Machines; empty where there are too few words."""
        letters = "".join(w[0] for w in self.words if w not in _TIED)
        return letters if len(letters) > 1 else ""

    @property
    def telling(self) -> frozenset[str]:
        """The words that name somebody: neither general ones nor numbers nor single letters."""
        return frozenset(w for w in self.words if is_telling(w))


def is_telling(word: str) -> bool:
    """Whether a word can name a company by itself."""
    return (
        len(word) > 1
        and not word.isdigit()
        and word not in words_of("empty")
        and word not in words_of("common")
    )


@lru_cache
def _data() -> dict[str, dict[str, list[str]]]:
    text = (files("callmine.crm") / "data" / "companies.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, list[str]]] = json.loads(text)
    return found


@lru_cache
def words_of(what: str) -> frozenset[str]:
    """Return one of the word lists in ``data/companies.json``, as :func:`spelled_out` has its words."""
    return frozenset(form for word in _data()[what] for form in (word, _singular(word)))


@lru_cache
def _mapped(what: str) -> dict[str, str]:
    """Return the spellings of a list in ``data/companies.json``, each with what it stands for."""
    return {short: long for long, shorts in _data()[what].items() for short in shorts}


@lru_cache(maxsize=65_536)
def spellings(name: str | None, *, of_deal: bool = False) -> tuple[Spelling, ...]:
    """Return the ways to read what is written as a company, the likeliest first; none for nothing.

    Args:
        name: As the call or the CRM has it: ``Acme Robotics GmbH (DACH) - 60 seats``.
        of_deal: It is the name of a deal or a meeting: every part of it may be the company.
    """
    found: dict[tuple[str, frozenset[str]], Spelling] = {}
    for text in plain_spellings(_unmasked(_without_ending(name or ""))):
        text, *aliases = _ALIAS.split(_COUNTED.sub(" ", text))
        inside = [part for part in _BRACKETS.findall(text) if part.strip()]
        outside = _BRACKETS.sub(" ", text)
        pieces = [piece for piece in _PIECES.split(outside) if piece.strip()] or [outside]
        tail = _places(" ".join([*inside, *pieces[1:]]))
        whole = len(pieces) == 1 and not aliases
        _add(found, pieces[0], tail, whole=whole, of_deal=of_deal)
        if not whole and not of_deal:
            _add(found, outside, tail, whole=False, of_deal=False)
        others = [*aliases, *inside, *(pieces[1:] if of_deal else ())]
        for other in others:
            _add(found, other, frozenset(), whole=False, of_deal=of_deal)
    return tuple(found.values())


def called_in(deal_name: str | None) -> tuple[Spelling, ...]:
    """Return how a deal's name calls its company, in each spelling: ``GPG`` of ``GPG - 20 seats``.

    Args:
        deal_name: As the CRM has it.
    """
    read = (spellings(text, of_deal=True)[:1] for text in plain_spellings(deal_name or ""))
    return tuple(dict.fromkeys(first for firsts in read for first in firsts))


def _add(
    found: dict[tuple[str, frozenset[str]], Spelling],
    text: str,
    places: frozenset[str],
    *,
    whole: bool,
    of_deal: bool,
) -> None:
    said = split_words(text)
    if of_deal:
        said = _without_dealing(said)
    words, here = _without_places(_without_form(said))
    if not whole or of_deal:
        words = _without_dealing(words)
    words = [spelled_out(w) for w in words]
    if not words or (len(words) == 1 and words[0] in words_of("placeholders")):
        return
    is_place = " ".join(words) in _mapped("places")
    if not whole and (is_place or not (len(words) > 1 or is_telling(words[0]))):
        return  # "EMEA" or "Solutions" behind a dash is nobody
    made = Spelling(tuple(words), places | here, whole, " ".join(said))
    found.setdefault((made.key, made.places), made)


def split_words(text: str) -> list[str]:
    """Return the words of a text that :func:`plain_spellings` made: ``I B M`` is one, ``and`` is none."""
    text = re.sub(r"[.'’`´]", "", re.sub(r"\ba/s\b", "as", text))
    words: list[str] = []
    single = False
    found = re.findall(r"[^\W_]+", re.sub(r"[&+]", " and ", text))
    for word in (w for i, w in enumerate(found) if w != "and" and (w != "the" or i)):
        letter = len(word) == 1 and word.isalpha()
        if letter and single:
            words[-1] += word
        else:
            words.append(word)
        single = letter
    return words[:-1] if len(words) > 1 and words[-1] == "the" else words


def spelled_out(word: str) -> str:
    """Return ``international`` for ``intl``, and the singular."""
    return _singular(_mapped("abbreviations").get(word, word))


def _singular(word: str) -> str:
    """Return ``bakery`` for ``bakeries``, as companies are called both."""
    if len(word) > _PLURAL_FROM and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > _PLURAL_FROM and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_ending(name: str) -> str:
    """Return ``acme`` for ``www.acme.example``, which some write for a company's name."""
    domain = company_domain(name) if "." in name and " " not in name.strip() else None
    if domain and all(len(label) > 1 for label in domain.split(".")):
        stem = stem_of(domain)
        # What mixes scripts is made to look like another's, and read on it would be.
        return name if mixed_scripts(stem) else stem
    return name


def _unmasked(name: str) -> str:
    """Undo what looks right and is not: Cyrillic letters among Latin ones."""

    def latin(match: re.Match[str]) -> str:
        word = match[0].casefold()
        return word.translate(_LOOKALIKES) if re.search(r"[a-z]", word) else match[0]

    return re.sub(r"\w+", latin, name)


def _without_form(words: list[str]) -> list[str]:
    text = " ".join(words)
    shorter = _LONG_FORMS.sub("", text).split()
    words = shorter or words
    legal, end = listed("legal_forms"), len(words)
    while end > 1 and words[end - 1] in legal:
        end -= 1
    start = 1 if end > 1 and words[0] in words_of("leading_forms") else 0
    return words[start:end]


def _without_places(words: list[str]) -> tuple[list[str], frozenset[str]]:
    """Take places, and legal forms between them, from the end while something telling is left."""
    known, places = _mapped("places"), set()
    if words and words[0] in words_of("leading_places") and _telling(words[1:]):
        places.add(known[words[0]])
        words = words[1:]
    while True:
        for size in (2, 1):
            place = known.get(" ".join(words[-size:])) if len(words) > size else None
            rest = words[:-size]
            if place and rest[-1] not in _TIED and _telling(rest):
                places.add(place)
                words = _without_form(rest)
                break
        else:
            return words, frozenset(places)


def _telling(words: Iterable[str]) -> bool:
    return any(is_telling(spelled_out(w)) for w in words)


def _places(text: str) -> frozenset[str]:
    """Return the places that a text behind a name consists of or holds."""
    words, known = split_words(text), _mapped("places")
    pairs = [" ".join(pair) for pair in pairwise(words)]
    return frozenset(known[w] for w in [*words, *pairs] if w in known)


def _without_dealing(words: list[str]) -> list[str]:
    stock = words_of("dealing")
    while words and (words[-1] in stock or (words[-1].isdigit() and len(words[-1]) == 4)):
        words = words[:-1]
    while words and (words[0] in stock or (words[0].isdigit() and len(words[0]) == 4)):
        words = words[1:]
    return words
