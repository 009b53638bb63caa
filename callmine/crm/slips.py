"""Names that are a slip of the keyboard away from another, or cut short by a field's length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, Levenshtein

from callmine.crm.companies import Spelling, words_of

_BLOCK, _SHORTEST, _CUT_FROM = 3, 5, 8
_FURTHEST = 6
"""Letters by which two spellings of a name differ at most: a word abbreviated to its beginning."""

_TYPO_FROM, _TWO_TYPOS_FROM, _ABBREVIATED_FROM, _SHORT = 4, 9, 3, 6
_FIRST_LETTER, _SHORT_WORD = 0.8, 0.4
"""A first letter is seldom mistyped, and short words are often another word: so much more of a slip."""

_MOST = 2.9


class SlipIndex:
    """Names of accounts by their beginnings and ends: one slip leaves either intact."""

    def __init__(self) -> None:
        self._names: list[tuple[int, Spelling]] = []
        self._blocks: dict[str, dict[int, str]] = defaultdict(dict)
        self._users: dict[str, set[int]] = defaultdict(set)

    def add(self, number: int, spelling: Spelling) -> None:
        """Let an account be found by a spelling like this one."""
        place = len(self._names)
        self._names.append((number, spelling))
        for block in _blocks(spelling.joined):
            self._blocks[block][place] = spelling.joined
        for word in spelling.words:
            self._users[word].add(number)

    def near(self, spelling: Spelling) -> Iterator[tuple[int, float]]:
        """Yield the accounts that may be meant, each with how many slips part the names."""
        said = spelling.joined
        if len(said) < _SHORTEST:
            return
        blocks = [self._blocks.get(block, {}) for block in _blocks(said)]
        candidates = blocks[0] | blocks[1]
        hits = process.extract(
            said, candidates, scorer=Levenshtein.distance, score_cutoff=_FURTHEST, limit=None
        )
        places = {place for _, _, place in hits}
        if len(said) >= _CUT_FROM:
            places |= {place for place, known in blocks[0].items() if known.startswith(said)}
        for place in sorted(places):
            number, other = self._names[place]
            if not (other.places and spelling.places and not other.places & spelling.places):
                slips = self._slips(spelling, other, number)
                if slips:
                    yield number, slips

    def _slips(self, said: Spelling, known: Spelling, number: int) -> float | None:
        """Return how many slips part two names; ``None``: they are two names."""
        cut = len(said.bare) >= _CUT_FROM and known.bare.startswith(said.bare) and known.bare != said.bare
        if cut and said.telling:  # "International" is no company that was cut short
            return 1.0
        if len(said.words) != len(known.words):  # a blank more or less
            alike = len(known.joined) > _SHORT and _one_apart(said.joined, known.joined)
            return 1.0 if alike else None
        total = 0.0
        shortest = _TYPO_FROM - (len(said.words) > 1)  # a short word among others is surer
        pairs = zip(said.words, known.words, _as_written(said), _as_written(known), strict=True)
        for one, other, *written in pairs:
            # Spelling out may move words apart: "Fods" is a slip for "Foods" and none for "Food".
            ways = {(one, other), (written[0], written[1])}
            counts = [c for way in ways if (c := self._slips_in(*way, number, shortest)) is not None]
            if not counts:
                return None
            total += min(counts)
        return total if total <= _MOST else None

    def _slips_in(self, said: str, known: str, number: int, shortest: int) -> float | None:
        slips = typos_between(said, known, shortest)
        if not slips:
            return slips
        # "Goods" is no slip for "Foods": both are words, or in use by several accounts.
        if said in words_of("common") and known in words_of("common"):
            return None
        if all(self._users.get(word, set()) - {number} for word in (said, known)):
            return None
        swapped = said[:2] == known[1::-1]
        first = _FIRST_LETTER if said[0] != known[0] and not swapped else 0.0
        return slips + first + (_SHORT_WORD if len(known) < _SHORT else 0.0)


def typos_between(one: str, other: str, shortest: int = _TYPO_FROM) -> int | None:
    """Return how many slips of the keyboard part two words, ``None`` if they are two words.

    A word abbreviated to its beginning counts as one slip; digits are never mistyped, as "Phoenix 1"
    and "Phoenix 2" are two companies, nor are words of fewer than ``shortest`` letters.
    """
    if one == other:
        return 0
    short, long = sorted((one, other), key=len)
    if not (short + long).isalpha():
        return None
    if len(short) >= _ABBREVIATED_FROM and long.startswith(short):
        return 1
    if len(short) < shortest:
        return None
    allowed = 2 if len(short) >= _TWO_TYPOS_FROM else 1
    apart = DamerauLevenshtein.distance(one, other, score_cutoff=allowed)
    return apart if apart <= allowed else None


def _as_written(spelling: Spelling) -> tuple[str, ...]:
    """Return the words before they were spelled out, where they can be told apart."""
    words = tuple(spelling.text.split())[: len(spelling.words)]
    return words if len(words) == len(spelling.words) else spelling.words


def _one_apart(one: str, other: str) -> bool:
    """Whether one letter parts two names."""
    apart = DamerauLevenshtein.distance(one, other, score_cutoff=1) == 1
    return apart and [*filter(str.isdigit, one)] == [*filter(str.isdigit, other)]


def _blocks(joined: str) -> tuple[str, str]:
    return f"^{joined[:_BLOCK]}", f"{joined[-_BLOCK:]}$"
