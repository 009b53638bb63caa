"""Why something was found: the words that decide, the parts of a score, what is most like it.

Everything is read again by the extractors that found it; nothing is guessed beside them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from callmine.domain import OBJECTION_LABELS
from callmine.extractors.base import ENGLISH, Passage
from callmine.extractors.competitors import CompetitorExtractor
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import QUESTIONS, Floats
from callmine.extractors.readings import meaning_at
from callmine.extractors.spans import Span
from callmine.extractors.weighing import Part, total
from callmine.extractors.windows import Place

QUESTION_OF: Mapping[str, str] = {
    "objections": "objection",
    "positioning": "positioning",
    "requests": "request",
}
"""Extractor to the yes-or-no question whose probability is its score."""

MOST_VARIANTS = 60
"""In how many ways an utterance is read with a part left out, at most."""

MOST_WORDS = 5
"""How many deciding words are told."""

TELLING = 0.1
"""Log-odds that words have to make a difference of to be told."""

MOST_NEAR = 3
"""How many nearest examples are told."""

_WORD = re.compile(r"\w(?:\S*\w)?")
_STOP = re.compile(r"[.,;:?!…–—]")


@dataclass(frozen=True, slots=True)
class Deciding:
    """Words without which a finding would be less likely.

    Attributes:
        text: The words; ``utterance[start:end]``.
        start: First character.
        end: Character after the last.
        log_odds: How much the log-odds of the question fall without them.
        label_log_odds: How much those of the label fall, given an objection; may be negative, and is
            ``None`` where there is no choice of labels.
    """

    text: str
    start: int
    end: int
    log_odds: float
    label_log_odds: float | None = None


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """An utterance read again in its conversation.

    Attributes:
        question: What it was asked.
        score: Probability of a yes, 0..1.
        label_share: Probability of the label given a yes; ``None`` where there is no choice of labels.
        words: What decides, the most telling first; none where no part does alone.
    """

    question: str
    score: float
    label_share: float | None
    words: tuple[Deciding, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """Something to compare with: its words, its label, and what was made of it (a vector of any length).

    ``origin`` says where it comes from; ``call_id``, ``source`` and ``play_ms`` where somebody said it.
    """

    text: str
    label: str
    vector: Floats
    origin: str
    call_id: str | None = None
    source: str | None = None
    play_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """An example with how like it is: a cosine, -1..1."""

    text: str
    label: str
    likeness: float
    origin: str
    call_id: str | None
    source: str | None
    play_ms: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the encoder takes something for, with the next likeliest; probabilities 0..1."""

    answer: str
    chance: float
    other: str
    other_chance: float


@dataclass(frozen=True, slots=True)
class NameFound:
    """A competitor's name as it was matched, and what adds up to its score.

    Attributes:
        form: The form of the name that matched, in small letters.
        match: ``name``, ``alias``, ``heard_as`` or ``sound``.
        likeness: How like the form it sounds, 0..1; 1 for the same letters.
        parts: What speaks for it and against it.
        log_odds: What they add up to.
        score: The same as a probability, 0..1.
        relation: How it relates to the prospect, as it is read; ``None`` where it was not read: in another
            language than English, or at the end of a very long turn. Then it is ``mentioned``.
        stance: What the speaker thinks of it, likewise; else ``neutral``.
    """

    form: str
    match: str
    likeness: float
    parts: tuple[Part, ...]
    log_odds: float
    score: float
    relation: Choice | None
    stance: Choice | None


def in_conversation(encoder: Encoder, passages: Sequence[Passage], number: int) -> Passage:
    """Return a passage of a call with all the turns that the encoder reads it with.

    Read by itself, or with other words in it, it then sees what it saw in the call.
    """
    return replace(passages[number], before=encoder.turns_before(passages, number))


def read_again(encoder: Encoder, asked: Passage, question: str, label: str | None = None) -> ReadAgain:
    """Read a passage as it is and with each of its parts left out, and return what that changes.

    Leave-one-out, as in Li, Monroe and Jurafsky 2016 ("Understanding neural networks through
    representation erasure"). The context stays as it is.

    Args:
        encoder: What reads.
        asked: The passage, as :func:`in_conversation` returns it.
        question: One of :data:`QUESTION_OF`.
        label: The objection label whose share is told as well.
    """
    read = asked.text[: encoder.reads_up_to([asked.text])[0]]  # words after it change nothing
    spans = parts_of(read)
    texts = [asked.text, *(without(read, span) for span in spans)]
    # One by one: a variant must not be taken for the turn after the one before it.
    readings = [encoder.read([replace(asked, text=text)])[0] for text in texts]
    features = np.stack([reading.features for reading in readings])
    odds = encoder.questions.log_odds(question, features)[:, 0]
    labels = _label_odds(encoder, features, label)
    order = np.argsort(odds[1:], kind="stable").tolist()
    words = [
        Deciding(
            text=asked.text[slice(*spans[i])],
            start=spans[i][0],
            end=spans[i][1],
            log_odds=round(float(odds[0] - odds[i + 1]), 2),
            label_log_odds=None if labels is None else round(float(labels[0] - labels[i + 1]), 2),
        )
        for i in order[:MOST_WORDS]
        if odds[0] - odds[i + 1] >= TELLING
    ]
    share = None if labels is None else _rounded_chance(labels[0])
    return ReadAgain(question, _rounded_chance(odds[0]), share, tuple(words))


def _label_odds(encoder: Encoder, features: Floats, label: str | None) -> Floats | None:
    """Return the log-odds of a built-in label against all others; ``None`` for another label."""
    if label not in OBJECTION_LABELS:
        return None
    chances = encoder.questions.chances("label", features)[:, OBJECTION_LABELS.index(label)]
    chances = np.clip(chances, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(chances / (1 - chances)), dtype=np.float32)


def _rounded_chance(odds: float) -> float:
    return round(float(1.0 / (1.0 + np.exp(-odds))), 4)


def parts_of(text: str, *, most: int = MOST_VARIANTS) -> list[Span]:
    """Return the parts of an utterance to leave out: its words, or short clauses where they are many.

    Args:
        text: The utterance.
        most: How many parts there may be.
    """
    words = [m.span() for m in _WORD.finditer(text)]
    unbroken = _unbroken(text, words)
    if len(unbroken) > most:  # whatever their size: go past stops
        unbroken = [words]
    # The more words a part has, the fewer parts there are: halve instead of trying every size.
    sizes = range(1, len(words) + 1)
    size = 1 + bisect_left(sizes, True, key=lambda n: sum(-(-len(run) // n) for run in unbroken) <= most)
    return [
        (part[0][0], part[-1][1])
        for run in unbroken
        for part in (run[at : at + size] for at in range(0, len(run), size))
    ]


def _unbroken(text: str, words: Sequence[Span]) -> list[list[Span]]:
    """Return the runs of words that no punctuation cuts."""
    found: list[list[Span]] = []
    for word in words:
        if found and not _STOP.search(text, found[-1][-1][1], word[0]):
            found[-1].append(word)
        else:
            found.append([word])
    return found


def without(text: str, span: Span) -> str:
    """Return a text without some of its words; the punctuation after them stays."""
    before, after = text[: span[0]].rstrip(), text[span[1] :]
    return before + after if before else after.lstrip(" ,;:")


def nearest(vector: Floats, examples: Iterable[Example], *, most: int = MOST_NEAR) -> list[Near]:
    """Return the examples most like a vector, the likest first; the same words are told once.

    Args:
        vector: What was made of the finding: features, a meaning, an embedding.
        examples: With vectors that were made in the same way.
        most: How many to return.
    """
    found: dict[str, Near] = {}
    for one in examples:
        length = float(np.linalg.norm(vector) * np.linalg.norm(one.vector))
        cosine = round(float(vector @ one.vector) / max(length, 1e-9), 4)
        if one.text not in found or cosine > found[one.text].likeness:
            found[one.text] = Near(
                one.text, one.label, cosine, one.origin, one.call_id, one.source, one.play_ms
            )
    return sorted(found.values(), key=lambda near: (-near.likeness, near.text))[:most]


def meaning_of(encoder: Encoder, asked: Passage, span: Span) -> Floats:
    """Return what the words of a passage mean, as the encoder reads them."""
    return meaning_at(encoder.read([asked])[0], span)


def name_found(
    extractor: CompetitorExtractor, passages: Sequence[Passage], number: int, span: Span, name: str
) -> NameFound | None:
    """Return how a competitor's name in a passage matched; ``None`` where it does not any more."""
    for one in extractor.weighed(passages, number):
        candidate = one.candidate
        if (candidate.start, candidate.end) == span and candidate.form.name == name:
            return NameFound(
                form=" ".join(candidate.form.words),
                match=candidate.match,
                likeness=round(candidate.alike, 4),
                parts=tuple(replace(part, odds=round(part.odds, 2)) for part in one.parts),
                log_odds=round(total(one.parts), 2),
                score=round(one.score, 4),
                relation=_chosen(extractor.encoder, passages, (number, *span), "relation"),
                stance=_chosen(extractor.encoder, passages, (number, *span), "stance"),
            )
    return None


def _chosen(encoder: Encoder, passages: Sequence[Passage], place: Place, question: str) -> Choice | None:
    """Return what the encoder answers of a name; ``None`` where it does not read it, as the extractor."""
    if passages[place[0]].language not in ENGLISH:
        return None
    (features,) = encoder.read_places(passages, [place])
    if features is None:
        return None
    chances = encoder.questions.chances(question, features[None])[0]
    first, second = np.argsort(-chances, kind="stable")[:2].tolist()
    answers = QUESTIONS[question]
    return Choice(
        answers[first], round(float(chances[first]), 4), answers[second], round(float(chances[second]), 4)
    )
