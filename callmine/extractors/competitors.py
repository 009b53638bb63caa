"""Finds mentions of the playbook's competitors, also misheard, split, joined or ordinary words.

Three steps. *Scan*: every window of up to twelve words is looked up by its joined form, and by
its sound (:mod:`callmine.extractors.scanning`). *Decide*: how a window matches, how common its
words are, what surrounds it and whether the encoder takes it for a rival's name in this conversation
add up to the log-odds that the competitor is meant (:mod:`callmine.extractors.judging`). *Describe*:
relation and stance as the encoder reads them, and the reason in its words
(:mod:`callmine.extractors.relations`).
Passages without a candidate cost only the scan, and only a sentence is parsed in which an ordinary
word may be a name.

Names are names in any language: also where no blanks part words, and where vowels are marks. Sounds,
cues and parse are English: in a call in another language a name is found as it is written (an ending that
is glued to it hides it where words have blanks between them), and is only mentioned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from callmine.domain import RELATIONS, STANCES, Json, Kind, Mention
from callmine.extractors import relations
from callmine.extractors.base import ANY_LANGUAGE, ENGLISH, Passage
from callmine.extractors.context import PARSED_AS_NAME
from callmine.extractors.encoder import Encoder
from callmine.extractors.judging import is_one_word, judged
from callmine.extractors.letters import as_seen
from callmine.extractors.parse import Parser
from callmine.extractors.scanning import NameScan
from callmine.extractors.sounds import forms
from callmine.extractors.spans import Span, free_of, overlap, sentences
from callmine.extractors.weighing import Candidate, View, Weighed, chance, total
from callmine.extractors.windows import Place
from callmine.playbook import Playbook

THRESHOLD = 0.5
"""Mentions with a lower score are not reported."""

_UNREAD = View(None, "mentioned", "neutral")


class CompetitorExtractor:
    """Names of competitors, with how they relate to the prospect and what is thought of them.

    Args:
        parser: The shared parse.
        encoder: The shared reading of the conversation.
        threshold: Least score (0..1) of a reported mention.
    """

    name = "competitors"
    version = "5"
    kinds = frozenset({Kind.COMPETITOR})
    languages = ANY_LANGUAGE

    def __init__(self, parser: Parser, encoder: Encoder, *, threshold: float = THRESHOLD) -> None:
        self.parser = parser
        self.encoder = encoder
        self.threshold = threshold
        self.names = NameScan()

    def settings(self) -> Json:
        """Return the models and the threshold."""
        return {
            "parser": self.parser.path.name,
            "model": self.encoder.version(),
            "threshold": self.threshold,
        }

    def setup(self, playbook: Playbook) -> None:
        """Index the playbook's names; the parser is loaded when the first candidate turns up."""
        self.names = names_of(playbook)

    def extract(self, passages: Sequence[Passage]) -> list[list[Mention]]:
        """Return the competitor mentions of each passage, in the order of the text."""
        mentions: list[list[Mention]] = [[] for _ in passages]
        for number, sentence, weighed in self._weigh(passages, least=self.threshold):
            mentions[number].extend(self._choose(passages[number], sentence, weighed))
        return mentions

    def weighed(self, passages: Sequence[Passage], number: int) -> list[Weighed]:
        """Return everything in passage ``number`` that was weighed, chosen or not; to explain a mention."""
        return [one for at, _, found in self._weigh(passages, least=0.0) if at == number for one in found]

    def _weigh(
        self, passages: Sequence[Passage], *, least: float
    ) -> list[tuple[int, relations.Sentence, list[Weighed]]]:
        """Return each sentence with a candidate: its passage's number, its parse, what it weighs.

        Where no parse can bring a candidate to the score ``least``, there is none.
        """
        candidates = [self.names.scan(p.text, by_sound=p.language in ENGLISH) for p in passages]
        views = self._views(passages, places_of(passages, candidates))
        weighed = []
        for number, (passage, found) in enumerate(zip(passages, candidates, strict=True)):
            for start, end in sentences(passage.text) if found else ():
                if any(overlap((start, end), (c.start, c.end)) for c in found):
                    inside = [c for c in found if start <= c.start < end]
                    sentence = relations.Sentence(start, end, None)
                    seen = [(c, views.get((number, c.start, c.end), _UNREAD)) for c in inside]
                    judgements = [judged(passage, sentence, c, view) for c, view in seen]
                    weighed.append((number, sentence, judgements))
        unsure = [
            at
            for at, (number, _, found) in enumerate(weighed)
            if passages[number].language in ENGLISH and any(_hinges_on_parse(one, least) for one in found)
        ]
        texts = [passages[n].text[s.start : s.end] for n, s, _ in map(weighed.__getitem__, unsure)]
        for at, doc in zip(unsure, self.parser.docs(texts), strict=True):
            number, sentence, before = weighed[at]
            sentence = replace(sentence, doc=doc)
            parsed = [judged(passages[number], sentence, one.candidate, one.view) for one in before]
            weighed[at] = number, sentence, parsed
        return weighed

    def _views(self, passages: Sequence[Passage], places: Sequence[Place]) -> dict[Place, View]:
        """Return how the encoder reads each place in its conversation."""
        read = zip(places, self.encoder.read_places(passages, places), strict=True)
        known = {place: features for place, features in read if features is not None}
        if not known:
            return {}
        features = np.stack(list(known.values()))
        ask = self.encoder.questions.chances
        rival, relation, stance = (ask(q, features) for q in ("rival", "relation", "stance"))
        odds = np.log(np.clip(rival, 1e-4, 1 - 1e-4) / np.clip(1 - rival, 1e-4, 1 - 1e-4))
        return {
            place: View(
                float(odds[row]),
                RELATIONS[int(relation[row].argmax())],
                STANCES[int(stance[row].argmax())],
            )
            for row, place in enumerate(known)
        }

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


def names_of(playbook: Playbook) -> NameScan:
    """Return what scans for a playbook's competitors; for nothing where it has none."""
    return NameScan(forms(playbook) if playbook.competitors else ())


def places_of(passages: Sequence[Passage], candidates: Sequence[Sequence[Candidate]]) -> list[Place]:
    """Return where the encoder is asked about each passage's candidates: competitors, in English."""
    return sorted(
        {
            (number, one.start, one.end)
            for number, (passage, found) in enumerate(zip(passages, candidates, strict=True))
            for one in found
            if passage.language in ENGLISH and one.form.name
        }
    )


def _hinges_on_parse(one: Weighed, least: float) -> bool:
    """Whether the parse may bring what was weighed without it to the score ``least``, or change it there.

    Only one ordinary word is weighed by its part of speech. Our own
    names keep others out whatever their score.
    """
    best = chance(total(one.parts) + PARSED_AS_NAME)
    return is_one_word(one.candidate) and (one.candidate.form.name is None or best >= least)


def _best_first(one: Weighed) -> tuple[bool, float, float, int]:
    """Order candidates: what is written before what only sounds so, the widest, the likeliest."""
    candidate = one.candidate
    sound = candidate.match == "sound"
    return sound, -candidate.alike if sound else -len(candidate.form.joined), -one.score, candidate.start


def _mention(passage: Passage, sentence: relations.Sentence, weighed: Weighed) -> Mention:
    candidate, view = weighed.candidate, weighed.view
    name = candidate.form.name or ""
    heard = passage.text[candidate.start : candidate.end]
    detail = {"relation": view.relation, "stance": view.stance, "match": candidate.match}
    if as_seen(heard) != as_seen(name):
        detail["heard"] = heard
    told = view.stance != "neutral" or view.relation != "mentioned"
    if told and (reason := relations.reason(passage.text, sentence, candidate.end)):
        detail["reason"] = reason
    return Mention(Kind.COMPETITOR, name, candidate.start, candidate.end, round(weighed.score, 4), detail)
