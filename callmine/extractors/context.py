"""Whether the words around a stretch of text treat it as a vendor's name or as ordinary words.

Each cue adds to or takes from the log-odds that a name is meant. The weights were set by hand
and checked on development data; ``docs/design-notes.md`` has the figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from callmine.extractors.cues import anywhere, before, following
from callmine.extractors.sounds import normal
from callmine.extractors.spans import Token

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august")
CALENDAR = frozenset((*_DAYS, *_MONTHS, "september", "october", "november", "december"))
"""Words written with a capital whatever they mean."""

_LONGER_NAME = -6.0

_STILL = (
    r"(?:\s+(?:just|also|still|already|either|both|actually|currently|only|then|now|called|named|it's))*"
)

_VENDOR_BEFORE = before("vendor_before", after=_STILL)
_LINK_BEFORE = before("link_before")
_VENDOR_ACTS = following("vendor_acts")
_VENDOR_AFTER = following("vendor_after")
_PRONOUN_AFTER = following("pronoun_after")
_DETERMINER = before("determiner")
_TO_VERB = before("to_verb")
_TIME_BEFORE = before("time_before")
_TIME_AFTER = following("time_after")
_VENDOR_DAY = before("vendor_day")
_NOT_A_RIVAL = before("not_a_rival")
_TALK = anywhere("talk")
_CAPITALISED = re.compile(r" [A-Z][a-z]")
_FRAGMENT = re.compile(r"\s*(?:[,.!?]|$)")  # "Compass." or "Compass, since May" answers a question


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A stretch of text that may be a name, and what stands around it.

    Attributes:
        heard: The tokens of the stretch.
        before: Up to about 60 characters before it in its sentence, in small letters.
        after: The same after it.
        opens: Whether it opens its sentence.
        cased: Whether the text uses capitals as writing does.
        talk: The passage and the last turn before it, in small letters.
        tag: Penn Treebank tag of its first word, empty when not parsed.
        goes_on: Whether a capital follows as if the name went on ("Beacon" of "Beacon Hill").
    """

    heard: tuple[Token, ...]
    before: str
    after: str
    opens: bool
    cased: bool
    talk: str
    tag: str = ""
    goes_on: bool = False


def goes_on(text: str, end: int) -> bool:
    """Whether the word that ends at ``end`` is followed by a capitalised one, "I" apart."""
    return bool(_CAPITALISED.match(text, end))


def is_cased(text: str) -> bool:
    """Whether capitals carry meaning in ``text``: it has some, and not only those."""
    letters = [c for c in text if c.isalpha()]
    upper = sum(c.isupper() for c in letters)
    return 0 < upper < 0.5 * len(letters) and bool(re.search(r"(?:^|[.?!]\s+)\W*[A-Z]|\s[A-Z][a-z]", text))


def case_odds(here: Surroundings, *, single: bool) -> float:
    """Return the log-odds that capitals give; ``single`` for one ordinary word."""
    if not here.cased:
        return 0.0
    capital = all(t.text[0].isupper() or t.text[0].isdigit() for t in here.heard)
    inner = any(c.isupper() for t in here.heard for c in t.text[1:])
    calendar = normal(here.heard[0].text) in CALENDAR
    if inner and capital:
        return 2.5
    if capital and not here.opens and not calendar:
        return 3.0 if single else 1.5
    if capital and here.opens:
        return 0.3 if not calendar else 0.0
    return 0.0 if capital else (-3.0 if single else -0.8)


def vendor_odds(here: Surroundings) -> float:
    """Return the log-odds that vendor talk around the words gives, between 0 and 4."""
    odds = 0.0
    if _VENDOR_BEFORE.search(here.before):
        odds += 2.2
    elif not here.opens and _LINK_BEFORE.search(here.before):
        odds += 0.9
    if _VENDOR_ACTS.match(here.after):
        odds += 2.2
    elif _VENDOR_AFTER.match(here.after):
        odds += 0.7
    if here.opens and _FRAGMENT.match(here.after):
        odds += 1.0
    if _TALK.search(here.talk):
        odds += 0.6
    return odds


def ordinary_odds(here: Surroundings) -> float:
    """Return the log-odds (at most 0) that ordinary-sense cues around the words give."""
    word = normal(here.heard[0].text)
    # A weekday may stand before any name; of 509 rivals in the training calls none had a capital behind it.
    odds = _LONGER_NAME if here.goes_on and here.cased and word not in CALENDAR else 0.0
    if word in CALENDAR:
        if _VENDOR_DAY.search(here.before) and not _TIME_AFTER.match(here.after):
            return 0.0
        if not here.before.strip() and not _TIME_AFTER.match(here.after):
            return -1.0
        odds -= 3.5 if _TIME_BEFORE.search(here.before) or _TIME_AFTER.match(here.after) else 1.0
    capital = here.cased and here.heard[0].text[0].isupper() and not here.opens
    if _DETERMINER.search(here.before) and not capital:
        odds -= 1.2 if _VENDOR_ACTS.match(here.after) else 3.0
    if not capital and not here.before.rstrip().endswith("to the") and _TO_VERB.search(here.before):
        odds -= 3.0
    if not capital and _PRONOUN_AFTER.match(here.after):
        odds -= 2.0
    # "close quoted us half": what acts as a vendor does is no verb, whatever the parse says.
    if (
        not capital
        and here.tag[:2] in {"VB", "JJ", "RB", "IN", "MD"}
        and not _VENDOR_ACTS.match(here.after)
    ):
        odds -= 1.2
    if here.tag.startswith("NNP"):
        odds += 0.6 if word not in CALENDAR else 0.0
    return min(odds, 0.6)


def not_a_rival(here: Surroundings) -> bool:
    """Whether the name is a customer's or an employer's here ("I worked at …")."""
    return bool(_NOT_A_RIVAL.search(here.before))
