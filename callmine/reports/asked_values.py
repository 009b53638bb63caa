"""What a digest holds of requests and of answers to objections: frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from callmine.reports.quote_values import Quote, Reply


@dataclass(frozen=True, slots=True)
class RequestGroup:
    """Something that prospects asked to be sent or shown, put together by alike words.

    Attributes:
        words: One prospect's words for it, verbatim: those that are most like the others'.
    """

    words: str
    heard: int
    deals: int
    unlinked_calls: int
    calls: int
    accounts: int
    mentions: int
    quotes: tuple[Quote, ...]
    others: tuple[Quote, ...]
    not_listed: int = 0


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """A rep's answer to objections.

    Attributes:
        labels: What it answered, the most heard objection first.
        kind: One of :data:`callmine.domain.ANSWER_KINDS`.
        accepted: ``yes``, ``no``, or ``unclear``, also where we do not know who took it so.
        quote: The answer. It names no rep: what was said is the question, not who said it.
        reply: The prospect's turn that shows it, where one does.
    """

    labels: tuple[str, ...]
    kind: str
    accepted: str
    quote: Quote
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How often an objection was answered in one way, and how that was taken.

    Attributes:
        kind: One of :data:`callmine.domain.ANSWER_KINDS`, or ``none``: nobody answered.
        times: Answers; several objections that one turn answers are one.
        accepted: Of these, how many the prospect accepted.
        refused: How many they did not; of the others nobody knows.
    """

    kind: str
    times: int
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class LabelAnswers:
    """How one objection was answered in a week, where one of us is known to speak after it.

    Attributes:
        times: Answers, and objections without one: those with one label in a call are one.
        unanswered: Anchors of the objections that nobody answered.
        left_out: Objections not counted because their answer is too unsure, is struck out, or came
            from somebody whose side is not known, or because a person added them later.
    """

    label: str
    title: str
    times: int
    counts: tuple[AnswerCount, ...]
    unanswered: tuple[str, ...] = ()
    left_out: int = 0
