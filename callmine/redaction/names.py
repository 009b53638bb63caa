"""Names of people in a turn: those that are known, first names, and who is spoken to or introduced."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from callmine.redaction.people import first_names, spellings
from callmine.redaction.spans import PersonalSpan
from callmine.redaction.words import listed

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_BLANK = re.compile(r"[ \t]*-?[ \t]*")
_SENTENCE_END = re.compile(r"[.?!…:][\"'”’)\]]*\s*$")

_ANY_CASE_TITLES = listed("titles_in_any_case")
_TITLES = _ANY_CASE_TITLES | listed("titles")
_GREETINGS = listed("greetings")
_SURELY_INTRODUCING = re.compile(
    r"(?:\bmy name(?:'s| is)|\bmein name ist|\bje m'appelle|\bi(?:'m| am) called)\s+$", re.IGNORECASE
)
_NO_NAME_AFTER = listed("no_name_after")
_NO_NAME_FIRST = listed("no_name_first")
_NO_NAME_BEFORE = listed("no_name_before")
_I_AM = re.compile(r"i['’](?:m|ll|ve|d)")
_SPELLED_LETTERS = 5
_SPELLED = re.compile(rf"(?<!\w)(?:[^\W\d_](?:[ ,]+|-|\. ?)){{{_SPELLED_LETTERS - 1},}}[^\W\d_](?!\w)")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a turn.

    Attributes:
        plain: In small letters without accents, without an 's.
        first: Whether a sentence begins with it.
        entity: What the language model takes it for: ``PERSON``, ``GPE``, …; empty for nothing.
    """

    text: str
    plain: str
    start: int
    end: int
    first: bool
    entity: str = ""

    @property
    def capital(self) -> bool:
        """Whether it is written with a capital, and is not all capitals."""
        return self.text[0].isupper() and not (len(self.text) > 3 and self.text.isupper())


@dataclass(frozen=True, slots=True)
class Words:
    """What is an ordinary word of English.

    Attributes:
        is_word: Whether a word in small letters is one.
        is_adjective: Whether it is an adjective: nobody introduces himself as "i'm rich".
    """

    is_word: Callable[[str], bool] = field(default=lambda word: True)
    is_adjective: Callable[[str], bool] = field(default=lambda word: False)


def words_of(text: str, entities: Sequence[tuple[int, int, str]] = ()) -> list[Token]:
    """Return a turn's words.

    Args:
        text: The turn.
        entities: Start, end and label of what the language model found.
    """
    tokens = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        bare = re.sub(r"['’]s$", "", match.group(), flags=re.IGNORECASE)
        end = start + len(bare)
        first = not text[:start].strip(" \"'“‘(") or bool(
            _SENTENCE_END.search(text[max(start - 6, 0) : start])
        )
        label = next((kind for s, e, kind in entities if s <= start and end <= e), "")
        tokens.append(Token(bare, spellings(bare)[0], start, end, first, label))
    return tokens


class Names:
    """Finds the names of one turn.

    Args:
        text: The turn.
        tokens: Its words.
        known: Words of names of people that are known, in whatever call.
        here: The same, of this call's own people.
        words: What is an ordinary word.
        own: Words of our products' names and messages: alone they are nobody's name.
        whole: Where whole names of known people are: their words are looked at no further.
        running: Whether it is running text; in a label, capitals say nothing.
    """

    def __init__(
        self,
        text: str,
        tokens: Sequence[Token],
        *,
        known: Collection[str],
        here: Collection[str],
        words: Words,
        own: Collection[str] = (),
        whole: Sequence[PersonalSpan] = (),
        running: bool = True,
    ) -> None:
        self._text = text
        self._tokens = tokens
        self._known = known
        self._here = here
        self._words = words
        self._own = own
        self._whole = frozenset(
            at for at, t in enumerate(tokens) if any(s.start <= t.start and t.end <= s.end for s in whole)
        )
        self._running = running
        self._firsts, self._also_words = first_names()
        letters = [t for t in tokens if len(t.text) > 1]
        self._cased = any(t.text[0].isupper() for t in letters)

    def find(self) -> Iterator[PersonalSpan]:
        """Yield the names, titles included."""
        taken = [self._is_name(at) for at in range(len(self._tokens))]
        ours = [self._is_own(at, taken) for at in range(len(self._tokens))]
        taken = [name and not own for name, own in zip(taken, ours, strict=True)]
        at = 0
        while at < len(self._tokens):
            title = self._title(at)
            if not taken[at] and not title:
                at += 1
                continue
            end = at + 1
            while end < len(self._tokens) and self._joined(end) and (taken[end] or self._goes_on(end)):
                end += 1
            if title and end == at + 1:
                at += 1
                continue
            yield PersonalSpan(self._tokens[at].start, self._tokens[end - 1].end, "name")
            at = end
        yield from (PersonalSpan(*match.span(), "name") for match in _SPELLED.finditer(self._text))

    def need_model(self) -> bool:
        """Whether what a language model takes a word for could make a difference."""
        return any(self._depends_on_model(at) for at in range(len(self._tokens)))

    def _is_own(self, at: int, taken: Sequence[bool]) -> bool:
        """Whether a word is our product's or a message's and stands alone: "The Rota takes an hour".

        In "Rota Smith", "Mrs. Rota" and "Hi Rota" it is somebody's name after all.
        """
        token = self._tokens[at]
        if token.plain not in self._own or at in self._whole or token.plain in self._here:
            return False
        before = self._before(at)
        if before in _GREETINGS or _SURELY_INTRODUCING.search(self._text[: token.start]):
            return False
        beside = [(n, max(n, at)) for n in (at - 1, at + 1) if 0 <= n < len(taken)]
        return not any(
            taken[n] and self._tokens[n].plain not in self._own and self._joined(later)
            for n, later in beside
        )

    def _depends_on_model(self, at: int) -> bool:
        token = self._tokens[at]
        if not (self._running and token.capital) or at in self._whole or self._never_name(token):
            return False
        if token.plain in self._here:
            return not self._surely_here(token)
        if token.plain in self._firsts:
            return False
        ordinary = self._words.is_word(token.plain)
        if token.plain in self._also_words or (token.plain in self._known and ordinary):
            return True
        return token.plain not in self._known and not (token.first and ordinary)

    @staticmethod
    def _never_name(token: Token) -> bool:
        return len(token.plain) < 2 or token.plain in _GREETINGS or bool(_I_AM.fullmatch(token.plain))

    def _is_name(self, at: int) -> bool:
        token = self._tokens[at]
        if at in self._whole:
            return True
        if self._never_name(token):
            return False
        if token.plain in self._here:
            return self._here_is_name(at)
        if token.plain in self._firsts:
            return True
        ordinary = token.plain in self._also_words
        if ordinary or (token.plain in self._known and self._words.is_word(token.plain)):
            return self._word_is_name(at)
        if token.plain in self._known:
            return token.capital or not self._cased
        if token.capital and token.entity == "PERSON":
            return not (token.first and self._words.is_word(token.plain))
        if token.capital and not token.first and self._before(at) in _GREETINGS:
            return not self._words.is_word(token.plain)
        surely = bool(_SURELY_INTRODUCING.search(self._text[: token.start]))
        return surely and (token.capital or not self._words.is_word(token.plain))

    def _here_is_name(self, at: int) -> bool:
        """Whether the word of a name of this call's people is that person, and not the word."""
        return self._surely_here(self._tokens[at]) or self._word_is_name(at)

    def _surely_here(self, token: Token) -> bool:
        return token.plain in self._firsts or not (
            token.plain in self._also_words or self._words.is_word(token.plain)
        )

    def _word_is_name(self, at: int) -> bool:
        """Whether a name that is also a word, or a place, or a month, is a name here."""
        token = self._tokens[at]
        before, after = self._before(at), self._after(at)
        if before in _ANY_CASE_TITLES or (before in _TITLES and token.capital):
            return True
        spoken_to = before in _GREETINGS and (token.capital or not self._words.is_adjective(token.plain))
        if self._cased:
            if not token.capital or after in _NO_NAME_AFTER:
                return False
            if spoken_to or (token.plain in self._here and not token.first):
                return True
            if not self._running:
                return False
            if token.entity in ("GPE", "DATE", "LOC", "FAC", "TIME", "NORP", "ORDINAL"):
                return False
            if token.first:
                return token.entity == "PERSON" and after not in _NO_NAME_FIRST
            return token.entity == "PERSON" or before not in _NO_NAME_BEFORE
        sure = bool(_SURELY_INTRODUCING.search(self._text[: token.start]))
        return sure or (spoken_to and after not in _NO_NAME_AFTER)

    def _title(self, at: int) -> bool:
        token = self._tokens[at]
        if token.plain in _ANY_CASE_TITLES or (token.plain in _TITLES and token.capital):
            return at + 1 < len(self._tokens) and self._joined(at + 1, dot=True)
        return False

    def _joined(self, at: int, *, dot: bool = False) -> bool:
        """Whether only a blank or a hyphen, after a title also a dot, parts a word from the one before."""
        between = self._text[self._tokens[at - 1].end : self._tokens[at].start]
        if dot or self._tokens[at - 1].plain in _TITLES:
            between = between.replace(".", "", 1)
        return bool(_BLANK.fullmatch(between))

    def _goes_on(self, at: int) -> bool:
        """Whether a word that is no known name belongs to the name before it."""
        token, before = self._tokens[at], self._tokens[at - 1]
        if token.plain in ("senior", "junior"):
            return True
        if token.plain in _NO_NAME_AFTER or "'" in token.text or "’" in token.text:
            return False
        after_title = before.plain in _TITLES
        if token.capital:
            return True
        if self._cased and not after_title and before.capital:
            return False
        unknown = not self._words.is_word(token.plain) and len(token.plain) > 2
        return unknown and (after_title or not self._cased)

    def _before(self, at: int) -> str:
        return self._tokens[at - 1].plain if at else ""

    def _after(self, at: int) -> str:
        if at + 1 >= len(self._tokens):
            return ""
        between = self._text[self._tokens[at].end : self._tokens[at + 1].start]
        return self._tokens[at + 1].plain if not between.strip() else ""
