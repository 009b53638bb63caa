"""Companies among the deals, found by however a call writes one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from callmine.crm.companies import Spelling, is_telling, spellings, split_words, words_of
from callmine.crm.people import account_keys, plain_spellings
from callmine.crm.slips import SlipIndex

WEIGHTS = {
    "account": 8.5,
    "account_variant": 7.5,
    "account_part": 5.6,
    "deal_name": 7.2,
    "account_initials": 6.2,
    "account_fuzzy": 7.0,
    "title": 6.8,
}
"""Log-odds of a name being the account's, by how it was found, as evidence for the account.

The same name without legal form is as good as an address at the company's domain. Another order, an
abbreviation or a place more or less is a little less. Part of a name, initials and slips are trusted
only where they fit one account alone, and each could still be another company that has no deal. So is
the name by which a deal goes.
"""

_PLACE_UNSAID, _FURTHER_TYPO, _TYPO_BESIDE = 0.7, 1.5, 2.5
_WORD_LOST, _WORD_MORE = 0.4, 2.3
"""A word more than the account has makes another company of it sooner than a word less."""
_IN_TITLE, _ONE_WORD_IN_TITLE = 0.8, 1.2
_SHORT, _GRAM = 3, 5
_WIDELY_USED = 4
"""A word in the names of so many accounts names none of them."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An account that a name points to: by which rule, how strongly, and by which words."""

    account: int
    rule: str
    weight: float
    said: str


class AccountIndex:
    """Names of accounts, numbered, so that a name is looked up and never scanned for."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._ids: dict[tuple[str, frozenset[str]], int] = {}
        self._spelled: list[list[Spelling]] = []
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._joined: dict[str, list[int]] = defaultdict(list)
        self._core: dict[str, list[int]] = defaultdict(list)
        self._initials: dict[str, list[int]] = defaultdict(list)
        self._words: dict[str, list[int]] = defaultdict(list)
        self._called: dict[str, list[int]] = defaultdict(list)
        self._slips = SlipIndex()
        self._found: dict[str, tuple[Hit, ...]] = {}

    def add(self, name: str) -> int | None:
        """Return the number of the account with this name, new or known; ``None`` for no name.

        Names that differ by legal form, abbreviations, order or accents are one account.
        """
        read = spellings(name)
        if not read:
            return None
        ways = [s for s in read if s.whole] or [read[0]]
        known = {self._ids[s.key, s.places] for s in ways if (s.key, s.places) in self._ids}
        number = min(known) if known else len(self.names)
        if not known:
            self.names.append(name)
            self._spelled.append([])
        for key in account_keys(name):
            _once(self._exact[key], number)
        for spelling in read:
            self.also(number, spelling)
        for s in ways:
            self._ids.setdefault((s.key, s.places), number)
        self._found.clear()
        return number

    def also(self, number: int, spelling: Spelling) -> None:
        """Let an account be found by another spelling, too."""
        if spelling not in self._spelled[number]:
            self._spelled[number].append(spelling)
            self._enter(spelling, number)
            self._found.clear()

    def called(self, number: int, spelling: Spelling) -> None:
        """Let an account be found by the name that its deals go by: ``GPG`` for GPG Freight.

        Other accounts with these words are found by it as well: who says it may mean any of them.
        """
        having = [set(self._words.get(word, ())) for word in spelling.telling]
        for one in sorted({number}.union(set.intersection(*having) if having else ())):
            _once(self._called[spelling.joined], one)
        self._found.clear()

    def _enter(self, spelling: Spelling, number: int) -> None:
        for key in {spelling.key, spelling.joined}:
            _once(self._joined[key], number)
        if core := spelling.core:
            _once(self._core[" ".join(sorted(core))], number)
            _once(self._initials[spelling.initials], number)
        for word in spelling.words:
            _once(self._words[word], number)
        self._slips.add(number, spelling)

    def find(self, name: str | None) -> tuple[Hit, ...]:
        """Return the accounts that a name may mean, each with its best reason."""
        if not name:
            return ()
        if name not in self._found:
            self._found[name] = tuple(self._find(name))
        return self._found[name]

    def _find(self, name: str) -> Iterable[Hit]:
        exact = [n for key in account_keys(name) for n in self._exact.get(key, ())]
        best: dict[int, Hit] = {}
        _note(best, (Hit(n, "account", WEIGHTS["account"], name) for n in exact))
        ways = spellings(name)
        if not best:
            for spelling in ways:
                _note(best, self._same_words(spelling, name))
        sure = bool(best)
        for spelling in ways:
            if not sure:
                _note(best, self._by_deals(spelling, name))
                _note(best, self._parts(spelling, name))
                _note(best, self._by_initials(spelling, name))
            # Also beside the very name: the CRM may have both it and a misspelling of it.
            _note(best, self._misspelled(spelling, name, sure=sure))
        return best.values()

    def _same_words(self, spelling: Spelling, name: str) -> Iterator[Hit]:
        """Yield accounts with the same words in any order, or run together, unless places differ."""
        found: dict[int, float] = {}
        for key in {spelling.key, spelling.joined}:
            for number in self._joined.get(key, ()):
                lost = self._places_apart(spelling, number, key)
                if lost is not None:
                    found[number] = min(lost, found.get(number, lost))
        # "Acme Deutschland" is Acme Germany where there is one, and only else perhaps Acme.
        nearest = min(found.values(), default=0.0)
        for number, lost in found.items():
            if lost == nearest:
                yield Hit(number, "account_variant", WEIGHTS["account_variant"] - lost, name)

    def _places_apart(self, spelling: Spelling, number: int, key: str = "") -> float | None:
        """Return what differing places cost; ``None`` where they make two companies."""
        costs = []
        for other in self._spelled[number]:
            if key and key not in (other.key, other.joined):
                continue
            if other.places == spelling.places:
                costs.append(0.0)
            elif not other.places or not spelling.places or other.places & spelling.places:
                costs.append(_PLACE_UNSAID)
        return min(costs, default=None)

    def _parts(self, spelling: Spelling, name: str) -> Iterator[Hit]:
        """Yield accounts that are named in part, or with more words than they have."""
        rule, weight = "account_part", WEIGHTS["account_part"]
        core = " ".join(sorted(spelling.core))
        if spelling.telling and core in self._core:
            fitting = [n for n in self._core[core] if self._places_apart(spelling, n) is not None]
            for number in fitting:
                yield Hit(number, rule, weight, name)
            return
        for number in self._sharing(spelling.telling):
            said = set(spelling.words)
            for other in self._spelled[number]:
                words = set(other.words)
                if (said < words or words < said) and self._begins_alike(spelling, other):
                    lost = _WORD_LOST * len(words - said) + _WORD_MORE * len(said - words)
                    yield Hit(number, rule, weight - lost, name)

    @staticmethod
    def _begins_alike(one: Spelling, other: Spelling) -> bool:
        """Whether both begin with the same telling word, without another number or place."""
        apart = set(one.words) ^ set(other.words)
        same = one.words[0] == other.words[0] and is_telling(one.words[0]) and len(one.words[0]) > _SHORT
        directions = {"north", "south", "east", "west", "northern", "southern", "eastern", "western"}
        numbered = any(w.isdigit() or w in directions or len(w) == 1 for w in apart)
        places = one.places and other.places and not one.places & other.places
        return bool(same and not numbered and not places)

    def _by_deals(self, spelling: Spelling, name: str) -> Iterator[Hit]:
        """Yield the account whose deals go by this name, or all that could be meant by it."""
        numbers = self._called.get(spelling.joined, ())
        rule = "deal_name" if len(numbers) == 1 else "account_part"
        for number in numbers:
            yield Hit(number, rule, WEIGHTS[rule], name)

    def _sharing(self, words: Iterable[str]) -> set[int]:
        """Return the accounts that have all of some telling words, where few have each."""
        lists = [self._words.get(word, []) for word in words]
        if not lists:
            return set()
        known = [set(found) for found in lists if found]
        if not known or min(map(len, known)) > _WIDELY_USED:
            return set()
        return set.intersection(*known)

    def _by_initials(self, spelling: Spelling, name: str) -> Iterator[Hit]:
        """Yield the account whose initials these are, or that is called by the initials of this."""
        rule, weight = "account_initials", WEIGHTS["account_initials"]
        if len(spelling.words) == 1 and 1 < len(spelling.words[0]) <= _GRAM:
            hits = [n for n in self._initials.get(spelling.words[0], ()) if len(self.names[n]) > _GRAM]
        else:
            hits = self._joined.get(spelling.initials, []) if spelling.initials else []
        short = 1.0 if len(spelling.words[0]) == 2 and len(spelling.words) == 1 else 0.0
        for number in hits:
            yield Hit(number, rule, weight - short, name)

    def _misspelled(self, spelling: Spelling, name: str, *, sure: bool) -> Iterator[Hit]:
        """Yield the accounts whose names are a slip of the keyboard away."""
        for number, slips in self._slips.near(spelling):
            lost = _FURTHER_TYPO * (slips - 1) + (_TYPO_BESIDE if sure else 0.0)
            yield Hit(number, "account_fuzzy", WEIGHTS["account_fuzzy"] - lost, name)

    def in_title(self, title: str, ours: frozenset[str]) -> tuple[Hit, ...]:
        """Return the accounts that a meeting's title names; the longest name counts.

        Args:
            title: ``Bramble Foods <> Larkmoor: demo``.
            ours: Words of our own names, which point to no account.
        """
        best: dict[int, Hit] = {}
        for spelling in spellings(title, of_deal=True):
            if ours & {*spelling.words}:
                continue
            said = " ".join(spelling.words)
            for number in self._joined.get(spelling.joined, ()) if spelling.telling else ():
                _note(best, [Hit(number, "title", WEIGHTS["title"], said)])
        if not best:
            _note(best, self._titled_by_deals(title, ours))
        if not best:
            for text in plain_spellings(title):
                _note(best, self._grams(split_words(text), ours))
        return tuple(best.values())

    def _titled_by_deals(self, title: str, ours: frozenset[str]) -> Iterator[Hit]:
        """Yield accounts whose deals go by a part of a title.

        One word alone is not enough for a link, as "Robotics kickoff" need not be with Acme Robotics; it
        is beside our name: "Robotics <> Larkmoor".
        """
        pieces = spellings(title, of_deal=True)
        with_us = any(ours.issuperset(spelling.words) for spelling in pieces)
        for spelling in pieces:
            if ours.isdisjoint(spelling.words):
                one_word = _ONE_WORD_IN_TITLE if len(spelling.words) == 1 else 0.0
                lost = 0.0 if with_us else _IN_TITLE + one_word
                for number in self._called.get(spelling.joined, ()):
                    yield Hit(number, "title", WEIGHTS["title"] - lost, " ".join(spelling.words))

    def _grams(self, words: Sequence[str], ours: frozenset[str]) -> Iterator[Hit]:
        taken: set[int] = set()
        for size in range(min(_GRAM, len(words)), 0, -1):
            for start in range(len(words) - size + 1):
                span = range(start, start + size)
                gram = words[start : start + size]
                if taken.intersection(span) or ours.intersection(gram):
                    continue
                (spelling, *_) = spellings(" ".join(gram)) or (None,)
                if spelling is None or not spelling.telling or words_of("dealing").issuperset(gram):
                    continue
                numbers = self._joined.get(spelling.joined, ())
                if numbers:
                    taken.update(span)
                lost = _IN_TITLE + (_ONE_WORD_IN_TITLE if len(gram) == 1 else 0.0)
                for number in numbers:
                    yield Hit(number, "title", WEIGHTS["title"] - lost, " ".join(gram))


def _once(numbers: list[int], number: int) -> None:
    if number not in numbers:
        numbers.append(number)


def _note(best: dict[int, Hit], hits: Iterable[Hit]) -> None:
    for hit in hits:
        if hit.account not in best or hit.weight > best[hit.account].weight:
            best[hit.account] = hit
