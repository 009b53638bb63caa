"""Conversations to batches of windows, with what is asked about them and the right answers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from callmine.domain import ANSWER_KINDS, OBJECTION_LABELS, RELATIONS, STANCES, Role
from callmine.extractors.base import Turn
from callmine.extractors.heads import COLUMNS, MEANING, OTHER, OUTPUTS, QUESTIONS, SORTS, TOKEN_LABELS
from callmine.extractors.training.noise import NAMES_THAT_ARE_WORDS, noisy
from callmine.extractors.training.scripts import Labelled, Script
from callmine.extractors.windows import CONTEXT_TOKENS, MAX_TOKENS, Range, TurnTokens, Window, cut, pack
from callmine.extractors.windows import turn_tokens as tokens_of

Floats = npt.NDArray[np.float32]

RESISTANCE = (*OBJECTION_LABELS, OTHER)

_NUMBER = {question: i for i, question in enumerate(QUESTIONS)}


@dataclass(slots=True)
class Asked:
    """What is asked about one window: ranges of tokens, the right answers, and which are known.

    Attributes:
        spans: Ranges of tokens.
        answers: For each span the right outputs, shape (spans, outputs).
        known: For each span which questions have an answer, shape (spans, questions).
        meanings: For each span the teacher's vector, zero where there is none.
        tokens: ``(first, last, column)`` of the tokens that show a label.
        judged: Ranges of tokens in which all that shows a label is marked.
    """

    spans: list[Range] = field(default_factory=list)
    answers: list[Floats] = field(default_factory=list)
    known: list[Floats] = field(default_factory=list)
    meanings: list[Floats] = field(default_factory=list)
    tokens: list[tuple[int, int, int]] = field(default_factory=list)
    judged: list[Range] = field(default_factory=list)


Teacher = Sequence[Sequence[Floats]]
"""For each conversation and turn, what its text means."""

Read = tuple[Window, Asked]


def windows_of(
    script: Script, tokenizer: Any, rng: random.Random | None, meanings: Sequence[Floats] | None = None
) -> list[Read]:
    """Return a conversation's windows with their questions.

    With ``rng`` the conversation is noisy, its first window shorter and the context of the others as long
    as it happens; without, it is read as at run time.
    """
    turns = (script if rng is None else noisy(script, rng)).turns
    tokens = tokens_of(tokenizer, [Turn(t.role, t.text) for t in turns])
    if rng is None:
        windows = cut(tokens)
    else:
        windows = cut(tokens, first=rng.randint(96, MAX_TOKENS), context=rng.randint(0, CONTEXT_TOKENS))
    found, place = [], 0
    for window in windows:
        asked = Asked()
        first = place - window.first_own
        for index, start in enumerate(window.starts()):
            if index >= window.first_own:
                vector = None if meanings is None else meanings[first + index]
                _ask(asked, turns[first + index], window.turns[index], start, vector, rng)
        place += len(window.turns) - window.first_own
        if asked.spans:
            found.append((window, asked))
    return found


def _ask(
    asked: Asked,
    turn: Labelled,
    tokens: TurnTokens,
    start: int,
    meaning: Floats | None,
    rng: random.Random | None,
) -> None:
    if not turn.asked:
        return
    answers, known = np.zeros(OUTPUTS, np.float32), np.zeros(len(QUESTIONS), np.float32)

    def answer(question: str, values: Sequence[str], options: Sequence[str]) -> None:
        known[_NUMBER[question]] = 1.0
        for value in values:
            answers[COLUMNS[question].start + options.index(value)] = 1.0 / len(values)

    def yes(question: str, *, value: bool) -> None:
        known[_NUMBER[question]] = 1.0
        answers[COLUMNS[question].start] = float(value)

    resistance = [label for label in RESISTANCE if label in turn.labels]
    sorts = [sort for sort in SORTS if sort in turn.labels]
    if "objection" in turn.asked:
        yes("objection", value=bool(resistance))
        if resistance:
            answer("label", resistance, RESISTANCE)
    if "positioning" in turn.asked:
        yes("positioning", value=bool(sorts) or "positioning" in turn.labels)
        if sorts:
            answer("sort", sorts, SORTS)
    if "request" in turn.asked:
        yes("request", value="request" in turn.labels)
    kinds = [kind for kind in ANSWER_KINDS if kind in turn.tags]
    if "answer" in turn.asked and (kinds or turn.role is Role.REP):
        answer("answer", kinds or ["none"], QUESTIONS["answer"])
    reactions = [tag for tag in QUESTIONS["reaction"] if tag in turn.tags]
    if "reaction" in turn.asked and (reactions or turn.role is Role.PROSPECT):
        answer("reaction", reactions[:1] or ["none"], QUESTIONS["reaction"])
    span = (start, start + len(tokens.ids))
    _add(asked, span, answers, known, meaning)
    if "rival" in turn.asked:
        _ask_words(asked, turn, tokens, start, rng)


def _add(asked: Asked, span: Range, answers: Floats, known: Floats, meaning: Floats | None) -> None:
    asked.spans.append(span)
    asked.answers.append(answers)
    asked.known.append(known)
    asked.meanings.append(np.zeros(MEANING, np.float32) if meaning is None else meaning)


def _ask_words(
    asked: Asked, turn: Labelled, tokens: TurnTokens, start: int, rng: random.Random | None
) -> None:
    """Ask about the words of a turn: which show a label, and which name a rival."""
    places, at = [], 0
    for word in turn.words:
        places.append((at, at + len(word)))
        at += len(word) + 1

    def covering(first: int, end: int) -> Range | None:
        return tokens.covering(places[first][0], places[end - 1][1])

    asked.judged.append((start, start + len(tokens.ids)))
    for mark in turn.marks:
        if inside := covering(mark.start, mark.end):
            for label in mark.labels:
                column = TOKEN_LABELS.index("positioning" if label in SORTS else label)
                asked.tokens.append((start + inside[0], start + inside[1], column))
    for name in turn.names:
        if inside := covering(name.start, name.end):
            answers, known = np.zeros(OUTPUTS, np.float32), np.zeros(len(QUESTIONS), np.float32)
            answers[COLUMNS["rival"].start] = 1.0
            answers[COLUMNS["relation"].start + RELATIONS.index(name.relation)] = 1.0
            answers[COLUMNS["stance"].start + STANCES.index(name.stance)] = 1.0
            for question in ("rival", "relation", "stance"):
                known[_NUMBER[question]] = 1.0
            _add(asked, (start + inside[0], start + inside[1]), answers, known, None)
    for first in _no_names(turn, rng):
        if inside := covering(first, first + 1):
            known = np.zeros(len(QUESTIONS), np.float32)
            known[_NUMBER["rival"]] = 1.0
            spot = (start + inside[0], start + inside[1])
            _add(asked, spot, np.zeros(OUTPUTS, np.float32), known, None)


def _no_names(turn: Labelled, rng: random.Random | None) -> list[int]:
    """Return words that name no rival: capitals inside sentences, words that can be names, others."""
    taken = {i for name in turn.names for i in range(name.start, name.end)}
    free = [i for i, w in enumerate(turn.words) if i not in taken and len(w) > 2]
    capitals = [i for i in free if i and turn.words[i][0].isupper() and turn.words[i - 1][-1] not in ".?!"]
    if rng is None:
        return capitals[:3]
    ordinary = [i for i in free if i not in capitals and _bare(turn.words[i]) in NAMES_THAT_ARE_WORDS]
    others = [i for i in free if i not in capitals and i not in ordinary]
    wanted = rng.random() < 0.25 or bool(turn.names)
    return capitals[:3] + ordinary[:2] + (rng.sample(others, min(1, len(others))) if wanted else [])


def _bare(word: str) -> str:
    return word.strip(".,!?;:'\"").casefold()


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded windows with their questions, as arrays."""

    inputs: dict[str, npt.NDArray[np.int64]]
    answers: Floats
    known: Floats
    meanings: Floats
    tokens: Floats
    judged: Floats


def collate(reads: Sequence[Read], *, cls: int) -> Batch:
    """Put windows together to a batch."""
    inputs = pack([w for w, _ in reads], [a.spans for _, a in reads], cls=cls)
    rows, most = inputs["spans"].shape[:2]
    width = inputs["ids"].shape[1]
    answers = np.zeros((rows, most, OUTPUTS), np.float32)
    known = np.zeros((rows, most, len(QUESTIONS)), np.float32)
    meanings = np.zeros((rows, most, MEANING), np.float32)
    tokens = np.zeros((rows, width, len(TOKEN_LABELS)), np.float32)
    judged = np.zeros((rows, width), np.float32)
    for row, (_, asked) in enumerate(reads):
        size = len(asked.spans)
        answers[row, :size], known[row, :size] = asked.answers, asked.known
        meanings[row, :size] = asked.meanings
        for first, end, column in asked.tokens:
            tokens[row, first:end, column] = 1.0
        for first, end in asked.judged:
            judged[row, first:end] = 1.0
    return Batch(inputs, answers, known, meanings, tokens, judged)


def batches(
    scripts: Sequence[Script],
    tokenizer: Any,
    rng: random.Random,
    *,
    teacher: Teacher | None = None,
    tokens: int = 2304,
) -> Iterator[Batch]:
    """Yield an epoch's batches: shuffled, of windows of similar length, of about ``tokens`` tokens each."""
    cls = tokenizer.token_to_id("[CLS]")
    reads = [
        read
        for i, script in enumerate(scripts)
        for read in windows_of(script, tokenizer, rng, teacher[i] if teacher else None)
    ]
    rng.shuffle(reads)
    groups: list[list[Read]] = []
    for begin in range(0, len(reads), 400):
        pool = sorted(reads[begin : begin + 400], key=lambda r: r[0].tokens)
        group: list[Read] = []
        for read in pool:
            if group and (len(group) + 1) * read[0].tokens > tokens:
                groups.append(group)
                group = []
            group.append(read)
        groups.append(group)
    rng.shuffle(groups)
    for group in groups:
        yield collate(group, cls=cls)
