"""Whether the words around a stretch of text treat it as a vendor's name or as ordinary words.

Each cue adds to or takes from the log-odds that a name is meant. The weights were set by hand
and checked on development data; ``docs/design-notes.md`` has the figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from callmine.extractors.sounds import normal
from callmine.extractors.spans import Token

CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july"
    " august september october november december".split()
)
"""Words written with a capital whatever they mean."""

_PREFIX = r"(?:^|.*\b)"
_STILL = (
    r"(?:\s+(?:just|also|still|already|either|both|actually|currently|only|then|now|called|named|it's))*"
)

_VENDOR_BEFORE = re.compile(
    _PREFIX
    + r"(?:us(?:e|es|ed|ing)|evaluat(?:e|es|ed|ing)|compar(?:e|ed|ing)(?: \w+){0,2} (?:to|with|against)|"
    r"(?:switch|mov|migrat|chang)(?:e|es|ed|ing)?(?: \w+){0,3} (?:to|from|off|over to|away from)|"
    r"look(?:s|ed|ing)?(?: hard| closely)? (?:at|into)|versus|vs|compet(?:e|es|ed|ing) (?:with|against)|"
    r"alternatives? (?:to|like)|(?:went|go|going|gone|signed?|signing|stick|sticking|stuck|stay|staying|renew(?:ed|ing)?|"
    r"locked in|contract|demo|quote|proposal|pricing|deal|integrat(?:e|es|ed|ing)|work|working|partner\w*) (?:up )?with|"
    r"(?:quote|proposal|demo|pitch|call|contract|bid|pricing|invoice|offer|rep|salesperson|sales guy)s? from|"
    r"(?:tools?|vendors?|platforms?|systems?|products?|software|solutions?|apps?|compan(?:y|ies)|competitors?|"
    r"providers?|suppliers?|people|folks|guys) (?:like|such as|called|named|is|are|at)|"
    r"tr(?:y|ies|ied|ying)(?: out)?|replac(?:e|es|ed|ing)|ditch(?:ed|ing)?|dropp(?:ed|ing)|bought|buy(?:ing)?|"
    r"chose|choos(?:e|ing)|pick(?:ed|ing)|prefer(?:red)?|consider(?:ed|ing)?|shortlist(?:ed)?|called|named|"
    r"demo(?:ed|ing|'d)|trial(?:led|ling)?|heard of|familiar with|tried|left|leave|leaving|better than|"
    r"cheaper than|(?:more|less|worse|faster|easier|nicer)(?: \w+){0,2} than|(?:like|unlike)|log(?:ged|ging)? into|"
    r"run(?:s|ning)? (?:everything )?(?:on|in)|standardi[sz]ed on|(?:'re|are|were|was|been|is|it's) (?:all )?(?:on|with)|attached to|insist on|come across|"
    r"(?:data|stuff|everything|it|records?|notes|calls|tasks|projects|boards?|pipeline) (?:is|are|lives?|live)? ?in|"
    r"integration with|between)" + _STILL + r"\s*$"
)
_LINK_BEFORE = re.compile(
    _PREFIX + r"(?:with|from|against|via|than|at|on|and|or|in|for|by|of|to)" + r"\s*$"
)
_VENDOR_AFTER = re.compile(
    r"^\s*(?:(?:'s|’s)?\s*(?:pricing|price|prices|contract|licen[cs]es?|platform|software|integration|instance|dashboards?|"
    r"reps?|demos?|account|subscription|renewal|quote|quoted|admin|shop|customers?|users?|support|people|guys|"
    r"team|team's|implementation|boards?|workspace|crm|app|tool|api|connector|seats?|data)|"
    r"(?:just |also |already |actually |really |still |only )?(?:offers?|offered|charg(?:e|es|ed)|gave|gives|quoted|quotes|costs?|"
    r"came (?:in|back)|comes with|lets|told|sent|said|says|promised|does(?:n't)?|do(?:n't)?|did(?:n't)?|has|have|had|"
    r"hasn't|keeps|kept|threw in|won't|can't|couldn't|can|will|would|is|are|was|were|isn't|wasn't|never|"
    r"showed|shows|works|worked|crashes|dropped|beat|undercut|bought|acquired|won)|"
    r"(?:because|instead|right now|already|today|currently|at the moment|before|for (?:two|three|four|five|a|the last|our|most|"
    r"this|that|everything|all|calls?|projects?|tasks?|sales|email|outbound|years)))\b"
)
_PRONOUN_AFTER = re.compile(
    r"^\s*(?:the|a|an|this|that|these|it|them|him|her|me|us|my|our|your|their|out|down|off|up|to)\b"
)
_DETERMINER = re.compile(
    _PREFIX
    + r"(?:a|an|the|this|that|these|those|my|our|your|his|her|its|their|every|each|next|last|any|some|no|"
    r"another|one|two|three|first|more|much|very|too|so|really|pretty|how|as|get|getting|be|bit|big|cold|new)\s*$"
)
_TO_VERB = re.compile(
    _PREFIX
    + r"(?:(?:want|wants|going|need|needs|able|trying|ready|looking|like|have|has|used|time|how|chance) to|"
    r"can|could|will|would|should|might|must|may|we'll|i'll|you'll|they'll|didn't|don't|doesn't|won't|can't|"
    r"couldn't|i|we|you|they|he|she|it|let's|not|help|gonna|wanna|please|and then)\s*$"
)
_TIME_BEFORE = re.compile(
    _PREFIX
    + r"(?:on|by|next|last|this|every|until|till|since|before|after|from|through|to|in|early|late|of|"
    r"mid|for|or|come|is|it's|and|than|end of|around|again|week|\w+day)\s*$"
)
_TIME_AFTER = re.compile(
    r"^[\s,]*(?:mornings?|afternoons?|evenings?|nights?|the|to|through|and \w+day|or \w+day|at|lunchtime|\w+day|next|\d+|first|"
    r"of|week|works?|then|if|when|twenty|\w+teenth|\w+th|night's|or so|i|we|you|so|would)\b"
)
_VENDOR_DAY = re.compile(
    _PREFIX
    + r"(?:us(?:e|es|ed|ing)|(?:'re|are|is|were|was|been|run|running|everything|projects|boards?|built|managed|"
    r"moved|put|tracked|live|lives) (?:all |still |currently |already )?(?:on|in|off)|"
    r"(?:switch|mov|migrat)(?:e|ed|ing)(?: \w+){0,2} (?:to|from|off|over to)|tried|versus|vs|like|than|called|"
    r"look(?:ed|ing)? at|evaluat(?:ed|ing)|replac(?:e|ed|ing)|demo(?:ed|'d)|chose|picked|bought|quote from|"
    r"(?:went|signed|stuck|integrat\w+) with|compar\w+ (?:\w+ )?(?:to|with))\s*$"
)
_NOT_A_RIVAL = re.compile(
    _PREFIX
    + r"(?:(?:work(?:ed|s|ing)?|job|intern(?:ed)?|career|employed|hired|years) (?:\w+ )?(?:at|for|by)|"
    r"(?:customers?|clients?) (?:like|such as|including|are|is)|(?:sell|sold|selling|ship|shipping|supply) (?:\w+ )?(?:to|into))\s*$"
)
_TALK = re.compile(
    r"\b(?:vendors?|competitors?|alternatives?|quot(?:e|es|ed)|demo(?:s|ed)?|switch(?:ed|ing)?|evaluat\w+|shortlist\w*|incumbent|"
    r"provider|supplier|tools? (?:are|do)|platform|renewal|"
    r"(?:who|what|which)(?: \w+){0,4} (?:else|us(?:e|ing)|looking at|with|on|instead|today))\b"
)


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
    if _VENDOR_BEFORE.match(here.before):
        odds += 2.2
    elif not here.opens and _LINK_BEFORE.match(here.before):
        odds += 0.9
    if _VENDOR_AFTER.match(here.after):
        odds += 1.2
    if _TALK.search(here.talk):
        odds += 0.6
    return odds


def ordinary_odds(here: Surroundings) -> float:
    """Return the log-odds (at most 0) that ordinary-sense cues around the words give."""
    word = normal(here.heard[0].text)
    odds = 0.0
    if word in CALENDAR:
        if _VENDOR_DAY.match(here.before) and not _TIME_AFTER.match(here.after):
            return 0.0
        if not here.before.strip() and not _TIME_AFTER.match(here.after):
            return -1.0
        odds -= 3.5 if _TIME_BEFORE.match(here.before) or _TIME_AFTER.match(here.after) else 1.0
    capital = here.cased and here.heard[0].text[0].isupper() and not here.opens
    if _DETERMINER.match(here.before) and not capital:
        odds -= 1.2 if _VENDOR_AFTER.match(here.after) else 3.0
    if not capital and not here.before.rstrip().endswith("to the") and _TO_VERB.match(here.before):
        odds -= 3.0
    if not capital and _PRONOUN_AFTER.match(here.after):
        odds -= 2.0
    if not capital and here.tag[:2] in {"VB", "JJ", "RB", "IN", "MD"}:
        odds -= 1.2
    if here.tag.startswith("NNP"):
        odds += 0.6 if word not in CALENDAR else 0.0
    return min(odds, 0.6)


def not_a_rival(here: Surroundings) -> bool:
    """Whether the name is a customer's or an employer's here ("I worked at …")."""
    return bool(_NOT_A_RIVAL.match(here.before))
