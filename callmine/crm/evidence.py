"""What speaks for and against one deal of a company, in log-odds: time, owner, people, title.

Each piece says how many times likelier it is among calls of the deal than among other calls of the
same company: log(m/u) of Fellegi and Sunter (1969). The values are judgement, calibrated on the test
world of ``tests/link_worlds.py``; why each is what it is stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from callmine.crm.companies import spelled_out, spellings, split_words, words_of
from callmine.crm.people import plain_spellings, same_person
from callmine.domain import Deal, Facts, Outcome

BEFORE = ((14, -1.0), (45, -3.0), (90, -4.5))
"""Days before the deal began: it is often entered after the first call, seldom a month later."""

AFTER = ((1, 0.0), (7, -1.5), (30, -2.5), (60, -3.0))
"""Days after it closed: the last talks run on for days; then it is delivery, or another deal."""

FAR = -9.0
"""Beyond: stronger than any name or address, because a customer stays one after the deal."""

UNDATED = -1.0
"""The call or the deal has no date, so that nothing says it was alive."""

AGEING = ((120, 0.0), (200, -0.6), (400, -1.2))
STALE = -2.0
"""Days that an open deal is old: the older, the likelier that it is forgotten, and a younger one meant."""

OWNED, TOOK_PART, NOT_OWNED = 1.5, 0.4, -0.7
"""The rep owns it: most do their own calls. The owner only took part, perhaps of another's. Somebody
else's: deals change hands, and specialists help."""

CONTACT, CONTACT_BESIDE_NONE, OTHER_CONTACTS = 2.0, 0.7, -0.7
"""A participant is the deal's contact; likewise, while another deal of the company names nobody, so that
he may be its contact, too; or it names contacts, and none took part."""

KIND, OTHER_KIND, UNSAID_RENEWAL = 2.0, -1.5, -0.4
"""Title and deal both say renewal (or new, or expansion); they differ; a renewal is seldom unsaid."""

WORD, MOST_WORDS = 1.5, 3.0
"""A word of the deal's name, segment or pipeline in the title, if not of all deals of the company."""

_KINDS = {
    "renewal": r"renew|verl[aä]e?nger|extension|re-?sign",
    "expansion": r"expan|upsell|up-sell|cross-?sell|add-?on|upgrade|roll-?out|additional seats|erweiter",
    # Not "intro" or "discovery": with these every deal begins, an expansion too.
    "new": r"new (?:business|logo|customer)|net new|neukund|neugesch",
}
_EXISTING = re.compile(r"existing|bestand")


@dataclass(frozen=True, slots=True)
class Life:
    """First and last day (ordinals) of a deal; ``None``: not known, or for an open one no end."""

    first: int | None
    last: int | None
    open_ended: bool

    def weigh(self, day: int | None) -> float:
        """Return the log-odds of a call on this day."""
        if day is None or (self.first is None and self.last is None and not self.open_ended):
            return UNDATED
        if self.first is not None and day < self.first:
            return _graded(self.first - day, BEFORE)
        if self.last is not None and day > self.last:
            return _graded(day - self.last, AFTER)
        if self.first is None or (self.last is None and not self.open_ended):
            return UNDATED / 2
        return _graded(day - self.first, AGEING, STALE) if self.open_ended else 0.0

    def told(self, day: int | None) -> str:
        """Say in words where a day lies."""
        if day is None:
            return "the call has no date"
        if self.first is not None and day < self.first:
            return f"the call is {_days(self.first - day)} before it began"
        if self.last is not None and day > self.last:
            return f"the call is {_days(day - self.last)} after it closed"
        if self.first is None or (self.last is None and not self.open_ended):
            return "it has no dates to compare"
        return "the call falls into the deal's life"


def _graded(days: int, steps: Iterable[tuple[int, float]], beyond: float = FAR) -> float:
    return next((weight for until, weight in steps if days <= until), beyond)


def _days(count: int) -> str:
    return "a day" if count == 1 else f"{count} days"


def life_of(deal: Deal) -> Life:
    """Return a deal's life, from its creation or inquiry to its close; the expected close is a hope."""
    starts = [d for d in (day_of(deal.created_at), day_of(deal.inquired_at)) if d is not None]
    is_open = deal.outcome is Outcome.OPEN
    first, last = min(starts, default=None), None if is_open else day_of(deal.close_date)
    if first is not None and last is not None and last < first:
        first = None  # created when an old CRM was moved here
    return Life(first, last, is_open)


def day_of(text: str | None) -> int | None:
    """Return the ordinal of an ISO date or instant, ``None`` if it is neither."""
    try:
        return date.fromisoformat((text or "")[:10]).toordinal()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Marks:
    """What a deal's fields say about what is talked about: kinds of business, and words of its own."""

    kinds: frozenset[str]
    words: frozenset[str]


def marks_of(deal: Deal) -> Marks:
    """Return what titles of the deal's calls may show; the company's own words are left out."""
    called = spellings(deal.account) or spellings(deal.name, of_deal=True)[:1]
    account = {w for s in called for w in (*s.words, *_words_in(s.text))}
    told = f"{deal.type or ''} | {deal.pipeline or ''} | {deal.name or ''}".casefold()
    kinds = _kinds_in(told)
    if _EXISTING.search(told) and not kinds:
        kinds = frozenset({"expansion", "renewal"})
    words = _words_in(" ".join(x for x in (deal.name, deal.segment, deal.pipeline) if x))
    return Marks(kinds, words - account)


def _kinds_in(text: str) -> frozenset[str]:
    return frozenset(kind for kind, pattern in _KINDS.items() if re.search(pattern, text))


def _words_in(text: str) -> frozenset[str]:
    words = (spelled_out(w) for spelled in plain_spellings(text) for w in split_words(spelled))
    return frozenset(w for w in words if len(w) > 2 and w not in _EMPTY_TITLE)


_EMPTY_TITLE = frozenset({"with", "for", "call", "meeting", "demo", "sync", "intro", "the", "our", "new"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a call is held against every deal, made ready once."""

    day: int | None
    facts: Facts
    kinds: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, facts: Facts) -> Asked:
        """Make a call's facts ready."""
        title = facts.title or ""
        return cls(day_of(facts.started_at), facts, _kinds_in(title.casefold()), _words_in(title))


def weigh_owner(deal: Deal, facts: Facts) -> float:
    """Return what the deal's owner says."""
    if not deal.owner or not (facts.rep or facts.rep_email):
        return 0.0
    if same_person(deal.owner, facts.rep, facts.rep_email):
        return OWNED
    if any(same_person(deal.owner, p.name, p.email) for p in facts.participants):
        return TOOK_PART
    return NOT_OWNED


def weigh_title(marks: Marks, asked: Asked, shared: frozenset[str]) -> tuple[float, str]:
    """Return what the title says, and in words; ``shared`` are words of every rival, which part none."""
    weight, said = 0.0, ""
    if asked.kinds and marks.kinds:
        same = asked.kinds & marks.kinds
        weight += KIND if same else OTHER_KIND
        said = f"title and deal say {min(same)}" if same else ""
    elif not asked.kinds and "renewal" in marks.kinds:
        weight += UNSAID_RENEWAL
    words = sorted((asked.words & marks.words) - shared - words_of("empty"))
    if words:
        weight += min(WORD * len(words), MOST_WORDS)
        said = said or f"the title names {words[0]!r}, as the deal does"
    return weight, said
