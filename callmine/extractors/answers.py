"""How an objection was answered: the rep's next turns, the kind of answer, and how it was taken."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from callmine.domain import ANSWER_KINDS, Json, Kind, Mention, Role
from callmine.extractors.approved import Approved, Said
from callmine.extractors.base import ENGLISH, Passage
from callmine.extractors.encoder import Encoder
from callmine.extractors.heads import Floats
from callmine.extractors.readings import Reading
from callmine.extractors.spans import has_word, trim
from callmine.playbook import Answer

REACH = 4
"""Utterances after an objection in which its answer is looked for."""

REACTION_REACH = 3
"""Utterances after an answer in which it is looked for how it was taken."""

ANSWERED, TAKEN = 0.2, 0.4
"""Probabilities from which a turn counts as an answer, and as a sign of how one was taken.

"No answer" is what most turns are, and what the encoder falls back on: of the likeliest turns after an
objection that it gives a fifth, 85 in 100 answer it on held-out training calls.
"""

SAME_ANSWER = 0.58
"""Cosine of meanings from which a rep gives the playbook's answer.

More than messages take (:data:`~callmine.extractors.approved.SAME_MESSAGE`): those are looked for in what
is a claim, but whatever a rep replies to an objection is about the same thing. Of the bars from which 85
in 100 of those named are right in ``data/gold/playbook_answers.jsonl``, half ``dev``, it has the best F1.
"""

SAYS_SOMETHING = 4
"""Words of a turn with which a rep has replied, be it with no answer."""


@dataclass(frozen=True, slots=True)
class AnswerFound:
    """An utterance that answers objections.

    Attributes:
        number: Number of the utterance.
        objections: What it answers: numbers of utterances with objections.
        mention: The answer: the whole utterance, labelled with the kind of answer, its detail without
            ``answers``, which are the objections' findings.
    """

    number: int
    objections: tuple[int, ...]
    mention: Mention


class AnswerFinder:
    """Finds the answer to each objection of a call.

    A rep's turn (or one of an unknown speaker) after the objection that the encoder takes for an
    answer is one; the first wins, and of neighbouring turns the likeliest. Nothing is reported for an
    objection that nobody answered; what a rep says after a further objection answers that one, unless
    no rep has replied to the first. A turn without any word ("—", "♪") neither answers nor takes.

    An answer that says what the playbook has for one of its objections, by its meaning or nearly word for
    word, names that text.
    """

    name = "answers"
    version = "4"
    languages = ENGLISH
    threshold = 0.5

    def __init__(self, encoder: Encoder, answers: Sequence[Answer] = ()) -> None:
        """Use ``encoder``, shared with the extractors, and listen for the playbook's ``answers``."""
        self.encoder = encoder
        self._objections = tuple(answer.objection for answer in answers)
        self._approved = Approved(encoder, [answer.text for answer in answers])

    def settings(self) -> Json:
        """Return the model's hash; the playbook's answers are in the hash of the playbook."""
        return {"model": self.encoder.version()}

    def find(
        self, passages: Sequence[Passage], objections: Sequence[Sequence[Mention]]
    ) -> list[AnswerFound]:
        """Return the answers to the objections of a call.

        Args:
            passages: The utterances of one call, in order.
            objections: The objections found in each of them.
        """
        if not any(objections):
            return []
        readings = self.encoder.read(passages)
        features = np.stack([reading.features for reading in readings])
        kinds = self.encoder.questions.chances("answer", features)
        taken = self.encoder.questions.chances("reaction", features)
        answered: dict[int, list[int]] = {}
        for number, mentions in enumerate(objections):
            answer = self._answer(passages, kinds, objections, number) if mentions else None
            if answer is not None:
                answered.setdefault(answer, []).append(number)
        found = []
        for answer, numbers in sorted(answered.items()):
            said = ANSWER_KINDS[int(kinds[answer, 1:].argmax())]
            asked = {mention.label for number in numbers for mention in objections[number]}
            detail = {"type": said, **_taken(passages, taken, objections, answer, asked)}
            given = self.given(passages[answer], readings[answer], asked)
            if given is not None:
                detail["playbook"] = given
            text = passages[answer].text
            # Half from where it counts; what the encoder gives an answer is no share of right ones.
            score = round(float(np.interp(1.0 - kinds[answer, 0], (ANSWERED, 1.0), (0.5, 1.0))), 4)
            mention = Mention(Kind.ANSWER, said, *trim(text, 0, len(text)), score, detail)
            found.append(AnswerFound(answer, tuple(numbers), mention))
        return found

    def given(self, passage: Passage, reading: Reading, labels: Collection[str]) -> str | None:
        """Return which of the playbook's answers a turn gives; the plainest, ``None`` for none.

        Args:
            passage: A turn that answers objections.
            reading: What the encoder made of it.
            labels: The labels of these objections: answers to others are not looked for.
        """
        among = [number for number, label in enumerate(self._objections) if label in labels]
        said = self._approved.said(passage, reading, least=SAME_ANSWER, among=among)
        return self._approved.texts[max(said, key=_plainness).number] if said else None

    def _answer(
        self,
        passages: Sequence[Passage],
        kinds: Floats,
        objections: Sequence[Sequence[Mention]],
        number: int,
    ) -> int | None:
        best: int | None = None
        replied = False
        for at in range(number + 1, min(number + 1 + REACH, len(passages))):
            if best is not None and passages[at].role is Role.PROSPECT:
                break
            if replied and objections[at]:
                break
            if passages[at].role is Role.PROSPECT or objections[at] or not has_word(passages[at].text):
                continue
            replied = replied or len(passages[at].text.split()) >= SAYS_SOMETHING
            chance = 1.0 - kinds[at, 0]
            if chance >= ANSWERED and (best is None or chance > 1.0 - kinds[best, 0]):
                best = at
        return best


def _plainness(said: Said) -> tuple[bool, float]:
    """Return how plainly an answer is given: word for word first, else by how like it the meaning is."""
    return said.worded, said.share if said.worded else said.alike


def _taken(
    passages: Sequence[Passage],
    taken: Floats,
    objections: Sequence[Sequence[Mention]],
    answer: int,
    labels: set[str],
) -> dict[str, str | int]:
    """Return whether the prospect accepted an answer, and which turn shows it; nothing where none does."""
    for at in range(answer + 1, min(answer + 1 + REACTION_REACH, len(passages))):
        if passages[at].role is Role.REP or not has_word(passages[at].text):
            continue
        if labels & {m.label for m in objections[at]}:
            return {"accepted": "no", "shown_in": at}
        if 1.0 - taken[at, 0] >= TAKEN:
            return {"accepted": "yes" if taken[at, 1] >= taken[at, 2] else "no", "shown_in": at}
        if objections[at]:
            break  # what comes later is about this one
    return {"accepted": "unclear"}
