"""Finds mentions of the playbook's competitors, also misheard, split, joined or ordinary words.

Three steps. *Scan*: every window of up to six words is looked up by its joined form, and by
its sound (:mod:`callmine.extractors.sounds`). *Decide*: how a window matches, how common its
words are, what surrounds it (:mod:`callmine.extractors.context`) and whether the encoder takes it for
a rival's name in this conversation add up to the log-odds that the competitor is meant. *Describe*:
relation and stance as the encoder reads them, and the reason in its words
(:mod:`callmine.extractors.relations`).
Passages without a candidate cost only the scan.

Names are names in any language. Sounds, cues and parse are English: in a call in another language a
name is found as it is written, and is only mentioned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import compress, pairwise

import numpy as np

from callmine.domain import RELATIONS, STANCES, Json, Kind, Mention
from callmine.extractors import context, relations
from callmine.extractors.base import ANY_LANGUAGE, ENGLISH, Passage
from callmine.extractors.encoder import Encoder, Place
from callmine.extractors.parse import Parser
from callmine.extractors.sounds import (
    RARE,
    Form,
    SoundIndex,
    commonest,
    commonness,
    forms,
    is_ordinary,
    normal,
    zipf,
)
from callmine.extractors.spans import Span, Token, free_of, overlap, sentences, tokens
from callmine.extractors.weighing import Candidate, Part, View, Weighed, scaled, telling, total
from callmine.playbook import Playbook

THRESHOLD = 0.5
"""Mentions with a lower score are not reported."""

WIDEST = 6
"""Words a window may have: initials are spelled out, names run to six words."""

_FUNCTION_ZIPF = 6.0
_NOT_A_RIVAL = 5.0  # log-odds taken where the name is a customer's or an employer's
_HOPELESS = -4.0  # log-odds of a sound-alike that nothing mends
_EVERYDAY = 3.0  # commonness of words in a row that are nobody's name
_LONGER = 6.0  # log-odds taken from an ordinary word inside a longer name ("Harbor Lifts")

# What the encoder says of a name counts in part, and within bounds: where nobody compares vendors it
# takes no name for a rival's. A name that is no word and is written right needs no second opinion.
_READ_WORD, _WORD_LEAST = 0.8, -2.0  # share for ordinary words, and the least log-odds taken
_READ_SOUND = 0.7  # share for sound-alikes
_SOUND_EVEN = -4.0  # log-odds that leave a sound-alike as it was: what it gives words that are no names
_SOUND_BOUNDS = (-5.0, 0.0)

# Sound-alikes, tuned on half of the Earnings-21 calls and on talk without any competitor.
_SLOPE, _EVEN = 20.0, 0.72  # log-odds per likeness, and the likeness at which they are even
_SHORT, _LONG = 0.02, 0.01  # likeness asked more per letter under 7, and less per letter over 7
_COMMON, _FUNCTION = 0.6, 0.5  # log-odds taken per Zipf of commonness, and for a function word
_GAP = re.compile(r"[\s\-–+&/'’_]{1,3}|\.")
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "st"})
_INITIAL_GAP = re.compile(r"\.\s")

_UNREAD = View(None, "mentioned", "neutral")


class CompetitorExtractor:
    """Names of competitors, with how they relate to the prospect and what is thought of them.

    Args:
        parser: The shared parse.
        encoder: The shared reading of the conversation.
        threshold: Least score (0..1) of a reported mention.
    """

    name = "competitors"
    version = "3"
    kinds = frozenset({Kind.COMPETITOR})
    languages = ANY_LANGUAGE

    def __init__(self, parser: Parser, encoder: Encoder, *, threshold: float = THRESHOLD) -> None:
        self.parser = parser
        self.encoder = encoder
        self.threshold = threshold
        self._exact: dict[str, Form] = {}
        self._index = SoundIndex(())
        self._widest = 1
        self._longest = 0

    def settings(self) -> Json:
        """Return the models and the threshold."""
        return {
            "parser": self.parser.path.name,
            "model": self.encoder.version(),
            "threshold": self.threshold,
        }

    def setup(self, playbook: Playbook) -> None:
        """Index the playbook's names; the parser is loaded when the first candidate turns up."""
        known = forms(playbook) if playbook.competitors else []
        self._exact = {form.joined: form for form in known}
        self._index = SoundIndex(
            f for f in known if len(f.joined) > 3 and f.keys and not (f.words[1:] and f.words[-1] == "com")
        )
        self._widest = min(WIDEST, max([4, *(len(form.words) + 1 for form in known)]))
        self._longest = max((len(form.joined) for form in known), default=0)

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return the competitor mentions of each passage, in the order of the text."""
        mentions: list[list[Mention]] = [[] for _ in passages]
        for number, sentence, weighed in self._weigh(passages):
            mentions[number].extend(self._choose(passages[number], sentence, weighed))
        return mentions

    def weighed(self, passages: Sequence[Passage], number: int) -> list[Weighed]:
        """Return everything in passage ``number`` that was weighed, chosen or not; to explain a mention."""
        return [one for at, _, found in self._weigh(passages) if at == number for one in found]

    def _weigh(
        self, passages: Sequence[Passage]
    ) -> Iterator[tuple[int, relations.Sentence, list[Weighed]]]:
        """Yield each sentence with a candidate: its passage's number, its parse, what it weighs."""
        candidates = [
            self.scan(p.text, by_sound=p.language in ENGLISH) if self._longest else [] for p in passages
        ]
        wanted: list[tuple[int, Span]] = []
        for number, (passage, found) in enumerate(zip(passages, candidates, strict=True)):
            spans = sentences(passage.text) if found else []
            wanted.extend(
                (number, span) for span in spans if any(overlap(span, (c.start, c.end)) for c in found)
            )
        known = [passages[n].language in ENGLISH for n, _ in wanted]
        docs = self.parser.docs([passages[n].text[s:e] for n, (s, e) in compress(wanted, known)])
        views = self._views(passages, [(n, c) for n, found in enumerate(candidates) for c in found])
        for (number, span), parsed in zip(wanted, known, strict=True):
            sentence = relations.Sentence(span[0], span[1], next(docs) if parsed else None)
            inside = [c for c in candidates[number] if span[0] <= c.start < span[1]]
            seen = [(c, views.get((number, c.start, c.end), _UNREAD)) for c in inside]
            yield number, sentence, [_weigh(passages[number], sentence, c, view) for c, view in seen]

    def _views(
        self, passages: Sequence[Passage], candidates: Sequence[tuple[int, Candidate]]
    ) -> dict[Place, View]:
        """Return how the encoder reads each candidate in its conversation; English only."""
        places = sorted(
            {(n, c.start, c.end) for n, c in candidates if passages[n].language in ENGLISH and c.form.name}
        )
        read = self.encoder.read_places(passages, places)
        at = [i for i, one in enumerate(read) if one is not None]
        if not at:
            return {}
        features = np.stack([read[i][0] for i in at])  # type: ignore[index]
        ask = self.encoder.questions.chances
        rival, relation, stance = (ask(q, features) for q in ("rival", "relation", "stance"))
        odds = np.log(np.clip(rival, 1e-4, 1 - 1e-4) / np.clip(1 - rival, 1e-4, 1 - 1e-4))
        return {
            places[i]: View(
                float(odds[row]),
                RELATIONS[int(relation[row].argmax())],
                STANCES[int(stance[row].argmax())],
            )
            for row, i in enumerate(at)
        }

    def scan(self, text: str, *, by_sound: bool = True) -> list[Candidate]:
        """Return every window of ``text`` that matches a form, ours included, by text or sound."""
        words = tokens(text)
        plain = [normal(w.text) for w in words]
        joints = [_joined(text, a, b) for a, b in pairwise(words)]
        found: list[Candidate] = []
        for first in range(len(words)):
            joined = ""
            for last in range(first, min(first + self._widest, len(words))):
                if last > first and not joints[last - 1]:
                    break
                joined += plain[last]
                if len(joined) > self._longest + 4:
                    break
                if hit := self._look_up(joined, plain[first : last + 1], words[first : last + 1]):
                    found.append(hit)
        # "sales force is" is no sound-alike: the name itself is in it, meant or not.
        exact = [(c.start, c.end) for c in found if c.match != "sound"]
        return [c for c in found if c.match != "sound" or (by_sound and free_of((c.start, c.end), exact))]

    def _look_up(self, joined: str, plain: list[str], words: list[Token]) -> Candidate | None:
        """Match one window: as it is, as a plural, then by its sound."""
        form = self._exact.get(joined)
        if form is None and joined.endswith("s"):
            form = self._exact.get(joined[:-1])
            if form is not None and form.zipf and len(form.words) == 1:
                form = None  # "closes", "gongs": an ordinary word's plural is an ordinary word
        if form is not None:
            return _candidate(form, words, form.match, _exact_parts(form, plain), 1.0)
        if not 4 <= len(joined) <= self._longest + 4 or len(plain) > 4:
            return None
        if len(plain) > 1 and commonness(plain) > _EVERYDAY:
            return None
        near = self._index.nearest(tuple(plain), joined)
        if near is None or near[0].name is None:
            return None
        form, alike = near
        parts = _sound_parts(form, alike, plain)
        return _candidate(form, words, "sound", parts, alike) if total(parts) > _HOPELESS else None

    def _choose(
        self, passage: Passage, sentence: relations.Sentence, weighed: list[Weighed]
    ) -> list[Mention]:
        """Report the best candidates of one sentence that do not overlap."""
        taken: list[Span] = []
        mentions = []
        for one in sorted(weighed, key=_best_first):
            candidate, score = one.candidate, one.score
            span = (candidate.start, candidate.end)
            if not free_of(span, taken) or (score < self.threshold and candidate.form.name is not None):
                continue
            taken.append(span)
            if candidate.form.name is not None:
                mentions.append(_mention(passage, sentence, one))
        return sorted(mentions, key=lambda m: m.start)


def _joined(text: str, one: Token, other: Token) -> bool:
    """Whether two neighbouring words may belong to one name: no sentence ends between them."""
    if _GAP.fullmatch(text, one.end, other.start):
        return True
    return (len(one.text) == 1 or one.text.lower() in _TITLES) and bool(
        _INITIAL_GAP.fullmatch(text, one.end, other.start)
    )


def _best_first(one: Weighed) -> tuple[bool, float, float, int]:
    """Order candidates: what is written before what only sounds so, the widest, the likeliest."""
    candidate = one.candidate
    sound = candidate.match == "sound"
    return sound, -candidate.alike if sound else -len(candidate.form.joined), -one.score, candidate.start


def _candidate(form: Form, words: list[Token], match: str, parts: list[Part], alike: float) -> Candidate:
    last = words[-1]
    end = last.end - 2 if last.text[-2:].lower() in ("'s", "’s") else last.end
    return Candidate(form, words[0].start, end, tuple(words), match, tuple(parts), alike)


def _exact_parts(form: Form, plain: list[str]) -> list[Part]:
    """Return what it says that a window has the letters of a form."""
    if form.match == "heard_as":
        return [Part("a spelling that a person confirmed", 3.0)]
    if len(plain) == 1 and is_ordinary(plain[0]):
        common = -0.4 * max(0.0, zipf(plain[0]) - 3.5)
        return telling(Part("the letters of an ordinary word", -0.4), Part("how common it is", common))
    if len(form.words) > 1 and len(plain) > 1:
        return [Part("the letters of a name of several words", 4.0)]
    if all(is_ordinary(w) for w in plain):
        common = -0.5 * max(0.0, commonness(plain))
        return telling(Part("the letters of ordinary words", 2.0), Part("how common they are", common))
    if len(form.joined) > 3:
        return [Part("the letters of the name", 4.0)]
    return [Part("the letters of a short name", 2.5)]


def _sound_parts(form: Form, alike: float, plain: list[str]) -> list[Part]:
    """Return what it says that a window only sounds like a form.

    The more letters agree the more that says; words that are common, or are function words,
    explain themselves; and a recogniser that knows a name's word does not mishear it.
    """
    length = len(form.joined)
    asked = _EVEN + _SHORT * max(0, 7 - length) - _LONG * min(max(0, length - 7), 7)
    common = commonness(plain) if len(plain) > 1 else commonest(plain[0])
    function = len(plain) > 1 and max(zipf(plain[0]), zipf(plain[-1])) >= _FUNCTION_ZIPF
    known = max(form.zipf if len(form.words) == 1 else 0.0, zipf(form.joined))
    return telling(
        Part("how alike it sounds", _SLOPE * (alike - asked)),
        Part("how common the words are", -_COMMON * max(0.0, common)),
        Part("begins or ends with a function word", -_FUNCTION if function else 0.0),
        Part("a known word itself", -2.0 if len(plain) == 1 and common > RARE else 0.0),
        Part("the name is a word that recognisers know", -1.5 * max(0.0, known - 2.5)),
    )


def _weigh(passage: Passage, sentence: relations.Sentence, candidate: Candidate, view: View) -> Weighed:
    read = telling(Part("how the encoder reads it in the conversation", _read_odds(candidate, view)))
    return Weighed(
        candidate, view, (*candidate.parts, *_context_parts(passage, sentence, candidate), *read)
    )


def _context_parts(passage: Passage, sentence: relations.Sentence, candidate: Candidate) -> list[Part]:
    """Return what the surroundings say for and against the candidate."""
    text = passage.text
    before = text[sentence.start : candidate.start]
    here = context.Surroundings(
        heard=candidate.heard,
        before=before[-60:].lower().replace("’", "'"),
        after=text[candidate.end : sentence.end][:60].lower().replace("’", "'"),
        opens=not any(c.isalnum() for c in before),
        cased=context.is_cased(text),
        talk=" ".join([*(t.text for t in passage.before[-1:]), text[:2000]]).lower(),
        tag=sentence.tag_at(candidate.start) if len(candidate.heard) == 1 else "",
    )
    sound = candidate.match == "sound"
    single = len(candidate.heard) == 1 and is_ordinary(normal(candidate.heard[0].text))
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


def _mention(passage: Passage, sentence: relations.Sentence, weighed: Weighed) -> Mention:
    candidate, view = weighed.candidate, weighed.view
    name = candidate.form.name or ""
    heard = passage.text[candidate.start : candidate.end]
    detail = {"relation": view.relation, "stance": view.stance, "match": candidate.match}
    if heard != name:
        detail["heard"] = heard
    if view.stance != "neutral" and (reason := relations.reason(passage.text, sentence, candidate.end)):
        detail["reason"] = reason
    return Mention(Kind.COMPETITOR, name, candidate.start, candidate.end, round(weighed.score, 4), detail)
