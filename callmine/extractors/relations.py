"""How a mentioned competitor relates to the prospect, and what the speaker thinks of it.

Scored rules. In its sentence the name is replaced by a mark; each cue that matches adds its
weight to one relation or stance, the heaviest wins, and speakers' roles break ties (a rep
mostly just mentions). Cues near the name, or in its clause, count in full, those of the
neighbouring sentences in part. A negated verb above the name turns stance around.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from callmine.domain import Role
from callmine.extractors.base import Passage
from callmine.extractors.cues import MARK, Rule, rules
from callmine.extractors.spans import Span, sentences, trim

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_NEIGHBOUR = 0.6  # share of a cue in the sentence before or after
_SENTENCE = 0.6  # share of a stance cue in another clause of the name's sentence
_EARLIER = 0.8  # share of a cue beside the same name in the last turn before
_FURTHER = 0.3  # share of every cue but the heaviest
_CLAUSE = re.compile(r"[,;:]\s|\s[-–—]\s|\b(?:but|although|though|whereas|however|except)\b", re.I)

_Cues = dict[str, list[float]]
_RELATIONS = rules("relation")
_STANCES = rules("stance")
_ASKED = rules("asked")
_NOT_GOOD = re.compile(
    r"\b(?:not|n't|isn't|wasn't|aren't|hardly|never|no longer|too) (?:\w+ )?"
    r"(?:happy|good|great|fond|reliable|impress|quick|simple|love|like)"
)
_QUESTION = re.compile(
    r"\?\s*$|^(?:so |and |okay |well )?"
    r"(?:is|are|do|does|did|have you|has|how|what|who|when|which|would|could|was|were)\b"
)
_REASON = re.compile(
    r"\b(?:because|since|mostly over|over the|'cause|cos|purely as|due to|so that)\s+(.+)", re.I
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with a candidate in it: its span in the passage and its parse.

    ``doc`` is ``None`` in another language than English, which the parser does not know.
    """

    start: int
    end: int
    doc: Doc | None

    def token_at(self, position: int) -> Token | None:
        """Return the parsed token at a character offset of the passage, if it was parsed."""
        offset = position - self.start
        return next((t for t in self.doc or () if t.idx <= offset < t.idx + len(t)), None)

    def tag_at(self, position: int) -> str:
        """Return the Penn Treebank tag at a character offset, empty when it was not parsed."""
        token = self.token_at(position)
        return str(token.tag_) if token is not None else ""


@dataclass(frozen=True, slots=True)
class View:
    """What is said about a competitor; ``reason`` is verbatim, empty where none is given."""

    relation: str
    stance: str
    reason: str


def describe(passage: Passage, sentence: Sentence, start: int, end: int) -> View:
    """Return relation, stance and reason for the name at ``start:end`` of the passage.

    Where the sentence is not parsed, the name is only mentioned: the cues are English as well.
    """
    if sentence.doc is None:
        return View("mentioned", "neutral", "")
    text = passage.text
    name = text[start:end].casefold()
    marked = _marked(text, (sentence.start, sentence.end), start, end)
    rest = [_plain(text[s:e]) for s, e in _neighbours(text, sentence)]
    relation = _relation(passage, marked, rest, name)
    stance = _stance(passage, marked, rest, sentence.token_at(start))
    return View(relation, stance, _reason(text, sentence, end) if stance != "neutral" else "")


def _relation(passage: Passage, marked: str, rest: list[str], name: str) -> str:
    cues: _Cues = {"mentioned": [1.0]}
    if passage.role is Role.REP:
        cues["mentioned"] = [1.6]
    elif not _QUESTION.search(marked):
        cues["incumbent"] = [1.2]
    _add(cues, _RELATIONS, marked, 1.0)
    for sentence in rest:
        _add(cues, _RELATIONS, sentence.replace(name, MARK), _NEIGHBOUR)
    if passage.before:
        asked = _plain(passage.before[-1].text)
        _add(cues, _ASKED, asked, 1.0)
    for distance, turn in enumerate(reversed(passage.before)):
        said = _plain(turn.text).replace(name, MARK)
        if MARK in said:
            _add(cues, _RELATIONS, said, _EARLIER / (1 + distance))
    return _heaviest(cues, ("mentioned", "incumbent", "evaluating", "churned", "chosen"))


def _stance(passage: Passage, marked: str, rest: list[str], token: Token | None) -> str:
    clause = _clause(marked)
    cues: _Cues = {"neutral": [1.0 + (1.2 if passage.role is Role.REP else 0.0)]}
    _add(cues, _STANCES, clause, 1.0)
    if clause != marked:
        _add(cues, _STANCES, marked, _SENTENCE)
    for sentence in rest:
        _add(cues, _STANCES, sentence, _NEIGHBOUR)
    if _NOT_GOOD.search(clause) or _negated(token):
        praise = cues.pop("positive", [])
        cues.setdefault("negative", []).extend(praise)
    if _QUESTION.search(marked):
        cues["neutral"].append(2.5)
    return _heaviest(cues, ("neutral", "negative", "positive"))


def _add(cues: _Cues, rules: Sequence[Rule], text: str, share: float) -> None:
    for rule in rules:
        if rule.pattern.search(text):
            cues.setdefault(rule.means, []).append(rule.weight * share)


def _heaviest(cues: _Cues, order: Iterable[str]) -> str:
    """Return what the heaviest cue speaks for; further cues for the same add a part."""

    def weight(what: str) -> float:
        found = sorted(cues.get(what, [0.0]), reverse=True)
        return found[0] + _FURTHER * sum(found[1:])

    return max(order, key=weight)


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())


def _marked(text: str, span: Span, start: int, end: int) -> str:
    return _plain(f"{text[span[0] : start]}{MARK}{text[end : span[1]]}")


def _clause(marked: str) -> str:
    """Return the clause of a marked sentence that holds the name."""
    position = marked.index(MARK)
    left, right = 0, len(marked)
    for cut in _CLAUSE.finditer(marked):
        if cut.end() <= position and position - cut.end() > 0:
            left = cut.end()
        elif cut.start() > position + len(MARK) + 10:
            right = cut.start()
            break
    return marked[left:right]


def _neighbours(text: str, sentence: Sentence) -> list[Span]:
    """Return the sentences before and after in the same passage."""
    spans = sentences(text)
    return [s for s in spans if s[1] <= sentence.start][-1:] + [s for s in spans if s[0] >= sentence.end][
        :1
    ]


def _negated(token: Token | None) -> bool:
    """Whether the verb that governs the name is negated and praises ("we don't love …")."""
    while token is not None and token.head.i != token.i:
        token = token.head
        if token.pos_ in {"VERB", "AUX"}:
            praise = token.lemma_.lower() in {"like", "love", "rate", "recommend", "trust", "prefer"}
            return praise and any(child.dep_ == "neg" for child in token.children)
    return False


def _reason(text: str, sentence: Sentence, end: int) -> str:
    """Return the words that give a reason after the name, at most 120 characters."""
    found = _REASON.search(text, end, sentence.end)
    if found is None:
        return ""
    start, stop = trim(text, *found.span(1), padding=" .,!?;:")
    words = text[start : min(stop, start + 120)]
    return words if stop - start <= 120 else words.rsplit(" ", 1)[0]
