"""Whether the words around a stretch of text treat it as a vendor's name or as ordinary words.

Each cue adds to or takes from the log-odds that a name is meant. The weights were set by hand
and checked on development data; ``docs/design-notes.md`` has the figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from callmine.extractors.cues import anywhere, before, following
from callmine.extractors.sounds import normal
from callmine.extractors.spans import Token
from callmine.extractors.weighing import Part, telling

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august")
CALENDAR = frozenset((*_DAYS, *_MONTHS, "september", "october", "november", "december"))
"""Words written with a capital whatever they mean."""

PARSED_AS_NAME = 0.6
"""Log-odds that a word parsed as a name gains: the most that a parse does for a candidate."""

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
    """

    heard: tuple[Token, ...]
    before: str
    after: str
    opens: bool
    cased: bool
    talk: str
    tag: str = ""


@lru_cache(maxsize=32)  # for the candidates of one turn
def is_cased(text: str) -> bool:
    """Whether capitals carry meaning in ``text``: it has some, and not only those."""
    letters = [c for c in text if c.isalpha()]
    upper = sum(c.isupper() for c in letters)
    return 0 < upper < 0.5 * len(letters) and bool(re.search(r"(?:^|[.?!]\s+)\W*[A-Z]|\s[A-Z][a-z]", text))


def case_cues(here: Surroundings, *, single: bool) -> list[Part]:
    """Return what capitals say; ``single`` for one ordinary word. Many scripts have none."""
    has_case = any(c.isdigit() or c.lower() != c.upper() for t in here.heard for c in t.text)
    if not (here.cased and has_case):
        return []
    capital = all(t.text[0].isupper() or t.text[0].isdigit() for t in here.heard)
    inner = any(c.isupper() for t in here.heard for c in t.text[1:])
    calendar = normal(here.heard[0].text) in CALENDAR
    if inner and capital:
        return [Part("capitals within the word", 2.5)]
    if capital and not here.opens and not calendar:
        return [Part("a capital within the sentence", 3.0 if single else 1.5)]
    if capital:
        return telling(
            Part("a capital where the sentence opens", 0.3 if here.opens and not calendar else 0.0)
        )
    return [Part("no capital", -3.0 if single else -0.8)]


def vendor_cues(here: Surroundings) -> list[Part]:
    """Return what vendor talk around the words says for a name, between 0 and 4 in all."""
    found = []
    if cue := _VENDOR_BEFORE.search(here.before):
        found.append(Part("talk of vendors before it", 2.2, cue.group().strip()))
    elif not here.opens and (cue := _LINK_BEFORE.search(here.before)):
        found.append(Part("words that lead to a name", 0.9, cue.group().strip()))
    if cue := _VENDOR_ACTS.match(here.after):
        found.append(Part("it does what vendors do", 2.2, cue.group().strip(" ,")))
    elif cue := _VENDOR_AFTER.match(here.after):
        found.append(Part("talk of vendors after it", 0.7, cue.group().strip(" ,")))
    if here.opens and _FRAGMENT.match(here.after):
        found.append(Part("it stands alone, as an answer", 1.0))
    if cue := _TALK.search(here.talk):
        found.append(Part("talk of vendors nearby", 0.6, cue.group()))
    return found


def ordinary_cues(here: Surroundings) -> list[Part]:
    """Return what speaks for the ordinary sense of the words, or, as a name in the parse, against it."""
    word = normal(here.heard[0].text)
    found = []
    if word in CALENDAR:
        timed = _TIME_AFTER.match(here.after)
        if _VENDOR_DAY.search(here.before) and not timed:
            return []
        if not here.before.strip() and not timed:
            return [Part("a day or month, and nothing before it", -1.0)]
        cue = _TIME_BEFORE.search(here.before) or timed
        found.append(Part("a day or month", -3.5 if cue else -1.0, cue.group().strip() if cue else ""))
    capital = here.cased and here.heard[0].text[0].isupper() and not here.opens
    if not capital and (cue := _DETERMINER.search(here.before)):
        acts = _VENDOR_ACTS.match(here.after)
        found.append(Part("as a noun", -1.2 if acts else -3.0, cue.group().strip()))
    to_the = here.before.rstrip().endswith("to the")
    if not capital and not to_the and (cue := _TO_VERB.search(here.before)):
        found.append(Part("as a verb", -3.0, cue.group().strip()))
    if not capital and (cue := _PRONOUN_AFTER.match(here.after)):
        found.append(Part("a pronoun after it", -2.0, cue.group().strip(" ,")))
    # "close quoted us half": what acts as a vendor does is no verb, whatever the parse says.
    acts_as_vendor = _VENDOR_ACTS.match(here.after)
    if not capital and not acts_as_vendor and here.tag[:2] in {"VB", "JJ", "RB", "IN", "MD"}:
        found.append(Part("parsed as no noun", -1.2))
    if here.tag.startswith("NNP") and word not in CALENDAR:
        found.append(Part("parsed as a name", PARSED_AS_NAME))
    return found


def not_a_rival(here: Surroundings) -> str:
    """Return the words by which the name is a customer's or an employer's ("I worked at …"), or none."""
    cue = _NOT_A_RIVAL.search(here.before)
    return cue.group().strip() if cue else ""
