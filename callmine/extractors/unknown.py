"""Names that the playbook does not know: what is written as a name in a call and is nobody's we know.

Whether such a name is a rival's is for the encoder to say; see :mod:`callmine.operations.suggesting`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from callmine.extractors.commonness import is_ordinary
from callmine.extractors.context import CALENDAR, is_cased
from callmine.extractors.parse import Parser
from callmine.extractors.sounds import SoundIndex, forms, normal, words_of
from callmine.extractors.spans import Token, sentences, tokens
from callmine.playbook import Playbook

LONGEST = 4
"""Words of a name; a longer run of capitals is a headline or shouting."""

MISHEARD = 0.8
"""Likeness of sound from which a name is a known one, misheard."""

_TITLES = frozenset({"mr", "mister", "mrs", "ms", "miss", "dr", "doctor", "prof", "professor"})
_ADDRESSED = re.compile(
    r"\b(?:hi|hello|hey|thanks|thank you|cheers|welcome|sorry|bye|good (?:morning|afternoon|evening)"
    r"|i'm|my name(?:'s| is)),?\s+$",
    re.IGNORECASE,
)
"""What people say before somebody's name and before no product's."""

_ABBREVIATION = 3
_PROPER = frozenset({"NNP", "NNPS"})


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a text.

    Attributes:
        number: Which of the call's texts.
        start: Where it begins.
        end: Where it ends.
        text: The name as it is written, without a possessive.
        key: Its letters and digits, small: the same for ``Hub Spot`` and ``HubSpot``.
        opens: Whether it opens a sentence, where a capital says nothing.
        person: Whether somebody is spoken to by it, or introduces themselves.
        of: The known competitor whose name it begins with, and goes on after; else ``None``.
    """

    number: int
    start: int
    end: int
    text: str
    key: str
    opens: bool
    person: bool = False
    of: str | None = None


class NameFinder:
    """Finds names that are not known: neither ours nor a competitor's, a person's or an account's.

    Args:
        playbook: Our names and the competitors'.
        people: Names of those who take part in calls.
        accounts: Names of prospects' companies.
        parser: Tells names where a text has no capitals; without one nothing is found there.
    """

    def __init__(
        self,
        playbook: Playbook,
        *,
        people: Collection[str],
        accounts: Collection[str],
        parser: Parser | None = None,
    ) -> None:
        known = forms(playbook)
        self._known = {form.joined: form.name for form in known}
        self._index = SoundIndex(form for form in known if len(form.joined) > 3 and form.keys)
        self._parser = parser
        ours = {word for name in playbook.own_names for word in words_of(name) if not is_ordinary(word)}
        self._people = {word for name in people for word in words_of(name)} | ours
        self._accounts = {"".join(words_of(name)) for name in accounts}
        # "Bakeries" of an account is anybody's word; "Brennholt" is theirs alone.
        self._people |= {w for name in accounts for w in words_of(name) if not is_ordinary(w)}

    def find(self, texts: Sequence[str]) -> list[Named]:
        """Return the unknown names in the texts of one call."""
        cased = is_cased(" ".join(texts)[:20_000])
        small = {normal(t.text) for text in texts for t in tokens(text) if t.text[0].islower()}
        found = []
        for number, text in enumerate(texts):
            runs = _capitals(text) if cased else self._proper_nouns(text)
            for run, opens in runs:
                # In a call of capitals, a word that is also written small is no name there.
                words = [normal(t.text) for t in run]
                if cased and all(word in small for word in words):
                    continue
                if (one := self._named(number, text, run, words, opens=opens)) is not None:
                    found.append(one)
        return found

    def _named(
        self, number: int, text: str, run: Sequence[Token], words: Sequence[str], *, opens: bool
    ) -> Named | None:
        key = "".join(words)
        if key in self._known or key in self._accounts or not len(key) >= 3 or len(run) > LONGEST:
            return None
        if any(word in self._people or word in CALENDAR or word in _TITLES for word in words):
            return None
        shown = text[run[0].start : run[-1].end]
        if len(run) == 1 and shown.isupper() and len(shown) <= _ABBREVIATION:
            return None
        end = run[-1].end - (2 if run[-1].text[-2:].lower() in ("'s", "’s") else 0)
        of = self._owner(words)
        if of == "" or (of is None and self._sounds_known(words, key)):
            return None
        before = text[max(0, run[0].start - 30) : run[0].start].replace("’", "'")
        person = _ADDRESSED.search(before) is not None
        return Named(number, run[0].start, end, text[run[0].start : end], key, opens, person, of)

    def _owner(self, words: Sequence[str]) -> str | None:
        """Return whose name these words contain: a competitor's where they begin with it, else ``""``."""
        for first in range(len(words)):
            for last in range(first + 1, len(words) + 1):
                joined = "".join(words[first:last])
                if joined in self._known:
                    return (self._known[joined] or "") if first == 0 else ""
        return None

    def _sounds_known(self, words: Sequence[str], key: str) -> bool:
        near = self._index.nearest(tuple(words), key)
        return near is not None and near[1] >= MISHEARD

    def _proper_nouns(self, text: str) -> Iterator[tuple[list[Token], bool]]:
        """Yield runs of proper nouns that no dictionary has, where capitals do not tell."""
        if self._parser is None:
            return
        rare = {t.start: t for t in tokens(text) if not is_ordinary(normal(t.text))}
        inside = [(s, e) for s, e in sentences(text) if any(s <= at < e for at in rare)]
        for (start, _), doc in zip(inside, self._parser.docs([text[s:e] for s, e in inside]), strict=True):
            tagged = [rare[start + t.idx] for t in doc if t.tag_ in _PROPER and start + t.idx in rare]
            yield from ((run, False) for run in _runs(text, tagged))


def _capitals(text: str) -> Iterator[tuple[list[Token], bool]]:
    """Yield runs of capitalised words, and whether each opens a sentence.

    Of the word that opens a sentence a capital says nothing: it counts where no dictionary has it.
    """
    for start, end in sentences(text):
        words = [Token(t.text, t.start + start, t.end + start) for t in tokens(text[start:end])]
        opening = words[0].start if words else -1
        capital = [t for t in words if _is_capital(t) and not (t.start == opening and _is_plain(t))]
        for run in _runs(text, capital):
            before = [t for t in words if t.end <= run[0].start]
            if before and normal(before[-1].text) in _TITLES:
                continue
            yield run, run[0].start == opening


def _is_plain(token: Token) -> bool:
    """Whether a word that opens a sentence may be anybody's: a dictionary's, or a contraction."""
    return "'" in token.text.replace("’", "'") or (
        is_ordinary(normal(token.text)) and token.text[1:].islower()
    )


_CONTRACTED = frozenset(
    (
        *("it", "that", "there", "here", "he", "she", "what", "who", "where", "when", "how", "why", "let"),
        *("everybody", "everyone", "nobody", "somebody", "one"),
    )
)
"""Words whose ``'s`` is a verb."""


def _is_capital(token: Token) -> bool:
    """Whether a word has a capital and is neither "I" nor a contraction."""
    text = token.text.replace("’", "'")
    bare = text[:-2] if text.endswith("'s") else text
    contracted = "'" in bare or (bare != text and bare.lower() in _CONTRACTED)
    return text[0].isupper() and text != "I" and not contracted


def _runs(text: str, chosen: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the runs of words that have nothing but a blank or a hyphen between them."""
    run: list[Token] = []
    for token, following in pairwise([*chosen, None]):
        if token is None:
            break
        run.append(token)
        ends = token.text[-2:].lower() in ("'s", "’s")
        if following is None or ends or text[token.end : following.start] not in (" ", "-", " & "):
            yield run
            run = []
