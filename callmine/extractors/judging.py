"""How likely a candidate is a rival's name: what stands around it, and what the encoder makes of it."""

from __future__ import annotations

import re

from callmine.extractors import context, relations
from callmine.extractors.base import Passage
from callmine.extractors.commonness import is_ordinary
from callmine.extractors.sounds import normal
from callmine.extractors.weighing import Candidate, Part, View, Weighed, scaled, telling

_NOT_A_RIVAL = 5.0  # log-odds taken where the name is a customer's or an employer's
_LONGER = 6.0  # log-odds taken from an ordinary word inside a longer name ("Harbor Lifts")

# What the encoder says of a name counts in part, and within bounds: where nobody compares vendors it
# takes no name for a rival's. A name that is no word and is written right needs no second opinion.
_READ_WORD, _WORD_LEAST = 0.8, -2.0  # share for ordinary words, and the least log-odds taken
_READ_SOUND = 0.7  # share for sound-alikes
_SOUND_EVEN = -4.0  # log-odds that leave a sound-alike as it was: what it gives words that are no names
_SOUND_BOUNDS = (-5.0, 0.0)


def is_one_word(candidate: Candidate) -> bool:
    """Whether a candidate is one ordinary word, which may be said without meaning anybody."""
    return len(candidate.heard) == 1 and is_ordinary(normal(candidate.heard[0].text))


def judged(passage: Passage, sentence: relations.Sentence, candidate: Candidate, view: View) -> Weighed:
    """Return a candidate with everything that speaks for and against it.

    Args:
        passage: Where it was said.
        sentence: Its sentence; where that is not parsed, the parse says nothing.
        candidate: What may be a name.
        view: How the encoder reads it.
    """
    read = telling(Part("how the encoder reads it in the conversation", _read_odds(candidate, view)))
    return Weighed(
        candidate, view, (*candidate.parts, *_context_parts(passage, sentence, candidate), *read)
    )


def _context_parts(passage: Passage, sentence: relations.Sentence, candidate: Candidate) -> list[Part]:
    """Return what the surroundings say for and against the candidate."""
    text = passage.text
    single = is_one_word(candidate)
    before = text[sentence.start : candidate.start]
    here = context.Surroundings(
        heard=candidate.heard,
        before=before[-60:].lower().replace("’", "'"),
        after=text[candidate.end : sentence.end][:60].lower().replace("’", "'"),
        opens=not any(c.isalnum() for c in before),
        cased=context.is_cased(text),
        talk=" ".join([*(t.text for t in passage.before[-1:]), text[:2000]]).lower(),
        tag=sentence.tag_at(candidate.start) if single else "",
    )
    sound = candidate.match == "sound"
    if employer := context.not_a_rival(here):
        return [Part("a customer's or an employer's name", -_NOT_A_RIVAL, employer)]
    if single and (longer := _longer_name(text, candidate, cased=here.cased)):
        return [Part("part of a longer name", -_LONGER, longer)]
    if single or (not sound and all(is_ordinary(normal(t.text)) for t in candidate.heard)):
        ordinary = scaled(context.ordinary_cues(here), 0.4 if len(candidate.form.words) > 1 else 1.0)
        return [*context.case_cues(here, single=single), *context.vendor_cues(here), *ordinary]
    return [
        *scaled(context.case_cues(here, single=False), 0.8),
        *scaled(context.vendor_cues(here), 0.5),
    ]


_NEXT_NAME = re.compile(r" ([A-Z][a-z]+)")
_PRODUCT_WORDS = frozenset(
    ("app", "cloud", "crm", "desk", "one", "platform", "pro", "software", "suite", "tool")
)


def _longer_name(text: str, candidate: Candidate, *, cased: bool) -> str:
    """Return the capitalised word that follows, as in the name of a place or of another company."""
    following = _NEXT_NAME.match(text, candidate.end)
    if normal(candidate.heard[0].text) in context.CALENDAR:
        return ""  # a weekday may stand before any name
    if not cased or following is None or following[1].lower() in _PRODUCT_WORDS:
        return ""
    return following[1]


def _read_odds(candidate: Candidate, view: View) -> float:
    """Return what the encoder's view adds to the candidate's log-odds."""
    if view.odds is None:
        return 0.0
    if candidate.match == "sound":
        least, most = _SOUND_BOUNDS
        return _READ_SOUND * (min(most, max(least, view.odds)) - _SOUND_EVEN)
    if all(is_ordinary(normal(t.text)) for t in candidate.heard):
        return _READ_WORD * max(_WORD_LEAST, view.odds)
    return 0.0
